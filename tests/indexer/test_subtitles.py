import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sidecars import Sidecar, find_sidecars
from indexer.subtitles import read_sidecar, read_subtitles
from store.records import EvidenceKind
from store.timespan import TimeSpan

DURATION_SECONDS = 100.0


def read(tmp_path, content, name="film.en.srt", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return read_sidecar(Sidecar(path, "en", False), DURATION_SECONDS)


def texts(reading):
    return [finding.text for finding in reading.findings]


def one_cue(text):
    return f"1\n00:00:01,000 --> 00:00:03,500\n{text}\n"


def test_a_subrip_cue_becomes_a_subtitle(tmp_path):
    (found,) = read(tmp_path, one_cue("Hello,\nyou two.")).findings
    assert found.kind is EvidenceKind.SUBTITLE
    assert found.span == TimeSpan(1.0, 3.5)
    assert (found.text, found.source, found.language) == ("Hello, you two.", "film.en.srt", "en")


def test_webvtt_names_notes_styles_and_settings_are_no_text(tmp_path):
    content = (
        "WEBVTT - made by hand\n\nSTYLE\n::cue { color: red }\n\nNOTE do not say this\n\n"
        "intro\n00:01.500 --> 00:02.000 align:start line:0%\nFirst\n\n"
        "NOTE\nnor this\n\n01:00.250 --> 01:02.250\n<c.yellow>Second</c> <00:01:01.000>line"
    )
    reading = read(tmp_path, content, "film.vtt")
    assert [(f.span, f.text) for f in reading.findings] == [
        (TimeSpan(1.5, 2.0), "First"),
        (TimeSpan(60.25, 62.25), "Second line"),
    ]
    assert reading.num_broken_cues == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_recognised(tmp_path, encoding, newline):
    content = one_cue("Ça va, Zoë?").replace("\n", newline)
    assert texts(read(tmp_path, content, encoding=encoding)) == ["Ça va, Zoë?"]


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:05,000 --> 00:00:04,000",
        "00:00:05,000 --> 00:00:05,000",
        "-00:00:05,000 --> 00:00:06,000",
        "00:00:xx,000 --> 00:00:06,000",
        "00:02:00,000 --> 00:02:01,000",
        "-->",
    ],
)
def test_broken_cues_are_counted_and_the_others_kept(tmp_path, timing):
    content = f"1\n{timing}\nbroken\n\n2\n00:00:07,000 --> 00:00:08,000\nfine\n"
    reading = read(tmp_path, content)
    assert texts(reading) == ["fine"]
    assert reading.num_broken_cues == 1


def test_cues_come_in_time_order_and_end_with_the_video(tmp_path):
    content = (
        "00:01:38,000 --> 00:05:00,000\nlate\n\n00:00:02,000 --> 00:00:04,000\nsecond\n\n"
        "00:00:01,000 --> 00:00:03,000\nfirst\n"
    )
    assert [(f.text, f.span.end_seconds) for f in read(tmp_path, content).findings] == [
        ("first", 3.0),
        ("second", 4.0),
        ("late", DURATION_SECONDS),
    ]


def test_a_missing_empty_line_keeps_the_next_number_out_of_the_text(tmp_path):
    content = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\n1984\n"
    assert texts(read(tmp_path, content)) == ["One", "1984"]


def test_markup_goes_and_hostile_text_stays_text(tmp_path):
    text = r"{\an8}<i>Tom</i> &amp; &lt;script&gt;alert(1)&lt;/script&gt; 3 < 4 > 2" + "\x1b[31m"
    assert texts(read(tmp_path, one_cue(text))) == [
        "Tom & <script>alert(1)</script> 3 < 4 > 2 [31m"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[door slams]", [("sound", "door slams", None)]),
        ("(thunder)", [("sound", "thunder", None)]),
        ("♪ la la la ♪", [("sound", "la la la", None)]),
        ("♪♪", [("sound", "music", None)]),
        (
            "[sighs] Fine (really).",
            [("sound", "sighs", None), ("subtitle", "Fine (really).", None)],
        ),
        ("JON: Come in.", [("subtitle", "Come in.", "JON")]),
        (">> DR. O'NEIL: Sit.", [("subtitle", "Sit.", "DR. O'NEIL")]),
        ("&gt;&gt; Who is there?", [("subtitle", "Who is there?", None)]),
        ("<v Mary Ann>Hi</v>", [("subtitle", "Hi", "Mary Ann")]),
        ("<v.loud Ed>&#1;&#1;Hi", [("subtitle", "Hi", "Ed")]),
        ("ÉLISE: Oui.", [("subtitle", "Oui.", "ÉLISE")]),
        ("- Yes?\n- No.", [("subtitle", "Yes? No.", None)]),
        ("JON: Hi.\nMAY: Ho.", [("subtitle", "Hi.", "JON"), ("subtitle", "Ho.", "MAY")]),
        ("At 10:30: go", [("subtitle", "At 10:30: go", None)]),
        ("Note: mixed case", [("subtitle", "Note: mixed case", None)]),
        ("...", []),
    ],
)
def test_sdh_marks_become_sounds_and_speakers(tmp_path, text, expected):
    found = read(tmp_path, one_cue(text)).findings
    assert sorted((f.kind, f.text, f.speaker) for f in found) == sorted(expected)


def test_a_cue_that_stands_twice_is_found_once(tmp_path):
    assert texts(read(tmp_path, one_cue("Twice") + "\n" + one_cue("Twice"))) == ["Twice"]


def test_a_file_that_cannot_be_read_is_a_problem_not_an_error(tmp_path):
    reading = read_sidecar(Sidecar(tmp_path / "gone.srt", None, False), DURATION_SECONDS)
    assert reading.findings == ()
    assert reading.problem.startswith("gone.srt cannot be read")


def test_sidecars_are_found_by_the_name_of_their_video(tmp_path):
    names = [
        "film.mkv",
        "film.srt",
        "film.de.vtt",
        "film.en.srt",
        "film.en.sdh.srt",
        "film.pt-BR.srt",
        "film.hi.srt",
        "film.French.forced.srt",
        "film.directors.cut.srt",
        "film2.srt",
        "film.txt",
        "Film.srt",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "film.it.srt").mkdir()
    found = [(s.path.name, s.language, s.is_sdh) for s in find_sidecars(tmp_path / "film.mkv")]
    assert found == [
        ("film.srt", None, False),
        ("film.de.vtt", "de", False),
        ("film.en.sdh.srt", "en", True),
        ("film.French.forced.srt", "fr", False),
        ("film.hi.srt", "hi", False),
        ("film.pt-BR.srt", "pt", False),
    ]


def test_hi_after_a_language_means_hard_of_hearing(tmp_path):
    (tmp_path / "film.en.hi.srt").touch()
    (sidecar,) = find_sidecars(tmp_path / "film.mp4")
    assert (sidecar.language, sidecar.is_sdh) == ("en", True)


def test_a_video_whose_name_holds_odd_characters_finds_its_sidecar(tmp_path):
    (tmp_path / "a [1] *b'\n🎬.en.srt").touch()
    assert [s.language for s in find_sidecars(tmp_path / "a [1] *b'\n🎬.mp4")] == ["en"]


def test_a_missing_folder_has_no_sidecars(tmp_path):
    assert find_sidecars(tmp_path / "gone" / "film.mp4") == []


@given(st.binary(max_size=400) | st.text(alphabet="0:,.-> \n\x01<v>&#;[]♪JON{\\}", max_size=200))
def test_no_file_content_is_fatal(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.srt"
    head = b"00:00:01,000 --> 00:00:02,000\n"
    path.write_bytes(head + (content if isinstance(content, bytes) else content.encode()))
    for finding in read_sidecar(Sidecar(path, None, False), DURATION_SECONDS).findings:
        assert finding.text == " ".join(finding.text.split())
        assert 0 <= finding.span.start_seconds < finding.span.end_seconds <= DURATION_SECONDS


@pytest.mark.footage
def test_published_subtitles_are_read_in_every_language(footage):
    sidecars = find_sidecars(footage / "v211.mp4")
    assert [sidecar.language for sidecar in sidecars] == ["de", "en", "es", "fr", "it", "ru"]
    for sidecar in sidecars:
        found = read_subtitles(sidecar, 231.53)
        assert len(found) == 16
        assert found[0].span == TimeSpan(12.72, 15.12)
    assert read_subtitles(sidecars[1], 231.53)[4].text == "Haircut? Please!"
