"""Rounds of kills, each compared with an undisturbed run."""

import json
import random
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kills.commands import Command, Ended
from indexer.identity import content_id
from store.errors import LibraryNotFoundError
from store.library import Library
from store.records import Embedding, StageResult, StageState

# Vectors that fewer than all of the others were embedded with may differ in the last bits.
LEAST_COSINE = 0.999
# Earlier by so much where a run had ended before it was struck: the machine is not always as busy.
EARLIER, MOST_TRIES = 0.6, 6


@dataclass(frozen=True)
class Dump:
    """What a library says of its one video.

    Attributes:
        lines: The canonical dump, without digests of vectors, sorted.
        digests: Of the vectors, in the order of their lines.
        vectors: By place: space, clip, evidence, span.
        keys: Stage to key.
    """

    lines: tuple[str, ...]
    digests: tuple[str, ...]
    vectors: Mapping[tuple[Any, ...], np.ndarray]
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Undisturbed:
    """A run that nothing struck.

    Attributes:
        seconds: From the beginning of the film to the end of the process.
        work_seconds: Processor time, without that of a run that finds nothing to do.
        idle_seconds: Processor time of such a run.
        stages: That did anything.
    """

    dump: Dump
    seconds: float
    work_seconds: float
    idle_seconds: float
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Round:
    """What came of one library whose runs were struck.

    Attributes:
        struck_seconds: When each run ended that was struck, since it began with the film.
        slowest_end_seconds: How long one went on after it was struck.
        wrong: Everything that is not as it should be; empty where all is.
        finished_stages: That the struck runs left.
        num_parts: Parts that they left of stages which they had not finished.
        saved_share: Of the work of an undisturbed run, that the last run did not do again.
        least_cosine: Of the vectors with those of the undisturbed run.
        is_same_bits: Whether the vectors are the same to the last bit.
    """

    struck_seconds: tuple[float, ...]
    slowest_end_seconds: float
    wrong: tuple[str, ...]
    finished_stages: tuple[str, ...]
    num_parts: int
    saved_share: float
    least_cosine: float
    is_same_bits: bool


@dataclass(frozen=True)
class Left:
    """What a struck run left.

    Attributes:
        finished: Stages that need not run again.
        num_parts: Parts of stages that were under way.
    """

    finished: Mapping[str, StageResult]
    num_parts: int


class Trials:
    """Rounds on one film.

    Args:
        film: To be indexed.
        folder: For libraries.
        versions: Stages that are of another version, as after an upgrade.
        before: A library that each round begins with; ``None`` begins with none.
    """

    def __init__(
        self,
        film: Path,
        folder: Path,
        versions: Mapping[str, int] | None = None,
        before: Path | None = None,
    ) -> None:
        self._film = film
        self._folder = folder
        self._versions = dict(versions or {})
        self._before = before

    def undisturbed(self, name: str = "undisturbed") -> Undisturbed:
        """Index without any disturbance; the library stays, in the folder ``name``."""
        command = self._command(self._folder / name / "library")
        ended = command.run()
        _require_clean(ended)
        stages = tuple(
            stage for stage, seconds in ended.result["seconds_by_stage"].items() if seconds
        )
        dump = read_dump(command.library)
        idle = command.run().work_seconds
        return Undisturbed(dump, ended.seconds, ended.work_seconds - idle, idle, stages)

    def round(
        self,
        whole: Undisturbed,
        shares: tuple[float, ...],
        number: signal.Signals = signal.SIGKILL,
    ) -> Round:
        """Strike one run after another, let the last one end, and compare.

        Args:
            whole: What must come of it.
            shares: How far into an undisturbed run each is struck, in ``[0, 1)``.
            number: Of the signal.
        """
        for attempt in range(MOST_TRIES):
            with self._place() as folder:
                command = self._command(folder / "library")
                struck = list(_struck(command, whole, shares, number, EARLIER**attempt))
                if not struck:
                    continue
                wrong = [text for one in struck if (text := _ended_oddly(one, number))]
                return _judged(command, whole, struck, wrong)
        raise RuntimeError(f"{MOST_TRIES} runs had ended before they were struck")

    def _command(self, library: Path) -> Command:
        library.parent.mkdir(parents=True, exist_ok=True)
        if self._before is not None:
            shutil.copytree(self._before, library)
        return Command(self._film, library, library.parent, self._versions)

    @contextmanager
    def _place(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Path(folder)


def draw_shares(chance: random.Random, first: float) -> tuple[float, ...]:
    """Draw how far into a run each of one to three kills in a row strikes."""
    more = chance.choices((0, 1, 2), (6, 3, 1))[0]
    return (first, *(chance.random() for _ in range(more)))


def read_dump(library: Path) -> Dump:
    """Read the one video of a library."""
    with Library.open(library) as opened:
        lines = [json.loads(line) for line in opened.dump()]
        (video,) = opened.videos()
        embeddings = opened.indexed_video(video.video_id).embeddings
    spelled = sorted((json.dumps({**line, "vector": ""}), line.get("vector", "")) for line in lines)
    return Dump(
        tuple(line for line, _ in spelled),
        tuple(digest for _, digest in spelled),
        {_place_of(embedding): embedding.vector for embedding in embeddings},
        {line["stage"]: line["key"] for line in lines if line["part"] == "stage"},
    )


def read_left(command: Command, keys: Mapping[str, str]) -> Left:
    """Read what a struck run left, from a copy: the next run is to find it as it was.

    Args:
        command: That was run.
        keys: Those of the stages in force.
    """
    video_id = content_id(command.film)
    copy = command.scratch / "copy"
    try:
        if command.library.exists():
            shutil.copytree(command.library, copy)
        with Library.open(copy) as opened:
            stages = opened.stage_results.all_of(video_id)
            under_way = [
                stage for stage, it in stages.items() if it.state is not StageState.FINISHED
            ]
        num_parts = _num_parts(copy / "catalogue.sqlite", video_id)
    except LibraryNotFoundError:
        return Left({}, 0)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    finished = {
        stage: it
        for stage, it in stages.items()
        if stage not in under_way and it.key == keys[stage]
    }
    return Left(finished, num_parts)


def _num_parts(catalogue: Path, video_id: str) -> int:
    """Count the parts of stages that are under way."""
    statement = (
        "SELECT count(*) FROM stage_part JOIN stage_result ON stage_result.id = result "
        "WHERE video_id = ? AND state != 'finished'"
    )
    with closing(sqlite3.connect(catalogue)) as database:
        return int(database.execute(statement, (video_id,)).fetchone()[0])


def differences(whole: Dump, found: Dump) -> list[str]:
    """Say where a library differs from that of an undisturbed run."""
    lost, added = set(whole.lines) - set(found.lines), set(found.lines) - set(whole.lines)
    wrong = [f"line lost: {line[:300]}" for line in sorted(lost)]
    wrong += [f"line added: {line[:300]}" for line in sorted(added)]
    if not wrong and whole.lines != found.lines:
        wrong.append("lines are there another number of times")
    if not wrong and (cosine := least_cosine(whole, found)) < LEAST_COSINE:
        wrong.append(f"a vector has a cosine of {cosine:.6f} with that of the undisturbed run")
    return wrong


def least_cosine(whole: Dump, found: Dump) -> float:
    """Compare the vectors one by one; -1 where one is missing."""
    if whole.vectors.keys() != found.vectors.keys():
        return -1.0
    return min(
        (_cosine(vector, found.vectors[place]) for place, vector in whole.vectors.items()),
        default=1.0,
    )


def _struck(
    command: Command,
    whole: Undisturbed,
    shares: tuple[float, ...],
    number: signal.Signals,
    factor: float,
) -> Iterator[Ended]:
    """Strike runs until one ends before it is struck."""
    for share in shares:
        ended = command.strike(number, share * factor * whole.seconds)
        if ended.exit_code == 0:
            return
        yield ended


def _judged(command: Command, whole: Undisturbed, struck: list[Ended], wrong: list[str]) -> Round:
    left = read_left(command, whole.dump.keys)
    last = command.run()
    found = Round(
        struck_seconds=tuple(ended.seconds for ended in struck),
        slowest_end_seconds=max(ended.end_seconds for ended in struck),
        wrong=(*wrong, f"it does not go on: {last.exit_code} {last.errors[-500:]}"),
        finished_stages=tuple(sorted(left.finished)),
        num_parts=left.num_parts,
        saved_share=0.0,
        least_cosine=-1.0,
        is_same_bits=False,
    )
    if last.exit_code:
        return found
    dump = read_dump(command.library)
    wrong += differences(whole.dump, dump)
    wrong += _done_again(left, read_left(command, whole.dump.keys))
    if problems := command.check():
        wrong.append(f"cinedex check: {problems}")
    return replace(
        found,
        wrong=tuple(wrong),
        saved_share=1.0 - (last.work_seconds - whole.idle_seconds) / whole.work_seconds,
        least_cosine=least_cosine(whole.dump, dump),
        is_same_bits=dump.digests == whole.dump.digests,
    )


def _done_again(left: Left, after: Left) -> list[str]:
    """Name stages that had finished and were begun once more; publishing comes last anyway."""
    return [
        f"stage {stage} had finished and was begun again"
        for stage, before in left.finished.items()
        if stage != "publish" and after.finished.get(stage) != before
    ]


def _ended_oddly(ended: Ended, number: signal.Signals) -> str:
    if number is signal.SIGINT:
        # At its very end Python has given the signal back to the system, and a shell calls that
        # 130 too.
        is_late = ended.exit_code == -number and "finished" in ended.errors
        is_right = is_late or (ended.exit_code == 130 and "interrupted" in ended.errors)
    else:
        is_right = ended.exit_code == -number
    return "" if is_right else f"it ended with {ended.exit_code}: {ended.errors[-500:]}"


def _place_of(embedding: Embedding) -> tuple[Any, ...]:
    span = embedding.span
    times = (span.start_milliseconds, span.end_milliseconds)
    return (embedding.space_id, embedding.clip_ordinal, embedding.evidence_id or "", *times)


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _require_clean(ended: Ended) -> None:
    if ended.exit_code:
        raise RuntimeError(f"an undisturbed run ended with {ended.exit_code}:\n{ended.errors}")
