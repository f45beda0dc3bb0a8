"""The wiring: configuration, weights, composition, and the doors people use.

Importing it is cheap: what it exports is loaded when it is first touched.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary, open_library

__all__ = ["CinedexLibrary", "__version__", "open_library"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("cinedex")
        except PackageNotFoundError:  # run from a checkout that was not installed
            return "unknown"
    if name in ("CinedexLibrary", "open_library"):
        import cinedex.api

        return getattr(cinedex.api, name)
    raise AttributeError(f"module 'cinedex' has no attribute {name!r}")
