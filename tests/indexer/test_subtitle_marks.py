# ruff: noqa: RUF001  (letters of other scripts are the subject)
import pytest

from indexer.subtitles.marks import utterances

SUBTITLE, SOUND, MUSIC = "subtitle", "sound", "music"


def said(text, speaker=None):
    return [(u.kind.value, u.text, u.speaker) for u in utterances(text, speaker)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[door slams]", [(SOUND, "door slams", None)]),
        ("[door\nslams]", [(SOUND, "door slams", None)]),
        ("(thunder)", [(SOUND, "thunder", None)]),
        ("- (thunder)", [(SOUND, "thunder", None)]),
        ("（雷）", [(SOUND, "雷", None)]),
        ("【雷】", [(SOUND, "雷", None)]),
        ("(SIGHS) Fine.", [(SOUND, "SIGHS", None), (SUBTITLE, "Fine.", None)]),
        ("[sighs] Fine (really).", [(SOUND, "sighs", None), (SUBTITLE, "Fine (really).", None)]),
        ("(thunder)\nRun!", [(SOUND, "thunder", None), (SUBTITLE, "Run!", None)]),
        ("[ ]", []),
        ("...", []),
    ],
)
def test_sounds(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("♪ la la la ♪", [(MUSIC, "la la la", None)]),
        ("♪", [(MUSIC, "music", None)]),
        ("♪♪", [(MUSIC, "music", None)]),
        ("[♪ soft piano ♪]", [(MUSIC, "soft piano", None)]),
        ("♪ [soft piano] ♪", [(MUSIC, "soft piano", None)]),
        ("♫ one\ntwo\nthree ♫", [(MUSIC, "one two three", None)]),
        ("♪ one ♪\n♪ two ♪", [(MUSIC, "one two", None)]),
        ("♪ one\n♪ two", [(MUSIC, "one two", None)]),
        ("one\ntwo ♪", [(MUSIC, "one two", None)]),
        ("♪ one ♪ Stop it!", [(MUSIC, "one", None), (SUBTITLE, "Stop it!", None)]),
        ("♪ one\n- Stop it!", [(MUSIC, "one", None), (SUBTITLE, "Stop it!", None)]),
        ("♪♪\nStop it!", [(MUSIC, "music", None), (SUBTITLE, "Stop it!", None)]),
        ("Listen: ♪ one", [(SUBTITLE, "Listen:", None), (MUSIC, "one", None)]),
        ("JON: ♪ one ♪", [(MUSIC, "one", "JON")]),
        ("# one two #", [(MUSIC, "one two", None)]),
        ("#one\ntwo#", [(MUSIC, "one two", None)]),
        ("#", []),
        ("##", [(MUSIC, "music", None)]),
        ("#hashtag", [(SUBTITLE, "#hashtag", None)]),
        ("#1 and #2", [(SUBTITLE, "#1 and #2", None)]),
        ("â™ª one â™ª", [(MUSIC, "one", None)]),
    ],
)
def test_music(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("JON: Come in.", [(SUBTITLE, "Come in.", "JON")]),
        (">> DR. O'NEIL: Sit.", [(SUBTITLE, "Sit.", "DR. O'NEIL")]),
        ("&gt;&gt; Who is there?", [(SUBTITLE, "Who is there?", None)]),
        ("<v Mary Ann>Hi</v>", [(SUBTITLE, "Hi", "Mary Ann")]),
        ("<v.loud Ed>&#1;&#1;Hi", [(SUBTITLE, "Hi", "Ed")]),
        ("<v Mary\n Ann>Hi", [(SUBTITLE, "Hi", "Mary Ann")]),
        ("<v A>One\n<v B>Two", [(SUBTITLE, "One", "A"), (SUBTITLE, "Two", "B")]),
        ("[MAN]: Go!", [(SUBTITLE, "Go!", "MAN")]),
        ("ÉLISE: Oui.", [(SUBTITLE, "Oui.", "ÉLISE")]),
        ("- Yes?\n- No.", [(SUBTITLE, "Yes? No.", None)]),
        ("JON: Hi.\nMAY: Ho.", [(SUBTITLE, "Hi.", "JON"), (SUBTITLE, "Ho.", "MAY")]),
        ("At 10:30: go", [(SUBTITLE, "At 10:30: go", None)]),
        ("Note: mixed case", [(SUBTITLE, "Note: mixed case", None)]),
        ("Он сказал: иди сюда", [(SUBTITLE, "Он сказал: иди сюда", None)]),
        ("ИВАН: Иди сюда", [(SUBTITLE, "Иди сюда", "ИВАН")]),
        ("Είπε: έλα εδώ", [(SUBTITLE, "Είπε: έλα εδώ", None)]),
        ("ΝΊΚΟΣ: Έλα εδώ", [(SUBTITLE, "Έλα εδώ", "ΝΊΚΟΣ")]),
        ("彼の答え: いいえ", [(SUBTITLE, "彼の答え: いいえ", None)]),
        ("[男]: いいえ", [(SUBTITLE, "いいえ", "男")]),
        ("Éé: oui", [(SUBTITLE, "Éé: oui", None)]),
        (">> Он: иди", [(SUBTITLE, "Он: иди", None)]),
    ],
)
def test_speakers(text, expected):
    assert said(text) == expected


def test_a_speaker_stated_beside_the_text_gives_way_to_one_in_it():
    assert said("Hi.\nMAY: Ho.", " Jon ") == [(SUBTITLE, "Hi.", "Jon"), (SUBTITLE, "Ho.", "MAY")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"{\an8}<i>Tom</i> &amp; <b>Jerry</b>", "Tom & Jerry"),
        (r"<font color='#fff'>one</font>\Ntwo\hthree", "one two three"),
        (
            "&lt;script&gt;alert(1)&lt;/script&gt; 3 < 4 > 2\x1b[31m",
            "<script>alert(1)</script> 3 < 4 > 2 [31m",
        ),
        ("<c.yellow>One</c> <00:00:01.000>two", "One two"),
        ("\u202bשלום\u202c", "שלום"),
        ("I <3 you", "I <3 you"),
    ],
)
def test_markup_goes_and_hostile_text_stays_text(text, expected):
    assert said(text) == [(SUBTITLE, expected, None)]
