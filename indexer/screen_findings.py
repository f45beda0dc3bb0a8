"""Readings of single frames put together: one finding per text and stretch in which it stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.findings import Finding
from indexer.interfaces import ScreenLine
from indexer.likeness import LEAST_LIKENESS, likeness
from indexer.screen_text import Reading
from store.records import EvidenceKind
from store.timespan import TimeSpan

LEAST_CHARACTERS = 2
BRIDGED_STEPS = 2.5  # a text unseen for one look between two that saw it was overlooked


@dataclass(slots=True)
class _Block:
    """Lines that stand together, as they were read again and again."""

    readings: list[tuple[str, float]]
    first_seconds: float
    last_seconds: float
    box: tuple[float, float, float, float]
    shot: int = field(default=0)

    def best(self) -> tuple[str, float]:
        """The wording read most confidently, counting each time it was read."""
        support: Counter[str] = Counter()
        for text, confidence in self.readings:
            support[text] += confidence  # type: ignore[assignment]
        text = max(support, key=lambda text: (support[text], len(text)))
        return text, max(confidence for wording, confidence in self.readings if wording == text)


def merge_readings(
    readings: Sequence[Reading],
    cuts_seconds: Sequence[float],
    step_seconds: float,
    duration_seconds: float,
    source: str,
) -> list[Finding]:
    """Turn readings into findings of kind ``screen_text``.

    Args:
        readings: In time order; those without lines count, they say that a text has gone.
        cuts_seconds: In time order; no finding reaches over one.
        step_seconds: Time between two looks; a text begins half a step before it is first seen.
        duration_seconds: Of the video.
        source: Model that read.

    Returns:
        In time order, the wording that was read best of each.
    """
    done: list[_Block] = []
    standing: list[_Block] = []
    for reading in readings:
        shot = sum(cut <= reading.pts_seconds for cut in cuts_seconds)
        limit = reading.pts_seconds - BRIDGED_STEPS * step_seconds
        done += [block for block in standing if block.shot != shot or block.last_seconds < limit]
        standing = [
            block for block in standing if block.shot == shot and block.last_seconds >= limit
        ]
        for block in blocks(reading, shot):
            known = next((other for other in standing if _is_same(other, block)), None)
            if known is None:
                standing.append(block)
            else:
                known.readings += block.readings
                known.last_seconds = max(known.last_seconds, block.last_seconds)
    shots = [0.0, *cuts_seconds, duration_seconds]
    findings = [_finding(block, shots, step_seconds / 2, source) for block in done + standing]
    return sorted(findings, key=lambda finding: (finding.span, finding.text))


def blocks(reading: Reading, shot: int = 0) -> list[_Block]:
    """Put lines together that stand close under each other, as a title card's do."""
    groups: list[list[ScreenLine]] = []
    for line in reading.lines:
        home = next((group for group in groups if _belongs(group[-1], line)), None)
        if home is None:
            groups.append([line])
        else:
            home.append(line)
    made = []
    for group in groups:
        text = " ".join(line.text for line in group)
        if sum(character.isalnum() for character in text) < LEAST_CHARACTERS:
            continue
        confidence = sum(line.confidence for line in group) / len(group)
        corners = list(zip(*(line.box for line in group), strict=True))
        box = (min(corners[0]), min(corners[1]), max(corners[2]), max(corners[3]))
        made.append(
            _Block([(text, confidence)], reading.pts_seconds, reading.same_until_seconds, box, shot)
        )
    return made


def _belongs(upper: ScreenLine, lower: ScreenLine) -> bool:
    """Say whether two lines are one paragraph: less than a line apart in both directions."""
    height = max(upper.box[3] - upper.box[1], lower.box[3] - lower.box[1])
    gap_down = lower.box[1] - upper.box[3]
    gap_across = max(upper.box[0], lower.box[0]) - min(upper.box[2], lower.box[2])
    return gap_down < height and gap_across < height


def _is_same(known: _Block, block: _Block) -> bool:
    return likeness(known.readings[-1][0], block.readings[-1][0]) >= LEAST_LIKENESS


def _finding(block: _Block, shots: Sequence[float], margin: float, source: str) -> Finding:
    text, confidence = block.best()
    start = max(shots[block.shot], block.first_seconds - margin)
    end = max(start, min(shots[block.shot + 1], block.last_seconds + margin))
    return Finding(EvidenceKind.SCREEN_TEXT, TimeSpan(start, end), text, source, confidence)
