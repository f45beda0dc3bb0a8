from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest

from indexer.arrivals import Arrivals
from indexer.folder_listing import FileState, Listing, SeenVideo
from indexer.report import IndexReport, VideoResult, VideoState
from indexer.watching import FolderWatch, WatchKind
from store.records import Video

FILM, OTHER = Path("/films/film.mp4"), Path("/films/other.mp4")


def file_of(num_bytes, modified_ns=0, changed_ns=0):
    return FileState(num_bytes, modified_ns, changed_ns)


def video_of(video_id):
    return Video(
        video_id=video_id,
        paths=(str(FILM),),
        title="Film",
        duration_seconds=1.0,
        file_bytes=1,
        frame_rate=Fraction(25),
    )


@dataclass
class Ground:
    """A folder, a clock and an indexer that are what the test says."""

    videos: dict[Path, SeenVideo] = field(default_factory=dict)
    unlistable: dict[Path, str] = field(default_factory=dict)
    held: set[Path] = field(default_factory=set)
    now: float = 0.0
    listing_seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    indexed: list[list[Path]] = field(default_factory=list)
    errors: dict[Path, str] = field(default_factory=dict)
    content: dict[Path, str] = field(default_factory=dict)

    def put(self, path, num_bytes, **seen):
        self.videos[path] = SeenVideo(file_of(num_bytes), **seen)

    def look(self):
        self.now += self.listing_seconds
        return Listing(dict(self.videos), dict(self.unlistable))

    def index(self, paths):
        self.indexed.append(list(paths))
        return IndexReport(tuple(self._result(path) for path in paths), 0.0)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def watch(self, settle_seconds=5.0):
        return FolderWatch(
            self.look,
            self.index,
            Arrivals(settle_seconds, lambda paths: self.held & set(paths)),
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def _result(self, path):
        if path in self.errors:
            return VideoResult(path, None, VideoState.FAILED, 0.0, {}, self.errors[path])
        video = video_of(self.content.get(path, "a1"))
        return VideoResult(path, video, VideoState.INDEXED, 0.0, {})


@pytest.fixture
def ground():
    return Ground()


def kinds(events):
    return [(event.kind.value, event.path.name) for event in events]


def test_a_file_is_taken_once_it_was_the_same_for_long_enough(ground):
    watch = ground.watch(settle_seconds=5.0)
    ground.put(FILM, 10)
    assert kinds(watch.step()) == [("found", "film.mp4")]
    ground.now = 4.9
    assert kinds(watch.step()) == []
    ground.now = 5.0
    assert kinds(watch.step()) == [("result", "film.mp4")]
    ground.now = 100.0
    assert kinds(watch.step()) == []
    assert ground.indexed == [[FILM]]


def test_a_file_that_grows_is_waited_for(ground):
    watch = ground.watch(settle_seconds=5.0)
    for second in range(0, 12, 3):
        ground.now = float(second)
        ground.put(FILM, 10 + second)
        list(watch.step())
    assert ground.indexed == []
    ground.now = 14.0
    assert kinds(watch.step()) == [("result", "film.mp4")]


def test_many_files_at_once_are_one_run_and_a_slow_one_keeps_none_waiting(ground):
    watch = ground.watch()
    paths = [Path(f"/films/{number}.mp4") for number in range(50)]
    for path in paths:
        ground.put(path, 1)
    list(watch.step())
    ground.put(paths[7], 2)
    ground.now = 5.0
    list(watch.step())
    ground.now = 10.0
    list(watch.step())
    assert ground.indexed == [[path for path in paths if path != paths[7]], [paths[7]]]


def test_a_file_that_is_held_open_for_writing_is_waited_for(ground):
    watch = ground.watch()
    ground.put(FILM, 1)
    ground.held = {FILM}
    list(watch.step())
    ground.now = 60.0
    assert kinds(watch.step()) == []
    ground.held = set()
    ground.now = 61.0
    assert kinds(watch.step()) == [("result", "film.mp4")]


def test_a_file_beside_its_unfinished_download_is_waited_for(ground):
    watch = ground.watch()
    ground.put(FILM, 0, is_partial=True)
    list(watch.step())
    ground.now = 60.0
    assert kinds(watch.step()) == []
    ground.put(FILM, 1000)
    list(watch.step())
    ground.now = 65.0
    assert kinds(watch.step()) == [("result", "film.mp4")]


def test_a_subtitle_that_comes_later_has_its_video_indexed_again(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    list(watch.step())
    ground.put(FILM, 1, companions=(("film.en.srt", file_of(3)),))
    assert kinds(watch.step()) == [("result", "film.mp4")]
    assert ground.indexed == [[FILM], [FILM]]


def test_a_failure_is_told_once_and_tried_again_when_the_file_changes(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    ground.errors[FILM] = "it cannot be read"
    (found, failed) = watch.step()
    assert (found.kind, failed.message) == (WatchKind.FOUND, "it cannot be read")
    assert failed.is_failure
    assert not found.is_failure
    assert kinds(watch.step()) == []
    del ground.errors[FILM]
    ground.videos[FILM] = SeenVideo(file_of(1, changed_ns=7))
    (indexed,) = watch.step()
    assert (indexed.message, indexed.is_failure) == ("", False)


def test_a_deleted_file_is_told_once_and_found_again_when_it_comes_back(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    list(watch.step())
    del ground.videos[FILM]
    (gone,) = watch.step()
    assert (gone.kind, "the library keeps" in gone.message) == (WatchKind.GONE, True)
    assert kinds(watch.step()) == []
    ground.put(FILM, 1)
    assert kinds(watch.step()) == [("found", "film.mp4"), ("result", "film.mp4")]


def test_a_file_that_goes_before_it_was_taken_is_never_indexed(ground):
    watch = ground.watch()
    ground.put(FILM, 1)
    list(watch.step())
    del ground.videos[FILM]
    ground.now = 60.0
    assert kinds(watch.step()) == [("gone", "film.mp4")]
    assert ground.indexed == []


def test_a_share_that_goes_away_takes_no_file_with_it(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    list(watch.step())
    del ground.videos[FILM]
    ground.unlistable = {Path("/films"): "Host is down"}
    (event,) = watch.step()
    assert (event.kind, event.path) == (WatchKind.UNLISTABLE, Path("/films"))
    assert event.message == "cannot be looked into: Host is down"
    assert kinds(watch.step()) == []
    ground.unlistable = {}
    ground.put(FILM, 1)
    assert kinds(watch.step()) == [("listable", "films")]
    assert ground.indexed == [[FILM]]


def test_a_file_that_changes_while_it_is_indexed_is_indexed_again(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    steps = watch.step()
    assert next(steps).kind is WatchKind.FOUND
    assert next(steps).kind is WatchKind.RESULT
    ground.put(FILM, 2)
    list(steps)
    list(watch.step())
    assert ground.indexed == [[FILM], [FILM]]


def test_new_content_under_an_old_name_says_how_the_old_is_forgotten(ground):
    watch = ground.watch(settle_seconds=0.0)
    ground.put(FILM, 1)
    list(watch.step())
    ground.put(FILM, 2)
    ground.content[FILM] = "b2"
    (event,) = watch.step()
    assert "cinedex remove a1" in event.message


def test_once_takes_what_is_at_rest_and_names_what_is_not(ground):
    ground.put(FILM, 1)
    ground.put(OTHER, 1)

    def sleep(seconds):
        ground.now += seconds
        ground.put(OTHER, 2)

    ground.sleep = sleep
    events = list(ground.watch(settle_seconds=3.0).once())
    assert kinds(events) == [
        ("found", "film.mp4"),
        ("found", "other.mp4"),
        ("result", "film.mp4"),
        ("still_changing", "other.mp4"),
    ]
    assert ground.now == 3.0
    assert ground.indexed == [[FILM]]


def test_a_slow_share_is_looked_at_less_often(ground):
    watch = ground.watch(settle_seconds=100.0)
    ground.put(FILM, 1)
    events = watch.forever()
    next(events)
    ground.listing_seconds = 0.5

    class EnoughError(Exception):
        pass

    def sleep(seconds):
        ground.slept.append(seconds)
        if len(ground.slept) == 2:
            raise EnoughError

    ground.sleep, watch._sleep = sleep, sleep
    with pytest.raises(EnoughError):
        next(events)
    assert ground.slept == [1.0, 5.0]


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_seconds_that_make_no_sense_are_refused(seconds):
    with pytest.raises(ValueError, match="settle_seconds"):
        Arrivals(seconds, held=set)
