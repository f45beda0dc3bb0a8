"""What is known of each vector beside its numbers: columns that a scope can be checked on.

Reading them from SQL for every search would cost a millisecond for every thousand rows, so the
vector files carry them. A published row never changes, so neither do they.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.errors import LibraryDamagedError
from store.interfaces import StoredSpace
from store.records import EvidenceKind
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, VideoRow

ROWS_PER_CHUNK = 8192
# Files hold these codes. There were six kinds when the first were written, and six has meant none
# since; kinds that came later are counted on behind it.
NO_KIND = 6
KINDS = {str(kind): code + (code >= NO_KIND) for code, kind in enumerate(EvidenceKind)}
NUM_KIND_CODES = len(EvidenceKind) + 1


@dataclass(frozen=True, slots=True, eq=False)
class VectorColumns:
    """One entry for each vector, in order of row id.

    Attributes:
        row: ``(N,)`` int64, id in ``embedding``.
        publication: ``(N,)`` int64, of the video.
        start, end: ``(N,)`` int32, milliseconds.
        kind: ``(N,)`` int8, as in ``KINDS``; ``NO_KIND`` for a picture.
        language, speaker: ``(N,)`` int32, position in ``words``.
        words: Distinct languages and speakers, these in lower case; "" where none is known.
    """

    row: NDArray[np.int64]
    publication: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    kind: NDArray[np.int8]
    language: NDArray[np.int32]
    speaker: NDArray[np.int32]
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row)

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        columns: dict[str, Any] = {name: np.empty(0, kind) for name, kind in COLUMN_TYPES.items()}
        return cls(**columns, words=())

    @classmethod
    def joined(cls, parts: "Sequence[VectorColumns]") -> Self:
        """Put columns below each other."""
        if not parts:
            return cls.empty()
        codes: dict[str, int] = {}
        tables = [
            np.array([codes.setdefault(word, len(codes)) for word in part.words], np.int32)
            for part in parts
        ]
        values: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMN_TYPES
        }
        for name in ("language", "speaker"):
            columns = [
                table[getattr(part, name)] if len(part) else getattr(part, name)
                for part, table in zip(parts, tables, strict=True)
            ]
            values[name] = np.concatenate(columns)
        return cls(**values, words=tuple(codes))

    def taken(self, places: NDArray[Any]) -> Self:
        """Keep some rows: positions, or a flag for each row."""
        values: dict[str, Any] = {name: getattr(self, name)[places] for name in COLUMN_TYPES}
        return type(self)(**values, words=self.words)

    def without_owner(self, places: NDArray[np.bool_], publication: int) -> Self:
        """Give some rows another publication."""
        return replace(self, publication=np.where(places, publication, self.publication))


COLUMN_TYPES: dict[str, str] = dict(
    zip(
        (field.name for field in fields(VectorColumns)),
        ("<i8", "<i8", "<i4", "<i4", "i1", "<i4", "<i4"),
        strict=False,
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class VectorRows:
    """Vectors with their columns.

    Attributes:
        codes: ``(N, D)`` float16.
    """

    columns: VectorColumns
    codes: NDArray[np.float16]

    @classmethod
    def joined(cls, parts: "Sequence[VectorRows]", dimension: int) -> Self:
        """Put rows below each other in order of row id."""
        if not parts:
            return cls(VectorColumns.empty(), np.empty((0, dimension), np.float16))
        columns = VectorColumns.joined([part.columns for part in parts])
        codes = np.concatenate([part.codes for part in parts])
        order = np.argsort(columns.row, kind="stable")
        return cls(columns.taken(order), codes[order])

    def taken(self, places: NDArray[Any]) -> Self:
        """Keep some rows: positions, or a flag for each row."""
        return type(self)(self.columns.taken(places), self.codes[places])


def read_rows(
    session: Session, space: StoredSpace, publications: Sequence[int] | None
) -> Iterator[VectorRows]:
    """Read vectors from the catalogue in order of row id, some thousands at a time.

    Args:
        session: In a transaction.
        space: Whose vectors.
        publications: Of which videos; ``None`` for all.

    Raises:
        LibraryDamagedError: A vector has not the space's length.
    """
    statement = (
        select(
            EmbeddingRow.id,
            VideoRow.publication,
            EmbeddingRow.start_milliseconds,
            EmbeddingRow.end_milliseconds,
            EvidenceRow.kind,
            func.coalesce(EvidenceRow.language, VideoRow.language, ""),
            func.lower(func.coalesce(EvidenceRow.speaker, "")),
            EmbeddingRow.vector,
        )
        .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .outerjoin(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
        .order_by(EmbeddingRow.id)
    )
    if publications is not None:
        # From publication over clip to vector: an index on the space would have all of it read.
        statement = statement.where(
            VideoRow.publication.in_(publications), EmbeddingRow.space + 0 == space.row
        )
    else:
        statement = statement.where(EmbeddingRow.space == space.row)
    found = session.execute(statement.execution_options(yield_per=ROWS_PER_CHUNK))
    for partition in found.partitions():
        yield _rows(partition, space)


def _rows(partition: Sequence[Any], space: StoredSpace) -> VectorRows:
    row, publication, start, end, kind, language, speaker, vector = zip(*partition, strict=True)
    codes = np.frombuffer(b"".join(vector), "<f2")
    if codes.size != len(row) * space.dimension:
        raise LibraryDamagedError(
            f"the catalogue holds vectors of the wrong length in space {space.space_id}; run "
            "`cinedex check --repair`"
        )
    words: dict[str, int] = {}
    columns = VectorColumns(
        row=np.array(row, "<i8"),
        publication=np.array(publication, "<i8"),
        start=np.array(start, "<i4"),
        end=np.array(end, "<i4"),
        kind=np.array([KINDS.get(name, NO_KIND) for name in kind], "i1"),
        language=np.array([words.setdefault(word, len(words)) for word in language], "<i4"),
        speaker=np.array([words.setdefault(word, len(words)) for word in speaker], "<i4"),
        words=tuple(words),
    )
    return VectorRows(columns, codes.reshape(len(row), space.dimension))
