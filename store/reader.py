"""What a library lets its users read and search.

Apart from ``store/library.py``, which adds opening and writing. Every method is one transaction on
one snapshot, so a reader sees a video whole or not at all.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from store import catalogue, dense, wholes
from store.answers import SavedAnswer, saved_answers
from store.database import Database
from store.errors import LibraryDamagedError, QueryError, UnknownNameError
from store.fulltext import TextSearch
from store.interfaces import VectorIndex
from store.layout import Layout
from store.marks import Marks
from store.records import (
    Clip,
    Evidence,
    EvidenceKind,
    Hit,
    IndexedVideo,
    Scope,
    Space,
    StageRun,
    Summary,
    Video,
)
from store.stray_files import disk_use
from store.tables import AnswerRow, CatalogueState
from store.thumbnails import ThumbnailFolder
from store.timespan import TimeSpan

EVERYTHING = Scope()
MOST_READS = 3

_logger = logging.getLogger(__name__)


class Reader:
    """The reading half of ``store.library.Library``.

    Args:
        layout: Of a library that is there.
        database: Its catalogue, up to date; closed with the reader.
        vector_index: Of its vectors; closed with the reader.
    """

    def __init__(self, layout: Layout, database: Database, vector_index: VectorIndex) -> None:
        self.root = layout.root
        self.marks = Marks(database)
        self._database = database
        self._thumbnails = ThumbnailFolder(layout.thumbnails)
        self._text = TextSearch(database.text_index)
        self._vectors = vector_index

    @property
    def place(self) -> str:
        """Where the catalogue is: a file, or a URL without its password."""
        return self._database.place

    def close(self) -> None:
        """Let go of every file; a closed library cannot be used again."""
        self._vectors.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def videos(self) -> list[Video]:
        """List every video by title."""
        with self._database.reading() as session:
            return catalogue.videos(session)

    def video(self, name: str) -> Video:
        """Find a video by full id, path, exact title or the first 4 or more characters of its id.

        Raises:
            UnknownNameError: None or several fit; the message lists the nearest.
        """
        with self._database.reading() as session:
            return catalogue.find_video(session, name)

    def clips(self, video_id: str, within: TimeSpan | None = None) -> list[Clip]:
        """List a video's clips that overlap ``within``, in time order."""
        with self._database.reading() as session:
            return catalogue.clips(session, video_id, within)

    def evidence(
        self,
        video_id: str,
        within: TimeSpan | None = None,
        kinds: Sequence[EvidenceKind] | None = None,
    ) -> list[Evidence]:
        """List a video's evidence of some kinds that overlaps ``within``, in time order."""
        with self._database.reading() as session:
            return catalogue.evidence(session, video_id, within, kinds)

    def summaries(self, video_id: str) -> list[Summary]:
        """List a video's summary, then its scenes' in time order; empty where none was built."""
        with self._database.reading() as session:
            return catalogue.summaries(session, video_id)

    def evidence_by_id(self, evidence_id: str) -> Evidence:
        """Find the evidence that a citation names.

        Raises:
            UnknownNameError: There is none.
        """
        with self._database.reading() as session:
            return catalogue.evidence_by_id(session, evidence_id)

    def spaces(self) -> list[Space]:
        """List the embedding spaces by id."""
        with self._database.reading() as session:
            return catalogue.spaces(session)

    def stage_runs(self, video_id: str) -> list[StageRun]:
        """List a video's finished stages in the order they ran."""
        with self._database.reading() as session:
            return catalogue.stage_runs(session, video_id)

    def stage_keys(self, video_id: str) -> dict[str, str]:
        """Map a video's finished stages to their keys; empty for an unknown video."""
        return {run.stage: run.key for run in self.stage_runs(video_id)}

    def thumbnail_path(self, clip: Clip) -> Path | None:
        """Say where a clip's JPEG lies; ``None`` where there is none."""
        with self._database.reading() as session:
            name = catalogue.thumbnail_name(session, clip)
        path = self._thumbnails.path(name) if name else None
        return path if path is not None and path.is_file() else None

    def indexed_video(self, video_id: str) -> IndexedVideo:
        """Read everything that was published of a video, its thumbnails too.

        Thumbnails whose files are missing are left out, and the log says so.

        Raises:
            UnknownNameError: No video has this id.
        """
        for _ in range(MOST_READS):  # its files go when it is published anew meanwhile
            with self._database.reading() as session:
                whole = wholes.read_whole(session, video_id)
                names = catalogue.thumbnail_names(session, video_id)
            pictures = tuple(self._thumbnails.read(names))
            if len(pictures) == len(names):
                break
        else:
            _logger.warning(
                "%d of %d thumbnails of %s are missing; `cinedex check` names them",
                len(names) - len(pictures), len(names), whole.video.path,
            )  # fmt: skip
        return replace(whole, thumbnails=pictures)

    def paths(self, video_id: str) -> tuple[str, ...] | None:
        """List where a video was seen; ``None`` where the library does not hold it."""
        with self._database.reading() as session:
            row = catalogue.video_row(session, video_id)
            return None if row is None else tuple(row.paths)

    def dump(self) -> Iterator[str]:
        """Write down what the library knows, a line of JSON for each part, by natural keys.

        The same videos indexed by the same models say the same in every library.
        """
        with self._database.reading() as session:
            for video in sorted(catalogue.videos(session), key=lambda video: video.video_id):
                try:
                    whole = wholes.read_whole(session, video.video_id)
                except UnknownNameError as error:
                    raise LibraryDamagedError(
                        f"the catalogue lists a video and does not find it ({error}); run "
                        "`cinedex check --repair`"
                    ) from error
                names = catalogue.thumbnail_names(session, video.video_id)
                yield from wholes.written_down(whole, names)

    def content_digest(self, video_id: str) -> str:
        """Digest what the library knows of a video now; see ``store/wholes.py``.

        Raises:
            UnknownNameError: No video has this id.
        """
        with self._database.reading() as session:
            whole = wholes.read_whole(session, video_id)
            return wholes.content_digest(whole, catalogue.thumbnail_names(session, video_id))

    def answers(self) -> Iterator[SavedAnswer]:
        """Read every saved answer with its judgements, oldest first."""
        with self._database.reading() as session:
            yield from saved_answers(session)

    def disk_bytes(self) -> int:
        """Count what the library's directory takes; not what a database server keeps for it."""
        return disk_use(self.root)[1]

    def generation(self) -> int:
        """Count the publishes and removals so far."""
        with self._database.reading() as session:
            return session.execute(select(CatalogueState.generation)).scalar_one()

    def search_text(
        self, terms: Sequence[str], k: int, scope: Scope = EVERYTHING, phrases: Sequence[str] = ()
    ) -> list[Hit]:
        """Find evidence that holds any of the terms or phrases, by BM25.

        Of many terms the rarest are asked; see ``store/fulltext.py``.

        Args:
            terms: Any characters; none of them is an operator.
            k: At least 1.
            scope: What may be found.
            phrases: Words in a row.

        Returns:
            At most ``k`` hits, best first; empty where no term holds a letter or digit.

        Raises:
            QueryError: ``k`` is less than 1.
        """
        _require_k(k)
        with self._database.reading() as session:
            return self._text.search(session, terms, phrases, k, scope)

    def search_vectors(
        self,
        space_id: str,
        queries: NDArray[np.float32],
        k: int,
        scope: Scope = EVERYTHING,
        *,
        query_encoder_id: str,
    ) -> list[list[Hit]]:
        """Find the nearest vectors of one space by inner product.

        Args:
            space_id: One of ``spaces()``.
            queries: ``(Q, D)`` float32 of unit L2 norm.
            k: At least 1.
            scope: What may be found.
            query_encoder_id: What made ``queries``.

        Returns:
            For each query at most ``k`` hits, best first.

        Raises:
            EncoderMismatchError: The space expects queries of another encoder.
            QueryError: ``k`` is less than 1.
            UnknownNameError: No such space.
        """
        _require_k(k)
        with self._database.reading() as session:
            space = dense.queried_space(session, space_id, queries, query_encoder_id)
            return dense.search_vectors(session, self._vectors, space, queries, k, scope)

    def score_clips(
        self,
        space_id: str,
        query: NDArray[np.float32],
        clips: Sequence[Clip],
        kinds: Sequence[EvidenceKind],
        *,
        query_encoder_id: str,
    ) -> list[Hit]:
        """Score all evidence of some kinds in some clips by inner product, near or far.

        Args:
            space_id: One of ``spaces()``.
            query: ``(1, D)`` float32 of unit L2 norm.
            clips: Few; those that are gone are passed over.
            kinds: At least one.
            query_encoder_id: What made ``query``.

        Returns:
            In no order.

        Raises:
            EncoderMismatchError: The space expects queries of another encoder.
            UnknownNameError: No such space.
        """
        with self._database.reading() as session:
            space = dense.queried_space(session, space_id, query, query_encoder_id)
            return dense.score_clips(session, space, query[0], clips, kinds)

    def answer(self, answer_id: int) -> dict[str, Any]:
        """Read a saved evidence bundle.

        Raises:
            UnknownNameError: No answer has this number.
        """
        with self._database.reading() as session:
            row = session.get(AnswerRow, answer_id)
            if row is None:
                raise UnknownNameError(f"no answer {answer_id} in this library; ask again")
            return row.payload


def _require_k(k: int) -> None:
    if k < 1:
        raise QueryError(f"at least one result must be asked for, got k={k}")
