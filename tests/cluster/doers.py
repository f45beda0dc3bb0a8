"""What the workers of the tests' cluster do: the real stages with models that load nothing."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from indexer.models import IndexerModels, OnDemand
from indexer.options import IndexOptions
from indexer.parts import PartEnd, PartTask, PartWorker
from indexer.report import IndexEvent
from store.layout import LibrarySettings
from store.library import Library
from tests.faults.models import ColourBackbone, fake_models

# Long enough that a node dies while it works, and short enough to wait for.
SECONDS_PER_LOOK = 0.3


class SlowBackbone(ColourBackbone):
    """Takes its time, and gives what the quick one gives."""

    def look(self, pictures):
        time.sleep(SECONDS_PER_LOOK)
        return super().look(pictures)


@dataclass(frozen=True)
class FakeDoer:
    """Makes what does parts, and notes in a folder which process did what.

    Attributes:
        diary: Where each worker appends a line for each part it begins.
    """

    catalogue: LibrarySettings
    diary: Path
    is_slow: bool = False

    def __call__(self) -> "NotingWorker":
        scratch = Path(mkdtemp(prefix="cinedex-test-"))
        library = Library.create(scratch / "library", settings=self.catalogue)
        return NotingWorker(
            PartWorker(library, worker_models(self.is_slow), IndexOptions(), scratch), self.diary
        )


def worker_models(is_slow: bool) -> IndexerModels:
    backbone = SlowBackbone if is_slow else ColourBackbone
    return replace(fake_models(), backbone=OnDemand(ColourBackbone.model_id, backbone))


class NotingWorker:
    def __init__(self, worker: PartWorker, diary: Path) -> None:
        self._worker = worker
        self._diary = diary

    def run(self, part_task: PartTask, on_event: Callable[[IndexEvent], None]) -> PartEnd:
        line = f"{part_task.part} {Path(part_task.media).name} {os.getpid()}\n"
        with self._diary.open("a") as diary:
            diary.write(line)
        return self._worker.run(part_task, on_event)

    def close(self) -> None:
        self._worker.close()
