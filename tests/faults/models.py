"""Models of an indexing run that load nothing: the pipeline around them is the real one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from indexer.interfaces import Cut, Face, Heard, PictureFeatures, ScreenLine, Stretch
from indexer.models import IndexerModels, OnDemand
from store.records import EvidenceKind
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder

NUM_CLASSES = 1000
NUM_FEATURES = 16
# Frames of the films carry their number in the upper half; see tests/films.py.
SHOT_SECONDS = 2.0


class EverySecondCut:
    """Says that a shot begins every two seconds."""

    frame_side_pixels = 64

    def __init__(self) -> None:
        self._last_seconds = 0.0

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        self._last_seconds = pts_seconds

    def finish(self) -> list[Cut]:
        return [Cut(float(at), 1.0) for at in np.arange(SHOT_SECONDS, self._last_seconds, 2.0)]


class ColourBackbone:
    """Describes a picture by its average colours and the pattern above."""

    model_id = "colours@1"

    def look(self, pictures: Sequence[NDArray[np.uint8]]) -> PictureFeatures:
        features = np.stack([self._features(picture) for picture in pictures])
        probabilities = np.zeros((len(pictures), NUM_CLASSES), np.float32)
        probabilities[:, 281] = 0.9
        hues = np.abs(features)
        probabilities[:, :NUM_FEATURES] = 0.1 * hues / hues.sum(axis=1, keepdims=True)
        return PictureFeatures(probabilities, features)

    def _features(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = picture[: len(picture) // 3].mean(axis=(0, 2))
        parts = np.array([part.mean() for part in np.array_split(rows, NUM_FEATURES - 3)])
        colour = picture[-len(picture) // 3 :].mean(axis=(0, 1))
        found = np.concatenate([parts, colour]) - 100.0
        return (found / np.linalg.norm(found)).astype(np.float32)


class PlainHead:
    """Takes the classes that the backbone above fills with colours."""

    encoder_id = "plain@1"
    query_encoder_id = "hashing@1"
    dimension = NUM_FEATURES

    def embed(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        hues = probabilities[:, :NUM_FEATURES].astype(np.float32)
        found: NDArray[np.float32] = hues / np.linalg.norm(hues, axis=1, keepdims=True)
        return found


class NobodyThere:
    model_id = "nobody@1"

    def find(self, pictures: Sequence[NDArray[np.uint8]]) -> list[list[Face]]:
        return [[] for _ in pictures]


class NothingWritten:
    model_id = "reader@1"
    scripts = frozenset({"Latin"})

    def read(
        self, picture: NDArray[np.uint8], known: Sequence[ScreenLine] = ()
    ) -> list[ScreenLine]:
        del known
        return [ScreenLine(f"page {int(picture[-1, 0, 0]) // 40}", 0.9, (0.1, 0.1, 0.9, 0.2))]


class TonesHeard:
    """Hears one sentence a second, named by how loud it is."""

    model_id = "ear@1"
    languages = frozenset({"en"})

    def find_voice(self, samples: NDArray[np.float32]) -> list[Stretch]:
        return [Stretch(0, len(samples))]

    def transcribe(
        self,
        samples: NDArray[np.float32],
        start_seconds: float,
        voice: Sequence[Stretch],
        language: str | None,
    ) -> Heard:
        findings = [
            Finding(
                EvidenceKind.SPEECH,
                TimeSpan(start_seconds + at, start_seconds + at + 0.5),
                f"a tone is heard at second {at}",
                self.model_id,
                language="en",
            )
            for at in range(len(samples) // 16_000)
        ]
        return Heard(tuple(findings), "en", None, float(len(findings)), float(len(findings)))


def fake_models() -> IndexerModels:
    return IndexerModels(
        shot_detector_id="every-second@1",
        new_shot_detector=EverySecondCut,
        backbone=OnDemand(ColourBackbone.model_id, ColourBackbone),
        picture_head=OnDemand(PlainHead.encoder_id, PlainHead),
        face_detector=OnDemand(NobodyThere.model_id, NobodyThere),
        text_encoder=OnDemand("hashing@1", lambda: HashingEncoder(NUM_FEATURES)),
        screen_text_reader=OnDemand(NothingWritten.model_id, NothingWritten),
        speech_recogniser=OnDemand(TonesHeard.model_id, TonesHeard),
        speech_languages=TonesHeard.languages,
    )
