"""A worker of a cluster, as it is in its own process: an actor that holds its models."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from indexer.parts import PartEnd, PartTask
from indexer.report import IndexEvent


class PartDoer(Protocol):
    """What does parts inside a worker."""

    def run(self, part_task: PartTask, on_event: Callable[[IndexEvent], None]) -> PartEnd:
        """Do one part."""

    def close(self) -> None:
        """Remove what lies about; called once, while a part may still run."""


class PartActor:
    """A worker process of the cluster.

    Args:
        make_doer: Called once; what it returns holds the models.
    """

    def __init__(self, make_doer: Callable[[], PartDoer]) -> None:
        self._make_doer = make_doer
        self._doer: PartDoer | None = None
        self._events: deque[IndexEvent] = deque()

    def ready(self) -> None:
        """Get ready; here and not when it is made, because Ray hides what is raised there."""
        self._doer = self._make_doer()

    def run(self, part_task: PartTask) -> PartEnd:
        """Do one part."""
        if self._doer is None:
            raise RuntimeError("a worker is asked to get ready first")
        return self._doer.run(part_task, self._events.append)

    def close(self) -> None:
        """Tidy up; nothing is asked of this worker any more."""
        if self._doer is not None:
            self._doer.close()

    def events(self) -> list[IndexEvent]:
        """Return what was told since the last call; answered while a part runs."""
        told = []
        while self._events:
            told.append(self._events.popleft())
        return told
