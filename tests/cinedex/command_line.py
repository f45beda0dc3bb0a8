"""The command line inside this process, so that a test can put a small model in a large one's place."""

from collections.abc import Callable

from typer.testing import Result

Run = Callable[..., Result]
