"""The four roles, where the chain gets moments and evidence, and what a role may ask for pictures.

Backends live in folders of their own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reasoner.answer import DraftAnswer, GroundedSpan, Plan, Window
from reasoner.choice import Choice
from retriever.moment import Moment
from store.records import Evidence, Scope, Summary, Video
from store.timespan import TimeSpan


class Planner(Protocol):
    """Question in, plan out."""

    def plan(self, question: str) -> Plan:
        """Read limits in the words, choose the roles that run, rephrase for the search."""


class Grounder(Protocol):
    """Finds spans inside candidate windows."""

    def ground(self, plan: Plan, windows: Sequence[Window]) -> list[GroundedSpan]:
        """Propose spans, best first; empty when nothing in the windows bears on the question."""


class Verifier(Protocol):
    """Says how likely each span answers the question."""

    def verify(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        """Return the same spans with ``yes_probability`` set, best first."""


class Answerer(Protocol):
    """Writes the answer."""

    def answer(self, plan: Plan, spans: Sequence[GroundedSpan]) -> DraftAnswer:
        """Answer from the spans' evidence and cite it, or abstain."""

    def choose(
        self, plan: Plan, choices: Sequence[Choice], spans: Sequence[GroundedSpan]
    ) -> DraftAnswer:
        """Choose one of several answers by the spans and cite what speaks for it, or abstain."""


class MomentSource(Protocol):
    """Finds moments; the retriever is one."""

    def search(self, query: str, k: int, scope: Scope) -> list[Moment]:
        """Return at most ``k`` moments inside ``scope``, best first."""


class EvidenceSource(Protocol):
    """Tells what is known about videos; a library is one."""

    def videos(self) -> list[Video]:
        """Return every video."""

    def evidence(self, video_id: str, within: TimeSpan | None = None) -> list[Evidence]:
        """Return what overlaps ``within``, in time order."""

    def summaries(self, video_id: str) -> list[Summary]:
        """Return the video's own first, then its scenes' in time order; empty without any."""


class FrameSource(Protocol):
    """Random access to the pictures of a video."""

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        """Return ``(N, H, W, 3)`` RGB, the frame on screen at each instant, in the order asked."""
