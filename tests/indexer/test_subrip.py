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


@pytest.mark.parametrize(("content", "texts"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_costs_its_own_cue_only(content, texts):
    assert ours(content) == texts


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        # Two carriage returns at each line's end.
        (
            "1\r\r\n00:01.0 --> 00:02.0\r\r\nOne\r\r\n\r\r\n2\r\r\n00:03.0 --> 00:04.0\r\r\nTwo",
            ["One", "Two"],
        ),
        # An empty line inside a cue, with and without a number behind it.
        (
            "1\n00:01.0 --> 00:02.0\nOne\n\nmore\n\n2\n00:03.0 --> 00:04.0\nTwo\n\nlast\n",
            ["One more", "Two last"],
        ),
        ("00:01.0 --> 00:02.0\nOne\n\nmore\n\n00:03.0 --> 00:04.0\nTwo", ["One more", "Two"]),
        # A line of a space, with which captions of a well-known site begin.
        ("00:01.0 --> 00:02.0\n \nOne\n\n00:03.0 --> 00:04.0\n \n1984", ["One", "1984"]),
        # An empty line behind every line.
        (
            "1\n\n00:01.0 --> 00:02.0\n\n1984\n\n\n2\n\n00:03.0 --> 00:04.0\n\nTwo\n\n",
            ["1984", "Two"],
        ),
        # Numbers that are words: directly below the timing, and no number of the next cue.
        ("00:01.0 --> 00:02.0\n1984\n\n00:03.0 --> 00:04.0\n2001", ["1984", "2001"]),
        # An empty cue before a number, and a number without its cue at the end.
        ("1\n00:01.0 --> 00:02.0\n\n2\n00:03.0 --> 00:04.0\nTwo\n\n3\n", ["", "Two"]),
        # What says nothing, and the words that look like it.
        (
            "WEBVTT\n\n00:01.0 --> 00:02.0\nNOTE this\n\nNOTE\nnot this\nnor this\n\n"
            "REGION\nid:x\n\nWEBVTT\nX-MAP=1\n\nname\n00:03.0 --> 00:04.0\nTwo\n\nNOTED",
            ["NOTE this", "Two NOTED"],
        ),
    ],
)
def test_a_cue_holds_all_lines_up_to_the_next_one(content, texts):
    assert ours(content) == texts


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
