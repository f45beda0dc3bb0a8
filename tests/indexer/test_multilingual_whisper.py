"""A Whisper model of the multilingual kind, made here: random weights, the real layout."""

import json

import numpy as np
import pytest
import torch
from ctranslate2.converters.transformers import WhisperLoader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import WhisperConfig, WhisperForConditionalGeneration

from indexer.interfaces import Stretch
from indexer.recognisers.whisper import WhisperRecogniser
from indexer.silence import SAMPLE_RATE_HERTZ

LANGUAGES = ("en", "zh", "de", "es", "ru", "fi")
NUM_LANGUAGES = 99
NUM_TIMES = 1501
FIRST_SPECIAL = 50257


def vocabulary():
    """Lay tokens out as the multilingual models do: text, marks, languages, tasks, times."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    text = [*letters, *(f"\u0120w{number}" for number in range(FIRST_SPECIAL - len(letters)))]
    marks = ["<|endoftext|>", "<|startoftranscript|>"]
    marks += [f"<|{code}|>" for code in LANGUAGES]
    marks += [f"<|x{number}|>" for number in range(NUM_LANGUAGES - len(LANGUAGES))]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    marks += ["<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{number * 0.02:.2f}|>" for number in range(NUM_TIMES)]
    return text, marks, times


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whisper")
    text, marks, times = vocabulary()
    tokens = [*text, *marks, *times]
    tokenizer = Tokenizer(models.BPE({token: at for at, token in enumerate(tokens)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in [*marks, *times]])
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = WhisperConfig(
        vocab_size=len(tokens), d_model=16, num_mel_bins=80, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_ffn_dim=16, pad_token_id=FIRST_SPECIAL, bos_token_id=FIRST_SPECIAL,
        eos_token_id=FIRST_SPECIAL, decoder_start_token_id=FIRST_SPECIAL + 1,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    loader = WhisperLoader()
    spec = loader.get_model_spec(model)
    # CTranslate2 takes a model for multilingual by the empty token before the first mark.
    spec.register_vocabulary([*text[:-1], "", *marks, *times])
    spec.config.suppress_ids = list(range(FIRST_SPECIAL + 1, len(tokens)))
    spec.config.suppress_ids_begin = [FIRST_SPECIAL]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in LANGUAGES]
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))
    return folder


@pytest.fixture(scope="module")
def recogniser(folder):
    return WhisperRecogniser(folder, "r1", threads=1, name="whisper-random")


def noise(seconds):
    loudness = np.random.default_rng(2).normal(0, 0.1, seconds * SAMPLE_RATE_HERTZ)
    return loudness.astype(np.float32)


VOICE = [Stretch(0, 2 * SAMPLE_RATE_HERTZ), Stretch(3 * SAMPLE_RATE_HERTZ, 9 * SAMPLE_RATE_HERTZ)]


def test_the_languages_are_those_of_the_models_own_configuration(recogniser, folder):
    assert recogniser.languages == frozenset(LANGUAGES)
    assert len(json.loads((folder / "config.json").read_text())["lang_ids"]) == len(LANGUAGES)
    assert recogniser.model_id == "whisper-random@r1"


def test_the_language_is_found_out_once_and_the_same_each_time(recogniser):
    heard = recogniser.transcribe(noise(10), 0.0, VOICE, None)
    assert heard.language in LANGUAGES
    assert 0 < heard.language_probability < 1
    assert recogniser.transcribe(noise(10), 0.0, VOICE, None) == heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_is_given_is_what_it_decodes_as(recogniser, monkeypatch, language):
    prompts = []
    generate = type(recogniser._model.model).generate

    class Listening:
        def __getattr__(self, name):
            return getattr(model, name)

        def generate(self, features, prompt, **options):
            prompts.extend(prompt)
            return generate(model, features, prompt, **options)

    model = recogniser._model.model
    monkeypatch.setattr(recogniser._model, "model", Listening())
    heard = recogniser.transcribe(noise(10), 0.0, VOICE, language)
    assert (heard.language, heard.language_probability) == (language, None)
    token = recogniser._model.hf_tokenizer.token_to_id(f"<|{language}|>")
    assert prompts
    assert all(token in prompt for prompt in prompts)


def test_a_language_that_it_does_not_know_is_an_error(recogniser):
    with pytest.raises(ValueError, match="whisper-random@r1 does not know 'cy'"):
        recogniser.transcribe(noise(10), 0.0, VOICE, "cy")


def test_random_weights_are_not_understood(recogniser):
    heard = recogniser.transcribe(noise(10), 0.0, VOICE, "en")
    assert heard.findings == ()
    assert heard.clear_seconds == 0
    assert heard.voice_seconds == 8
