"""The planning of a cluster's run, with a crew in this process that dies when it is told to."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from indexer.cluster import ClusterIndexer
from indexer.crew import Died, Ended
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.part_queue import MAX_ATTEMPTS
from indexer.parts import STAGES, Part, PartTask, PartWorker
from indexer.pipeline import Indexer
from indexer.report import EventState, VideoState
from indexer.video import video_task
from store.errors import ClusterError
from store.library import Library
from store.records import EvidenceKind
from store.tables import StagePartRow, StageResultRow
from tests.faults.models import fake_models
from tests.films import write_film
from tests.indexer.narrator import Narrator, narrated_models


class CrewHere:
    """One worker of each kind, in this process; parts are done when they are waited for.

    Args:
        dies: Says of a part and a file name whether the worker dies over it this time.
    """

    def __init__(
        self,
        library: Library,
        scratch,
        dies: Callable[[Part, str], bool] | None = None,
        models: IndexerModels | None = None,
    ) -> None:
        models = models or fake_models()
        self._worker = PartWorker(library, models, IndexOptions(), scratch / "worker")
        self._dies = dies or (lambda part, name: False)
        self._given = []
        self.begun = Counter()

    def free(self):
        return [part for part in Part if part not in {run.part for run, _ in self._given}]

    def num_videos(self):
        return 2

    def give(self, run, task):
        self._given.append((run, task))

    def wait(self, on_event):
        run, task = self._given.pop(0)
        name = task.media.rpartition("/")[2]
        self.begun[run.part, name] += 1
        if self._dies(run.part, name):
            return [Died(run, "its worker died")]
        return [Ended(run, self._worker.run(task, on_event))]


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    return [
        write_film(folder / f"film {i}.mp4", num_frames=100 + 25 * i, sound_seconds=4.0 + i)
        for i in range(3)
    ]


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as opened:
        yield opened


def cluster_of(library, crew, tmp_path, models=None):
    models = models or fake_models()
    return ClusterIndexer(library, models, IndexOptions(), crew, tmp_path / "scratch")


def dump_of_one_process(tmp_path, paths):
    with Library.create(tmp_path / "alone") as alone:
        Indexer(alone, fake_models(), IndexOptions()).index(paths)
        return list(alone.dump())


def states(report):
    return [result.state for result in report.results]


def test_a_run_finds_what_one_process_finds_and_each_part_is_done_once(library, films, tmp_path):
    crew, events = CrewHere(library, tmp_path), []
    report = cluster_of(library, crew, tmp_path).index(films, on_event=events.append)
    assert states(report) == [VideoState.INDEXED] * 3
    assert [result.path for result in report.results] == films
    assert list(library.dump()) == dump_of_one_process(tmp_path, films)
    assert crew.begun == {(part, film.name): 1 for part in Part for film in films}
    assert report.results[0].seconds_by_stage.keys() >= {"decode", "speech", "embed", "publish"}
    whole = [(e.video_number, e.state) for e in events if not e.stage]
    assert sorted(whole) == sorted(
        (n, state) for n in (1, 2, 3) for state in (EventState.STARTED, EventState.FINISHED)
    )


def test_what_is_up_to_date_takes_no_worker(library, films, tmp_path):
    cluster_of(library, CrewHere(library, tmp_path), tmp_path).index(films)
    crew = CrewHere(library, tmp_path)
    assert states(cluster_of(library, crew, tmp_path).index(films)) == [VideoState.UNCHANGED] * 3
    assert crew.begun == {}


def test_forced_stages_run_again_and_nothing_else(library, films, tmp_path):
    cluster_of(library, CrewHere(library, tmp_path), tmp_path).index(films)
    crew = CrewHere(library, tmp_path)
    report = cluster_of(library, crew, tmp_path).index(films[:1], force=["captions"])
    assert states(report) == [VideoState.INDEXED]
    assert crew.begun == {(Part.DESCRIBE, "film 0.mp4"): 1}


def test_a_part_whose_worker_dies_is_done_by_another(library, films, tmp_path):
    crew = CrewHere(
        library, tmp_path, lambda part, name: crew.begun[part, name] == 1 and name == "film 1.mp4"
    )
    report = cluster_of(library, crew, tmp_path).index(films)
    assert states(report) == [VideoState.INDEXED] * 3
    assert list(library.dump()) == dump_of_one_process(tmp_path, films)
    assert {name: crew.begun[Part.LOOK, name] for _, name in crew.begun} == {
        "film 0.mp4": 1,
        "film 1.mp4": 2,
        "film 2.mp4": 1,
    }


def test_a_film_that_kills_every_worker_fails_alone(library, films, tmp_path):
    crew = CrewHere(library, tmp_path, lambda part, name: (part, name) == (Part.LOOK, "film 1.mp4"))
    report = cluster_of(library, crew, tmp_path).index(films)
    assert states(report) == [VideoState.INDEXED, VideoState.FAILED, VideoState.INDEXED]
    assert report.failed[0].error_type == "WorkerDiedError"
    assert f"{MAX_ATTEMPTS} times" in report.failed[0].error
    assert crew.begun[Part.LOOK, "film 1.mp4"] == MAX_ATTEMPTS


def test_files_that_are_no_films_fail_with_their_reason(library, films, tmp_path):
    text = tmp_path / "films" / "text.mp4"
    text.write_text("This is no film.\n" * 50)
    paths = [films[0], text, tmp_path / "gone.mp4"]
    report = cluster_of(library, CrewHere(library, tmp_path), tmp_path).index(paths)
    reasons = {result.path.name: result.error_type for result in report.results}
    assert reasons == {
        "gone.mp4": "MediaNotFoundError",
        "text.mp4": "NotAVideoError",
        "film 0.mp4": "",
    }


def test_the_same_film_under_two_names_is_indexed_once(library, films, tmp_path):
    copy = films[0].with_name("copy.mp4")
    copy.write_bytes(films[0].read_bytes())
    crew = CrewHere(library, tmp_path)
    report = cluster_of(library, crew, tmp_path).index([films[0], copy, films[1]])
    assert states(report)[0] is VideoState.INDEXED
    assert states(report)[1] in (VideoState.MOVED, VideoState.INDEXED)
    assert crew.begun[Part.LOOK, "film 0.mp4"] + crew.begun[Part.LOOK, "copy.mp4"] == 1
    assert len(library.videos()) == 2


def test_a_result_that_is_damaged_is_made_again(library, films, tmp_path):
    faces = select(StageResultRow.id).where(StageResultRow.stage == "faces")
    damaging = update(StagePartRow).where(StagePartRow.result.in_(faces)).values(digest="0")

    def damage(part, name):
        if part is Part.DESCRIBE and crew.begun[part, name] == 1:
            library._database.write(lambda session: session.execute(damaging))
        return False

    crew = CrewHere(library, tmp_path, damage)
    report = cluster_of(library, crew, tmp_path).index(films[:1])
    assert states(report) == [VideoState.INDEXED]
    assert crew.begun[Part.LOOK, "film 0.mp4"] == 2
    assert crew.begun[Part.LISTEN, "film 0.mp4"] == 1
    assert list(library.dump()) == dump_of_one_process(tmp_path, films[:1])


def test_media_under_a_url_is_fetched_and_known_by_it(library, films, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    filesystem = fsspec.filesystem("memory")
    # Here, unlike at a web server, what is taken for a signature is part of the name.
    filesystem.pipe("/films/Show.S01E02.mp4?Signature=hush", films[0].read_bytes())
    url = "memory://films/Show.S01E02.mp4"
    signed = f"{url}?Signature=hush"
    gone = "memory://films/gone.mp4?token=hush"
    try:
        crew = CrewHere(library, tmp_path)
        cluster = cluster_of(library, crew, tmp_path)
        report = cluster.index([signed, gone])
        assert states(report) == [VideoState.INDEXED, VideoState.FAILED]
        assert [str(result.path) for result in report.results] == [url, "memory://films/gone.mp4"]
        assert "hush" not in report.failed[0].error
        assert states(cluster.index([signed])) == [VideoState.UNCHANGED]
    finally:
        filesystem.rm("/films", recursive=True)
    (video,) = library.videos()
    assert video.paths == (url,)
    assert (video.season, video.episode) == (1, 2)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_result_that_is_lost_again_and_again_fails_its_video_alone(library, films, tmp_path):
    faces = select(StageResultRow.id).where(StageResultRow.stage == "faces")
    damaging = update(StagePartRow).where(StagePartRow.result.in_(faces)).values(digest="0")

    def damage(part, name):
        if part is Part.DESCRIBE and name == "film 0.mp4":
            library._database.write(lambda session: session.execute(damaging))
        return False

    crew = CrewHere(library, tmp_path, damage)
    report = cluster_of(library, crew, tmp_path).index(films[:2])
    assert report.failed[0].path == films[0]
    assert report.failed[0].error_type == "LibraryDamagedError"
    assert "faces" in report.failed[0].error
    assert crew.begun[Part.LOOK, "film 0.mp4"] == MAX_ATTEMPTS  # and never here


def test_who_describes_needs_no_media(library, films, tmp_path):
    def hide(part, name):
        if part is Part.DESCRIBE:
            films[0].rename(films[0].with_suffix(".away"))
        return False

    class HidingCrew(CrewHere):
        def wait(self, on_event):
            over = super().wait(on_event)
            if films[0].with_suffix(".away").exists():
                films[0].with_suffix(".away").rename(films[0])
            return over

    crew = HidingCrew(library, tmp_path, hide)
    report = cluster_of(library, crew, tmp_path).index(films[:1])
    assert states(report) == [VideoState.INDEXED]
    assert crew.begun[Part.DESCRIBE, "film 0.mp4"] == 1
    assert list(library.dump()) == dump_of_one_process(tmp_path, films[:1])


def test_who_writes_captions_fetches_the_media_again(library, films, tmp_path):
    filesystem = pytest.importorskip("fsspec").filesystem("memory")
    filesystem.pipe("/films/film.mp4", films[0].read_bytes())
    narrator = Narrator()
    models = narrated_models(narrator)
    crew = CrewHere(library, tmp_path, models=models)
    try:
        report = cluster_of(library, crew, tmp_path, models).index(["memory://films/film.mp4"])
    finally:
        filesystem.rm("/films", recursive=True)
    assert states(report) == [VideoState.INDEXED]
    (video,) = library.videos()
    captions = [e.text for e in library.evidence(video.video_id) if e.kind is EvidenceKind.CAPTION]
    assert captions == ["Numbers {} and {} are shown.".format(*seen) for seen in narrator.numbers]
    assert captions


def test_parts_are_handed_out_before_the_next_file_is_taken_up(library, films, tmp_path):
    class WatchedCluster(ClusterIndexer):
        def _planned(self, coming, copy):
            order.append(f"take up {coming.number}")
            return super()._planned(coming, copy)

    class WatchedCrew(CrewHere):
        def give(self, run, task):
            order.append(f"{run.part} {task.number}")
            super().give(run, task)

    order = []
    crew = WatchedCrew(library, tmp_path)
    WatchedCluster(library, fake_models(), IndexOptions(), crew, tmp_path / "scratch").index(films)
    assert order[:4] == ["take up 1", "look 1", "listen 1", "take up 2"]


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("fact", ["version", "model"])
def test_a_node_with_other_code_or_models_is_not_used(library, films, tmp_path, part, fact):
    stage = STAGES[part][-1]
    task = video_task(library, films[0], fake_models(), IndexOptions())
    task.wanted.facts[stage][fact] = "another"
    worker = PartWorker(library, fake_models(), IndexOptions(), tmp_path / "worker")
    with pytest.raises(ClusterError, match=f"node .* does stage {stage} with {fact}"):
        worker.run(PartTask(part, task, str(films[0]), 1, 1), lambda event: None)


def test_a_fault_of_ours_is_logged_with_its_place(library, films, tmp_path, caplog, monkeypatch):
    def break_down(*arguments):
        raise ZeroDivisionError("here")

    monkeypatch.setattr("indexer.parts.PartIndexing.run_part", break_down)
    task = video_task(library, films[0], fake_models(), IndexOptions())
    worker = PartWorker(library, fake_models(), IndexOptions(), tmp_path / "worker")
    end = worker.run(PartTask(Part.LOOK, task, str(films[0]), 1, 1), lambda event: None)
    assert end.error == "ZeroDivisionError: here"
    assert "break_down" in caplog.text
