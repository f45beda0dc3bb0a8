"""The space of SigLIP: equal to transformers' own, chosen by a profile, and indexed like any."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from indexer import kept_pictures, memo
from indexer.encoders.siglip import PictureScaling, SiglipPictureEncoder
from indexer.encoders.siglip_text import SiglipTextEncoder
from indexer.models import OnDemand
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.sightings import kept_seconds_of
from indexer.speech import SpeechMode
from retriever.search import Retriever
from store.errors import CheckpointError, ConfigError, DeviceMemoryError, WeightsMissingError
from store.library import Library
from tests.films import numbered_picture, write_film
from tests.indexer.tiny_siglip import HIDDEN, NUM_TOKENS, SIDE_PIXELS, build_siglip

pytestmark = pytest.mark.usefixtures("one_thread")
SEED = 7
NAME = "siglip(tiny)"
# float32 through two layers; a batch changes the order of sums.
TOLERANCE = 1e-5
# Pillow's resized levels are whole numbers on both sides; the rest is float32 rounding.
PIXEL_TOLERANCE = 1e-5
TEXTS = ["A red door", "two dogs run along the beach at dawn", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_siglip(tmp_path_factory.mktemp("siglip") / "tiny", SEED)


@pytest.fixture(scope="module")
def model(folder):
    from transformers import SiglipModel

    return SiglipModel.from_pretrained(folder, local_files_only=True).eval()


@pytest.fixture(scope="module")
def pictures_encoder(folder):
    return SiglipPictureEncoder(folder, NAME, "cpu")


@pytest.fixture(scope="module")
def text_encoder(folder):
    return SiglipTextEncoder(folder, NAME, "cpu")


def pictures(count=3):
    shapes = [(160, 96), (64, 64), (30, 200)]
    return [numbered_picture(n + 1, *shapes[n % len(shapes)]) for n in range(count)]


def unit(rows):
    return torch.nn.functional.normalize(rows, dim=-1).numpy()


@pytest.mark.parametrize(("resample", "deviation"), [(2, 0.5), (3, 0.25)])
def test_pictures_are_scaled_as_transformers_does(tmp_path, resample, deviation):
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    folder = build_siglip(tmp_path / "tiny", SEED, resample=resample, deviation=deviation)
    theirs = SiglipImageProcessorPil.from_pretrained(folder)
    for picture in pictures():
        wanted = theirs(images=picture, return_tensors="np")["pixel_values"]
        got = PictureScaling.read(folder).pixels([picture])
        assert got.shape == (1, 3, SIDE_PIXELS, SIDE_PIXELS)
        np.testing.assert_allclose(got, wanted, atol=PIXEL_TOLERANCE)


def test_pictures_have_the_features_that_transformers_gives(folder, model, pictures_encoder):
    pixels = torch.from_numpy(PictureScaling.read(folder).pixels(pictures()))
    with torch.inference_mode():
        wanted = unit(model.get_image_features(pixel_values=pixels).pooler_output)
    rows = pictures_encoder.embed_pictures(pictures())
    np.testing.assert_allclose(rows, wanted, atol=TOLERANCE)
    assert (rows.shape, rows.dtype) == ((3, HIDDEN), np.float32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=TOLERANCE)


def test_texts_have_the_features_that_transformers_gives(model, text_encoder):
    ids = torch.from_numpy(text_encoder.token_ids(TEXTS))
    with torch.inference_mode():
        wanted = unit(model.get_text_features(input_ids=ids).pooler_output)
    rows = text_encoder.encode_text(TEXTS)
    np.testing.assert_allclose(rows, wanted, atol=TOLERANCE)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=TOLERANCE)


def test_a_text_is_lower_case_ended_and_filled_up_behind(text_encoder):
    (short,), (long,) = text_encoder.token_ids(["Ab"]), text_encoder.token_ids(["ab" * 50])
    pad, end = 0, 1
    a, b = text_encoder.token_ids(["ab"])[0, :2]
    assert short.tolist() == [a, b, end, *[pad] * (NUM_TOKENS - 3)]
    assert len(long) == NUM_TOKENS
    assert long[-1] == end


def test_batches_change_nothing_and_nothing_gives_no_rows(pictures_encoder, text_encoder):
    many = pictures(18)
    together = pictures_encoder.embed_pictures(many)
    alone = np.concatenate([pictures_encoder.embed_pictures([each]) for each in many])
    np.testing.assert_allclose(together, alone, atol=TOLERANCE)
    np.testing.assert_array_equal(together, pictures_encoder.embed_pictures(many))
    assert pictures_encoder.embed_pictures([]).shape == (0, HIDDEN)
    assert text_encoder.encode_text([]).shape == (0, HIDDEN)


@pytest.mark.parametrize("text", ["", " ", "\N{CLAPPER BOARD}", "\x00", "नमस्ते", "word " * 5_000])
def test_any_text_gives_a_row(text_encoder, text):
    (row,) = text_encoder.encode_text([text])
    assert np.linalg.norm(row) == pytest.approx(1, abs=TOLERANCE)


def test_both_towers_name_one_space(pictures_encoder, text_encoder):
    assert pictures_encoder.query_encoder_id == text_encoder.encoder_id == NAME
    assert pictures_encoder.dimension == text_encoder.dimension == HIDDEN


def test_another_kind_of_checkpoint_is_refused(tmp_path):
    folder = build_siglip(tmp_path / "tiny", SEED)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "siglip2"}))
    with pytest.raises(CheckpointError, match="'siglip2'"):
        SiglipPictureEncoder(folder, NAME)
    with pytest.raises(ConfigError, match="abacus"):
        SiglipTextEncoder(folder, NAME, "abacus")


@pytest.mark.parametrize("name", ["preprocessor_config.json", "config.json", "model.safetensors"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = build_siglip(tmp_path / "tiny", SEED)
    (folder / name).unlink()
    with pytest.raises((WeightsMissingError, CheckpointError), match=str(folder)):
        SiglipPictureEncoder(folder, NAME)


def test_a_tensor_that_is_missing_is_named(tmp_path):
    folder = build_siglip(tmp_path / "tiny", SEED)
    tensors = load_file(folder / "model.safetensors")
    gone = sorted(tensors)[0]
    del tensors[gone]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=gone):
        SiglipPictureEncoder(folder, NAME)


# --- in a library


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", num_frames=150)


def models(encoder=None):
    from tests.faults.models import fake_models

    if encoder is None:
        return fake_models()
    return replace(fake_models(), picture_encoder=OnDemand(encoder.encoder_id, lambda: encoder))


def indexer(library, encoder=None):
    return Indexer(library, models(encoder), IndexOptions(speech=SpeechMode.OFF))


def index(library, film, encoder=None):
    (result,) = indexer(library, encoder).index([film]).results
    assert not result.error
    return result.video


def test_kept_frames_are_searched_by_words(tmp_path, film, pictures_encoder, text_encoder):
    from indexer.media.random_access import RandomAccessFrames

    with Library.create(tmp_path / "library") as library:
        video = index(library, film, pictures_encoder)
        (space,) = [space for space in library.spaces() if space.embeds == "picture"]
        assert (space.query_encoder_id, space.dimension) == (NAME, HIDDEN)
        seen = [
            each
            for each in library.indexed_video(video.video_id).embeddings
            if each.space_id == space.space_id
        ]
        assert len(seen) >= 3
        key = library.stage_results.all_of(video.video_id)["frames"].key
        frames = library.stage_results.parts(video.video_id, "frames", key)
        instants = kept_seconds_of(frames[0])
        assert len(instants) == len(seen)
        shown = list(RandomAccessFrames().frames_at(Path(video.path), instants))
        wanted = pictures_encoder.embed_pictures(shown)
        # Kept in half precision.
        np.testing.assert_allclose(np.stack([e.vector for e in seen]), wanted, atol=1e-3)
        retriever = Retriever(library, {NAME: text_encoder})
        found = retriever.search("a red door", sources=["picture"])
        scores = wanted @ text_encoder.encode_text(["a red door"])[0]
        best = seen[int(scores.argmax())]
        assert found[0].span.overlaps(best.span)


def test_another_encoder_embeds_again_and_nothing_else(tmp_path, film, pictures_encoder):
    with Library.create(tmp_path / "library") as library:
        index(library, film)
        (plan,) = indexer(library, pictures_encoder).plan([film])
        assert [part.stage for part in plan.stages] == ["embed", "summary", "publish"]
        index(library, film, pictures_encoder)
        with Library.create(tmp_path / "at once") as other:
            index(other, film, pictures_encoder)
            assert list(library.dump()) == list(other.dump())
        assert indexer(library, pictures_encoder).plan([film]).__next__().stages == ()


def test_a_gpu_that_is_full_is_told(folder, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    encoder = SiglipPictureEncoder(folder, NAME, "cpu")
    monkeypatch.setattr(encoder._tower, "forward", full)
    with pytest.raises(DeviceMemoryError, match="smaller model"):
        encoder.embed_pictures([np.zeros((8, 8, 3), np.uint8)])
    texts = SiglipTextEncoder(folder, NAME, "cpu")
    monkeypatch.setattr(texts._tower, "forward", full)
    with pytest.raises(DeviceMemoryError, match="smaller model"):
        texts.encode_text(["a door"])
    monkeypatch.setattr("transformers.SiglipModel.from_pretrained", full)
    for made in (SiglipPictureEncoder, SiglipTextEncoder):
        with pytest.raises(DeviceMemoryError, match="smaller model"):
            made(folder, NAME, "cpu")


class Stopped:
    """Embeds one batch, then is interrupted."""

    def __init__(self, encoder, batches):
        self.encoder_id = self.query_encoder_id = encoder.encoder_id
        self.dimension = encoder.dimension
        self._encoder, self._left = encoder, batches
        self.asked = 0

    def embed_pictures(self, pictures):
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self.asked += len(pictures)
        return self._encoder.embed_pictures(pictures)


def test_an_interrupted_run_goes_on(tmp_path, film, pictures_encoder, monkeypatch):
    monkeypatch.setattr(memo, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(kept_pictures, "PICTURES_AT_ONCE", 2)
    with Library.create(tmp_path / "library") as library:
        first = Stopped(pictures_encoder, 1)
        with pytest.raises(KeyboardInterrupt):
            index(library, film, first)
        again = Stopped(pictures_encoder, 99)
        index(library, film, again)
        with Library.create(tmp_path / "undisturbed") as other:
            whole = Stopped(pictures_encoder, 99)
            index(other, film, whole)
            assert list(library.dump()) == list(other.dump())
        assert first.asked == 2
        assert again.asked == whole.asked - 2 > 0
