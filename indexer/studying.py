"""What is done with the frames worth looking at: all that needs a model, batch by batch.

Every answer of a model is kept while the stage runs (``indexer/memo.py``), so an interrupted pass
goes on where it was. What later stages read is always what was stored, in half precision too, so a
result does not depend on whether its run was interrupted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.class_probabilities import ClassProbabilities
from indexer.frames import FeatureChain, FrameStay
from indexer.interfaces import (
    Face,
    FaceDetector,
    PictureBackbone,
    ScreenLine,
    ScreenTextReader,
)
from indexer.memo import Memo
from indexer.report import Stopwatch
from indexer.screen_text import Reading, TextFollower, with_stay
from indexer.sightings import (
    pack_faces,
    pack_features,
    pack_frames,
    pack_lines,
    pack_readings,
    pack_thumbnails,
    unpack_faces,
    unpack_features,
    unpack_lines,
    unpack_thumbnails,
)
from indexer.thumbnails import thumbnail
from indexer.workbook import StageWork

Picture = NDArray[np.uint8]
Half = NDArray[np.float16]

# Smaller probabilities are noise; as zeros they take no space.
LEAST_PROBABILITY = 1e-4
LEAST_THUMBNAIL_GAP_SECONDS = 4.0  # few clips are shorter
# In 37 films whose words are all Latin there is one such frame, of scribbles.
LEAST_UNKNOWN_FRAMES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame worth looking at: ``(H, W, 3)`` RGB."""

    pts_seconds: float
    picture: Picture


class Study(Protocol):
    """One stage's work on frames."""

    def take(self, batch: Sequence[Look], kept: Sequence[bool]) -> None:
        """Look at the next frames; ``kept`` says which of them show something new."""

    def save(self) -> None:
        """Keep what was found so far."""

    def finish(self, stays: Sequence[FrameStay]) -> None:
        """Keep the whole result; there is one stay for each frame that was taken."""


class KnownFrames:
    """The frames stage where it has finished: it only says what was kept."""

    def __init__(self, kept_seconds: Iterable[float]) -> None:
        self._kept = set(kept_seconds)

    def keep(self, batch: Sequence[Look]) -> list[bool]:
        """Say which frames show something new."""
        return [look.pts_seconds in self._kept for look in batch]


class BackboneStudy:
    """The frames stage: classes of each frame, and which frames show something new."""

    def __init__(self, work: StageWork, backbone: PictureBackbone, watch: Stopwatch) -> None:
        self._work = work
        self._backbone = backbone
        self._watch = watch
        self._chain = FeatureChain()
        self._memo: Memo[tuple[Half, Half]] = Memo(work, pack_features, unpack_features)
        self._kept: list[bool] = []
        self._seconds: list[float] = []
        self._probabilities = ClassProbabilities()

    def keep(self, batch: Sequence[Look]) -> list[bool]:
        """Look at the next frames and say which show something new."""
        with self._watch.running("frames"):
            features, probabilities = self._recalled(batch) or self._looked_at(batch)
            seconds = [look.pts_seconds for look in batch]
            kept = self._chain.keep(features.astype(np.float32), seconds)
            self._kept += kept
            self._seconds += seconds
            for row in probabilities:
                self._probabilities.append(row)
            self._memo.save_in_time()
        return kept

    def save(self) -> None:
        """Keep what was found so far."""
        self._memo.save()

    def finish(self, stays: Sequence[FrameStay], num_looks: int) -> None:
        """Keep the whole result."""
        self._work.finish(
            pack_frames(
                {"looks": num_looks, "passed": len(stays)},
                self._seconds,
                self._kept,
                self._probabilities,
            )
        )

    def _recalled(self, batch: Sequence[Look]) -> tuple[Half, Half] | None:
        found = [self._memo.recall(look.pts_seconds) for look in batch]
        rows = [row for row in found if row is not None]
        if len(rows) < len(batch):
            return None
        return np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])

    def _looked_at(self, batch: Sequence[Look]) -> tuple[Half, Half]:
        seen = self._backbone.look([look.picture for look in batch])
        sure = np.where(seen.probabilities < LEAST_PROBABILITY, 0.0, seen.probabilities)
        features, probabilities = seen.features.astype(np.float16), sure.astype(np.float16)
        for look, *row in zip(batch, features, probabilities, strict=True):
            self._memo.note(look.pts_seconds, (row[0], row[1]))
        return features, probabilities


class FaceStudy:
    """The faces stage: faces of the frames that show something new."""

    def __init__(self, work: StageWork, detector: FaceDetector, watch: Stopwatch) -> None:
        self._work = work
        self._detector = detector
        self._watch = watch
        self._memo: Memo[list[Face]] = Memo(work, pack_faces, unpack_faces)
        self._found: list[tuple[float, list[Face]]] = []

    def take(self, batch: Sequence[Look], kept: Sequence[bool]) -> None:
        """Find the faces of the frames that are kept."""
        with self._watch.running("faces"):
            for look, is_kept in zip(batch, kept, strict=True):
                if not is_kept:
                    continue
                faces = self._memo.recall(look.pts_seconds)
                if faces is None:
                    (faces,) = self._detector.find([look.picture])
                    self._memo.note(look.pts_seconds, faces)
                self._found.append((look.pts_seconds, faces))
            self._memo.save_in_time()

    def save(self) -> None:
        """Keep what was found so far."""
        self._memo.save()

    def finish(self, _stays: Sequence[FrameStay]) -> None:
        """Keep the whole result."""
        self._work.finish(pack_faces(self._found))


class TextStudy:
    """The screen text stage: what is written in the frames."""

    def __init__(self, work: StageWork, reader: ScreenTextReader, watch: Stopwatch) -> None:
        self._work = work
        self._watch = watch
        self._memo: Memo[list[ScreenLine]] = Memo(work, pack_lines, unpack_lines)
        self._reader = _RememberingReader(reader, self._memo)
        self._follower = TextFollower(self._reader)
        self._readings: list[Reading] = []

    def take(self, batch: Sequence[Look], _kept: Sequence[bool]) -> None:
        """Read where something new is written."""
        with self._watch.running("screen_text"):
            for look in batch:
                self._reader.pts_seconds = look.pts_seconds
                self._readings.append(self._follower.look(look.picture, look.pts_seconds))
            self._memo.save_in_time()

    def save(self) -> None:
        """Keep what was found so far."""
        self._memo.save()

    def finish(self, stays: Sequence[FrameStay]) -> None:
        """Keep the whole result."""
        readings = (
            with_stay(reading, stay.same_until_seconds)
            for reading, stay in zip(self._readings, stays, strict=True)
        )
        self._work.finish(pack_readings(readings, list(self._shortcomings())))

    def _shortcomings(self) -> Iterator[str]:
        if put_off := self._follower.put_off_looks:
            yield f"{put_off} looks were not read: the video holds more text than is read"
        if (unknown := self._follower.unknown_frames) >= LEAST_UNKNOWN_FRAMES:
            known = ", ".join(sorted(self._reader.scripts))
            yield f"{unknown} pictures hold writing that the reader does not know; it knows {known}"


class ThumbnailStudy:
    """Small JPEG pictures, kept in the store alone: a long film has tens of megabytes of them."""

    def __init__(self, work: StageWork, watch: Stopwatch) -> None:
        self._work = work
        self._watch = watch
        self._memo: Memo[bytes] = Memo(work, pack_thumbnails, unpack_thumbnails)
        self._next_seconds = 0.0
        self._done = {at for part in work.left for at, _ in unpack_thumbnails(part)}

    def take(self, batch: Sequence[Look], _kept: Sequence[bool]) -> None:
        """Make thumbnails, not many for the same seconds."""
        with self._watch.running("thumbnails"):
            for look in batch:
                if look.pts_seconds < self._next_seconds:
                    continue
                self._next_seconds = look.pts_seconds + LEAST_THUMBNAIL_GAP_SECONDS
                if look.pts_seconds not in self._done:
                    self._memo.note(look.pts_seconds, thumbnail(look.picture))
            self._memo.save_in_time()

    def save(self) -> None:
        """Keep what was made so far."""
        self._memo.save()

    def finish(self, _stays: Sequence[FrameStay]) -> None:
        """Keep the last ones too."""
        self._memo.save()
        self._work.finish()


class _RememberingReader:
    """Reads each picture once in all attempts of a stage."""

    def __init__(self, reader: ScreenTextReader, memo: Memo[list[ScreenLine]]) -> None:
        self.pts_seconds = 0.0
        self._reader = reader
        self._memo = memo

    @property
    def model_id(self) -> str:
        return self._reader.model_id

    @property
    def scripts(self) -> frozenset[str]:
        return self._reader.scripts

    def read(self, picture: Picture, known: Sequence[ScreenLine] = ()) -> list[ScreenLine]:
        lines = self._memo.recall(self.pts_seconds)
        if lines is None:
            lines = self._reader.read(picture, known)
            self._memo.note(self.pts_seconds, lines)
        return lines
