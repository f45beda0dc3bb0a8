"""The folder of a library's vector files: which file is whose, and what may be believed of it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from hashlib import sha256
from pathlib import Path

from store.interfaces import StoredSpace
from store.vector_indexes import base_file
from store.vector_indexes.base_file import VectorBase, VectorStamp
from store.vector_indexes.compaction import Made
from store.vector_indexes.faiss_index import HNSW

_logger = logging.getLogger(__name__)


class VectorFolder:
    """A file for each space of a library.

    Args:
        root: Where they lie; it may be missing or not be writable, and then there are none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, space: StoredSpace) -> Path:
        """Say where a space's file lies."""
        return self._root / f"{sha256(space.space_id.encode()).hexdigest()[:32]}.vectors"

    def identity_of(self, space: StoredSpace) -> tuple[int, ...] | None:
        """Tell one file of a space from another; ``None`` where there is none."""
        return base_file.identity_of(self.path(space))

    def alone(self) -> AbstractContextManager[bool]:
        """Let one process at a time replace files; the others are told ``False``."""
        return base_file.alone(self._root)

    def load(self, space: StoredSpace) -> VectorBase | None:
        """Map a space's file; ``None`` where there is none to believe."""
        path = self.path(space)
        base = base_file.load(path)
        if base is not None and base.stamp.is_of(space.space_id, space.encoder_id, space.dimension):
            return base
        if path.exists():
            _logger.warning(
                "the vector file %s is damaged or not this space's; its vectors are read from "
                "the catalogue instead",
                path,
            )
        return None

    def save(self, space: StoredSpace, generation: int, made: Made) -> bool:
        """Write a space's file; a failure is told and harms nobody, only the next start is slower.

        Args:
            space: Whose.
            generation: Of the catalogue that it was made of.
            made: What it holds.
        """
        path = self.path(space)
        stamp = VectorStamp(
            space.space_id,
            space.encoder_id,
            space.dimension,
            generation,
            made.index.ef_search if made.index.kind == HNSW else 0,
            made.refused_rows,
        )
        try:
            base_file.save(path, stamp, made.index, made.columns, made.publications)
        except OSError as error:
            _logger.warning("the vector file %s cannot be written: %s", path, error)
            return False
        return True

    def problems(self, spaces: Sequence[StoredSpace]) -> Iterator[str]:
        """Check the digest of every file, and look for files of no space."""
        for space in spaces:
            path = self.path(space)
            stamp = base_file.read_stamp(path)
            if path.exists() and base_file.load(path) is None:
                yield f"vector file {path.name} of space {space.space_id} is damaged"
            elif stamp and not stamp.is_of(space.space_id, space.encoder_id, space.dimension):
                yield f"vector file {path.name} of space {space.space_id} is of {stamp.space_id}"
        for path in self._strangers(spaces):
            yield f"vector file {path.name} belongs to no space of this library"

    def drop_strangers(self, spaces: Sequence[StoredSpace]) -> None:
        """Delete files of no space, and what killed processes left."""
        for path in (*self._strangers(spaces), *self._root.glob(".*.vectors.*")):
            with suppress(OSError):
                path.unlink()

    def clear(self) -> None:
        """Delete every file."""
        for path in self._root.glob("*.vectors"):
            with suppress(OSError):
                path.unlink()

    def _strangers(self, spaces: Sequence[StoredSpace]) -> list[Path]:
        ours = {self.path(space) for space in spaces}
        return sorted(path for path in self._root.glob("*.vectors") if path not in ours)
