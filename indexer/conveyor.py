"""A bounded queue between one who produces and one who consumes in a thread of its own."""

from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class Conveyor(Generic[Item]):
    """Hands items to a consumer, in order; who is too far ahead waits.

    Use it as a context manager: leaving the block waits for what is still on it, or drops that
    where the block raised.

    Args:
        consume: Called with one item after another in another thread; what it raises, ``put`` and
            the end of the block raise.
        capacity: Items that may wait.
    """

    def __init__(self, consume: Callable[[Item], None], capacity: int) -> None:
        self.capacity = capacity
        self._consume = consume
        self._items: Queue[Item | None] = Queue(capacity)
        self._error: BaseException | None = None
        self._is_abandoned = False
        self._thread = Thread(target=self._run, name="conveyor", daemon=True)

    @property
    def num_waiting(self) -> int:
        """How many items wait."""
        return self._items.qsize()

    def put(self, item: Item) -> None:
        """Add an item, waiting for room."""
        if self._error is not None:
            raise self._error
        self._items.put(item)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_abandoned = error is not None
        self._items.put(None)
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        # After an error it goes on taking, or who puts would wait for ever.
        while (item := self._items.get()) is not None:
            if self._error is not None or self._is_abandoned:
                continue
            try:
                self._consume(item)
            except BaseException as error:
                self._error = error
