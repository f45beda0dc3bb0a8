import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.subtitles.reading import read_sidecar
from indexer.subtitles.sidecars import Sidecar, all_sidecars
from store.records import EvidenceKind
from store.timespan import TimeSpan

DURATION_SECONDS = 100.0
# What hostile files may take on a loaded machine; what is quadratic takes minutes.
MAX_READING_SECONDS = 20.0


def read(tmp_path, content, name="film.en.srt", language="en"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sidecar(Sidecar(path, language, False), DURATION_SECONDS)


def texts(reading):
    return [finding.text for finding in reading.findings]


def cue(start, end, text):
    return f"00:00:{start:06.3f} --> 00:00:{end:06.3f}\n{text}\n\n"


def test_a_subrip_cue_becomes_a_subtitle(tmp_path):
    (found,) = read(tmp_path, "1\n00:00:01,000 --> 00:00:03,500\nHello,\nyou two.\n").findings
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
    assert not reading.faults


@pytest.mark.parametrize("suffix", ["ass", "SSA"])
def test_substation_is_read_by_its_suffix(tmp_path, suffix):
    content = (
        "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,Jon,0,0,0,,{\\i1}[sighs] Hi\n"
        "Dialogue: 0,99:00:01.00,99:00:02.00,Default,,0,0,0,,Late\n"
        "Dialogue: 0,-0:00:01.00,0:00:01.00,Default,,0,0,0,,Early\n"
    )
    reading = read(tmp_path, content, f"film.{suffix}")
    assert [(f.kind.value, f.span, f.text, f.speaker) for f in reading.findings] == [
        ("subtitle", TimeSpan(0.0, 1.0), "Early", None),
        ("sound", TimeSpan(1.0, 2.0), "sighs", None),
        ("subtitle", TimeSpan(1.0, 2.0), "Hi", "Jon"),
    ]
    assert reading.faults == {"past the end of the video": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encodings_and_line_ends_are_recognised(tmp_path, encoding, newline):
    content = cue(1, 2, "Ça va, Zoë?").replace("\n", newline).encode(encoding)
    assert texts(read(tmp_path, content)) == ["Ça va, Zoë?"]


@pytest.mark.parametrize(
    ("timing", "fault"),
    [
        ("00:00:05,000 --> 00:00:04,000", "that end before they begin"),
        ("00:00:05,000 --> 00:00:05,000", "that end before they begin"),
        ("-00:00:05,000 --> -00:00:04,000", "before the video begins"),
        ("-00:00:05,000 --> 00:00:00,000", "before the video begins"),
        ("00:00:xx,000 --> 00:00:06,000", "without readable times"),
        ("nan --> nan", "without readable times"),
        ("99:59:59,000 --> 99:59:59,999", "past the end of the video"),
        ("00:01:40,000 --> 00:01:41,000", "past the end of the video"),
        ("-->", "without readable times"),
    ],
)
def test_broken_cues_are_counted_and_the_others_kept(tmp_path, timing, fault):
    content = f"1\n{timing}\nbroken\n\n2\n00:00:07,000 --> 00:00:08,000\nfine\n"
    reading = read(tmp_path, content)
    assert texts(reading) == ["fine"]
    assert reading.faults == {fault: 1}


def test_times_are_cut_to_the_video_and_to_a_minute(tmp_path):
    content = (
        "-00:00:01,000 --> 00:00:02,000\nbefore\n\n00:00:03,000 --> 99:00:00,000\nlong\n\n"
        "00:01:38,000 --> 00:01:45,000\nlate\n"
    )
    assert [(f.text, f.span) for f in read(tmp_path, content).findings] == [
        ("before", TimeSpan(0.0, 2.0)),
        ("long", TimeSpan(3.0, 63.0)),
        ("late", TimeSpan(98.0, DURATION_SECONDS)),
    ]


def test_overlapping_cues_come_in_time_order(tmp_path):
    content = cue(9, 12, "third") + cue(2, 4, "second") + cue(1, 3, "first")
    assert [(f.text, f.span.end_seconds) for f in read(tmp_path, content).findings] == [
        ("first", 3.0),
        ("second", 4.0),
        ("third", 12.0),
    ]


def test_what_stands_twice_is_found_once(tmp_path):
    content = cue(1, 2, "Twice") + cue(1, 2, "Twice") + cue(2.04, 3, "Twice") + cue(5, 6, "Twice")
    assert [f.span for f in read(tmp_path, content).findings] == [
        TimeSpan(1.0, 3.0),
        TimeSpan(5.0, 6.0),
    ]


def test_rolling_captions_say_each_line_once(tmp_path):
    content = (
        cue(0, 2, "hello<00:00:00.500><c> world</c>")
        + cue(2, 2.01, "hello world")
        + cue(2.01, 4, "hello world\nhow<00:00:03.000><c> are</c>")
        + cue(4, 4.01, "how are")
        + cue(4.01, 6, "how are\nyou")
    )
    assert texts(read(tmp_path, content, "film.vtt")) == ["hello world", "how are", "you"]


def test_a_cue_that_holds_the_rest_of_the_file_is_none(tmp_path):
    reading = read(tmp_path, cue(1, 2, "word " * 1001) + cue(3, 4, "fine"))
    assert texts(reading) == ["fine"]
    assert reading.faults == {"too long to be one": 1}


def test_a_file_that_cannot_be_read_is_a_problem_not_an_error(tmp_path):
    reading = read_sidecar(Sidecar(tmp_path / "gone.srt", None, False), DURATION_SECONDS)
    assert reading.findings == ()
    assert reading.problem == "cannot be read: No such file or directory"
    too_large = read(tmp_path, b" " * 20_000_001)
    assert too_large.problem == "too large for subtitles"


@pytest.mark.parametrize("name", ["film.srt", "film.vtt", "film.ass"])
@pytest.mark.parametrize(
    "filling",
    [
        "<v",
        "<v ",
        "<a",
        "[",
        "((",
        "{\\",
        "&#",
        "♪",
        "#a ",
        "A:",
        "A.",
        "00:",
        " ",
        "\0",
        "\n",
        "]",
        "-->\n",
    ],
)
def test_no_filling_makes_reading_slow(tmp_path, name, filling):
    line = "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,," if name.endswith("ass") else ""
    head = f"{cue(1, 2, '')[:-2]}{line}{filling}"
    started = time.process_time()
    read(tmp_path, head + filling * (1_000_000 // len(filling)), name)
    read(tmp_path, (head + filling * 1000 + "\n\n") * 100, name)
    assert time.process_time() - started < MAX_READING_SECONDS


ANYTHING = st.binary(max_size=400) | st.text(
    alphabet="0:,.-> \n\x01<v>&#;[]()♪#JON{\\}p1N", max_size=200
)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("any.srt", "00:00:01,000 --> 00:00:02,000\n"),
        ("any.vtt", "WEBVTT\n\n00:01.000 --> "),
        ("any.ass", "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Jon,0,0,0,,"),
        ("any.ssa", "Dialogue: "),
    ],
)
@given(content=ANYTHING)
def test_no_file_content_is_fatal(tmp_path_factory, name, head, content):
    path = tmp_path_factory.getbasetemp() / name
    rest = content if isinstance(content, bytes) else content.encode()
    for whole in (head.encode() + rest, rest):
        path.write_bytes(whole)
        for finding in read_sidecar(Sidecar(path, None, False), DURATION_SECONDS).findings:
            assert finding.text == " ".join(finding.text.split())
            assert finding.text
            assert 0 <= finding.span.start_seconds < finding.span.end_seconds <= DURATION_SECONDS


@pytest.mark.footage
def test_published_subtitles_are_read_in_every_language(footage):
    sidecars = all_sidecars(footage / "v211.mp4")
    assert [sidecar.language for sidecar in sidecars] == ["de", "en", "es", "fr", "it", "ru"]
    for sidecar in sidecars:
        found = read_sidecar(sidecar, 231.53).findings
        assert len(found) == 16
        assert found[0].span == TimeSpan(12.72, 15.12)
    assert read_sidecar(sidecars[1], 231.53).findings[4].text == "Haircut? Please!"
