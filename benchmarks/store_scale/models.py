"""The real models behind the made-up rows: the text encoders and the picture head."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinedex.compose import kept_array
from cinedex.weights import find_model, load_models, load_profile, path_of
from indexer.encoders.expected_label import ExpectedLabelHead, label_digest, label_embeddings
from indexer.encoders.minilm_numpy import MiniLmNumpyEncoder
from indexer.labels.imagenet import imagenet_labels

if TYPE_CHECKING:
    from indexer.encoders.minilm import MiniLmEncoder

PROFILE = "pocket"


def query_encoder() -> MiniLmNumpyEncoder:
    """Load the encoder that searches use."""
    return MiniLmNumpyEncoder(*_text_model())


def text_encoder() -> "MiniLmEncoder":
    """Load the encoder that indexing uses: the same vectors, quicker in bulk."""
    from indexer.encoders.minilm import MiniLmEncoder

    return MiniLmEncoder(*_text_model())


def text_model_folder() -> Path:
    """Say where the text encoder's files are."""
    return _text_model()[0]


def picture_head(cache: Path) -> ExpectedLabelHead:
    """Load the picture head.

    Args:
        cache: Where label embeddings are kept.
    """
    return ExpectedLabelHead(
        embedded_labels(cache),
        backbone_id="made-up",
        query_encoder_id=f"all-MiniLM-L6-v2@{_text_model()[1]}",
    )


def embedded_labels(cache: Path) -> NDArray[np.float32]:
    """Embed every class that the picture network knows, ``(1000, D)``, once."""
    labels = imagenet_labels()
    path = cache / f"labels-{label_digest(labels)}.npy"
    return kept_array(path, lambda: label_embeddings(text_encoder(), labels))


def _text_model() -> tuple[Path, str]:
    name = load_profile(PROFILE).model_for("text_encoder")
    return path_of(name), find_model(name, load_models()).short_digest
