"""Values to plain data for JSON: the one place that decides how they look outside Python.

A dataclass becomes an object with its fields; a span becomes its two bounds in seconds; an instant
of the calendar is text as ISO 8601 has it; records whose id is no field (clips, evidence) carry it
too. The keys are stable; see ``docs/CLI.md``.
"""

import json
import math
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

ID_PROPERTIES = ("evidence_id", "clip_id")


def to_plain(value: Any) -> Any:
    """Turn a value into what JSON knows.

    Raises:
        ValueError: A number is not finite: JSON has no word for it and no score may be one.
        TypeError: A type that has no agreed form.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, Path, Fraction)):
        return str(value)
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return _composite(value)


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Write a value as JSON in ASCII, so that any file name survives any terminal.

    Example:
        >>> to_json({"seconds": 1.5, "rate": Fraction(24000, 1001)}, indent=None)
        '{"seconds": 1.5, "rate": "24000/1001"}'
    """
    return json.dumps(to_plain(value), indent=indent, allow_nan=False)


def _composite(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        ids = {name: getattr(value, name) for name in ID_PROPERTIES if hasattr(value, name)}
        return ids | {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, Set):
        return sorted(to_plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} has no form in JSON")
    return float(number)
