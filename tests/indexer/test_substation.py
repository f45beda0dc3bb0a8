import pytest

from indexer.subtitles.cues import MAX_CUES, Cue
from indexer.subtitles.substation import packet_text, parse_substation

ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Style: Default,Arial,not a number,&Hffffff

[Fonts]
fontname: evil.ttf
Dialogue

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def event(text, start="0:00:01.00", end="0:00:02.50", name="", kind="Dialogue"):
    return f"{kind}: 0,{start},{end},Default,{name},0,0,0,,{text}\n"


def test_dialogue_becomes_cues_with_speakers():
    content = (
        ASS + event(r"Hello, you\Ntwo", name="Jon") + event("Late", "1:02:03.45", "1:02:04.00")
    )
    assert parse_substation(content).cues == (
        Cue(1.0, 2.5, "Hello, you\ntwo", "Jon"),
        Cue(3723.45, 3724.0, "Late"),
    )


def test_old_files_are_read():
    content = (
        "[Script Info]\nScriptType: v4.00\n\n[V4 Styles]\n\n[Events]\n"
        "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,Ida,0000,0000,0000,,Hi, there\n"
    )
    assert parse_substation(content).cues == (Cue(1.0, 2.0, "Hi, there", "Ida"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"{\an8\b1}Up{\b0} here", "Up here"),
        (r"{\k20}Ka{\k30}ra{\kf25}o{\ko5}ke", "Karaoke"),
        (r"{\p1}m 0 0 l 100 0 100 100{\p0}", ""),
        (r"Sign{\pos(3,4)\p2}m 0 0 l 1 1{\p0} post", "Sign post"),
        (r"{\pbo1}Text{\pos(1,2)}", "Text"),
        ("{a note}Text", "Text"),
        (r"One\nTwo\hThree", "One\nTwo Three"),
        ("{open", "{open"),
    ],
)
def test_codes_and_drawings_are_no_text(text, words):
    (cue,) = parse_substation(ASS + event(text)).cues
    assert cue.text == words


def test_comments_are_no_text():
    assert parse_substation(ASS + event("not this", kind="Comment")).cues == ()


@pytest.mark.parametrize(
    "line",
    [
        event("x", start="0:00:xx.00"),
        event("x", end=""),
        "Dialogue: 0,0:00:01.00\n",
        "Dialogue:\n",
        "Dialogue: ,,,,,,,,,\n",
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Jon,0,0,0,no text\n",
    ],
)
def test_a_broken_line_costs_itself_only(line):
    reading = parse_substation(ASS + event("before") + line + event("after"))
    assert [cue.text for cue in reading.cues] == ["before", "after"]
    assert reading.faults.total() == 1


def test_margins_and_layers_that_are_no_numbers_do_not_matter():
    line = "Dialogue: x,0:00:01.00,0:00:02.00,Default,,?,?,?,,Text\n"
    assert [cue.text for cue in parse_substation(ASS + line).cues] == ["Text"]


@pytest.mark.parametrize(
    "fields", ["Text, Start", "Start, Text", "Name, Fontname, Fontsize, PrimaryColour"]
)
def test_a_format_line_without_times_and_text_says_nothing_of_events(fields):
    content = f"{ASS}Format: {fields}\n{event('Hi, there', name='Jon')}"
    assert parse_substation(content).cues == (Cue(1.0, 2.5, "Hi, there", "Jon"),)


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ("Layer, Start, End, Style, Actor, Effect, Text", "0,0:00:01.00,0:00:02.50,Top,Jon,"),
        ("Start,End,Name,Text", "0:00:01.00,0:00:02.50,Jon"),
        (" end , START, name, style, Text", "0:00:02.50, 0:00:01.00 , Jon ,"),
    ],
)
def test_the_format_line_says_the_order_of_the_fields(fields, values):
    content = f"[Events]\nFormat: {fields}\nDialogue: {values},Hi, there\n"
    assert parse_substation(content).cues == (Cue(1.0, 2.5, "Hi, there", "Jon"),)


def test_a_file_without_end_is_cut():
    reading = parse_substation(ASS + event("x") * (MAX_CUES + 3))
    assert len(reading.cues) == MAX_CUES
    assert reading.faults == {"beyond the first 50,000": 3}


def test_packets_of_a_track():
    assert packet_text(r"7,0,Default,Jon,0,0,0,,{\i1}Hi, there") == ("Hi, there", "Jon")
    assert packet_text("7,0,Default") == ("", None)
