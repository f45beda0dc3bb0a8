"""The models of one indexing run, each loaded when it is first needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from indexer.captions import CAPTIONER_ID
from indexer.interfaces import (
    Captioner,
    FaceDetector,
    PictureBackbone,
    PictureEncoder,
    PictureHead,
    ScreenTextReader,
    ShotDetector,
    SpeechRecogniser,
    TextEncoder,
)
from indexer.labels.imagenet import imagenet_labels
from indexer.tags import tagger_id

Model = TypeVar("Model")


class OnDemand(Generic[Model]):
    """A model whose id is known before it is loaded, so that an up-to-date video loads nothing.

    Args:
        model_id: Name and revision; part of the stage keys.
        load: Called once, at first use.
    """

    def __init__(self, model_id: str, load: Callable[[], Model]) -> None:
        self.model_id = model_id
        self._load = load
        self._loaded: Model | None = None
        self._lock = Lock()

    def get(self) -> Model:
        """Return the model, loading it the first time; threads that come meanwhile wait."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


@dataclass(frozen=True, slots=True)
class IndexerModels:
    """What the stages look, read and listen with.

    Attributes:
        shot_detector_id: Name and revision of the detector that ``new_shot_detector`` makes.
        speech_languages: What the speech model hears, known without loading it.
        picture_encoder: Embeds the kept frames in place of ``picture_head``, where there is one.
        captioner: Writes captions in place of those that are composed, where there is one.
    """

    shot_detector_id: str
    new_shot_detector: Callable[[], ShotDetector]
    backbone: OnDemand[PictureBackbone]
    picture_head: OnDemand[PictureHead]
    face_detector: OnDemand[FaceDetector]
    text_encoder: OnDemand[TextEncoder]
    screen_text_reader: OnDemand[ScreenTextReader]
    speech_recogniser: OnDemand[SpeechRecogniser]
    speech_languages: frozenset[str]
    picture_encoder: OnDemand[PictureEncoder] | None = None
    captioner: OnDemand[Captioner] | None = None

    @property
    def needs_pictures_late(self) -> bool:
        """Whether the media file is read again once everything was looked at and heard."""
        return self.picture_encoder is not None or self.captioner is not None

    def ids_by_stage(self) -> Mapping[str, str]:
        """Name the model of each stage that has one, for the stage keys."""
        words = tagger_id(imagenet_labels())
        composed = f"{CAPTIONER_ID} {words}"
        embeds_pictures = self.picture_encoder or self.picture_head
        return {
            "shots": self.shot_detector_id,
            "frames": self.backbone.model_id,
            "faces": self.face_detector.model_id,
            "screen_text": self.screen_text_reader.model_id,
            "speech": self.speech_recogniser.model_id,
            "tags": f"{self.backbone.model_id} {words}",
            "captions": composed if self.captioner is None else self.captioner.model_id,
            "embed": f"{self.text_encoder.model_id} {embeds_pictures.model_id}",
        }
