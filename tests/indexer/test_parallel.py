import os
import signal
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from indexer.models import OnDemand
from indexer.options import IndexOptions
from indexer.parallel import ParallelIndexer
from indexer.pipeline import Indexer
from indexer.report import VideoState
from store.errors import ConfigError
from store.library import Library
from tests.faults.models import ColourBackbone, fake_models
from tests.films import write_film


class DeadlyBackbone(ColourBackbone):
    """Kills its process the first times that it is made, as running out of memory would."""

    def __init__(self, marks: Path, deaths: int) -> None:
        with marks.open("a") as file:
            file.write("x")
        if len(marks.read_text()) <= deaths:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class MakeIndexer:
    root: Path
    marks: Path | None = None
    deaths: int = 0

    def __call__(self) -> Indexer:
        models = fake_models()
        if self.marks is not None:
            load = lambda: DeadlyBackbone(self.marks, self.deaths)  # noqa: E731 - it stays here
            models = replace(models, backbone=OnDemand(ColourBackbone.model_id, load))
        return Indexer(Library.open(self.root), models, IndexOptions())


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    return [
        write_film(folder / f"film {i}.mp4", num_frames=100 + 25 * i, sound_seconds=4.0 + i)
        for i in range(4)
    ]


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as opened:
        yield opened


def dump_of_one_process(tmp_path, paths):
    with Library.create(tmp_path / "alone") as alone:
        Indexer(alone, fake_models(), IndexOptions()).index(paths)
        return list(alone.dump())


def states(report):
    return [result.state for result in report.results]


def test_processes_find_what_one_finds_in_the_order_of_the_files(library, films, tmp_path):
    text = tmp_path / "films" / "text.mp4"
    text.write_text("This is no film.\n" * 50)
    events = []
    indexer = ParallelIndexer(MakeIndexer(library.root), 2)
    report = indexer.index([*films, text, tmp_path / "gone.mp4"], on_event=events.append)
    assert [result.path.name for result in report.results] == [
        "gone.mp4",
        *(film.name for film in films),
        "text.mp4",
    ]
    assert [result.error_type for result in report.failed] == [
        "MediaNotFoundError",
        "NotAVideoError",
    ]
    assert list(library.dump()) == dump_of_one_process(tmp_path, films)
    finished = Counter(event.video_number for event in events if not event.stage)
    assert finished == dict.fromkeys(range(1, 6), 2)
    assert states(indexer.index(films)) == [VideoState.UNCHANGED] * 4


def test_the_same_film_under_two_names_is_indexed_once(library, films, tmp_path):
    copy = films[0].with_name("copy.mp4")
    copy.write_bytes(films[0].read_bytes())
    report = ParallelIndexer(MakeIndexer(library.root), 2).index(
        [films[0], copy, films[1]], force=["all"]
    )
    assert states(report)[0] is VideoState.INDEXED
    assert "decode" in report.results[0].seconds_by_stage
    assert "decode" not in report.results[1].seconds_by_stage
    assert len(library.videos()) == 2


def test_a_process_that_is_killed_loses_nothing(library, films, tmp_path, caplog):
    make = MakeIndexer(library.root, tmp_path / "marks", deaths=2)
    report = ParallelIndexer(make, 1).index(films)
    assert states(report) == [VideoState.INDEXED] * 4
    assert list(library.dump()) == dump_of_one_process(tmp_path, films)
    assert (tmp_path / "marks").read_text() == "xxx"
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "SIGKILL" in caplog.text


def test_a_film_that_kills_every_process_fails_with_the_reason(library, films, tmp_path):
    make = MakeIndexer(library.root, tmp_path / "marks", deaths=3)
    report = ParallelIndexer(make, 1).index(films[:2])
    assert states(report) == [VideoState.FAILED, VideoState.INDEXED]
    assert report.failed[0].error_type == "WorkerDiedError"
    assert "3 times" in report.failed[0].error


def test_a_stage_that_is_none_is_refused_before_anything_starts(library, films):
    with pytest.raises(ConfigError, match="no stage"):
        ParallelIndexer(MakeIndexer(library.root), 2).index(films, force=["everything"])
