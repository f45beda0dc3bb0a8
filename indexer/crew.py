"""What a cluster's workers look like to the process that plans for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.part_queue import PartRun
from indexer.parts import Part, PartEnd, PartTask
from indexer.report import IndexEvent


@dataclass(frozen=True, slots=True)
class Ended:
    """A part that a worker brought to its end."""

    run: PartRun
    end: PartEnd


@dataclass(frozen=True, slots=True)
class Died:
    """A part whose worker died, and how."""

    run: PartRun
    reason: str


class Crew(Protocol):
    """Workers, each of which does parts of one kind, one at a time."""

    def free(self) -> Sequence[Part]:
        """Say what the workers do that have nothing to do: one entry for each."""

    def num_videos(self) -> int:
        """Say how many videos keep every worker busy."""

    def give(self, run: PartRun, task: PartTask) -> None:
        """Hand a part to a free worker of its kind."""

    def wait(self, on_event: Callable[[IndexEvent], None]) -> Sequence[Ended | Died]:
        """Wait a moment for parts that are over, and pass on what workers tell.

        Raises:
            ClusterError: There has been no worker for a long time.
        """
