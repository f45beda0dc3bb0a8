"""From cues to findings: times that fit the video, each thing said once, and what was left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from indexer.findings import Finding
from indexer.subtitles.cues import Cue, CueList
from indexer.subtitles.encodings import decode_text
from indexer.subtitles.marks import utterances
from indexer.subtitles.sidecars import Sidecar
from indexer.subtitles.speakers import cast_of
from indexer.subtitles.subrip import parse_subrip
from indexer.subtitles.substation import parse_substation
from store.records import EvidenceKind
from store.timespan import TimeSpan

_MAX_BYTES = 20_000_000
# Nobody keeps a line on screen for longer; its end is a mistake.
_MAX_CUE_SECONDS = 60.0
# Nobody hears who speaks when in less.
_MIN_SHARED_SECONDS = 0.5
# Nobody reads more at once; the file lacks its times from there on.
_MAX_CUE_CHARACTERS = 5000
# Between two cues that are one: rolling captions and typesetting repeat a line frame by frame.
_MAX_JOIN_SECONDS = 0.1
_PARSERS = {".ass": parse_substation, ".ssa": parse_substation}


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What one file or track held.

    Attributes:
        findings: In time order: ``subtitle`` for words, ``sound`` and ``music`` for what SDH
            describes.
        faults: In words that follow a number, to how many cues were passed over for it.
        problem: Why it could not be read at all; empty where it could.
    """

    findings: tuple[Finding, ...]
    faults: Counter[str] = field(default_factory=Counter)
    problem: str = ""


def read_sidecar(sidecar: Sidecar, duration_seconds: float) -> SourceReading:
    """Read a SubRip, WebVTT, ASS or SSA file.

    A file that can not be read does not keep its video from being indexed.

    Args:
        sidecar: The file and what its name says.
        duration_seconds: Of the video; cues are cut at it.
    """
    name = sidecar.path.name
    try:
        with sidecar.path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        return SourceReading((), problem=f"cannot be read: {error.strerror}")
    if len(content) > _MAX_BYTES:
        return SourceReading((), problem="too large for subtitles")
    parse = _PARSERS.get(sidecar.path.suffix.lower(), parse_subrip)
    cues = parse(decode_text(content, sidecar.language))
    return place_cues(cues, name, sidecar.language, duration_seconds)


def place_cues(
    cue_list: CueList, source: str, language: str | None, duration_seconds: float
) -> SourceReading:
    """Turn cues into findings.

    Args:
        cue_list: In any order.
        source: What the findings name as theirs.
        language: ISO 639-1 code of the text, where known.
        duration_seconds: Of the video.
    """
    faults = Counter(cue_list.faults)
    good: list[Cue] = []
    for cue in sorted(cue_list.cues, key=lambda cue: (cue.start_seconds, cue.end_seconds)):
        fault = _fault(cue, duration_seconds)
        if fault:
            faults[fault] += 1
        else:
            good.append(cue)
    cast = cast_of(good)
    findings: list[Finding] = []
    for cue in _without_repeats(good):
        start = max(0.0, cue.start_seconds)
        span = TimeSpan(start, min(cue.end_seconds, start + _MAX_CUE_SECONDS, duration_seconds))
        findings += [
            Finding(
                said.kind, _part(span, said.part), said.text, source, None, language, said.speaker
            )
            for said in utterances(cue.text, cue.speaker, cast)
        ]
    return SourceReading(tuple(_joined(findings)), faults)


def _part(span: TimeSpan, part: tuple[float, float]) -> TimeSpan:
    """Take a part of a span, both ends as shares of it; all of one too short to be shared."""
    if span.duration_seconds < _MIN_SHARED_SECONDS:
        return span
    return TimeSpan(
        *((1 - share) * span.start_seconds + share * span.end_seconds for share in part)
    )


def _fault(cue: Cue, duration_seconds: float) -> str:
    """Say what keeps a cue from having a place; empty where nothing does."""
    if not cue.end_seconds > cue.start_seconds:
        return "that end before they begin"
    if cue.end_seconds <= 0:
        return "before the video begins"
    if cue.start_seconds >= duration_seconds:
        return "past the end of the video"
    if len(cue.text) > _MAX_CUE_CHARACTERS:
        return "too long to be one"
    return ""


def _without_repeats(cues: Sequence[Cue]) -> Iterable[Cue]:
    """Drop the first line of a cue that repeats the last of the one before: rolling captions."""
    before: Cue | None = None
    for cue in cues:
        lines = [line for line in cue.text.split("\n") if line.strip()]
        is_rolling = (
            before is not None
            and len(lines) > 1
            and 0 <= cue.start_seconds - before.end_seconds <= _MAX_JOIN_SECONDS
            and _plain(lines[0]) == _plain(before.text.rsplit("\n", 1)[-1])
        )
        before = cue
        yield replace(cue, text="\n".join(lines[1:])) if is_rolling else cue


def _plain(line: str) -> str:
    return " ".join(said.text for said in utterances(line))


def _joined(findings: Iterable[Finding]) -> list[Finding]:
    """Make one of findings that say the same at the same time, or without a pause."""
    joined: dict[int, Finding] = {}
    latest: dict[tuple[EvidenceKind, str, str | None], int] = {}
    for number, finding in enumerate(findings):
        key = (finding.kind, finding.text, finding.speaker)
        before = joined.get(latest.get(key, -1))
        if before is not None and _is_one(before.span, finding.span):
            joined[latest[key]] = replace(before, span=before.span.hull(finding.span))
        else:
            latest[key] = number
            joined[number] = finding
    return sorted(joined.values(), key=lambda finding: finding.span)


def _is_one(before: TimeSpan, after: TimeSpan) -> bool:
    return (
        before.gap_seconds(after) <= _MAX_JOIN_SECONDS
        and before.hull(after).duration_seconds <= _MAX_CUE_SECONDS
    )
