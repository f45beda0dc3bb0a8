"""Where Ray's own messages go: to stderr, for stdout is where data goes."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO, cast

RAY_THREADS = "ray_"


@contextmanager
def ray_to_stderr() -> Iterator[None]:
    """Send to stderr what Ray's threads print, such as who has died; others print as before."""
    with redirect_stdout(cast(TextIO, _BesideRay(sys.stdout))):
        yield


class _BesideRay:
    """Stdout for every thread but those of Ray."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def write(self, text: str) -> int:
        is_rays = threading.current_thread().name.startswith(RAY_THREADS)
        return (sys.stderr if is_rays else self._stdout).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)
