"""The command line inside this process, so that a small model can stand in for a large one."""

from collections.abc import Callable

from typer.testing import Result

Run = Callable[..., Result]
