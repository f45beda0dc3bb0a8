"""Libraries whose queries have known answers, each query asked once."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.needle.footage import NO_FOOTAGE, load_footage
from benchmarks.needle.libraries import film_library, index
from benchmarks.needle.plan import VISUAL, plan_library
from benchmarks.needle.wording import load_words
from cinedex.api import open_library
from retriever.calibration import load_calibration
from retriever.folding import ClipKey, clip_key
from retriever.found import Asked
from retriever.interfaces import QueryEncoder
from retriever.metrics.vcmr import VideoSpan
from retriever.options import SearchOptions
from retriever.search import Retriever
from store.library import Library
from store.records import Clip, Evidence, Hit, IndexedVideo
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """One query and what every source said to it.

    Attributes:
        key: The same for one query in several seeds.
        kind: ``visual``, ``spoken`` or ``written``.
        half: ``tuning`` or ``reporting``; of the sample film its split.
        truths: Every span that satisfies it, at least one, by video id.
    """

    key: str
    kind: str
    half: str
    truths: tuple[VideoSpan, ...]
    asked: Asked


@dataclass(frozen=True, eq=False)
class Material:
    """A library that was asked its queries.

    Attributes:
        library: What moments are made from: open, or some other cut of one.
        videos: Everything that is indexed, by video id.
        encoder: Of queries, for text and pictures alike.
        ask: Asks the library's sources, while it is open.
    """

    name: str
    library: Library
    videos: dict[str, IndexedVideo]
    encoder: QueryEncoder
    queries: tuple[AskedQuery, ...]
    ask: Callable[[str], Asked]

    def retriever(self, options: SearchOptions | None = None) -> Retriever:
        """Return a retriever of the library."""
        encoders = {self.encoder.encoder_id: self.encoder}
        return Retriever(self.library, encoders, options, load_calibration())

    @cached_property
    def clips(self) -> dict[ClipKey, Clip]:
        """Every clip, by its name."""
        return {
            clip_key(clip): clip
            for video_id in sorted(self.videos)
            for clip in self.library.clips(video_id)
        }

    @cached_property
    def lines(self) -> dict[ClipKey, list[Evidence]]:
        """What is said, written and seen in each clip, in time order."""
        found: dict[ClipKey, list[Evidence]] = {key: [] for key in self.clips}
        for video_id in self.videos:
            for line in self.library.evidence(video_id):
                found[video_id, line.clip_ordinal].append(line)
        return found

    @cached_property
    def query_vectors(self) -> dict[str, NDArray[np.float32]]:
        """Map every query's text to its vector, ``(D,)``."""
        texts = sorted({query.asked.words.text for query in self.queries})
        return dict(zip(texts, self.encoder.encode_text(texts), strict=True))


def prepare(seed: int, footage: Path | None, cache: Path) -> Path:
    """Return the folder of a seed's library; one that is not there is rendered and indexed."""
    folder = cache / f"seed-{seed}"
    if not (folder / "queries.json").exists() or not (folder / "library").exists():
        material = load_footage(footage) if footage else NO_FOOTAGE
        plan = plan_library(seed, material, load_words())
        index(film_library(plan, footage or Path(), folder))
    return folder


@contextmanager
def composed(folder: Path) -> Iterator[Material]:
    """Open a seed's library and ask its answerable queries."""
    rows = json.loads((folder / "queries.json").read_text("utf-8"))["queries"]
    with asked_library(folder.name, folder / "library", rows) as material:
        yield material


@contextmanager
def sample(library: Path, queries: Path) -> Iterator[Material]:
    """Open the sample film's library and ask its queries."""
    rows = [
        {
            **row,
            "key": row["text"],
            "kind": VISUAL if row["kind"] == "shown" else row["kind"],
            "half": f"sample {row['split']}",
            "spans": [(None, *span) for span in row["spans"]],
        }
        for row in json.loads(queries.read_text("utf-8"))
        if row["spans"]
    ]
    with asked_library("sample", library, rows) as material:
        yield material


@contextmanager
def asked_library(name: str, root: Path, rows: Sequence[dict[str, Any]]) -> Iterator[Material]:
    """Open a library and ask.

    Args:
        name: Of the material.
        root: The library's folder.
        rows: ``key``, ``text``, ``kind``, ``half`` and ``spans`` of each query; a span names its
            file, or ``None`` in a library of one film.
    """
    with open_library(root) as opened:
        store = opened.store
        videos = {video.video_id: store.indexed_video(video.video_id) for video in store.videos()}
        ids: dict[str | None, str] = {
            Path(path).name: one for one, whole in videos.items() for path in whole.video.paths
        }
        ids[None] = next(iter(videos))
        retriever, interned = opened.composition.retriever(), _Interned(videos)

        def ask(text: str) -> Asked:
            return interned.asked(retriever.ask(text))

        queries = tuple(
            AskedQuery(
                row["key"],
                row["kind"],
                row["half"],
                tuple(VideoSpan(ids[file], TimeSpan(*span)) for file, *span in row["spans"]),
                ask(row["text"]),
            )
            for row in rows
        )
        yield Material(name, store, videos, opened.composition.query_encoder(), queries, ask)


class _Interned:
    """Puts the clips and lines that are in memory in place of their copies."""

    def __init__(self, videos: Mapping[str, IndexedVideo]) -> None:
        self._videos = videos
        self._lines = {
            line.evidence_id: line for whole in videos.values() for line in whole.evidence
        }

    def asked(self, asked: Asked) -> Asked:
        results = tuple(
            replace(result, hits=tuple(self._hit(hit) for hit in result.hits))
            for result in asked.results
        )
        return replace(asked, results=results)

    def _hit(self, hit: Hit) -> Hit:
        line = self._lines[hit.evidence.evidence_id] if hit.evidence else None
        return replace(
            hit, clip=self._videos[hit.clip.video_id].clips[hit.clip.ordinal], evidence=line
        )
