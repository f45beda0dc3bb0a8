"""What a process does while faults strike it: steps, each of which leaves a state to compare.

State 0 is no library at all, state 1 an empty one, and every later step ends in one commit at most.
A run can be taken up again at any state.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from indexer import memo, pieces
from indexer.clips import ClipOptions
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.report import EventState, IndexEvent
from store.layout import LibrarySettings
from store.library import Library
from store.records import Clip, Embedding, Evidence, EvidenceKind, IndexedVideo, Space, StageRun
from store.records import Video as VideoRecord
from store.stage_results import StageResults
from store.timespan import TimeSpan
from store.vector_indexes import compaction
from tests.faults.models import fake_models
from tests.films import write_film

Told = Callable[[], None]
ABSENT, EMPTY = 0, 1

DIMENSION = 16
TEXT = Space("text:trial@1", "trial@1", "trial@1", DIMENSION, "text")
ROWS_PER_VIDEO = 60
# Two and a half videos make a compaction due, instead of the thousand vectors that the store waits
# for: the same happens, with less to write and to compare.
LEAST_CHANGED_ROWS = 150
# The films are short: what models answer is saved at once, and sound is heard in several pieces.
PIECE_SECONDS, SEARCH_SECONDS = 1.5, 0.5
WRITES = ("begin", "add_part", "finish", "forget")
COLOURS = ("red", "green", "blue", "yellow", "black", "white", "grey")
LOUD_FILM, FIRST_FILM = 2, 0
SUBTITLES = """\
1
00:00:00,500 --> 00:00:02,000
The {0} door opens.

2
00:00:03,000 --> 00:00:04,500
Nobody is at home in house {0}.
"""


@dataclass(frozen=True)
class Phase:
    """Some steps that are done by one call.

    Attributes:
        run: Given a library, what to call at the end of each step, and what at each boundary in it.
    """

    name: str
    num_steps: int
    run: Callable[[Library, Told, Told], None]


@dataclass(frozen=True)
class Work:
    """A workload on a library.

    Attributes:
        name: In ``WORKLOADS``.
        root: Of the library.
        films: Folder of films.
        start: State from which it goes on.
        catalogue: URL, or ``None`` for SQLite.
    """

    name: str
    root: Path
    films: Path
    start: int = ABSENT
    catalogue: str | None = None

    def run(self, on_state: Callable[[int], None], on_boundary: Told) -> None:
        compaction.LEAST_CHANGED_ROWS = LEAST_CHANGED_ROWS
        memo.SAVE_SECONDS = 0.0
        pieces.PIECE_SECONDS, pieces._SEARCH_SECONDS = PIECE_SECONDS, SEARCH_SECONDS
        _announce_writes(on_boundary)
        settings = LibrarySettings(catalogue=self.catalogue)
        with Library.create(self.root, settings=settings) as library:
            position = EMPTY
            if self.start < EMPTY:
                on_state(position)

            def finish() -> None:
                nonlocal position
                position += 1
                on_state(position)

            for phase in WORKLOADS[self.name](self.films):
                if position + phase.num_steps <= self.start:
                    position += phase.num_steps
                    continue
                phase.run(library, finish, on_boundary)


def make_films(folder: Path) -> Path:
    """Write three short films: two with subtitles, one with sound."""
    for number, letter in enumerate("abc"):
        film = folder / f"{letter}.mp4"
        sound = 4.0 if number == LOUD_FILM else None
        write_film(
            film,
            num_frames=40 + 10 * number,
            rate=Fraction(10),
            sound_seconds=sound,
            language="eng",
        )
        if number != LOUD_FILM:
            film.with_suffix(".srt").write_text(SUBTITLES.format(COLOURS[number]))
    return folder


def pipeline(folder: Path) -> list[Phase]:
    """Index films, index them with other options, remove one and index it again."""
    films = sorted(folder.glob("*.mp4"))
    short = IndexOptions(clips=ClipOptions(1.0, 4.0, 1.5))
    return [
        _indexing("index", films, IndexOptions()),
        _answer("one"),
        _indexing("index anew", films, short),
        _removal(films[FIRST_FILM].stem),
        _compaction(),
        _indexing("index the removed", films[FIRST_FILM : FIRST_FILM + 1], IndexOptions()),
    ]


def publishing(folder: Path) -> list[Phase]:
    """Publish made-up videos, enough of them that the vectors are compacted."""
    return [
        *(_publication(letter, 1) for letter in "abcd"),
        _answer("one"),
        _publication("b", 2),
        _move("a"),
        _removal("c"),
        _compaction(),
        _publication("e", 1),
        _publication("c", 3),
        _answer("two"),
    ]


def racing(folder: Path, publications: str) -> list[Phase]:
    """Publish in an order of one's own; the last version of each video is its second."""
    return [_publication(named[0], int(named[1])) for named in publications.split()]


def racing_pipeline(folder: Path, *, is_reversed: bool) -> list[Phase]:
    """Index all films at the same time as somebody else does."""
    films = sorted(folder.glob("*.mp4"), reverse=is_reversed)
    short = IndexOptions(clips=ClipOptions(1.0, 4.0, 1.5))
    return [_indexing("index", films, IndexOptions()), _indexing("index anew", films, short)]


WORKLOADS: dict[str, Callable[[Path], list[Phase]]] = {
    "pipeline": pipeline,
    "publishing": publishing,
    "racing upwards": lambda folder: racing(folder, "s1 a1 s2 s1 b1 s2"),
    "racing downwards": lambda folder: racing(folder, "s2 s1 z1 s2 s1 s2"),
    "indexing upwards": lambda folder: racing_pipeline(folder, is_reversed=False),
    "indexing downwards": lambda folder: racing_pipeline(folder, is_reversed=True),
}


def made_up(letter: str, version: int) -> IndexedVideo:
    """Make the same video for the same letter and version: speech, vectors and thumbnails."""
    chance = random.Random(f"{letter} {version}")
    draw = np.random.default_rng(ord(letter) * 100 + version)
    video_id = letter * 32
    clips, evidence, embeddings = [], [], []
    for number in range(ROWS_PER_VIDEO):
        span = TimeSpan(float(number), number + 1.0)
        clips.append(Clip(video_id, number, span))
        text = " ".join(
            [*chance.choices(COLOURS, k=chance.randint(1, 6)), f"door {letter}{version}"]
        )
        part = Evidence(video_id, EvidenceKind.SPEECH, number, number, span, text, "ear@1", 0.5)
        evidence.append(part)
        vector = draw.standard_normal(DIMENSION)
        vector = (vector / np.linalg.norm(vector)).astype(np.float32)
        embeddings.append(Embedding(TEXT.space_id, number, span, vector, part.evidence_id))
    pictures = tuple((number, f"{letter}{version}{number}".encode() * 200) for number in range(3))
    return IndexedVideo(
        VideoRecord(video_id, (f"/films/{letter}.mp4",), letter, float(ROWS_PER_VIDEO), 1),
        tuple(clips),
        tuple(evidence),
        (TEXT,),
        tuple(embeddings),
        (StageRun("probe", f"{letter}{version}", 0.5),),
        pictures,
    )


def _indexing(name: str, films: Sequence[Path], options: IndexOptions) -> Phase:
    def run(library: Library, finish: Told, boundary: Told) -> None:
        def hear(event: IndexEvent) -> None:
            if not event.stage and event.state is EventState.FINISHED:
                finish()
            boundary()

        report = Indexer(library, fake_models(), options).index(films, on_event=hear)
        if report.failed:
            raise RuntimeError(f"a video failed: {report.failed[0].error}")

    return Phase(name, len(films), run)


def _announce_writes(boundary: Told) -> None:
    """Tell of each write of a stage's result, in this process, before it is done."""
    for name in WRITES:
        setattr(StageResults, name, _announced(getattr(StageResults, name), boundary))


def _announced(write: Callable[..., object], boundary: Told) -> Callable[..., object]:
    def announced(*arguments: object) -> object:
        boundary()
        return write(*arguments)

    return announced


def _publication(letter: str, version: int) -> Phase:
    return _single(f"publish {letter}{version}", lambda lib: lib.publish(made_up(letter, version)))


def _answer(text: str) -> Phase:
    return _single(f"answer {text}", lambda lib: lib.save_answer({"answer": text}))


def _move(letter: str) -> Phase:
    return _single(f"move {letter}", lambda lib: lib.move_video(letter * 32, f"/other/{letter}"))


def _removal(title: str) -> Phase:
    return _single(f"remove {title}", lambda lib: lib.remove(lib.video(title).video_id))


def _compaction() -> Phase:
    return _single("compact", lambda lib: lib.compact(is_forced=True))


def _single(name: str, act: Callable[[Library], object]) -> Phase:
    def run(library: Library, finish: Told, boundary: Told) -> None:
        boundary()
        act(library)
        finish()

    return Phase(name, 1, run)
