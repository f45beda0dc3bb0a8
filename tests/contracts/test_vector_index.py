"""Every VectorIndex finds what a comparison with every stored half-precision vector finds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from store import catalogue
from store.interfaces import StoredSpace
from store.layout import FILES, PGVECTOR, LibrarySettings
from store.library import Library
from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    Hit,
    IndexedVideo,
    Scope,
    Space,
    Video,
)
from store.timespan import TimeSpan
from store.vector_indexes import base_file, compaction, graphs, pgvector, space_state
from store.vector_indexes.faiss_index import HNSW

FLOAT32_SUM = 1e-5  # the order of summation differs
LEAST_RECALL = 0.99  # design.md, section 9
K = 10
DIMENSION = 32
SPACE = Space("text:t@1", "t@1", "t@1", DIMENSION, "text")
BESIDE = Space("picture:p@1", "p@1", "p@1", 8, "picture")
PLACES = [
    "files on sqlite",
    pytest.param("files on postgresql", marks=pytest.mark.postgres),
    pytest.param("pgvector", marks=pytest.mark.pgvector),
]


@dataclass(frozen=True)
class Row:
    """What the brute force knows of one vector."""

    video: Video
    ordinal: int
    kind: EvidenceKind
    language: str | None
    speaker: str | None
    vector: np.ndarray

    @property
    def key(self) -> tuple[str, int]:
        return self.video.video_id, self.ordinal


class Shelf:
    """A library beside what it should hold, in the order of row ids."""

    def __init__(self, library: Library, settings: LibrarySettings) -> None:
        self.library = library
        self.settings = settings
        self.rows: list[Row] = []

    def publish(
        self,
        name: str,
        vectors: np.ndarray,
        *,
        kind: EvidenceKind = EvidenceKind.SPEECH,
        said_in: str | None = None,
        speaker: str | None = None,
        **about: object,
    ) -> None:
        video_id = f"{name:0>32}"
        video = Video(video_id, (f"/films/{name}.mp4",), name, 9.0, 1, **about)
        spans = [TimeSpan(float(i), i + 1.0) for i in range(len(vectors))]
        clips = tuple(Clip(video_id, i, span) for i, span in enumerate(spans))
        evidence = tuple(
            Evidence(video_id, kind, i, i, span, f"line {i}", "m@1", None, said_in, speaker)
            for i, span in enumerate(spans)
        )
        embeddings = [
            Embedding(SPACE.space_id, i, span, vectors[i], evidence[i].evidence_id)
            for i, span in enumerate(spans)
        ]
        picture = Embedding(BESIDE.space_id, 0, spans[0], np.eye(1, 8, dtype=np.float32)[0])
        whole = IndexedVideo(
            video, clips, evidence, (SPACE, BESIDE), (*embeddings, picture), stage_runs=()
        )
        self.library.publish(whole)
        self.rows = [row for row in self.rows if row.video.video_id != video_id]
        self.rows += [
            Row(video, i, kind, said_in, speaker, vectors[i].astype(np.float16))
            for i in range(len(vectors))
        ]

    def remove(self, name: str) -> None:
        video_id = f"{name:0>32}"
        self.library.remove(video_id)
        self.rows = [row for row in self.rows if row.video.video_id != video_id]

    def search(
        self, queries: np.ndarray, k: int = K, scope: Scope | None = None
    ) -> list[list[Hit]]:
        return self.library.search_vectors(
            SPACE.space_id, queries, k, scope or Scope(), query_encoder_id="t@1"
        )

    def scores(
        self, queries: np.ndarray, is_wanted: Callable[[Row], bool]
    ) -> tuple[list[Row], np.ndarray]:
        wanted = [row for row in self.rows if is_wanted(row)]
        stored = np.array([row.vector for row in wanted], np.float32).reshape(-1, DIMENSION)
        return wanted, queries @ stored.T

    def assert_exact(
        self,
        queries: np.ndarray,
        k: int = K,
        scope: Scope | None = None,
        is_wanted: Callable[[Row], bool] = lambda row: True,
    ) -> None:
        wanted, scores = self.scores(queries, is_wanted)
        for hits, near in zip(self.search(queries, k, scope), scores, strict=True):
            best = np.argsort(-near, kind="stable")[:k]
            assert [(hit.clip.video_id, hit.clip.ordinal) for hit in hits] == [
                wanted[place].key for place in best
            ]
            np.testing.assert_allclose([hit.score for hit in hits], near[best], atol=FLOAT32_SUM)

    def recall(
        self,
        queries: np.ndarray,
        scope: Scope | None = None,
        is_wanted: Callable[[Row], bool] = lambda row: True,
    ) -> float:
        wanted, scores = self.scores(queries, is_wanted)
        found = 0
        for hits, near in zip(self.search(queries, K, scope), scores, strict=True):
            best = {wanted[place].key for place in np.argsort(-near, kind="stable")[:K]}
            found += len(best & {(hit.clip.video_id, hit.clip.ordinal) for hit in hits})
        return found / (K * len(queries))

    def stored_space(self) -> StoredSpace:
        with self.library._database.reading() as session:
            row = catalogue.find_space(session, SPACE.space_id)
            return StoredSpace(row.id, row.space_id, row.encoder_id, row.dimension)

    def has_graph(self) -> bool:
        if self.settings.vectors == PGVECTOR:
            with self.library._database.reading() as session:
                return graphs.find(session, self.stored_space()) is not None
        return any(
            base.index.kind == HNSW
            for path in self.files()
            if (base := base_file.load(path)) and base.stamp.space_id == SPACE.space_id
        )

    def files(self) -> list[Path]:
        return list((self.library.root / "vectors").glob("*.vectors"))

    def problems(self) -> list[str]:
        with self.library._database.reading() as session:
            return list(self.library._vectors.problems(session))


@pytest.fixture(params=PLACES)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    settings = LibrarySettings()
    if request.param == "files on postgresql":
        settings = LibrarySettings(request.getfixturevalue("postgresql").new_database(), FILES)
    if request.param == "pgvector":
        settings = LibrarySettings(request.getfixturevalue("pgvector").new_database(), PGVECTOR)
    with Library.create(tmp_path / "library", settings=settings) as library:
        yield Shelf(library, settings)


def clustered(seed: int, rows: int) -> np.ndarray:
    """Unit rows around the same centres for every seed, as those of a film's shots are."""
    centres = np.random.default_rng(0).standard_normal((100, DIMENSION))
    rng = np.random.default_rng(seed)
    rows_near = centres[rng.integers(0, len(centres), rows)]
    vectors = rows_near + 0.5 * rng.standard_normal((rows, DIMENSION))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit, np.float32)


QUERIES = clustered(1, 3)


def test_an_empty_library_has_nothing_to_search_and_no_problems(shelf: Shelf) -> None:
    shelf.library.compact()
    assert shelf.library.spaces() == []
    assert shelf.problems() == []


def test_what_was_published_replaced_and_removed_is_found_at_once(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 40))
    shelf.assert_exact(QUERIES)
    shelf.library.compact(is_forced=True)
    shelf.assert_exact(QUERIES)
    shelf.publish("b", clustered(3, 40))  # a tail
    shelf.assert_exact(QUERIES)
    shelf.publish("a", clustered(4, 30))
    shelf.assert_exact(QUERIES, k=100)
    shelf.remove("b")
    shelf.assert_exact(QUERIES, k=100)
    shelf.publish("b", clustered(5, 5))
    shelf.library.compact(is_forced=True)
    shelf.assert_exact(QUERIES, k=100)
    assert shelf.problems() == []


def test_k_beyond_all_and_no_queries(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 40))
    assert [len(hits) for hits in shelf.search(QUERIES, 10_000)] == [40] * 3
    assert shelf.search(QUERIES[:0]) == []


def test_ties_come_in_order_of_row_id(shelf: Shelf) -> None:
    same = np.repeat(clustered(2, 1), 12, axis=0)
    for name in "cab":
        shelf.publish(name, same)
    shelf.assert_exact(QUERIES, k=5)
    shelf.assert_exact(QUERIES, k=30)
    shelf.library.compact(is_forced=True)
    shelf.publish("a", same)  # now the last
    shelf.assert_exact(QUERIES, k=30)


def test_a_space_of_another_dimension_lies_beside(shelf: Shelf) -> None:
    for name in "ab":
        shelf.publish(name, clustered(2, 20))
    for _ in range(2):
        [hits] = shelf.library.search_vectors(
            BESIDE.space_id, np.eye(1, 8, dtype=np.float32), 50, query_encoder_id="p@1"
        )
        assert [(hit.score, hit.evidence) for hit in hits] == [(1.0, None)] * 2
        shelf.library.compact(is_forced=True)


A, B, C, D = (f"{name:0>32}" for name in "abcd")
SCOPES: list[tuple[Scope, Callable[[Row], bool]]] = [
    (Scope(video_ids=(A, C)), lambda row: row.video.video_id in (A, C)),
    (Scope(video_ids=()), lambda row: False),
    (Scope(video_ids=("unknown",)), lambda row: False),
    (Scope(kinds=(EvidenceKind.SPEECH,)), lambda row: row.kind == EvidenceKind.SPEECH),
    (
        Scope(kinds=(EvidenceKind.CAPTION, EvidenceKind.TAG)),
        lambda row: row.kind == EvidenceKind.CAPTION,
    ),
    (Scope(kinds=()), lambda row: False),
    (Scope(series="show"), lambda row: row.video.series == "Show"),
    (Scope(season=2), lambda row: row.video.season == 2),
    (Scope(series="Show", season=2), lambda row: row.video.video_id == B),
    (Scope(up_to_episode=(2, 1)), lambda row: row.video.video_id in (A, B)),
    (Scope(up_to_episode=(1, 8)), lambda row: False),
    (Scope(from_episode=(2, 1)), lambda row: row.video.video_id in (B, C)),
    (Scope(language="de"), lambda row: (row.language or row.video.language) == "de"),
    (Scope(language="en"), lambda row: (row.language or row.video.language) == "en"),
    (Scope(speaker="JON"), lambda row: row.speaker == "Jon"),
    (Scope(phrases=("Lines 3",)), lambda row: row.ordinal == 3),
    (Scope(without=("line 3", "line 4")), lambda row: row.ordinal not in (3, 4)),
    (
        Scope(phrases=("line",), without=("4",), season=2),
        lambda row: row.ordinal != 4 and row.video.season == 2,
    ),
    (Scope(within=TimeSpan(2.5, 4)), lambda row: row.ordinal in (2, 3)),
    (Scope(within=TimeSpan(50, 90)), lambda row: False),
    (
        Scope(language="en", within=TimeSpan(0, 1)),
        lambda row: row.ordinal == 0 and "en" in (row.language, row.video.language),
    ),
]


def test_every_kind_of_scope_in_base_and_tail(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 9), series="Show", season=1, episode=9, language="en")
    shelf.publish("b", clustered(3, 9), series="Show", season=2, episode=1, language="de")
    shelf.library.compact(is_forced=True)
    shelf.publish(
        "c",
        clustered(4, 9),
        kind=EvidenceKind.CAPTION,
        series="Other",
        season=2,
        episode=2,
        language="de",
    )
    shelf.publish("d", clustered(5, 9), season=1, said_in="en", speaker="Jon")
    for _ in range(2):
        for scope, is_wanted in SCOPES:
            shelf.assert_exact(QUERIES, 5, scope, is_wanted)
        shelf.library.compact(is_forced=True)


def test_a_reader_sees_the_state_it_began_with(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 20))
    shelf.publish("b", clustered(3, 20))
    space, index = shelf.stored_space(), shelf.library._vectors
    with shelf.library._database.reading() as session:
        before = index.search(session, space, QUERIES, K, Scope())
        with Library.open(shelf.library.root) as other:
            writer = Shelf(other, shelf.settings)
            writer.publish("a", clustered(4, 20))
            writer.publish("c", clustered(5, 20))
            assert index.search(session, space, QUERIES, K, Scope()) == before
            writer.library.compact(is_forced=True)
            assert index.search(session, space, QUERIES, K, Scope()) == before
    shelf.rows = [row for row in shelf.rows if row.video.video_id == B] + writer.rows
    wanted, scores = shelf.scores(QUERIES, lambda row: True)
    for hits, near in zip(shelf.search(QUERIES), scores, strict=True):
        best = {wanted[place].key for place in np.argsort(-near)[:K]}
        assert {(hit.clip.video_id, hit.clip.ordinal) for hit in hits} == best


def test_what_was_forgotten_is_made_anew(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 40))
    shelf.library.compact(is_forced=True)
    shelf.library._vectors.forget()
    shelf.assert_exact(QUERIES)
    shelf.library.compact(is_forced=True)
    shelf.assert_exact(QUERIES)
    assert shelf.problems() == []


@pytest.fixture
def small_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hundred rows are many."""
    for module in (compaction, pgvector):
        monkeypatch.setattr(module, "MOST_EXACT_ROWS", 500)
    for module in (space_state, pgvector):
        monkeypatch.setattr(module, "MOST_SCANNED_ROWS", 100)
    monkeypatch.setattr(pgvector, "LEAST_TAIL_ROWS", 100)


NUM_VIDEOS, ROWS_PER_VIDEO = 100, 30


def assert_good_recall(shelf: Shelf) -> None:
    """Unfiltered, and where a hundredth, a tenth and half of the videos may be found."""
    assert shelf.has_graph()
    queries = clustered(99, 40)
    alive = sorted({row.video.video_id for row in shelf.rows})
    assert shelf.recall(queries) >= LEAST_RECALL
    for share in (0.01, 0.1, 0.5):
        some = tuple(alive[:: round(1 / share)])

        def is_wanted(row: Row, some: Sequence[str] = some) -> bool:
            return row.video.video_id in some

        assert shelf.recall(queries, Scope(video_ids=some), is_wanted) >= LEAST_RECALL
    for hits in shelf.search(queries, 50):
        assert {hit.clip.video_id for hit in hits} <= set(alive)


@pytest.mark.usefixtures("small_graphs")
def test_a_graph_keeps_its_recall_while_it_grows_and_shrinks(shelf: Shelf) -> None:
    rows = clustered(7, NUM_VIDEOS * ROWS_PER_VIDEO)
    for i in range(NUM_VIDEOS):
        shelf.publish(str(i), rows[i::NUM_VIDEOS])
    shelf.library.compact(is_forced=True)
    assert_good_recall(shelf)
    for i in range(10):
        shelf.publish(f"tail{i}", clustered(1000 + i, 15))
    assert_good_recall(shelf)
    for i in range(5):
        shelf.remove(str(20 * i))
    assert_good_recall(shelf)
    for i in range(NUM_VIDEOS // 4):
        shelf.remove(str(4 * i + 1))
    assert_good_recall(shelf)
    shelf.library.compact(is_forced=True)
    assert_good_recall(shelf)
    assert shelf.problems() == []


# A server overwrites its pages when it sees fit.
@pytest.mark.parametrize("shelf", PLACES[:2], indirect=True)
def test_what_was_removed_leaves_the_files(shelf: Shelf) -> None:
    kept, gone = clustered(2, 40), clustered(3, 40)
    shelf.publish("a", kept)
    shelf.publish("b", gone)
    shelf.library.compact(is_forced=True)
    assert holds(shelf, kept) == holds(shelf, gone) == 40
    shelf.remove("b")
    assert (holds(shelf, kept), holds(shelf, gone)) == (40, 0)


@pytest.mark.parametrize("shelf", PLACES[:2], indirect=True)
@pytest.mark.usefixtures("small_graphs")
def test_what_was_removed_leaves_a_graph_that_is_kept(shelf: Shelf) -> None:
    kept, gone = clustered(2, 800), clustered(3, 40)
    shelf.publish("a", kept)
    shelf.publish("b", gone)
    shelf.library.compact(is_forced=True)
    assert holds(shelf, gone) == 40
    shelf.remove("b")
    assert shelf.has_graph()
    assert (holds(shelf, kept), holds(shelf, gone)) == (800, 0)


def holds(shelf: Shelf, vectors: np.ndarray) -> int:
    """Count the vectors whose bytes stand in a file."""
    written = b"".join(path.read_bytes() for path in shelf.files())
    return sum(row.astype("<f2").tobytes() in written for row in vectors)


@pytest.mark.parametrize("shelf", PLACES[2:], indirect=True)
def test_a_library_may_change_to_pgvector_and_back(shelf: Shelf) -> None:
    shelf.publish("a", clustered(2, 40))
    library, settings = shelf.library, shelf.settings
    for vectors in (FILES, PGVECTOR):
        library.close()
        changed = replace(settings, vectors=vectors)
        written = (library.root / "library.toml").read_text().replace(f'"{PGVECTOR}"', f'"{FILES}"')
        if vectors == PGVECTOR:
            written = written.replace(f'vectors = "{FILES}"', f'vectors = "{PGVECTOR}"')
        (library.root / "library.toml").write_text(written)
        with Library.open(library.root) as library:
            now = Shelf(library, changed)
            now.rows = shelf.rows
            now.assert_exact(QUERIES)
            assert now.problems() == []
            now.publish(vectors, clustered(len(vectors), 20))
            now.assert_exact(QUERIES)
            shelf.rows = now.rows
