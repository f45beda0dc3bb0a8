"""The composition: which class stands behind each protocol, and who is handed what.

The only place where the rooms meet. The text encoder goes round them: one set of weights embeds
evidence in the indexer and queries in the retriever and the reasoner.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cinedex.checkpoints import NamedCheckpoints
from cinedex.config import Settings
from cinedex.weights import load_models, load_profile, path_of
from cinedex.weights.registry import find_model
from store.layout import Layout
from store.library import Library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.interfaces import (
        FaceDetector,
        PictureBackbone,
        PictureHead,
        ScreenTextReader,
        SpeechRecogniser,
        TextEncoder,
    )
    from indexer.models import IndexerModels, OnDemand
    from indexer.pipeline import Indexer
    from reasoner.chain import Chain
    from reasoner.videomind.backend import LoadedVideoMind
    from retriever.calibration import Calibration
    from retriever.interfaces import QueryEncoder
    from retriever.search import Retriever


class Composition:
    """The rooms of one open library, wired for the profile in force.

    Args:
        store: Open; not closed here.
        settings: Profile, cache, threads and what to do when indexing.
    """

    def __init__(self, store: Library, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._profile = load_profile(settings.profile)
        self._models = load_models()
        self._checkpoints = NamedCheckpoints(self._profile, settings.offline)
        self._query_encoder: QueryEncoder | None = None
        self._retriever: Retriever | None = None
        self._chain: Chain | None = None
        self._indexer_models: IndexerModels | None = None

    def retriever(self) -> "Retriever":
        """Return the retriever; the first call loads the query encoder."""
        if self._retriever is None:
            from retriever.search import Retriever

            encoders = {encoder.encoder_id: encoder for encoder in self._query_encoders()}
            self._retriever = Retriever(self._store, encoders, calibration=self.calibration())
        return self._retriever

    def calibration(self) -> "Calibration":
        """Return the library's own calibration, or the one that is shipped.

        One's own was fitted to leads in the odds of its time: with other odds it tells nothing.
        """
        from retriever.calibration import load_calibration

        own, shipped = load_calibration(Layout(self._store.root).calibration), load_calibration()
        return own if own.odds == shipped.odds else shipped

    def _query_encoders(self) -> "list[QueryEncoder]":
        of_pictures = self._checkpoints.picture_query_encoder()
        return [self.query_encoder(), *([] if of_pictures is None else [of_pictures])]

    def query_encoder(self) -> "QueryEncoder":
        """Return the query encoder: numpy alone, because a search must not wait for torch."""
        if self._query_encoder is None:
            from indexer.encoders.minilm_numpy import MiniLmNumpyEncoder

            name, revision = self._model_for("text_encoder")
            self._query_encoder = MiniLmNumpyEncoder(self._path_of(name), revision)
        return self._query_encoder

    def chain(self) -> "Chain":
        """Return the chain of roles; the first call loads its model."""
        if self._chain is None:
            loaded = self._checkpoints.videomind()
            self._chain = self._pocket_chain() if loaded is None else self._seeing_chain(loaded)
        return self._chain

    def _pocket_chain(self) -> "Chain":
        from reasoner.pocket.backend import pocket_chain

        name, revision = self._model_for("language_model")
        return pocket_chain(
            library=self._store,
            retriever=self.retriever(),
            encoder=self.query_encoder(),
            model_folder=self._path_of(name),
            model_id=f"{name}@{revision}",
            threads=self._settings.threads,
        )

    def _seeing_chain(self, loaded: "LoadedVideoMind") -> "Chain":
        from reasoner.pocket.planner import PocketPlanner
        from reasoner.videomind.backend import videomind_chain

        return videomind_chain(
            self._store, self.retriever(), PocketPlanner(), loaded, self._checkpoints.videomind_id()
        )

    def indexer(self) -> "Indexer":
        """Return an indexer; its models load when a video needs them."""
        from indexer.options import IndexOptions
        from indexer.pipeline import Indexer
        from indexer.speech import SpeechMode

        options = IndexOptions(
            speech=SpeechMode(self._settings.speech),
            longest_unheard_seconds=self._settings.speech_gap_seconds,
            screen_text=self._settings.screen_text,
            is_fast=self._settings.fast,
            language=self._settings.language,
        )
        return Indexer(self._store, self.indexer_models(), options)

    def indexer_models(self) -> "IndexerModels":
        """Return the models to index with, each of which loads at its first use and stays."""
        if self._indexer_models is None:
            self._indexer_models = self._make_indexer_models()
        return self._indexer_models

    def _make_indexer_models(self) -> "IndexerModels":
        from indexer.detectors.loading import named_detector
        from indexer.encoders.expected_label import TEMPERATURE, TOP_LABELS
        from indexer.models import IndexerModels, OnDemand
        from indexer.readers.rapidocr import MODEL_ID as READER_ID

        detector = named_detector(self._settings.shot_detector, self._path_of)
        _, text_revision = self._model_for("text_encoder")
        speech_name, speech_revision = self._model_for("speech")
        backbone_name, backbone_revision = self._model_for("picture_backbone")
        face_name, face_revision = self._model_for("faces")
        text_id = f"all-MiniLM-L6-v2@{text_revision}"
        backbone_id = f"{backbone_name}@{backbone_revision}"
        text_encoder: OnDemand[TextEncoder] = OnDemand(text_id, self._text_encoder)
        backbone: OnDemand[PictureBackbone] = OnDemand(backbone_id, self._backbone)
        head: OnDemand[PictureHead] = OnDemand(
            f"expected-label{TOP_LABELS}/{TEMPERATURE}({backbone_id})->{text_id}",
            lambda: self._picture_head(backbone_id, text_encoder),
        )
        reader: OnDemand[ScreenTextReader] = OnDemand(READER_ID, self._screen_text_reader)
        speech: OnDemand[SpeechRecogniser] = OnDemand(
            f"{speech_name}@{speech_revision}", self._speech_recogniser
        )
        return IndexerModels(
            shot_detector_id=detector.id,
            new_shot_detector=detector.new,
            backbone=backbone,
            picture_head=head,
            face_detector=OnDemand(f"{face_name}@{face_revision}", self._face_detector),
            text_encoder=text_encoder,
            screen_text_reader=reader,
            speech_recogniser=speech,
            speech_languages=find_model(speech_name, self._models).languages,
            picture_encoder=self._checkpoints.picture_encoder(),
            captioner=self._checkpoints.captioner(),
        )

    def _text_encoder(self) -> "TextEncoder":
        from indexer.encoders.minilm_onnx import MiniLmOnnxEncoder

        name, revision = self._model_for("text_encoder")
        return MiniLmOnnxEncoder(self._path_of(name), revision, threads=self._threads_per_side)

    def _backbone(self) -> "PictureBackbone":
        import torch

        from indexer.encoders.efficientnet import EfficientNetBackbone

        name, _ = self._model_for("picture_backbone")
        torch.set_num_threads(self._threads_per_side)
        (weights_file,) = self._path_of(name).glob("*.pth")
        return EfficientNetBackbone(weights_file, threads=self._threads_per_side)

    def _face_detector(self) -> "FaceDetector":
        from indexer.faces.yunet import WEIGHTS_FILE, YuNetDetector

        name, _ = self._model_for("faces")
        return YuNetDetector(self._path_of(name) / WEIGHTS_FILE, threads=self._threads_per_side)

    def _picture_head(
        self, backbone_id: str, text_encoder: "OnDemand[TextEncoder]"
    ) -> "PictureHead":
        from indexer.encoders.expected_label import (
            ExpectedLabelHead,
            label_digest,
            label_embeddings,
        )
        from indexer.labels.imagenet import imagenet_labels

        labels = imagenet_labels()
        embeddings = kept_array(
            self._settings.cache / "labels" / f"{text_encoder.model_id}-{label_digest(labels)}.npy",
            lambda: label_embeddings(text_encoder.get(), labels),
        )
        return ExpectedLabelHead(
            embeddings, backbone_id=backbone_id, query_encoder_id=text_encoder.model_id
        )

    def _screen_text_reader(self) -> "ScreenTextReader":
        from indexer.readers.rapidocr import RapidOcrReader

        return RapidOcrReader(self._threads_per_side)

    def _speech_recogniser(self) -> "SpeechRecogniser":
        from indexer.recognisers.whisper import WhisperRecogniser

        name, revision = self._model_for("speech")
        return WhisperRecogniser(self._path_of(name), revision, self._threads_per_side, name=name)

    @property
    def _threads_per_side(self) -> int:
        """Threads for looking, and as many for listening, which go on side by side.

        More threads than cores cost more than they bring: they wait for each other spinning.
        """
        return max(1, self._settings.threads // 2)

    def _model_for(self, role: str) -> tuple[str, str]:
        """Name the model of a role and its revision: the digest of its files."""
        name = self._profile.model_for(role)
        return name, find_model(name, self._models).short_digest

    def _path_of(self, name: str) -> Path:
        return path_of(name, settings=self._settings)


def kept_array(path: Path, compute: "Callable[[], NDArray[np.float32]]") -> "NDArray[np.float32]":
    """Read an array that depends on pinned files only, computing and keeping it the first time."""
    import numpy as np

    if path.is_file():
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        return kept
    computed = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.npy")
    np.save(beside, computed, allow_pickle=False)
    beside.replace(path)
    return computed
