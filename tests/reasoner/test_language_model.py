"""SmolLM2 itself: what the conversion keeps and what the model does."""

import math
from pathlib import Path

import pytest

from reasoner.pocket.conversion import convert_gguf, is_converted
from reasoner.pocket.language_model import LanguageModel, LanguageModelOptions, Prompt, chat
from reasoner.pocket.support import SupportReader
from reasoner.pocket.verifier import PocketVerifier
from store.errors import WeightsDigestError, WeightsMissingError
from tests.fakes import HashingEncoder
from tests.reasoner.timeline import LINES, FakeLibrary, plan_for, span_on

# bfloat16 rounds differently when a text is read in two parts.
BFLOAT16_TOLERANCE = 0.2
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="session")
def converted(weights_dir, tmp_path_factory) -> Path:
    place = weights_dir("smollm2-135m-instruct")
    if is_converted(place):
        return place
    folder = tmp_path_factory.mktemp("smollm2") / "converted"
    convert_gguf(next(place.rglob(GGUF)), folder)
    return folder


@pytest.fixture(scope="session")
def model(converted) -> LanguageModel:
    return LanguageModel(converted, LanguageModelOptions(threads=1))


def test_a_missing_gguf_is_named(tmp_path):
    with pytest.raises(WeightsMissingError, match=r"nothing\.gguf"):
        convert_gguf(tmp_path / "nothing.gguf", tmp_path / "out")


def test_a_file_that_is_no_gguf_leaves_nothing_behind(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"not a model at all, only some text" * 8)
    with pytest.raises(WeightsDigestError, match=r"broken\.gguf"):
        convert_gguf(tmp_path / "broken.gguf", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.gguf"]


def test_a_folder_without_a_finished_conversion_is_refused(tmp_path):
    (tmp_path / "model.safetensors").touch()
    assert not is_converted(tmp_path)
    with pytest.raises(WeightsMissingError):
        LanguageModel(tmp_path)


@pytest.mark.weights
def test_the_conversion_keeps_the_logits(weights_dir, converted):
    import torch
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    found = sorted(weights_dir("smollm2-135m-instruct").parent.rglob(GGUF))
    if not found:
        pytest.skip("the GGUF was not kept after its conversion")
    original = AutoModelForCausalLM.from_pretrained(
        found[0].parent, gguf_file=GGUF, dtype=torch.bfloat16
    )
    written = LlamaForCausalLM.from_pretrained(converted, dtype=torch.bfloat16)
    tokens = torch.tensor([[504, 4763, 314, 1217, 3, 1743]])
    with torch.inference_mode():
        assert torch.equal(original(tokens).logits, written(tokens).logits)


@pytest.mark.weights
def test_generation_is_the_same_twice_and_stops_at_its_limit(model):
    prompt = chat("Answer briefly.", "What is the capital of France?")
    first = model.generate(prompt, 12)
    assert "Paris" in first
    assert model.generate(prompt, 12) == first
    assert model.count_tokens(model.generate(prompt, 3)) <= 3


@pytest.mark.weights
def test_a_kept_prefix_changes_nothing(model):
    whole = Prompt("", "The boat is red.\nThe colour of the boat is")
    parted = Prompt("The boat is red.\n", "The colour of the boat is")
    (once,) = model.log_likelihood([whole], [" red"])
    again = model.log_likelihood([parted, parted], [" red", " red"])
    assert again[0] == again[1]
    assert once == pytest.approx(again[0], abs=BFLOAT16_TOLERANCE)


@pytest.mark.weights
def test_likely_words_are_likelier_and_empty_ones_are_refused(model):
    prompt = Prompt("", "Question: What is the capital of France? Answer:")
    right, wrong = model.log_likelihood([prompt, prompt], [" Paris", " Potato"])
    assert wrong < right < 0
    with pytest.raises(ValueError, match="at least one token"):
        model.log_likelihood([prompt], [""])
    with pytest.raises(ValueError, match="zip"):
        model.log_likelihood([prompt], [])


@pytest.mark.weights
def test_yes_probabilities_are_probabilities_and_tokens_are_counted(model):
    before = model.tokens_read
    prompts = [chat("Reply Yes or No.", text) for text in ("Is water wet?", "Is fire cold?")]
    probabilities = model.yes_probability(prompts)
    assert all(0 < p < 1 for p in probabilities)
    assert model.yes_probability(prompts) == probabilities
    assert model.tokens_read > before


@pytest.mark.weights
def test_the_verifier_sets_a_probability_on_every_span_and_ranks_by_it(model):
    verifier = PocketVerifier(FakeLibrary(), model, SupportReader(HashingEncoder()))
    spans = [span_on(LINES[3]), span_on(LINES[2])]
    judged = verifier.verify(plan_for("Where will they meet?"), spans)
    assert [span.evidence for span in judged] == [(LINES[2],), (LINES[3],)]
    best, other = (span.yes_probability or math.nan for span in judged)
    assert 1 > best > other > 0
    assert verifier.verify(plan_for("Where?"), []) == []
