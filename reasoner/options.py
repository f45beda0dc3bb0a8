"""What a caller may set about answering questions."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainOptions:
    """How far the chain looks.

    Attributes:
        k: Moments that are retrieved and looked at.
        window_margin_seconds: How far a retrieved moment is widened on both sides before the
            grounder sees it.
        whole_video_seconds: A video no longer than this is one window.
        max_window_seconds: What is looked at as densely as the grounder looks; no window is longer.
        max_spans: Spans that reach the verifier and the answerer.
        max_question_characters: A longer question is refused rather than cut.
        max_evidence_tokens: Of the lines that a general answer tells; what is more is left out
            evenly, and said.
    """

    k: int = 5
    window_margin_seconds: float = 8.0
    whole_video_seconds: float = 0.0
    max_window_seconds: float = math.inf
    max_spans: int = 4
    max_question_characters: int = 2000
    max_evidence_tokens: int = 1000

    def __post_init__(self) -> None:
        for name in ("k", "max_spans", "max_question_characters", "max_evidence_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, got {getattr(self, name)}")
        if not 0 <= self.window_margin_seconds < float("inf"):
            raise ValueError(
                f"window_margin_seconds is 0 or more, got {self.window_margin_seconds}"
            )
        if not (
            self.max_window_seconds > 0 and self.max_window_seconds >= self.whole_video_seconds
        ):
            raise ValueError(
                "max_window_seconds is above 0 and no less than whole_video_seconds, got "
                f"{self.max_window_seconds} and {self.whole_video_seconds}"
            )


@dataclass(frozen=True, slots=True)
class LanguageModelOptions:
    """How the resident model runs.

    Attributes:
        threads: For torch in this process; ``None`` leaves torch's own choice.
        precision: ``bfloat16`` reads 2.5 times and writes 1.5 times as fast as ``float32`` where
            the
            processor has bfloat16 instructions; ``auto`` looks.
    """

    threads: int | None = None
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"threads is at least 1, got {self.threads}")
        if self.precision not in ("auto", "bfloat16", "float32"):
            raise ValueError(f"precision is auto, bfloat16 or float32, got {self.precision!r}")
