import pysubs2
import pytest

from indexer.subtitles.cues import MAX_CUES, Cue
from indexer.subtitles.markup import plain_lines
from indexer.subtitles.subrip import parse_subrip

# Broken files, and the texts that stand on screen at a time that the file says.
BROKEN = {
    "an unreadable time": (
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:xx,000 --> 00:00:04,000\nlost\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nThree\n",
        ["One", "Three"],
    ),
    "no times": (
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n-->\nlost\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nThree\n",
        ["One", "Three"],
    ),
    "a number below the cue": (
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\n1984\n",
        ["One", "1984"],
    ),
    "a note between cues": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\nNOTE not this\n\n00:03.000 --> 00:04.000\nTwo\n",
        ["One", "Two"],
    ),
    "a style and a named cue": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\nSTYLE\n::cue { color: red }\n\n"
        "the end\n00:03.000 --> 00:04.000\nTwo\n",
        ["One", "Two"],
    ),
    "one digit where two belong": (
        "1\n0:0:1,0 --> 0:0:2,5\nOne\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
        ["One", "Two"],
    ),
    "no fractions": (
        "1\n00:00:01 --> 00:00:02\nOne\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
        ["One", "Two"],
    ),
}


def ours(content):
    return [" ".join(plain_lines(cue.text)) for cue in parse_subrip(content).cues]


def theirs(content):
    form = "vtt" if content.startswith("WEBVTT") else "srt"
    try:
        events = pysubs2.SSAFile.from_string(content, format_=form).events
    except (ValueError, pysubs2.Pysubs2Error):
        return []
    return [" ".join(event.plaintext.split()) for event in events]


@pytest.mark.parametrize(("content", "texts"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_costs_its_own_cue_only(content, texts):
    assert ours(content) == texts


def test_the_library_would_read_fewer_of_them():
    # Else our parser has no reason to be; see its docstring.
    right = [set(texts) & set(theirs(content)) for content, texts in BROKEN.values()]
    assert sum(map(len, right)) < sum(len(texts) for _, texts in BROKEN.values())


def test_a_cue_may_have_any_time():
    content = (
        "-00:00:02,500 --> 00:00:01,000\na\n\n99:00:00.5 --> 100:00:00.25\nb\n\n"
        "01:02,5 --> 01:01.123456789 align:start line:0%\nc"
    )
    assert parse_subrip(content).cues == (
        Cue(-2.5, 1.0, "a"),
        Cue(356400.5, 360000.25, "b"),
        Cue(62.5, 61.123, "c"),
    )


@pytest.mark.parametrize(
    "timing", ["-->", "nan --> inf", "00:00:01,000 -> 2", "1e9:00:00,0 --> 2:3"]
)
def test_unreadable_times_are_counted(timing):
    reading = parse_subrip(f"{timing}\nlost\n\n00:00:01,000 --> 00:00:02,000\nkept\n")
    assert [cue.text for cue in reading.cues] == ["kept"]
    assert reading.faults.total() == timing.count("-->")


def test_a_file_without_end_is_cut():
    reading = parse_subrip("00:01.0 --> 00:02.0\nx\n\n" * (MAX_CUES + 3))
    assert len(reading.cues) == MAX_CUES
    assert reading.faults == {"beyond the first 50,000": 3}
