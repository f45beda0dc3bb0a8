"""Tags: what the network is sure to see, in plain words, and for how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from indexer.labels.imagenet import ImageLabels
from store.records import EvidenceKind
from store.timespan import TimeSpan

JOIN_GAP_SECONDS = 0.05
# Of these only the plain word is told: breeds and species are a guess on film frames.
PLAIN_WORD_ONLY = frozenset(
    {
        "dog",
        "cat",
        "snake",
        "lizard",
        "spider",
        "beetle",
        "insect",
        "fish",
        "frog",
        "monkey",
        "wolf",
        "fox",
    }
)


@dataclass(frozen=True, slots=True)
class TagOptions:
    """When a tag is shown.

    Attributes:
        sure_class: Least probability of a single class.
        sure_group: Least summed probability of a group of classes.
        shortest_seconds: A tag that holds for less is dropped, as it was seen only once.
    """

    sure_class: float = 0.9
    sure_group: float = 0.75
    shortest_seconds: float = 1.2

    def __post_init__(self) -> None:
        if not (0.5 < self.sure_class <= 1 and 0.5 < self.sure_group <= 1):
            raise ValueError("a tag is shown only where it is likelier than not")


class Tagger:
    """Turns class probabilities of frames into timed tags.

    Args:
        labels: What the classes are called.
        source: Model that made the probabilities.
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
        self._groups = np.zeros((len(labels.names), len(labels.groups)), dtype=np.float32)
        for column, members in enumerate(labels.groups.values()):
            self._groups[list(members), column] = 1
        self._group_words = tuple(labels.groups)
        self._nameless = set(labels.unsure)
        for word in PLAIN_WORD_ONLY & set(labels.groups):
            self._nameless.update(labels.groups[word])

    def frame_tags(self, probabilities: NDArray[np.float32]) -> dict[str, float]:
        """Name what is sure in one frame, ``(1000,)``: text to confidence, the surest first."""
        found: dict[str, float] = {}
        summed = probabilities @ self._groups
        for column in np.argsort(-summed):
            if summed[column] < self._options.sure_group:
                break
            found[self._group_words[column]] = min(1.0, float(summed[column]))
        top = int(probabilities.argmax())
        if probabilities[top] >= self._options.sure_class and top not in self._nameless:
            found[", ".join(self._labels.names[top])] = float(probabilities[top])
        return found

    def find(self, probabilities: NDArray[np.float32], spans: Sequence[TimeSpan]) -> list[Finding]:
        """Tag a video.

        Args:
            probabilities: ``(N, 1000)`` of the kept frames, in time order.
            spans: What each frame stands for; two that touch and carry the same tag become one
                finding.
        """
        findings: list[Finding] = []
        open_tags: dict[str, tuple[TimeSpan, float]] = {}
        for row, span in zip(probabilities, spans, strict=True):
            here = self.frame_tags(row)
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
