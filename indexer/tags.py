"""Tags: what the network is sure to see, in plain words, and for how long."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from indexer.labels.imagenet import ImageLabels, membership
from store.records import EvidenceKind
from store.timespan import TimeSpan

JOIN_GAP_SECONDS = 0.05
MOST_NAMES = 2


TAGGER = "hedged@1"


@dataclass(frozen=True, slots=True)
class TagOptions:
    """When a tag is shown.

    The first four were chosen on the development half of the footage of ``benchmarks/pictures.py``,
    so that nine of ten tags shown there are right.

    Attributes:
        sure_class: Least probability of a single class.
        sure_group: Least summed probability of a group of classes.
        sure_living: Least probability, of either, of something that lives.
        sure_broad: Least summed probability of a broad word.
        shortest_seconds: A tag that holds for less is dropped, as it was seen only once.
    """

    sure_class: float = 0.9
    sure_group: float = 0.8
    sure_living: float = 0.97
    sure_broad: float = 0.75
    shortest_seconds: float = 1.2

    def __post_init__(self) -> None:
        if not all(
            0.5 < sure <= 1
            for sure in (self.sure_class, self.sure_group, self.sure_living, self.sure_broad)
        ):
            raise ValueError("a tag is shown only where it is likelier than not")


def tagger_id(labels: ImageLabels, options: TagOptions = TagOptions()) -> str:
    """Name everything beside the network that tags depend on, words and thresholds too."""
    words = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(labels).items()
    }
    digest = blake2b(repr((words, options)).encode(), digest_size=4).hexdigest()
    return f"{TAGGER}:{digest}"


class Tagger:
    """Turns class probabilities of frames into timed tags, as narrow as the network is sure of.

    Args:
        labels: What the classes are called.
        source: Model that made the probabilities.

    Source:
        Deng et al., "Hedging Your Bets", CVPR 2012: where a narrow word is not sure, a broader one
            may be. Here with one threshold a level instead of a learned trade.
    """

    def __init__(
        self,
        labels: ImageLabels,
        source: str,
        options: TagOptions = TagOptions(),
    ) -> None:
        self._labels = labels
        self._source = source
        self._options = options
        self._groups = membership(labels.groups, len(labels.names))
        self._broad = membership(labels.broad, len(labels.names))
        self._nameless = set(labels.unsure)
        # Of species in a group only its plain word is told: they are a guess on film frames.
        for members in labels.groups.values():
            self._nameless.update(labels.living & set(members))
        self._sure_groups = [
            options.sure_living if labels.living.issuperset(members) else options.sure_group
            for members in labels.groups.values()
        ]

    def frame_tags(self, probabilities: NDArray[np.float32]) -> dict[str, float]:
        """Name what is sure in one frame, ``(1000,)``: text to confidence, the surest first."""
        summed = probabilities @ self._groups
        words = zip(self._labels.groups, summed, self._sure_groups, strict=True)
        found = {word: float(sum_) for word, sum_, sure in words if sum_ >= sure}
        told = {number for word in found for number in self._labels.groups[word]}
        top = int(probabilities.argmax())
        if probabilities[top] >= self._sure_class(top) and top not in self._nameless:
            found[", ".join(self._labels.names[top][:MOST_NAMES])] = float(probabilities[top])
            told.add(top)
        for word, sum_ in zip(self._labels.broad, probabilities @ self._broad, strict=True):
            if sum_ >= self._options.sure_broad and told.isdisjoint(self._labels.broad[word]):
                found[word] = float(sum_)
        surest = sorted(found.items(), key=lambda pair: -pair[1])
        return {word: min(1.0, confidence) for word, confidence in surest}

    def _sure_class(self, number: int) -> float:
        options = self._options
        return options.sure_living if number in self._labels.living else options.sure_class

    def find(
        self, probabilities: Iterable[NDArray[np.floating]], spans: Sequence[TimeSpan]
    ) -> list[Finding]:
        """Tag a video.

        Args:
            probabilities: ``N`` rows of 1000, in time order.
            spans: What each frame stands for; two that touch and carry the same tag become one
                finding.
        """
        findings: list[Finding] = []
        open_tags: dict[str, tuple[TimeSpan, float]] = {}
        for row, span in zip(probabilities, spans, strict=True):
            here = self.frame_tags(row.astype(np.float32))
            still: dict[str, tuple[TimeSpan, float]] = {}
            for text, confidence in here.items():
                before = open_tags.pop(text, None)
                if before is not None and before[0].gap_seconds(span) <= JOIN_GAP_SECONDS:
                    still[text] = (before[0].hull(span), max(before[1], confidence))
                else:
                    if before is not None:
                        findings += self._findings({text: before})
                    still[text] = (span, confidence)
            findings += self._findings(open_tags)
            open_tags = still
        findings += self._findings(open_tags)
        return sorted(findings, key=lambda finding: (finding.span, finding.text))

    def _findings(self, tags: Mapping[str, tuple[TimeSpan, float]]) -> list[Finding]:
        return [
            Finding(EvidenceKind.TAG, span, text, self._source, confidence=confidence)
            for text, (span, confidence) in tags.items()
            if span.duration_seconds >= self._options.shortest_seconds
        ]
