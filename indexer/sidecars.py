"""Which files beside a video are its subtitles, and in which language."""

from dataclasses import dataclass
from pathlib import Path

from indexer.media.languages import short_language

_SUFFIXES = (".srt", ".vtt")
_SDH_MARKS = frozenset({"sdh", "cc", "hi"})
_OTHER_MARKS = frozenset({"forced", "default", "full"})
_LANGUAGES_BY_NAME = {
    "arabic": "ar",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A subtitle file beside a video.

    Attributes:
        language: ISO 639-1 code as the file's name says; ``None`` where it does not.
        is_sdh: Whether it is marked as written for people who do not hear.
        is_forced: Whether it is marked as holding only what needs translation.
    """

    path: Path
    language: str | None
    is_sdh: bool
    is_forced: bool = False


def find_sidecars(video_path: Path) -> list[Sidecar]:
    """Find the subtitle files that share a video's name: ``film.srt``, ``film.en.sdh.vtt``.

    All languages are kept, since lexical search serves each of them. Of several files in one
    language one is read, so that nothing is found twice: SDH before plain, since it also says who
    speaks and what sounds, and forced ones last. A name with a part that is neither a language
    nor a known mark belongs to another video.

    Returns:
        One sidecar a language, the one without a language first, then by language.
    """
    try:
        neighbours = sorted(video_path.parent.iterdir())
    except OSError:
        return []
    chosen: dict[str, Sidecar] = {}
    for path in neighbours:
        sidecar = _as_sidecar(path, video_path.stem)
        if sidecar is None or not path.is_file():
            continue
        rival = chosen.get(sidecar.language or "")
        if rival is None or _preference(sidecar) < _preference(rival):
            chosen[sidecar.language or ""] = sidecar
    return [chosen[language] for language in sorted(chosen)]


def _preference(sidecar: Sidecar) -> tuple[bool, bool]:
    return sidecar.is_forced, not sidecar.is_sdh


def _as_sidecar(path: Path, video_stem: str) -> Sidecar | None:
    stem = path.stem
    if path.suffix.lower() not in _SUFFIXES or not (stem + ".").startswith(video_stem + "."):
        return None
    language: str | None = None
    marks: set[str] = set()
    for part in stem[len(video_stem) + 1 :].lower().split("."):
        stated = _language(part)
        if stated is not None and (language is None or part not in _SDH_MARKS):
            language = stated
        elif part in _SDH_MARKS | _OTHER_MARKS:
            marks.add(part)
        elif part and not part.isdigit():
            return None
    return Sidecar(path, language, bool(marks & _SDH_MARKS), "forced" in marks)


def _language(part: str) -> str | None:
    """Read a code or an English name; ``hi`` is Hindi unless a language stands before it."""
    if part in _LANGUAGES_BY_NAME:
        return _LANGUAGES_BY_NAME[part]
    if part in _SDH_MARKS - {"hi"}:
        return None
    code = short_language(part)
    return code if code is not None and len(code) == 2 else None
