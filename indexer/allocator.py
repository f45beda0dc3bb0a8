"""Giving memory back to the system, so that a long film holds no more of it than a short one.

The C library keeps what threads have freed, in a heap for each thread, full of holes after an hour
of pictures and networks. Elsewhere than under glibc nothing is done: other allocators give back by
themselves.
"""

import ctypes

# Of glibc's malloc.h.
_M_ARENA_MAX = -8
_MOST_ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share heaps; call it before they start."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_M_ARENA_MAX, _MOST_ARENAS)


def give_back() -> None:
    """Return what is free to the system; takes some milliseconds."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
