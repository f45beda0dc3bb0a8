"""When the vector index is brought up to date: in the background after publishing, or at once."""

import logging
import threading

from store.database import Database
from store.errors import LibraryError
from store.interfaces import OnRows, VectorIndex

_logger = logging.getLogger(__name__)


class Compactor:
    """Brings the vector index of one library up to date.

    One run at a time in a process; ``VectorIndex.compact`` sees to other processes.
    """

    def __init__(self, database: Database, vector_index: VectorIndex) -> None:
        self._database = database
        self._vector_index = vector_index
        self._alone = threading.Lock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Begin in the background, where enough has changed."""
        with self._starting:
            is_running = self._thread is not None and self._thread.is_alive()
            if is_running or self._is_stopping.is_set():
                return
            self._thread = threading.Thread(target=self._run_quietly, name="compact", daemon=True)
            self._thread.start()

    def run(self, on_rows: OnRows | None = None, *, is_forced: bool) -> None:
        """Bring the index up to date now.

        Args:
            on_rows: Told how far it is; what it raises ends the work.
            is_forced: Even where little has changed.
        """
        with self._alone:
            self._vector_index.compact(
                self._database.reading, on_rows or self._go_on, is_forced=is_forced
            )

    def quantise(self) -> None:
        """Quantise what is up to date."""
        with self._alone:
            self._vector_index.compact(self._database.reading, self._go_on, is_forced=False)
            self._vector_index.quantise(self._database.reading)

    def stop(self) -> None:
        """Give up what runs in the background; the next run does it again."""
        with self._starting:
            self._is_stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run_quietly(self) -> None:
        try:
            self.run(is_forced=False)
        except _StoppedError:
            pass
        except (LibraryError, OSError, RuntimeError) as error:  # only searching is slower for it
            _logger.warning("the vectors could not be compacted: %s", error)

    def _go_on(self, _done: int, _total: int) -> None:
        if self._is_stopping.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """The library is being closed."""
