import numpy as np
import pytest

from indexer.findings import Finding
from indexer.interfaces import Transcript
from indexer.silence import SAMPLE_RATE_HERTZ
from indexer.speech import speech_skip_reason, transcribe_track
from store.records import EvidenceKind
from store.timespan import TimeSpan

ENGLISH = frozenset({"en"})


class Recorder:
    """Hears one finding in each piece, or refuses it, and remembers what it was given."""

    model_id = "recorder@1"
    languages = ENGLISH

    def __init__(self, refuse=lambda piece: False):
        self.pieces = []
        self._refuse = refuse

    def transcribe(self, samples, start_seconds, within):
        self.pieces.append((start_seconds, samples))
        if self._refuse(len(self.pieces)):
            return Transcript((), "12 s that may be speech make no sense as English")
        end_seconds = start_seconds + len(samples) / SAMPLE_RATE_HERTZ
        span = TimeSpan(start_seconds, end_seconds)
        return Transcript((Finding(EvidenceKind.SPEECH, span, "hm", self.model_id),))


def chunks_of(samples, start_seconds=0.0, chunk_seconds=30):
    size = chunk_seconds * SAMPLE_RATE_HERTZ
    for first in range(0, len(samples), size):
        yield start_seconds + first / SAMPLE_RATE_HERTZ, samples[first : first + size]


def noise(seconds):
    generator = np.random.default_rng(7)
    return generator.uniform(-1, 1, seconds * SAMPLE_RATE_HERTZ).astype(np.float32)


@pytest.mark.parametrize("language", ["en", "eng", "en-GB", "EN", None, "", "und"])
def test_english_and_unnamed_sound_is_heard(language):
    assert speech_skip_reason(language, ENGLISH) == ""


@pytest.mark.parametrize("language", ["de", "ger", "deu", "pt-BR"])
def test_sound_named_otherwise_is_skipped_with_the_remedy(language):
    reason = speech_skip_reason(language, ENGLISH)
    assert "knows only 'en'" in reason
    assert "subtitle file" in reason


def test_pieces_joined_are_the_whole_track():
    samples, recogniser = noise(301), Recorder()
    transcribe_track(chunks_of(samples, start_seconds=2.5), recogniser, None)
    assert np.array_equal(np.concatenate([piece for _, piece in recogniser.pieces]), samples)
    now = 2.5
    for start_seconds, piece in recogniser.pieces:
        assert start_seconds == pytest.approx(now)
        assert len(piece) <= 120 * SAMPLE_RATE_HERTZ
        now += len(piece) / SAMPLE_RATE_HERTZ


def test_a_piece_ends_in_the_silence():
    samples, recogniser = noise(150), Recorder()
    samples[112 * SAMPLE_RATE_HERTZ : 113 * SAMPLE_RATE_HERTZ] = 0
    transcribe_track(chunks_of(samples), recogniser, None)
    assert 112 <= recogniser.pieces[1][0] <= 113


def test_one_chunk_longer_than_a_piece_is_divided_too():
    recogniser = Recorder()
    transcribe_track([(0.0, noise(400))], recogniser, None)
    assert max(len(piece) for _, piece in recogniser.pieces) <= 120 * SAMPLE_RATE_HERTZ


def test_no_sound_is_no_transcript():
    recogniser = Recorder()
    assert transcribe_track([], recogniser, None) == Transcript(())
    assert recogniser.pieces == []


def test_only_pieces_with_something_to_hear_are_given():
    recogniser = Recorder()
    transcribe_track(chunks_of(noise(400)), recogniser, [TimeSpan(130, 140)])
    assert len(recogniser.pieces) == 1


def test_a_track_that_was_not_understood_says_why():
    transcript = transcribe_track(chunks_of(noise(300)), Recorder(lambda piece: True), None)
    assert transcript.findings == ()
    assert transcript.skip_reason.startswith(
        "12 s that may be speech make no sense as English (and 2 more"
    )
    assert transcript.skip_reason.endswith("put a subtitle file beside the video")


def test_one_piece_understood_among_many_refused_is_an_accident():
    recogniser = Recorder(lambda piece: piece != 2)
    assert transcribe_track(chunks_of(noise(480)), recogniser, None).findings == ()


def test_a_refused_piece_does_not_cost_the_others():
    transcript = transcribe_track(chunks_of(noise(300)), Recorder(lambda piece: piece == 2), None)
    assert len(transcript.findings) == 2
    assert transcript.skip_reason == ""
