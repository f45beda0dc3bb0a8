"""How names of files are spelled: years, marks of episodes, notes of a release, separators."""

import re

YEAR = r"((?:18[89]|19\d|20[0-3])\d)"
_SEASON = r"(\d{1,3}|(?:19|20)\d\d)"  # some count their seasons by years
MARKED = (
    rf"s{_SEASON}[ ._-]*ep?\.?[ ._-]*(\d{{1,4}})"
    r"(?:(?:[ ._]*-?[ ._]*ep?\.?[ ._]*|-(?!\d{4}))(\d{1,4}))*",
    rf"season[ ._-]*{_SEASON}[ ._,-]*episode[ ._-]*(\d{{1,4}})()",
)
# Two digits after the x, no more and no less: 640x360 and 16x9 are sizes.
CROSSED = r"(\d{1,2})x(\d{2})(?:(?:-|[ ._]*-[ ._]*\d{1,2}x)(\d{2}))?"
# Without a season: `Show Episode 045`, `Show Ep. 45`, `Show E45`, `Show - #12`.
COUNTED = r"(?P<mark>episode[ ._-]*|ep[ ._]*|e(?=\d\d)|\#)(?P<number>\d{1,4})"
_RELEASE_NOTES = re.compile(
    r"[ ._\-\[(]+(?:\d{3,4}[pi]|[xh][ .]?26[45]|hevc|xvid|divx|blu-?ray|b[dr]rip|web-?(?:rip|dl)"
    r"|dvd-?rip|hdr10?)(?![a-z0-9]).*$",
    re.I | re.S,
)
# Release notes that are words as well count behind a year or an episode's number only, and there
# right behind it, or at the end with the name of who released it.
_NUMBERED = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(MARKED)}|{CROSSED}|{COUNTED}|(?<=[ ._(\[]){YEAR}"
    r"|(?<= - )\d{2,4})(?![a-z0-9])[)\]]?",
    re.I,
)
_WORD_NOTE = r"[ ._\-\[(]+(?:av1|hdtv|proper|remux|repack)(?![a-z0-9])"
_WORD_NOTES = re.compile(rf"\A{_WORD_NOTE}.*|(?:{_WORD_NOTE})+(?:-\w+)?[)\]]?\Z", re.I | re.S)


def without_notes(stem: str) -> str:
    """Cut off what a release says about itself."""
    name = _RELEASE_NOTES.sub("", stem)
    ends = [0] + [numbered.end() for numbered in _NUMBERED.finditer(name)]
    return name[: ends[-1]] + _WORD_NOTES.sub("", name[ends[-1] :]) if ends[-1] else name


def readable(text: str) -> str:
    """Turn dots and underscores into spaces; a name that has spaces keeps its dots."""
    if not re.search(r"\s", text.strip()):
        text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)
    return " ".join(text.replace("_", " ").split()).strip(" -.([")
