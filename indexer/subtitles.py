"""Subtitle files as evidence: who says what when, and what sounds.

SubRip and WebVTT are read by one parser, because broken cues must be passed over one at a time and
counted, and because notes, styles and cue names must not become text.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.findings import Finding
from indexer.sidecars import Sidecar, find_sidecars
from store.records import EvidenceKind
from store.timespan import TimeSpan

__all__ = ["Sidecar", "SubtitleReading", "find_sidecars", "read_sidecar", "read_subtitles"]

_MAX_BYTES = 20_000_000
# Nobody keeps a line on screen for longer; its end is a mistake.
_MAX_CUE_SECONDS = 60.0
_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_ENTITY = re.compile(r"&#?\w{1,32};")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
# A speaker in capitals, as SDH writes it: `JON:`, `>> DR. O'NEIL:`; `>>` alone is a new speaker.
_SPEAKER = re.compile(r"(?:>>+\s*)?([^\W\d_a-z][^\Wa-z]*(?:[ .'-]+[^\Wa-z]+){0,3}\.?):\s+(?=\S)")
_NEW_SPEAKER = re.compile(r">>+\s*")
_DASH = re.compile(r"[-\u2013\u2014]\s+|-(?=\w)")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]|^\(([^()]*)\)$")
_NOTES = "♪♫"
_VOICE_MARK = "\x01"


@dataclass(frozen=True, slots=True)
class SubtitleReading:
    """What one file held.

    Attributes:
        findings: In time order: ``subtitle`` for words, ``sound`` for what SDH describes.
        num_broken_cues: Cues passed over: no readable times, an end before the start, or a start
            past the end of the video.
        problem: Why the file could not be read at all; empty where it could.
    """

    findings: tuple[Finding, ...]
    num_broken_cues: int = 0
    problem: str = ""


def read_subtitles(sidecar: Sidecar, duration_seconds: float) -> list[Finding]:
    """Read a subtitle file; see :func:`read_sidecar` for what could not be read."""
    return list(read_sidecar(sidecar, duration_seconds).findings)


def read_sidecar(sidecar: Sidecar, duration_seconds: float) -> SubtitleReading:
    """Read a SubRip or WebVTT file.

    A file that can not be read does not keep its video from being indexed.

    Args:
        sidecar: The file and what its name says.
        duration_seconds: Of the video; cues are cut at it.
    """
    name = sidecar.path.name
    try:
        if sidecar.path.stat().st_size > _MAX_BYTES:
            return SubtitleReading((), problem=f"{name} is too large for subtitles")
        text = _decode(sidecar.path)
    except OSError as error:
        return SubtitleReading((), problem=f"{name} cannot be read: {error.strerror}")
    findings: dict[Finding, None] = {}
    num_broken = 0
    for timing, lines in _cues(text):
        span = _span(timing, duration_seconds)
        if span is None:
            num_broken += 1
            continue
        for line in _utterances(lines):
            findings[
                Finding(line.kind, span, line.text, name, None, sidecar.language, line.speaker)
            ] = None
    ordered = sorted(findings, key=lambda finding: finding.span)
    return SubtitleReading(tuple(ordered), num_broken)


def _decode(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _cues(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each timing line with the lines below it, up to the next empty one or timing."""
    timing: str | None = None
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        if "-->" in line:
            if timing is not None:
                # No empty line between: what stands last is the number of this cue.
                yield timing, lines[:-1] if lines and lines[-1].strip().isdigit() else lines
            timing, lines = line, []
        elif timing is not None and line.strip():
            lines.append(line)
        elif timing is not None:
            yield timing, lines
            timing = None
    if timing is not None:
        yield timing, lines


def _span(timing: str, duration_seconds: float) -> TimeSpan | None:
    match = _TIMING.fullmatch(_CONTROL.sub("", timing))
    if match is None:
        return None
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    end = min(end, start + _MAX_CUE_SECONDS, duration_seconds)
    return TimeSpan(start, end) if start < end else None


def _seconds(stamp: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in stamp)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


@dataclass(frozen=True, slots=True)
class _Utterance:
    kind: EvidenceKind
    text: str
    speaker: str | None = None


def _utterances(lines: Sequence[str]) -> list[_Utterance]:
    """Tell words from sounds, and one speaker from the next."""
    said: list[tuple[str | None, list[str]]] = [(None, [])]
    sounds: list[str] = []
    for line in _plain_lines(lines):
        if any(note in line for note in _NOTES):
            sounds.append(line.strip(_NOTES + " ") or "music")
            continue
        sounds += [a or b for a, b in _BRACKETED.findall(line)]
        words = _BRACKETED.sub(" ", line).strip()
        is_new, speaker, words = _speaker(words)
        if is_new:
            said.append((speaker, []))
        said[-1][1].append(words)
    utterances = [
        _Utterance(EvidenceKind.SUBTITLE, _tidy(words), speaker) for speaker, words in said
    ] + [_Utterance(EvidenceKind.SOUND, _tidy([sound])) for sound in sounds]
    return [utterance for utterance in utterances if any(map(str.isalnum, utterance.text))]


def _plain_lines(lines: Sequence[str]) -> list[str]:
    """Drop markup; a voice tag becomes a line that begins with its mark and the name."""
    text = _CONTROL.sub(" ", "\n".join(lines))
    text = _VOICE.sub(rf"\n{_VOICE_MARK}\1{_VOICE_MARK}", text)
    text = _TAG.sub("", text).replace(r"\N", "\n").replace(r"\h", " ")
    text = _ENTITY.sub(lambda entity: _CONTROL.sub(" ", html.unescape(entity[0])), text)
    return [line.strip() for line in text.split("\n") if line.strip()]


def _speaker(words: str) -> tuple[bool, str | None, str]:
    """Split off who speaks: whether somebody else begins, the name if there is one, the rest."""
    if words.startswith(_VOICE_MARK):
        _, name, rest = words.split(_VOICE_MARK, 2)
        return True, _tidy([name]) or None, rest
    words = _DASH.sub("", words, count=1) if _DASH.match(words) else words
    if match := _SPEAKER.match(words):
        return True, match[1].strip(), words[match.end() :]
    if match := _NEW_SPEAKER.match(words):
        return True, None, words[match.end() :]
    return False, None, words


def _tidy(parts: Sequence[str]) -> str:
    return " ".join(" ".join(parts).split())
