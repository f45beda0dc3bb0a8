"""The characters of a subtitle file, whose encoding nothing states."""

import codecs
import re
from collections.abc import Sequence

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5")
_CENTRAL = ("cp1250", "iso8859_2")
_TURKIC = ("cp1254",)
_BALTIC = ("cp1257",)
# Which code pages a language was written in before Unicode; the others in cp1252.
_PAGES_BY_LANGUAGE = {
    **dict.fromkeys(("ru", "bg", "mk", "be"), _CYRILLIC),
    "uk": ("cp1251", "koi8_u", "cp1125", "iso8859_5"),
    "sr": ("cp1251", "cp1250", "iso8859_5"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro", "sq"), _CENTRAL),
    **dict.fromkeys(("tr", "az"), _TURKIC),
    **dict.fromkeys(("lt", "lv", "et"), _BALTIC),
    "el": ("cp1253",),
    "he": ("cp1255",),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    "th": ("cp874",),
    "vi": ("cp1258",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    **dict.fromkeys(("zh", "yue", "cmn"), ("gb18030", "big5")),
}
_WESTERN = "cp1252"
# Where no language is known. Central European and Turkish text differs from western text in few
# bytes, so it is told from it by signs inside of words, or by the name of its file only.
_PAGES = (_WESTERN, "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874")
_MULTIBYTE_PAGES = ("gb18030", "big5", "cp932", "euc_jp", "cp949")
# A sign in the middle of a word, or at its end, is a letter of the next code page.
_NEXT_PAGE = {
    "cp1252": (re.compile(r"[a-z][³¹¿º¼¾][a-zęóœê]", re.I), "cp1250"),
    "cp1250": (re.compile(r"[^\W\d_][±¶]|[±¶¦¬][^\W\d_]"), "iso8859_2"),
}
# Text in Latin letters has its other letters one by one among those of ASCII.
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_MIN_ALONE_SHARE = 0.8
_JAPANESE_ESCAPE = re.compile(rb"\x1b\$[@B]")
_SAMPLE_BYTES = 16_000
_MAX_JOINED_BYTES = 1_000_000
# Bytes of UTF-8 that were damaged are few among those that were not.
_MIN_GOOD_PER_DAMAGED = 20
_MIN_NUL_SHARE = 0.2


def decode_text(content: bytes, language: str | None) -> str:
    """Decode a file of unknown encoding; what cannot be decoded becomes U+FFFD, never an error.

    Args:
        content: The file.
        language: ISO 639-1 code, where known; decides between code pages.
    """
    encoding = _stated_encoding(content) or _encoding(content, language)
    return content.decode(encoding, errors="replace")


def decode_pieces(pieces: Sequence[bytes], language: str | None) -> list[str]:
    """Decode the pieces of one text as ``decode_text`` does, all in the encoding that fits them.

    One piece is too short to recognise it by. A piece with a byte order mark stands for itself.
    """
    stated = [_stated_encoding(piece) for piece in pieces]
    joined = bytearray()
    for piece, own in zip(pieces, stated, strict=True):
        if own is None and len(joined) < _MAX_JOINED_BYTES:
            joined += piece + b"\r\n"  # two bytes, as a character of UTF-16 has
    encoding = _encoding(bytes(joined), language)
    pairs = zip(pieces, stated, strict=True)
    return [piece.decode(own or encoding, errors="replace") for piece, own in pairs]


def _stated_encoding(content: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)


def _encoding(content: bytes, language: str | None) -> str:
    if wide := _wide_encoding(content):
        return wide
    if _JAPANESE_ESCAPE.search(content[:_SAMPLE_BYTES]):
        return "iso2022_jp"
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        damaged = content.decode("utf-8", errors="replace")
    num_damaged = damaged.count("\ufffd")
    num_good = sum(character > "\x7f" for character in damaged) - num_damaged
    if num_good >= _MIN_GOOD_PER_DAMAGED * num_damaged:
        return "utf-8"
    return _code_page(_sample(content), language)


def _wide_encoding(content: bytes) -> str | None:
    """Recognise UTF-16 without a mark: times and line ends have a NUL in every other byte."""
    head = content[: _SAMPLE_BYTES - _SAMPLE_BYTES % 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _MIN_NUL_SHARE * max(1, len(head) // 2):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _sample(content: bytes) -> bytes:
    """Take the lines that are not ASCII: numbers and times say nothing about a code page."""
    lines: list[bytes] = []
    num_bytes = 0
    for line in content.splitlines():
        if not line.isascii():
            lines.append(line[:_SAMPLE_BYTES])
            num_bytes += len(line)
        if num_bytes >= _SAMPLE_BYTES:
            break
    return b"\n".join(lines)


def _code_page(sample: bytes, language: str | None) -> str:
    page = _likeliest(sample, language)
    while page in _NEXT_PAGE:
        sign, next_page = _NEXT_PAGE[page]
        if not sign.search(sample.decode(page, errors="replace")):
            break
        page = next_page
    return page


def _likeliest(sample: bytes, language: str | None) -> str:
    if language is not None:
        pages: tuple[str, ...] = _PAGES_BY_LANGUAGE.get(language, (_WESTERN,))
    elif len(_ALONE.findall(sample)) >= _MIN_ALONE_SHARE * sum(byte > 0x7F for byte in sample):
        pages = (_WESTERN,)
    else:
        pages = _PAGES + _MULTIBYTE_PAGES
    if len(pages) == 1:
        return pages[0]
    best = from_bytes(sample, cp_isolation=list(pages), enable_fallback=False).best()
    return best.encoding if best is not None else pages[0]
