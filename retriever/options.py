"""How a search is made. Weights, ratios and lengths were chosen on tuning halves.

``benchmarks/retrieval.py``, ``benchmarks/needle`` and ``benchmarks/comparison`` measure them.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

CALIBRATED = "calibrated"


class SourceKind(StrEnum):
    """The ways a query can find something."""

    LEXICAL = "lexical"
    TEXT = "text"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Options of one retriever.

    Attributes:
        depth: Hits asked of each source before fusion; the least when ``k`` asks for more.
        max_query_characters: Longer queries are refused rather than cut.
        fusion: ``calibrated`` (``retriever.odds``), or a name in ``retriever.fusion.FUSIONS``.
        uncalibrated_fusion: A name in ``FUSIONS``: how sources are fused of which one has no
            calibration.
        lexical_weight, text_weight, picture_weight: Weight in fusions that are not
            calibrated; 0 counts for nothing.
        text_neighbour_ratio: A neighbouring text of the one that matched best belongs to the moment
            when it scores at least this share of the best score.
        picture_neighbour_ratio: The same for pictures of one clip, mostly of one shot.
        picture_join_ratio: The same for pictures of other clips: a long shot has several.
        join_gap_seconds: Longest silence or unsampled stretch between neighbours.
        breath_seconds: Longest pause between sentences that belong to one passage of speech.
        subject_ratio: A sentence keeps to the subject when its cosine with the query is at least
            this share of that of the sentence that matched.
        whole_clip_share: A span that covers this share of a clip stands for all of it.
        padding_seconds: Added on both sides of text that matched, inside the clips.
        min_seconds: Shorter moments are widened about their middle, inside the clips.
        max_seconds: Joining stops here.
        max_overlap: Two moments of one video share at most this part of the shorter one.

    Raises:
        ValueError: A number is out of range.
    """

    depth: int = 100
    max_query_characters: int = 2_000
    fusion: str = CALIBRATED
    uncalibrated_fusion: str = "minmax"
    lexical_weight: float = 0.5
    text_weight: float = 1.0
    picture_weight: float = 0.15
    text_neighbour_ratio: float = 0.9
    picture_neighbour_ratio: float = 0.5
    picture_join_ratio: float = 0.75
    join_gap_seconds: float = 1.0
    breath_seconds: float = 0.7
    subject_ratio: float = 0.7
    whole_clip_share: float = 0.9
    padding_seconds: float = 0.2
    min_seconds: float = 2.0
    max_seconds: float = 60.0
    max_overlap: float = 0.5

    def __post_init__(self) -> None:
        for name in ("depth", "max_query_characters"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for option in fields(self):
            value = getattr(self, option.name)
            if isinstance(value, int | float) and not 0 <= value < float("inf"):
                raise ValueError(f"{option.name} must be finite and not negative, got {value}")
        for name in (
            "text_neighbour_ratio",
            "picture_neighbour_ratio",
            "picture_join_ratio",
            "subject_ratio",
            "whole_clip_share",
            "max_overlap",
        ):
            if getattr(self, name) > 1:
                raise ValueError(f"{name} must be at most 1, got {getattr(self, name)}")
        if self.min_seconds > self.max_seconds:
            raise ValueError(
                f"min_seconds {self.min_seconds} is greater than max_seconds {self.max_seconds}"
            )

    @property
    def plain_fusion(self) -> str:
        """The fusion that needs no calibration."""
        return self.uncalibrated_fusion if self.fusion == CALIBRATED else self.fusion

    def weight(self, kind: SourceKind) -> float:
        """Return the fusion weight of a kind of source."""
        return {
            SourceKind.LEXICAL: self.lexical_weight,
            SourceKind.TEXT: self.text_weight,
            SourceKind.PICTURE: self.picture_weight,
        }[kind]

    def neighbour_ratio(self, kind: SourceKind) -> float:
        """Return the share of the best score that makes a neighbour belong."""
        if kind is SourceKind.PICTURE:
            return self.picture_neighbour_ratio
        return self.text_neighbour_ratio
