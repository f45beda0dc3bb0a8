import numpy as np
import pytest

from indexer.interfaces import Stretch
from indexer.pieces import pieces
from indexer.silence import SAMPLE_RATE_HERTZ, longest_pause


def noise(seconds):
    generator = np.random.default_rng(7)
    return generator.uniform(-1, 1, seconds * SAMPLE_RATE_HERTZ).astype(np.float32)


def chunks_of(samples, start_seconds=0.0, chunk_seconds=30):
    size = chunk_seconds * SAMPLE_RATE_HERTZ
    for first in range(0, len(samples), size):
        yield start_seconds + first / SAMPLE_RATE_HERTZ, samples[first : first + size]


def no_voice(samples):
    return []


def test_pieces_joined_are_the_whole_track():
    samples = noise(301)
    found = list(pieces(chunks_of(samples, start_seconds=2.5), no_voice))
    assert np.array_equal(np.concatenate([piece.samples for piece in found]), samples)
    assert [piece.index for piece in found] == [0, 1, 2]
    now = 2.5
    for piece in found:
        assert piece.span.start_seconds == pytest.approx(now)
        assert piece.span.duration_seconds <= 120
        now = piece.span.end_seconds


def test_pieces_do_not_depend_on_how_the_sound_arrives():
    samples = noise(301)
    small = pieces(chunks_of(samples, chunk_seconds=7), no_voice)
    large = pieces([(0.0, samples)], no_voice)
    for one, other in zip(small, large, strict=True):
        assert one.span == other.span
        assert np.array_equal(one.samples, other.samples)


def test_a_piece_ends_in_the_silence():
    samples = noise(150)
    samples[112 * SAMPLE_RATE_HERTZ : 113 * SAMPLE_RATE_HERTZ] = 0
    _, second = pieces(chunks_of(samples), no_voice)
    assert 112 <= second.start_seconds <= 113


def test_a_piece_ends_where_nobody_speaks_though_a_word_holds_a_quieter_moment():
    samples = noise(150)
    samples[112 * SAMPLE_RATE_HERTZ : 113 * SAMPLE_RATE_HERTZ] = 0

    def find_voice(tail):
        assert len(tail) == 20 * SAMPLE_RATE_HERTZ
        return [
            Stretch(0, 3 * SAMPLE_RATE_HERTZ),
            Stretch(5 * SAMPLE_RATE_HERTZ, 20 * SAMPLE_RATE_HERTZ),
        ]

    _, second = pieces(chunks_of(samples), find_voice)
    assert 103 <= second.start_seconds <= 105


def test_a_piece_without_a_pause_ends_at_its_quietest_moment():
    samples = noise(150)
    samples[112 * SAMPLE_RATE_HERTZ : 113 * SAMPLE_RATE_HERTZ] = 0
    _, second = pieces(chunks_of(samples), lambda tail: [Stretch(0, len(tail))])
    assert 112 <= second.start_seconds <= 113


def test_no_sound_is_no_piece():
    assert list(pieces([], no_voice)) == []


def test_the_longest_pause_may_be_before_between_or_behind_the_voice():
    assert longest_pause([Stretch(9000, 10000)], 11000) == Stretch(0, 9000)
    assert longest_pause([Stretch(0, 1000), Stretch(9000, 11000)], 11000) == Stretch(1000, 9000)
    assert longest_pause([Stretch(0, 1000)], 11000) == Stretch(1000, 11000)
    assert longest_pause([Stretch(0, 11000)], 11000) is None
    assert longest_pause([Stretch(0, 8000)], 11000) is None
