"""Giving memory back to the system, so that a long film holds no more of it than a short one.

The C library keeps what threads have freed, in a heap for each thread, full of holes after an hour
of pictures and networks. Elsewhere than under glibc nothing is done: other allocators give back by
themselves.
"""

import ctypes
import sys
from typing import Any

# Of glibc's malloc.h.
_M_ARENA_MAX = -8
_MOST_ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share heaps; call it before they start."""
    tell = _of_the_c_library("mallopt")
    if tell is not None:
        tell(_M_ARENA_MAX, _MOST_ARENAS)


def give_back() -> None:
    """Return what is free to the system; takes some milliseconds."""
    trim = _of_the_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _of_the_c_library(name: str) -> Any:
    """Find a function; ``None`` where there is no such, as everywhere but under glibc."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
