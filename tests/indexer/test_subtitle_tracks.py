import pytest
from av.stream import Disposition

from indexer.media import probe
from indexer.media.subtitle_tracks import TextPacket, subtitle_track_facts, text_packets
from indexer.subtitles import gather_subtitles, subtitle_files
from store.errors import MediaNotFoundError
from store.records import Skip
from store.timespan import TimeSpan
from tests.films import write_film
from tests.subtitled_films import Track, mov_text, write_subtitled_film

MILLISECOND = 0.001


def gather(path):
    return gather_subtitles(path, probe(path))


def said(reading):
    return [(f.kind.value, f.span, f.text, f.speaker, f.language) for f in reading.findings]


def test_every_text_codec_of_matroska_is_read(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("subrip", ((1000, 500, b"[door slams]\n<i>JON: Hi</i>"),), "eng"),
        Track(
            "ass", ((500, 900, rb"0,0,Default,Ida,0,0,0,,{\an8}Hallo,\Ndu{\p1}m 0 0{\p0}!"),), "ger"
        ),
        Track("webvtt", ((200, 300, "<v Léa>Salut</v>".encode()),), "fre"),
    )
    reading = gather(film)
    assert said(reading) == [
        ("subtitle", TimeSpan(0.5, 1.4), "Hallo, du!", "Ida", "de"),
        ("sound", TimeSpan(1.0, 1.5), "door slams", None, "en"),
        ("subtitle", TimeSpan(1.0, 1.5), "Hi", "JON", "en"),
        ("subtitle", TimeSpan(0.2, 0.5), "Salut", "Léa", "fr"),
    ]
    assert reading.skips == ()
    assert {f.source for f in reading.findings} == {
        "track 1 (subrip)",
        "track 2 (ass)",
        "track 3 (webvtt)",
    }


def test_mov_text_of_mp4_is_read(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mp4",
        Track(
            "mov_text", ((1000, 500, mov_text("♪ Là-bas ♪")), (1600, 200, mov_text("Oui"))), "fra"
        ),
    )
    assert said(gather(film)) == [
        ("music", TimeSpan(1.0, 1.5), "Là-bas", None, "fr"),
        ("subtitle", TimeSpan(1.6, 1.8), "Oui", None, "fr"),
    ]


def test_the_packets_of_a_track_share_a_code_page(tmp_path):
    lines = ["Да", "Ты где была?", "Я тебя везде искал.", "Подожди минуту."]
    cues = tuple((200 * place, 100, line.encode("cp1251")) for place, line in enumerate(lines))
    film = write_subtitled_film(tmp_path / "film.mkv", Track("subrip", cues))
    assert [f.text for f in gather(film).findings] == lines


def test_tracks_are_on_the_clock_of_the_frames(tmp_path):
    # The first picture comes 2 s after the container's 0, and is the video's 0.
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("subrip", ((500, 500, b"Before"), (1500, 1000, b"Across"), (2500, 500, b"Inside"))),
        first_frame=50,
    )
    found = gather(film)
    assert [f.text for f in found.findings] == ["Across", "Inside"]
    across, inside = (f.span for f in found.findings)
    assert across.start_seconds == 0.0
    assert across.end_seconds == pytest.approx(0.5, abs=MILLISECOND)
    assert inside.start_seconds == pytest.approx(0.5, abs=MILLISECOND)
    assert found.skips == (
        Skip(
            "subtitles",
            "track 1 (subrip): 1 cue was passed over: 1 before the video begins",
        ),
    )


def test_bitmap_tracks_are_named_and_the_others_read(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("dvd_subtitle", (), "eng"),
        Track("subrip", ((0, 500, b"Hej"),), "swe"),
        Track("dvb_subtitle", (), "und"),
    )
    reading = gather(film)
    assert [f.text for f in reading.findings] == ["Hej"]
    (skip,) = reading.skips
    assert skip.stage == "subtitles"
    assert skip.reason.startswith(
        "track 1 is bitmap subtitles (dvd_subtitle, en); "
        "track 3 is bitmap subtitles (dvb_subtitle); "
    )


def test_flags_and_titles_say_which_track_is_which(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("subrip", (), "eng", Disposition.forced),
        Track("subrip", (), "eng", Disposition.hearing_impaired),
        Track("subrip", (), "eng", title="English (SDH)"),
        Track("subrip", (), "eng", title="Accuracy"),
    )
    assert [(t.is_forced, t.is_sdh) for t in subtitle_track_facts(film)] == [
        (True, False),
        (False, True),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("files", "dispositions", "expected"),
    [
        ((), (Disposition(0), Disposition.hearing_impaired), "track 2"),
        ((), (Disposition.forced | Disposition.hearing_impaired, Disposition(0)), "track 2"),
        (("film.en.srt",), (Disposition.hearing_impaired,), "film.en.srt"),
        (("film.en.srt", "film.en.sdh.srt"), (), "film.en.sdh.srt"),
        (("film.en.forced.srt",), (Disposition(0),), "track 1"),
        (("film.en.forced.srt",), (Disposition.forced,), "film.en.forced.srt"),
    ],
)
def test_one_source_a_language_is_read(tmp_path, files, dispositions, expected):
    tracks = [
        Track("subrip", ((0, 500, f"track {number}".encode()),), "eng", disposition)
        for number, disposition in enumerate(dispositions, start=1)
    ]
    film = write_subtitled_film(tmp_path / "film.mkv", *tracks)
    for name in files:
        (tmp_path / name).write_text(f"00:00:00,000 --> 00:00:00,500\n{name}\n")
    assert [f.text for f in gather(film).findings] == [expected]


def test_where_the_best_source_holds_nothing_the_next_one_is_read(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv", Track("subrip", ((0, 500, b"inside"),), "eng")
    )
    (tmp_path / "film.en.srt").write_text("00:00:xx,000 --> 00:00:01,000\nbroken\n")
    (tmp_path / "film.en.sdh.srt").write_text("")
    reading = gather(film)
    assert [f.text for f in reading.findings] == ["inside"]
    assert [skip.reason for skip in reading.skips] == [
        "film.en.sdh.srt: no cues in it",
        "film.en.srt: 1 cue was passed over: 1 without readable times",
    ]
    assert subtitle_files(film) == [tmp_path / "film.en.sdh.srt", tmp_path / "film.en.srt"]


def test_a_file_of_unknown_language_adds_what_others_do_not_say(tmp_path):
    film = write_subtitled_film(tmp_path / "film.mkv", Track("subrip", ((0, 500, b"Same"),), "eng"))
    (tmp_path / "film.srt").write_text(
        "00:00:00,100 --> 00:00:00,600\nSame\n\n00:00:01,000 --> 00:00:01,500\nMore\n"
    )
    assert [(f.text, f.language) for f in gather(film).findings] == [("Same", "en"), ("More", None)]


def test_a_cue_without_a_length_lasts_until_the_next_one_or_five_seconds(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("webvtt", ((0, 0, b"One"), (300, 0, b"Two"))),
        num_frames=200,
    )
    assert [f.span for f in gather(film).findings] == [TimeSpan(0.0, 0.3), TimeSpan(0.3, 5.3)]


def test_a_film_without_subtitles_says_so(tmp_path):
    film = write_film(tmp_path / "film.mp4")
    reading = gather(film)
    assert reading.findings == ()
    assert reading.skips == (Skip("subtitles", "no subtitles beside the video or in it"),)


def test_files_that_are_not_read_are_named_with_the_reason(tmp_path):
    film = write_film(tmp_path / "film.mp4")
    for name in ("film.idx", "film.sub", "film.en.commentary.srt"):
        (tmp_path / name).write_text("00:00:00,000 --> 00:00:01,000\nHe shot this in May.\n")
    reading = gather(film)
    assert reading.findings == ()
    assert [skip.reason for skip in reading.skips] == [
        "film.en.commentary.srt: a commentary does not hold the film's own words, so it was not "
        "read",
        "film.idx, film.sub: bitmap subtitles, which are not read; put a text file such as "
        "film.en.srt beside the video to have them searched",
    ]


def test_only_the_tracks_that_are_asked_for_are_read(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("subrip", ((100, 200, b"one"),)),
        Track("subrip", ((100, 200, b"two"),)),
    )
    assert list(text_packets(film, {2})) == [TextPacket(2, 0.1, 0.2, b"two")]
    assert list(text_packets(film, ())) == []
    with pytest.raises(MediaNotFoundError):
        list(text_packets(tmp_path / "gone.mkv", {1}))
