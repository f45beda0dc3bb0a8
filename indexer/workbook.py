"""One video's stages while they run: what is done already, what is under way, what it found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from indexer.report import Stopwatch
from indexer.stages import StageKeys
from store.errors import CinedexError
from store.records import StageState
from store.stage_results import StageResults


class ResultLostError(Exception):
    """A stage has finished, and what it found is not there any more: it must run again.

    Attributes:
        is_damaged: Whether it can not be read; otherwise another run has begun the stage anew.
    """

    def __init__(self, stage: str, *, is_damaged: bool) -> None:
        what = "is damaged" if is_damaged else "was dropped by another run that began it anew"
        super().__init__(f"the result of stage {stage} {what}")
        self.stage = stage
        self.is_damaged = is_damaged


@dataclass(slots=True)
class StageWork:
    """One stage of one video that is running.

    Attributes:
        attempt: Which one it is, from 1.
        left: Parts that an earlier attempt left, in order.
    """

    stage: str
    attempt: int
    left: Sequence[bytes]
    _book: "Workbook"
    _num_parts: int

    def add(self, payload: bytes) -> None:
        """Keep what was found since the last part."""
        book = self._book
        book.results.add_part(
            book.video_id, self.stage, book.key(self.stage), self.attempt, self._num_parts, payload
        )
        self._num_parts += 1

    def finish(self, *parts: bytes) -> None:
        """Keep the whole result in place of the parts so far; without any, keep those."""
        self._book.finish(self.stage, parts or None)


class Workbook:
    """The results of one video's stages.

    Args:
        results: Where they are kept.
        video_id: Of the video.
        wanted: The keys in force.
        to_run: Stages to run; the others have finished.
        watch: Counts the time of each stage.
    """

    def __init__(
        self,
        results: StageResults,
        video_id: str,
        wanted: StageKeys,
        to_run: Sequence[str],
        watch: Stopwatch,
    ) -> None:
        self.results = results
        self.video_id = video_id
        self.watch = watch
        self._wanted = wanted
        self._to_run = set(to_run)
        self._running: dict[str, int] = {}
        self._found: dict[str, Sequence[bytes]] = {}

    @property
    def keys(self) -> Mapping[str, str]:
        """Stage to key."""
        return self._wanted.keys

    def key(self, stage: str) -> str:
        """Return the key of a stage."""
        return self._wanted.keys[stage]

    def must_run(self, *stages: str) -> bool:
        """Say whether one of some stages is still to be run."""
        return not self._to_run.isdisjoint(stages)

    def begin(self, stage: str) -> StageWork:
        """Start a stage."""
        facts = self._wanted.facts[stage]
        attempt, left = self.results.begin(self.video_id, stage, self.key(stage), facts)
        self._running[stage] = attempt
        return StageWork(stage, attempt, left, self, len(left))

    def finish(self, stage: str, parts: Sequence[bytes] | None) -> None:
        """Keep what a stage found; ``None`` stands for the parts that it has kept already."""
        seconds = self.watch.seconds.get(stage, 0.0)
        attempt = self._running.pop(stage)
        self.results.finish(self.video_id, stage, self.key(stage), attempt, seconds, parts)
        if parts is not None:
            self._found[stage] = parts
        self._to_run.discard(stage)

    @contextmanager
    def noting_failure(self, *stages: str) -> Iterator[None]:
        """Note for those of some stages that are under way why they could not be finished."""
        try:
            yield
        except Exception as error:
            reason = str(error)
            if not isinstance(error, CinedexError):
                reason = f"{type(error).__name__}: {error}"
            for stage in sorted(self._running.keys() & set(stages)):
                del self._running[stage]
                seconds = self.watch.seconds.get(stage, 0.0)
                self.results.fail(self.video_id, stage, self.key(stage), seconds, reason)
            raise

    def each_part(self, stage: str) -> Iterator[bytes]:
        """Read what a finished stage found part by part.

        Raises:
            ResultLostError: What it found is damaged or gone.
        """
        try:
            yield from self.results.each_part(self.video_id, stage, self.key(stage))
        except LookupError as error:
            raise self._lost(stage) from error

    def found(self, stage: str) -> Sequence[bytes]:
        """Read what a finished stage found.

        Raises:
            ResultLostError: What it found is damaged or gone.
        """
        if stage not in self._found:
            parts = self.results.parts(self.video_id, stage, self.key(stage))
            if parts is None:
                raise self._lost(stage)
            self._found[stage] = parts
        return self._found[stage]

    def _lost(self, stage: str) -> ResultLostError:
        known = self.results.all_of(self.video_id).get(stage)
        is_damaged = known is not None and (known.key, known.state) == (
            self.key(stage),
            StageState.FINISHED,
        )
        return ResultLostError(stage, is_damaged=is_damaged)

    def found_before(self, stage: str) -> Sequence[bytes]:
        """Read what a stage found under whatever key; empty where nothing is left of it."""
        known = self.results.all_of(self.video_id).get(stage)
        parts = known and self.results.parts(self.video_id, stage, known.key)
        return parts or ()
