"""NFO files as Kodi and Jellyfin write them: XML that says which film or episode a video is.

Read with expat and nothing else: a document type is refused, so there is no entity to expand and no
other file to fetch.

Source: https://kodi.wiki/view/NFO_files
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from indexer.subtitles.encodings import decode_text

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 100
_MAX_ROOTS = 100
_MAX_TEXT_CHARACTERS = 500
_ROOTS = ("movie", "episodedetails", "tvshow")
_FIRST_ROOT = re.compile(rf"<(?:{'|'.join(_ROOTS)})[\s>/]")
_WANTED = frozenset(
    {"title", "showtitle", "season", "episode", "year", "premiered", "aired", "releasedate"}
)
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}\?>")
# Encodings that such files are written in; the decoder knows others that take very long.
_STATED_ENCODING = re.compile(
    rb"<\?xml[^<>]{0,200}encoding=[\"']((?:iso|windows|cp|koi8|gb|big5|shift|euc)[\w-]{1,20})[\"']",
    re.I,
)
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)(?:-\d\d?-\d\d?.*)?", re.S)


@dataclass(frozen=True, slots=True)
class NfoEntry:
    """One root of an NFO file.

    Attributes:
        kind: ``movie``, ``episodedetails`` or ``tvshow``.
        title: Of the film, the episode or the series.
        year: Of the film, or in which the episode was first shown.
    """

    kind: str
    title: str | None = None
    series: str | None = None
    season: int | None = None
    episode: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class NfoReading:
    """What a file holds.

    Attributes:
        entries: In the order of the file; none where it is an NFO for people, without XML.
        problem: Why it, or the rest of it, could not be read; empty where it could.
    """

    entries: tuple[NfoEntry, ...] = ()
    problem: str = ""


class _RefusedError(Exception):
    """The document does what an NFO has no reason to do."""


def read_nfo(path: Path) -> NfoReading:
    """Read an NFO file; whatever is wrong with it is a problem, not an error."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        return NfoReading(problem=f"cannot be read: {error.strerror}")
    if len(content) > _MAX_BYTES:
        return NfoReading(problem="too large for an NFO")
    text = _decode(content)
    if not _FIRST_ROOT.search(text):
        return NfoReading()
    return _entries(text)


def _decode(content: bytes) -> str:
    stated = _STATED_ENCODING.search(content[:_MAX_TEXT_CHARACTERS])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if stated is not None:
            try:
                return content.decode(stated[1].decode())
            except (LookupError, UnicodeError):
                pass
    return decode_text(content, None)


def _entries(text: str) -> NfoReading:
    """Read one root after the other: several stand in a file of several episodes.

    What follows the last one is often the address of a page on the film, and no XML.
    """
    entries: list[NfoEntry] = []
    # Each root may have its own declaration, which XML has only at the beginning.
    rest = _DECLARATION.sub("", text).strip("\ufeff\0 \r\n\t")
    while rest.startswith("<") and len(entries) < _MAX_ROOTS:
        root = _Root()
        try:
            rest = root.read(rest)
        except (expat.ExpatError, _RefusedError) as error:
            is_end = bool(entries) and not root.name
            return NfoReading(tuple(entries), "" if is_end else f"is not sound XML: {error}")
        if root.name in _ROOTS:
            entries.append(_entry(root))
    return NfoReading(tuple(entries))


class _Root:
    """Collects the texts that stand right below one root element.

    Attributes:
        texts: Element to its text, the first of each name.
    """

    def __init__(self) -> None:
        self.name = ""
        self.texts: dict[str, str] = {}
        self._path: list[str] = []
        self._finished: set[str] = set()
        self._parser: expat.XMLParserType | None = None
        self._end_bytes: int | None = None

    def read(self, text: str) -> str:
        """Parse the first element of a text and return what follows it.

        Raises:
            ExpatError: It is malformed.
            _RefusedError: It declares a document type, or nests without end.
        """
        content = text.encode("utf-8", errors="replace")
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            if self._end_bytes is None:
                raise
            end = self._end_bytes
            # Of `</movie>` that is where it begins, of `<movie/>` where it ends.
            end = content.index(b">", end) + 1 if content[end : end + 2] == b"</" else end
            return content[end:].decode("utf-8", errors="replace").strip()
        return ""

    def _start(self, name: str, _: object) -> None:
        self._path.append(name)
        self.name = self.name or name
        if len(self._path) > _MAX_DEPTH:
            raise _RefusedError(f"more than {_MAX_DEPTH} elements inside each other")

    def _end(self, name: str) -> None:
        self._path.pop()
        if not self._path and self._parser is not None:
            self._end_bytes = self._parser.CurrentByteIndex
        if len(self._path) == 1:
            self._finished.add(name)

    def _take(self, text: str) -> None:
        if len(self._path) == 2 and self._path[1] in _WANTED - self._finished:
            known = self.texts.get(self._path[1], "")
            self.texts[self._path[1]] = (known + text)[:_MAX_TEXT_CHARACTERS]

    def _refuse(self, *_: object) -> None:
        raise _RefusedError("it declares a document type, which is refused")


def _entry(root: _Root) -> NfoEntry:
    texts = {name: " ".join(text.split()) for name, text in root.texts.items()}
    dates = (
        ("aired", "year", "premiered")
        if root.name == "episodedetails"
        else ("year", "premiered", "releasedate", "aired")
    )
    years = (_YEAR.fullmatch(texts.get(name, "")) for name in dates)
    return NfoEntry(
        kind=root.name,
        title=texts.get("title") or None,
        series=texts.get("showtitle") or None,
        season=_number(texts.get("season", "")),
        episode=_number(texts.get("episode", "")),
        year=next((int(found[1]) for found in years if found), None),
    )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None
