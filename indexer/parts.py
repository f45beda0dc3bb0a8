"""The parts of a video's work that may run on different machines, each a group of stages.

Whoever looks and whoever listens need the media file and their own models; whoever describes needs
neither the file nor the same machine: parts hand on their results through the catalogue.
"""

import logging
import shutil
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from threading import Event

from indexer.fetching import local_copy, shown_path
from indexer.media import MediaInfo, probe
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.report import IndexEvent, Progress
from indexer.stages import DESCRIBE, LISTEN, LOOK, VERSIONS, PlannedStage, plan
from indexer.video import VideoIndexing, VideoTask
from indexer.workbook import ResultLostError
from store.errors import CinedexError, ClusterError, MediaError
from store.library import Library

log = logging.getLogger(__name__)


class Part(StrEnum):
    """What one worker does for one video."""

    LOOK = "look"
    LISTEN = "listen"
    DESCRIBE = "describe"


STAGES: Mapping[Part, tuple[str, ...]] = {
    Part.LOOK: LOOK,
    Part.LISTEN: LISTEN,
    Part.DESCRIBE: DESCRIBE,
}


@dataclass(frozen=True, slots=True)
class PartTask:
    """One part of the work on one video.

    Attributes:
        media: Path or URL under which any worker can read the file.
        number: Of the video in its run, from 1.
        info: What a probe of the file said, where that is known; whoever describes needs no more
            of it.
    """

    part: Part
    task: VideoTask
    media: str
    number: int
    num_videos: int
    info: MediaInfo | None = None


@dataclass(frozen=True, slots=True)
class PartEnd:
    """How a part ended.

    Attributes:
        seconds_by_stage: Wall time.
        error: Why the video cannot be indexed; empty where it can.
        error_type: Name of that error's class.
        lost_stage: A finished stage whose result is damaged; it must run again.
    """

    seconds_by_stage: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    error_type: str = ""
    lost_stage: str = ""


def parts_of(planned: Sequence[PlannedStage]) -> tuple[Part, ...]:
    """Say which parts have a stage to run."""
    stages = {each.stage for each in planned}
    return tuple(part for part, own in STAGES.items() if stages & set(own))


class PartWorker:
    """Does parts, with the models of one process.

    Args:
        library: Where results are kept; nothing is published. Closed with the worker.
        models: Loaded when a part needs them.
        options: What to do.
        scratch: Where media that is fetched lies while it is looked at; removed at the end.
    """

    def __init__(
        self, library: Library, models: IndexerModels, options: IndexOptions, scratch: Path
    ) -> None:
        self._library = library
        self._models = models
        self._options = options
        self._scratch = scratch

    def run(self, part_task: PartTask, on_event: Callable[[IndexEvent], None]) -> PartEnd:
        """Run the stages of a part that have not finished.

        Raises:
            ClusterError: This node's code or models are not those of whoever leads the run.
            CinedexError: Of the catalogue or the weights.
        """
        self._require_same(part_task)
        shown = shown_path(part_task.media)
        progress = Progress(shown, part_task.number, part_task.num_videos, on_event)
        try:
            is_read = part_task.part is not Part.DESCRIBE or self._models.needs_pictures_late
            if not is_read and part_task.info is not None:
                return self._run(part_task, part_task.task.path, progress)
            with local_copy(part_task.media, self._scratch) as path:
                return self._run(part_task, path, progress)
        except ResultLostError as lost:
            return PartEnd(lost_stage=lost.stage if lost.is_damaged else "")
        except MediaError as error:
            return PartEnd(error=str(error), error_type=type(error).__name__)
        except CinedexError:
            raise
        except Exception as error:  # a fault of ours in one video must not cost the others
            log.exception("%s: %s failed", shown, part_task.part)
            kind = type(error).__name__
            return PartEnd(error=f"{kind}: {error}", error_type=kind)

    def close(self) -> None:
        """Remove what was fetched and what was made on this machine; results stay."""
        self._library.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _require_same(self, part_task: PartTask) -> None:
        """Look whether this node would find what whoever leads the run says will be found."""
        models = self._models.ids_by_stage()
        for stage in STAGES[part_task.part]:
            wanted = part_task.task.wanted.facts[stage]
            own = {"version": VERSIONS[stage], "model": models.get(stage, "")}
            for name, value in own.items():
                if wanted[name] != value:
                    raise ClusterError(
                        f"node {socket.gethostname()} does stage {stage} with {name} {value!r}, "
                        f"and this run asks for {wanted[name]!r}; install the same cinedex and "
                        "the same settings on every node, then index again: what is done is kept"
                    )

    def _run(self, part_task: PartTask, path: Path, progress: Progress) -> PartEnd:
        task = part_task.task
        kept = self._library.stage_results.all_of(task.video_id)
        own = [each for each in plan(task.wanted, kept) if each.stage in STAGES[part_task.part]]
        if not own:
            return PartEnd()
        task = replace(task, path=path, planned=tuple(own))
        indexing = PartIndexing(self._library, task, self._models, self._options, progress)
        indexing.run_part(part_task.part, part_task.info)
        return PartEnd(dict(indexing.watch.seconds))


class PartIndexing(VideoIndexing):
    """The work on one video, part by part."""

    def run_part(self, part: Part, info: MediaInfo | None) -> None:
        """Run one part, whose inputs have all been found.

        Args:
            part: Of the work.
            info: What a probe of the file said; without it the file is probed.

        Raises:
            MediaError: The file cannot be indexed.
            ResultLostError: What another part found is damaged.
        """
        with self.watch.running("probe"):
            media = info or probe(self._task.path)
        self._listener.total_seconds = media.duration_seconds
        if part is Part.LOOK:
            self._look(media)
        elif part is Part.LISTEN:
            self._listen(media, Event())
        else:
            self._describe(media)
