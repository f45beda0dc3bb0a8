"""JSON that somebody else wrote, read value by value: each is of the type asked for or an error.

Raises nothing but ``ValueError``, with what is wrong; who reads a file says which file and what
to do.
"""

import json
import math
from collections.abc import Iterator
from typing import IO, NoReturn

LONGEST_LINE_BYTES = 16 * 2**20
LARGEST_INTEGER = 2**31 - 1
LARGEST_LONG = 2**63 - 1


def parse_json(written: bytes) -> object:
    """Read one value.

    Raises:
        ValueError: It is not JSON; NaN and the infinities are not.
    """
    try:
        return json.loads(written.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("values are nested too deeply") from error


def read_objects(stream: IO[bytes]) -> Iterator["JsonObject"]:
    """Read a file of one object a line; each is to be used up before the next is asked for.

    Raises:
        ValueError: A line is too long or no object, or holds more than what was taken from it.
    """
    while line := stream.readline(LONGEST_LINE_BYTES + 1):
        if len(line) > LONGEST_LINE_BYTES:
            raise ValueError(f"a line is longer than {LONGEST_LINE_BYTES} bytes")
        values = JsonObject(parse_json(line))
        yield values
        values.close()


class JsonObject:
    """An object whose values are taken out by name; what nobody took is an error, see ``close``.

    Args:
        value: What ``parse_json`` read.

    Raises:
        ValueError: It is no object.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise ValueError(f"an object was expected, not {type(value).__name__}")
        self._left = dict(value)

    def has(self, name: str) -> bool:
        """Say whether a value is there to be taken."""
        return name in self._left

    def take(self, name: str) -> object:
        """Take a value of any type."""
        if name not in self._left:
            raise ValueError(f"{name!r} is missing")
        return self._left.pop(name)

    def text(self, name: str) -> str:
        """Take text that every database keeps as it is: no NUL, no lone surrogate."""
        value = any_text(self.take(name), name)
        if "\0" in value or not _is_encodable(value):
            raise ValueError(f"{name!r} holds characters that no database keeps")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Take text, or ``null``."""
        return None if self.took_null(name) else self.text(name)

    def integer(self, name: str, *, least: int = 0, most: int = LARGEST_INTEGER) -> int:
        """Take an integer of ``[least, most]``."""
        return integer(self.take(name), name, least=least, most=most)

    def integer_or_none(self, name: str, *, least: int = -LARGEST_INTEGER) -> int | None:
        """Take an integer, or ``null``."""
        return None if self.took_null(name) else self.integer(name, least=least)

    def number(self, name: str) -> float:
        """Take a finite number."""
        value = self.take(name)
        if type(value) not in (int, float):
            raise ValueError(f"{name!r} is no number: {value!r:.80}")
        number = float(str(value))
        if not math.isfinite(number):
            raise ValueError(f"{name!r} is not finite")
        return number

    def number_or_none(self, name: str) -> float | None:
        """Take a finite number, or ``null``."""
        return None if self.took_null(name) else self.number(name)

    def truth(self, name: str) -> bool:
        """Take ``true`` or ``false``."""
        value = self.take(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name!r} is neither true nor false: {value!r:.80}")
        return value

    def items(self, name: str) -> list[object]:
        """Take an array."""
        return items(self.take(name), name)

    def child(self, name: str) -> "JsonObject":
        """Take an object."""
        return JsonObject(self.take(name))

    def close(self) -> None:
        """Check that every value was taken."""
        if self._left:
            raise ValueError(f"{sorted(self._left)[:5]} mean nothing here")

    def took_null(self, name: str) -> bool:
        """Take a value if it is ``null``, and say whether it was."""
        if self._left.get(name, ...) is not None:
            return False
        del self._left[name]
        return True


def any_text(value: object, name: str) -> str:
    """Check that a value is text; it may hold anything."""
    if not isinstance(value, str):
        raise ValueError(f"{name!r} is no text: {value!r:.80}")
    return value


def integer(value: object, name: str, *, least: int = 0, most: int = LARGEST_INTEGER) -> int:
    """Check that a value is an integer of ``[least, most]``."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name!r} is no integer from {least} to {most}: {value!r:.80}")
    return value


def items(value: object, name: str, length: int | None = None) -> list[object]:
    """Check that a value is an array, of some length where one is given."""
    if not isinstance(value, list) or length not in (None, len(value)):
        raise ValueError(f"{name!r} is no array of what belongs there")
    return value


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finite(written: str) -> float:
    number = float(written)
    return number if math.isfinite(number) else _refuse(written)


def _refuse(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number in JSON")
