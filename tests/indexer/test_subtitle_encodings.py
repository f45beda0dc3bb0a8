# ruff: noqa: RUF001  (letters of other scripts are the subject)
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.subtitles.encodings import decode_pieces, decode_text

LINES = {
    "ru": "Ты где была?\nЯ тебя везде искал.\nПодожди минуту.",
    "uk": "Де ти була?\nЯ тебе всюди шукав.\nЗачекай хвилину, їжачок.",
    "el": "Πού ήσουν;\nΣε έψαχνα παντού.\nΠερίμενε ένα λεπτό.",
    "zh": "你去哪儿了?\n我到处找你。\n等一下，别走。",
    "zh-hant": "你去哪裡了?\n我到處找你。\n等一下，別走。",
    "ja": "どこにいたの?\nずっと探してたんだ。\nちょっと待って。",
    "ko": "어디 있었어?\n계속 찾았잖아.\n잠깐만 기다려.",
    "fr": "Où étais-tu ?\nJe t'ai cherché partout.\nAttends une minute, s'il te plaît.",
    "pl": "Gdzie byłaś?\nWszędzie cię szukałem.\nPoczekaj chwilę, proszę.",
    "cs": "Kde jsi byla?\nVšude jsem tě hledal.\nPočkej chvíli, prosím.",
    "tr": "Neredeydin?\nHer yerde seni aradım.\nBir dakika bekle, değil mi şimdi.",
    "he": "איפה היית?\nחיפשתי אותך בכל מקום.\nחכי רגע.",
    "ar": "أين كنت؟\nبحثت عنك في كل مكان.\nانتظر لحظة.",
    "th": "คุณไปไหนมา\nผมตามหาคุณทุกที่\nรอสักครู่",
}
PAGES = [
    ("ru", "cp1251"),
    ("ru", "koi8_r"),
    ("ru", "cp866"),
    ("el", "cp1253"),
    ("zh", "gb18030"),
    ("zh-hant", "big5"),
    ("ja", "cp932"),
    ("ko", "cp949"),
    ("fr", "cp1252"),
    ("pl", "cp1250"),
    ("ar", "cp1256"),
    ("th", "cp874"),
]
# Nothing in the bytes tells these from others; the name of the file does.
PAGES_WITH_HINT = [
    ("ru", "iso8859_5"),
    ("uk", "cp1251"),
    ("ja", "euc_jp"),
    ("pl", "iso8859_2"),
    ("cs", "cp1250"),
    ("tr", "cp1254"),
    ("he", "cp1255"),
]


def cues_of(language):
    """Put the lines where they stand in a file: among numbers and times."""
    return "".join(
        f"{number}\r\n00:00:0{number},000 --> 00:00:0{number},900\r\n{line}\r\n\r\n"
        for number, line in enumerate(LINES[language].split("\n"), start=1)
    )


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_a_code_page_is_recognised_without_a_hint(language, page):
    assert decode_text(cues_of(language).encode(page), None) == cues_of(language)


@pytest.mark.parametrize(("language", "page"), PAGES + PAGES_WITH_HINT)
def test_a_code_page_is_recognised_by_the_language(language, page):
    text = cues_of(language)
    assert decode_text(text.encode(page), language.partition("-")[0]) == text


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_recognised_with_and_without_a_mark(language, encoding):
    text = cues_of(language)
    assert decode_text(text.encode(encoding), None) == text


def test_big_endian_marks_are_recognised():
    assert decode_text(codecs.BOM_UTF16_BE + "Hé".encode("utf-16-be"), None) == "Hé"
    assert decode_text(codecs.BOM_UTF32_BE + "Hé".encode("utf-32-be"), None) == "Hé"


def test_escaped_japanese_is_no_ascii():
    assert decode_text(LINES["ja"].encode("iso2022_jp"), None) == LINES["ja"]


def test_damage_in_utf8_costs_its_own_letters_only():
    content = (LINES["ru"] * 3).encode()
    damaged = content[:4] + b"\xff" + content[4:]
    assert decode_text(damaged, "ru").count("\ufffd") == 1
    assert "Подожди минуту" in decode_text(damaged, "ru")


def test_one_accent_is_enough():
    assert decode_text("1\nZoë\n".encode("cp1252"), None) == "1\nZoë\n"
    assert decode_text("1\nZoë\n".encode("cp1252"), "en") == "1\nZoë\n"


@pytest.mark.parametrize(("language", "page"), [("ru", "cp1251"), ("zh", "gb18030")])
def test_pieces_share_a_code_page_that_one_alone_would_not_tell(language, page):
    lines = ["Да" if language == "ru" else "你", "1984", *LINES[language].split("\n"), ""]
    assert decode_pieces([line.encode(page) for line in lines], None) == lines


def test_a_piece_with_a_mark_stands_for_itself():
    pieces = ["Où".encode(), codecs.BOM_UTF16_BE + "là".encode("utf-16-be"), b"\xff"]
    assert decode_pieces(pieces[:2], None) == ["Où", "là"]
    assert decode_pieces(pieces[1:], "fr") == ["là", "ÿ"]
    assert decode_pieces([b"O\0n\0e\0", b"T\0w\0o\0"], None) == ["One", "Two"]
    assert decode_pieces([], None) == []


def test_a_sign_for_what_was_lost_is_no_damage():
    assert decode_text("\ufffd Zoë".encode(), None) == "\ufffd Zoë"


@given(st.binary(max_size=300), st.sampled_from([None, "ru", "zh", "ja", "xx", "en", "pl"]))
def test_any_bytes_become_text(content, language):
    decode_text(content, language).encode("utf-8")
