"""How things are written for people and for programs: data on stdout, everything else on stderr."""

import os
import sys
from typing import TYPE_CHECKING, Any

from cinedex.serialise import to_json

if TYPE_CHECKING:
    from fractions import Fraction

    from rich.console import Console
    from rich.table import Table


PIPE_COLUMNS = 1000
POINTED_CHARACTERS = 35


def plain(text: object) -> str:
    r"""Return text on one line with nothing in it that a terminal obeys.

    Example:
        >>> plain("a\nb\x1b[31m")
        'a\\nb\\x1b[31m'
    """
    return "".join(_visible(character) for character in str(text))


def size_text(num_bytes: int) -> str:
    """Write a size in decimal megabytes, or gigabytes from a thousand of them."""
    megabytes = num_bytes / 1e6
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.1f} MB"


def frame_rate_text(rate: "Fraction") -> str:
    """Write a frame rate; one that is no standard's is an average of what the file holds.

    Example:
        >>> from fractions import Fraction
        >>> frame_rate_text(Fraction(24000, 1001)), frame_rate_text(Fraction(5000, 341))
        ('23.976 frames a second', 'about 14.7 frames a second on average')
    """
    is_standard = rate.denominator == 1 or (rate.denominator == 1001 and rate.numerator % 1000 == 0)
    if is_standard:
        return f"{round(float(rate), 3):g} frames a second"
    return f"about {float(rate):.1f} frames a second on average"


def print_json(value: Any) -> None:
    """Write a value as JSON to stdout."""
    sys.stdout.write(to_json(value) + "\n")


def complain(message: object) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"error: {_encodable(plain(message), sys.stderr)}\n")


def point(text: str, column: int) -> None:
    """Write a text to stderr with a caret under one of its characters, from 1.

    Of a long text what is about that character is shown.
    """
    from rich.cells import cell_len

    before = _encodable(plain(text[: column - 1][-POINTED_CHARACTERS:]), sys.stderr)
    behind = _encodable(plain(text[column - 1 :][:POINTED_CHARACTERS]), sys.stderr)
    sys.stderr.write(f"  {before}{behind}\n  {' ' * cell_len(before)}^\n")


def say(message: object = "") -> None:
    """Write one line of progress to stderr."""
    sys.stderr.write(_encodable(plain(message), sys.stderr) + "\n")


def prompt(message: object) -> None:
    """Write what is to be answered to stderr; the answer stands on the same line."""
    sys.stderr.write(_encodable(plain(message), sys.stderr))
    sys.stderr.flush()


def results() -> "Console":
    """Return the console that results are shown on; nothing in them is read as markup."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, width=_width(sys.stdout.isatty()))


def progress_console() -> "Console":
    """Return the console that progress is shown on."""
    from rich.console import Console

    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def table(*headings: str, **options: Any) -> "Table":
    """Make an empty table; a column whose heading starts with ``>`` is set to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, **options)
    for heading in headings:
        made.add_column(
            heading.lstrip(">"),
            justify="right" if heading.startswith(">") else "left",
            overflow="fold",
        )
    return made


def _width(is_terminal: bool) -> int | None:
    """Use the terminal's width; a pipe has none, and lines that break are hard to grep."""
    return None if is_terminal or "COLUMNS" in os.environ else PIPE_COLUMNS


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _encodable(text: str, stream: Any) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
