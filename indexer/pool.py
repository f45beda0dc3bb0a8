"""A pool of processes on this machine, each of which loads the models once.

A worker that dies (out of memory, ``kill -9``) costs its running task one attempt and nothing else.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from indexer.worker import Done, Raised, Said, Worker
from store.errors import CinedexError

Task = TypeVar("Task")
Result = TypeVar("Result")
Event = TypeVar("Event")

MAX_ATTEMPTS = 3
# For a worker that is interrupted, to keep what it has found.
PATIENCE_SECONDS = 5.0
CANNOT_START = (
    "a worker process cannot start; a script that indexes with several jobs must do so under "
    '`if __name__ == "__main__":`'
)


@dataclass(frozen=True, slots=True)
class Ended(Generic[Task, Result]):
    """A task that is over.

    Attributes:
        result: What the work returned; ``None`` when the task was given up.
        error: Why it was given up; empty otherwise.
    """

    task: Task
    result: Result | None
    error: str = ""


class WorkerPool(Generic[Task, Event, Result]):
    """Worker processes that are started when tasks come and ended with the ``with`` block.

    Args:
        make_work: Called once in each process; returns what does a task. It must be picklable, and
            so must tasks, events and results.
        num_workers: Processes at most.
        on_death: Told of a task whose worker died and that will be tried again, with the reason.

    Raises:
        ValueError: There would be no worker.
    """

    def __init__(
        self,
        make_work: Callable[[], Callable[[Task, Callable[[Event], None]], Result]],
        num_workers: int,
        on_death: Callable[[Task, str], None] | None = None,
    ) -> None:
        if num_workers < 1:
            raise ValueError(f"there cannot be {num_workers} workers; ask for 1 or more")
        self._context = get_context("spawn")  # threads of torch do not survive a fork
        self._make_work = make_work
        self._num_workers = num_workers
        self._on_death = on_death
        self._workers: list[Worker] = []

    def run(
        self, tasks: Sequence[Task], on_event: Callable[[Event], None]
    ) -> Iterator[Ended[Task, Result]]:
        """Do tasks, and yield each when it is over.

        Args:
            tasks: Started in this order.
            on_event: Told of every event, in this process.

        Raises:
            CinedexError: No process can be started.
            Exception: What the work raised; the other tasks are not waited for.
        """
        waiting = deque((task, 1) for task in tasks)
        attempts: dict[Worker, int] = {}
        num_open = len(waiting)
        try:
            while num_open:
                self._hand_out(waiting, attempts)
                for worker in self._heard():
                    ended = self._hear(worker, waiting, attempts, on_event)
                    if ended is not None:
                        num_open -= 1
                        yield ended
        finally:
            self._end(worker for worker in self._workers if worker.is_busy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end(self._workers)

    def _end(self, workers: Iterable[Worker]) -> None:
        ending = list(workers)
        for worker in ending:
            self._workers.remove(worker)
            worker.ask_to_end()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for worker in ending:
            worker.end(max(0.0, deadline - time.monotonic()))

    def _hand_out(self, waiting: deque[tuple[Task, int]], attempts: dict[Worker, int]) -> None:
        while waiting:
            worker = next((worker for worker in self._workers if not worker.is_busy), None)
            if worker is None:
                if len(self._workers) == self._num_workers:
                    return
                worker = Worker(self._context, self._make_work)
                self._workers.append(worker)
            task, attempts[worker] = waiting.popleft()
            worker.give(task)

    def _heard(self) -> list[Worker]:
        by_connection: dict[Any, Worker] = {worker.connection: worker for worker in self._workers}
        return [by_connection[connection] for connection in wait(list(by_connection))]

    def _hear(
        self,
        worker: Worker,
        waiting: deque[tuple[Task, int]],
        attempts: dict[Worker, int],
        on_event: Callable[[Event], None],
    ) -> Ended[Task, Result] | None:
        task = worker.task
        message = worker.listen()
        if message is None:
            return self._bury(worker, waiting, attempts.pop(worker))
        if isinstance(message, Raised):
            raise message.error
        if isinstance(message, Said):
            on_event(message.event)
        return Ended(task, message.result) if isinstance(message, Done) else None

    def _bury(
        self, worker: Worker, waiting: deque[tuple[Task, int]], attempt: int
    ) -> Ended[Task, Result] | None:
        """Take a dead worker out, and give its task another chance."""
        self._workers.remove(worker)
        reason = worker.why_dead()
        worker.connection.close()
        if not worker.is_up:
            raise CinedexError(f"{CANNOT_START} ({reason})")
        if not worker.is_busy:
            return None
        if attempt == MAX_ATTEMPTS:
            return Ended(worker.task, None, f"{reason}, {attempt} times; it is given up")
        waiting.appendleft((worker.task, attempt + 1))
        if self._on_death is not None:
            self._on_death(worker.task, reason)
        return None
