"""The one decode pass: every stage that needs pictures is fed from it.

Each frame goes, small, to the shot detector, the appearance meter and the frame chooser; the few
that the chooser asks for go, larger and by a bounded queue, to the models
(``indexer/studying.py``), so that decoding and models each have a core. Memory holds the pictures
on the queue, and a few numbers for each frame kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.appearance import AppearanceMeter, AppearanceTrack
from indexer.class_probabilities import ClassProbabilities
from indexer.conveyor import Conveyor
from indexer.frames import FrameChooser, FrameOptions
from indexer.interfaces import Cut, Face, ShotDetector
from indexer.media import Frame, FrameReader
from indexer.media.keyframes import KeyframeReader, keyframes_suffice
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.payloads import pack, unpack
from indexer.report import EventState, Listener
from indexer.screen_text import Reading
from indexer.sightings import (
    faces_of,
    kept_seconds_of,
    pack_frames,
    pack_readings,
    pack_thumbnails,
    readings_of,
)
from indexer.stages import LOOK
from indexer.studying import (
    BackboneStudy,
    FaceStudy,
    KnownFrames,
    Look,
    Study,
    TextStudy,
    ThumbnailStudy,
)
from indexer.workbook import Workbook

PICTURE_SIDE_PIXELS = 640
BATCH_PICTURES = 8
# Batches of pictures between decoding and models: enough to bridge a slow one, 20 MB at the most.
WAITING_BATCHES = 3
PROGRESS_SECONDS = 2.0
NO_PICTURE = "no picture track"
NEEDS_PICTURES = ("frames", "faces", "thumbnails", "screen_text")


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """What the pass over the pictures of a video saw.

    Attributes:
        end_seconds: When the last frame leaves the screen.
        kept_seconds: Instants of the ``N`` frames that show something new.
        faces: Theirs, in the same order.

    What the backbone says of them takes most of the memory; ``kept_classes_of`` reads it.
    """

    cuts: tuple[Cut, ...]
    end_seconds: float
    kept_seconds: Sequence[float]
    faces: Sequence[Sequence[Face]]
    readings: Sequence[Reading]
    appearance: AppearanceTrack


def read_sights(book: Workbook) -> Sights:
    """Read what the stages of the pass found."""
    shots, _ = unpack(book.found("shots")[0])
    _, samples = unpack(book.found("appearance")[0])
    return Sights(
        cuts=tuple(Cut(at, sure) for at, sure in shots["cuts"]),
        end_seconds=shots["end_seconds"],
        kept_seconds=kept_seconds_of(book.found("frames")[0]),
        faces=faces_of(book.found("faces")[0]),
        readings=readings_of(book.found("screen_text")[0]),
        appearance=AppearanceTrack(samples["times"], samples["rows"]),
    )


def look_through(
    path: Path, book: Workbook, models: IndexerModels, options: IndexOptions, listener: Listener
) -> None:
    """Decode a video once, show it to every stage that has not finished, and keep what they find.

    Args:
        path: Of the media file; it has a picture track.
        book: Its stages.
        models: To look with; those of finished stages are not loaded.
        options: Those in force.
        listener: Told every few seconds of video how far the pass is.

    Raises:
        MediaError: The file cannot be read or holds no frame that decodes.
    """
    if not book.must_run(*LOOK):
        return
    listener.tell("frames", EventState.STARTED)
    with book.watch.running("models"):
        passing = _Pass(book, models, options.screen_text, listener)
    has_keys = options.is_fast and keyframes_suffice(path, FrameOptions().interval_seconds)
    passing.run(KeyframeReader(path) if has_keys else FrameReader(path))


class _Pass:
    """One pass over one video."""

    def __init__(
        self, book: Workbook, models: IndexerModels, reads_text: bool, listener: Listener
    ) -> None:
        self._book = book
        self._listener = listener
        self._watch = book.watch
        self._detector: ShotDetector = models.new_shot_detector()
        self._appearance = AppearanceMeter()
        self._chooser = FrameChooser()
        self._wants_pictures = book.must_run(*NEEDS_PICTURES)
        self._batch: list[Look] = []
        cheap = ("shots", "appearance")
        self._works = {stage: book.begin(stage) for stage in cheap if book.must_run(stage)}
        self._frames: BackboneStudy | KnownFrames = (
            BackboneStudy(book.begin("frames"), models.backbone.get(), self._watch)
            if book.must_run("frames")
            else KnownFrames(kept_seconds_of(book.found("frames")[0]))
        )
        self._studies = list(_studies(book, models, reads_text))
        self._next_report_seconds = 0.0

    def run(self, reader: FrameReader) -> None:
        with reader:
            try:
                with Conveyor(self._study, WAITING_BATCHES) as conveyor:
                    for frame in self._decoded(reader):
                        self._see(frame, conveyor)
                    if self._batch:
                        conveyor.put(self._batch)
            except BaseException:
                self._save()
                raise
            self._finish(reader)

    def _decoded(self, reader: Iterable[Frame]) -> Iterator[Frame]:
        frames = iter(reader)
        while True:
            with self._watch.running("decode"):
                frame = next(frames, None)
            if frame is None:
                return
            yield frame

    def _see(self, frame: Frame, conveyor: Conveyor[Sequence[Look]]) -> None:
        seconds = frame.pts_seconds
        with self._watch.running("decode"):
            small = frame.picture(self._detector.frame_side_pixels)
        if "shots" in self._works:
            with self._watch.running("shots"):
                self._detector.push(small, seconds)
        if "appearance" in self._works:
            with self._watch.running("appearance"):
                self._appearance.push(small, seconds)
        if self._wants_pictures:
            with self._watch.running("choosing"):
                is_wanted = self._chooser.wants(small, seconds)
            if is_wanted:
                self._hand_over(frame, conveyor)
        if seconds >= self._next_report_seconds:
            self._next_report_seconds = seconds + PROGRESS_SECONDS
            waiting = conveyor.num_waiting / conveyor.capacity
            self._listener.tell("frames", EventState.PROGRESS, seconds, queue_share=waiting)

    def _hand_over(self, frame: Frame, conveyor: Conveyor[Sequence[Look]]) -> None:
        with self._watch.running("decode"):
            picture = frame.picture(PICTURE_SIDE_PIXELS)
        self._batch.append(Look(frame.pts_seconds, picture))
        if len(self._batch) == BATCH_PICTURES:
            conveyor.put(self._batch)
            self._batch = []

    def _study(self, batch: Sequence[Look]) -> None:
        kept = self._frames.keep(batch)
        for study in self._studies:
            study.take(batch, kept)

    def _save(self) -> None:
        if isinstance(self._frames, BackboneStudy):
            self._frames.save()
        for study in self._studies:
            study.save()

    def _finish(self, reader: FrameReader) -> None:
        if "shots" in self._works:
            with self._watch.running("shots"):
                cuts = [[cut.seconds, cut.confidence] for cut in self._detector.finish()]
            self._works["shots"].finish(
                pack(
                    {
                        "cuts": [] if isinstance(reader, KeyframeReader) else cuts,
                        "end_seconds": reader.end_seconds,
                        "skips": list(_shortcomings(reader)),
                    }
                )
            )
        if "appearance" in self._works:
            self._works["appearance"].finish(_packed(self._appearance))
        if isinstance(self._frames, BackboneStudy):
            self._frames.finish(self._chooser.stays, self._chooser.looks)
        for study in self._studies:
            study.finish(self._chooser.stays)
        self._listener.tell("frames", EventState.FINISHED, reader.end_seconds)


def _packed(appearance: AppearanceMeter) -> bytes:
    times, rows = appearance.samples()
    return pack({}, {"times": times, "rows": rows})


def _shortcomings(reader: FrameReader) -> Iterator[str]:
    if isinstance(reader, KeyframeReader):
        yield "only key frames were looked at"
    if reader.damaged_packets:
        yield f"{reader.damaged_packets} damaged packets were passed over"
    if reader.stopped_early:
        yield f"nothing after {reader.end_seconds:.0f} s can be decoded"


def _studies(book: Workbook, models: IndexerModels, reads_text: bool) -> Iterator[Study]:
    if book.must_run("faces"):
        yield FaceStudy(book.begin("faces"), models.face_detector.get(), book.watch)
    if book.must_run("thumbnails"):
        yield ThumbnailStudy(book.begin("thumbnails"), book.watch)
    if book.must_run("screen_text") and reads_text:
        reader = models.screen_text_reader.get()
        yield TextStudy(book.begin("screen_text"), reader, book.watch)
    elif book.must_run("screen_text"):
        book.begin("screen_text").finish(pack_readings([], ["switched off"]))


def no_sights(book: Workbook) -> None:
    """Finish the stages of the pass for a video without picture."""
    found = {
        "shots": pack({"cuts": [], "end_seconds": 0.0, "skips": [NO_PICTURE]}),
        "frames": pack_frames(
            {"looks": 0, "passed": 0, "skips": [NO_PICTURE]}, [], [], ClassProbabilities()
        ),
        "appearance": _packed(AppearanceMeter()),
        "faces": pack({"faces": []}),
        "thumbnails": pack_thumbnails([]),
        "screen_text": pack_readings([], [NO_PICTURE]),
    }
    for stage in LOOK:
        if book.must_run(stage):
            book.begin(stage).finish(found[stage])
