"""Who speaks: from the line itself, and from how the rest of its file names people and sounds."""

import pytest

from indexer.subtitles.cues import Cue, CueList
from indexer.subtitles.marks import utterances
from indexer.subtitles.reading import place_cues
from indexer.subtitles.speakers import cast_of

SUBTITLE, SOUND, MUSIC = "subtitle", "sound", "music"


def said(text, *others):
    cast = cast_of([Cue(0.0, 1.0, each) for each in (text, *others)])
    return [(u.kind.value, u.text, u.speaker) for u in utterances(text, cast=cast)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[thunder] MARY: It rains.", [(SOUND, "thunder", None), (SUBTITLE, "It rains.", "MARY")]),
        (">> [laughs] MARY: No.", [(SOUND, "laughs", None), (SUBTITLE, "No.", "MARY")]),
        ("JON:\nHello", [(SUBTITLE, "Hello", "JON")]),
        ("[JON:] Hi", [(SUBTITLE, "Hi", "JON")]),
        ("(JON:) Hi", [(SUBTITLE, "Hi", "JON")]),
        ("JON (V.O.): Hi", [(SUBTITLE, "Hi", "JON")]),
        ("JON (CONT'D): Hi", [(SUBTITLE, "Hi", "JON")]),
        ("JON (on phone): Hi", [(SUBTITLE, "Hi", "JON")]),
        ("JON [over radio]: Hi", [(SUBTITLE, "Hi", "JON")]),
        ("JON (laughing): Hi", [(SOUND, "laughing", None), (SUBTITLE, "Hi", "JON")]),
        ("MAN #1: Hi", [(SUBTITLE, "Hi", "MAN #1")]),
        ("MAN 2: Hi", [(SUBTITLE, "Hi", "MAN 2")]),
        ("MR. & MRS. JONES: Hi", [(SUBTITLE, "Hi", "MR. & MRS. JONES")]),
        ("[narrator] Once upon a time", [(SUBTITLE, "Once upon a time", "narrator")]),
        ("[man on TV] Good evening.", [(SUBTITLE, "Good evening.", "man")]),
        ("[young woman] Hi", [(SUBTITLE, "Hi", "young woman")]),
        ("- [both] Yes!", [(SUBTITLE, "Yes!", "both")]),
        (
            "JON: Hi. MARY: Hello.",
            [(SUBTITLE, "Hi.", "JON"), (SUBTITLE, "Hello.", "MARY")],
        ),
        (">> Hello. >> Hi.", [(SUBTITLE, "Hello.", None), (SUBTITLE, "Hi.", None)]),
        (">> DR. O'NEIL: Sit.", [(SUBTITLE, "Sit.", "DR. O'NEIL")]),
        (
            "Who is it? >> JON: Me.",
            [(SUBTITLE, "Who is it?", None), (SUBTITLE, "Me.", "JON")],
        ),
        (
            "I was— MARY: What?\nWell?",
            [(SUBTITLE, "I was—", None), (SUBTITLE, "What? Well?", "MARY")],
        ),
        ("<v Jon>Hi. MARY: Ho.", [(SUBTITLE, "Hi.", "Jon"), (SUBTITLE, "Ho.", "MARY")]),
        ("♪ one ♪ JON: Stop!", [(MUSIC, "one", None), (SUBTITLE, "Stop!", "JON")]),
    ],
)
def test_a_line_names_who_speaks(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TIME: 10:30", [(SUBTITLE, "TIME: 10:30", None)]),
        ("NOTE: not for sale", [(SUBTITLE, "NOTE: not for sale", None)]),
        ("WARNING: keep out", [(SUBTITLE, "WARNING: keep out", None)]),
        ("STEP 2: cut", [(SUBTITLE, "STEP 2: cut", None)]),
        ("P.S.: come soon", [(SUBTITLE, "P.S.: come soon", None)]),
        ("Come at 5. PLACE: Rome", [(SUBTITLE, "Come at 5. PLACE: Rome", None)]),
        ("We saw the JON: nothing", [(SUBTITLE, "We saw the JON: nothing", None)]),
        ("so a >> b", [(SUBTITLE, "so a >> b", None)]),
        ("THE END:", [(SUBTITLE, "THE END:", None)]),
        ("Hello. >>", [(SUBTITLE, "Hello.", None)]),
        ("<v Jon></v>", []),
        ("[man]", [(SOUND, "man", None)]),
        ("[man screams] Help!", [(SOUND, "man screams", None), (SUBTITLE, "Help!", None)]),
        ("[knocking on door] Hi", [(SOUND, "knocking on door", None), (SUBTITLE, "Hi", None)]),
        ("[Jon] Hello", [(SOUND, "Jon", None), (SUBTITLE, "Hello", None)]),
        ("(JON) We go", [(SOUND, "JON", None), (SUBTITLE, "We go", None)]),
    ],
)
def test_what_may_be_nobody_stays_what_it_was(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        ("[Jon] Hello", "Jon", "Hello"),
        ("[JON] Hello", "JON", "Hello"),
        ("(JON) We go", "JON", "We go"),
        ("[Mr. O'Neil] Hello", "Mr. O'Neil", "Hello"),
        ("[Jon and Mary] Hello", "Jon and Mary", "Hello"),
        ("[Jon on phone] Hello", "Jon", "Hello"),
        ("[Jon, in Spanish] Hola", "Jon", "Hola"),
        ("[Jon]\nHello", "Jon", "Hello"),
    ],
)
def test_a_bracket_with_a_capital_is_a_name_where_sounds_have_none(text, speaker, words):
    assert said(text, "[door slams]") == [(SUBTITLE, words, speaker)]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("[Thunder] Run!", ["[Door slams]", "[Sighs]", "[sic]"]),
        ("[Thunder] Run!", ["[door slams]", "[rain]", "[Thunder]"]),
        ("[THUNDER] Run!", ["[DOOR SLAMS]"]),
        ("[Jon sighs] Run!", ["[door slams]", "[rain]"]),
        ("[In Spanish] Run!", ["[door slams]", "[rain]"]),
        ("[Speaking Spanish] Run!", ["[door slams]", "[rain]"]),
        ("[On TV] Run!", ["[door slams]", "[rain]"]),
        ("[Warning] Run!", ["[door slams]", "[rain]"]),
        ("[Applause] Run!", ["[door slams]", "[rain]"]),
    ],
)
def test_a_bracket_with_a_capital_is_a_sound_elsewhere(text, others):
    sound = text[1 : text.index("]")]
    assert said(text, *others) == [(SOUND, sound, None), (SUBTITLE, "Run!", None)]


@pytest.mark.parametrize(
    "other", ["JON: Hi.", "<v Jon>Hi.", "[JON]: Hi.", "Well. JON: Hi.", "- JON: Hi."]
)
def test_who_is_named_elsewhere_is_a_name_in_brackets(other):
    assert said("[jon] Hello", other) == [(SUBTITLE, "Hello", "jon")]
    assert said("(JON) We go", other) == [(SUBTITLE, "We go", "JON")]


def placed(*cues):
    found = place_cues(CueList(cues), "film.srt", "en", 100.0).findings
    return [
        (f.span.start_seconds, f.span.end_seconds, f.kind.value, f.text, f.speaker) for f in found
    ]


def test_those_who_speak_in_one_cue_share_its_time_by_what_they_say():
    # 3 and 9 letters of 12, in four seconds.
    assert placed(Cue(10.0, 14.0, "[bell] JON: Hi. MARY: Good day.")) == [
        (10.0, 11.0, SUBTITLE, "Hi.", "JON"),
        (10.0, 14.0, SOUND, "bell", None),
        (11.0, 14.0, SUBTITLE, "Good day.", "MARY"),
    ]


def test_a_cue_too_short_to_be_shared_is_everybodys():
    assert placed(Cue(1.0, 1.25, "JON: Hi. MARY: Ho.")) == [
        (1.0, 1.25, SUBTITLE, "Hi.", "JON"),
        (1.0, 1.25, SUBTITLE, "Ho.", "MARY"),
    ]


def test_the_brackets_of_a_file_are_read_by_its_other_cues():
    found = placed(
        Cue(1.0, 2.0, "[Jon] Hello."), Cue(3.0, 4.0, "[door slams]"), Cue(5.0, 6.0, "[rain] Oh.")
    )
    assert [(kind, text, speaker) for _, _, kind, text, speaker in found] == [
        (SUBTITLE, "Hello.", "Jon"),
        (SOUND, "door slams", None),
        (SOUND, "rain", None),
        (SUBTITLE, "Oh.", None),
    ]


def test_a_name_beside_the_text_counts_as_used():
    found = placed(Cue(1.0, 2.0, "[Ida] Hello."), Cue(3.0, 4.0, "Hi.", "Ida"))
    assert [speaker for *_, speaker in found] == ["Ida", "Ida"]
