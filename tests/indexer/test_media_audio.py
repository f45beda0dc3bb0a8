import tracemalloc
import wave

import numpy as np
import pytest

from indexer.media import audio_chunks, read_audio
from store.errors import MediaNotFoundError
from tests.films import TONE_HERTZ, write_film, write_song_with_cover, write_truncated_film

RATE = 16_000
# One AAC frame: the encoder works in these, and its run-in is one.
ONE_SOUND_FRAME = 0.025
# Half full scale, as a root mean square, and what coding and the filter's edges may take from it.
TONE_RMS, RMS_TOLERANCE = 0.5 / np.sqrt(2), 0.02


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def between(track, start_seconds, end_seconds):
    offsets = [round((at - track.start_seconds) * RATE) for at in (start_seconds, end_seconds)]
    return track.samples[slice(*offsets)]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_tone_comes_back_as_it_was(tmp_path, name):
    track = read_audio(write_film(tmp_path / name, sound_seconds=2.0))
    assert track.samples.dtype == np.float32
    assert track.samples.ndim == 1
    assert track.start_seconds == pytest.approx(0, abs=ONE_SOUND_FRAME)
    assert track.end_seconds == pytest.approx(2.0, abs=2 * ONE_SOUND_FRAME)
    middle = between(track, 0.5, 1.5)
    assert rms(middle) == pytest.approx(TONE_RMS, abs=RMS_TOLERANCE)
    assert np.abs(np.fft.rfft(middle)).argmax() == TONE_HERTZ


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_sound_that_starts_late_keeps_its_offset(tmp_path, name):
    track = read_audio(write_film(tmp_path / name, sound_seconds=1.0, sound_starts=0.5))
    assert track.start_seconds == pytest.approx(0.5, abs=ONE_SOUND_FRAME)
    assert rms(between(track, 0.6, 1.4)) == pytest.approx(TONE_RMS, abs=RMS_TOLERANCE)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_gap_is_silent_and_what_follows_is_on_time(tmp_path, name):
    track = read_audio(write_film(tmp_path / name, sound_seconds=3.0, sound_gap=(1.0, 2.0)))
    assert track.end_seconds == pytest.approx(3.0, abs=2 * ONE_SOUND_FRAME)
    assert rms(between(track, 0.2, 0.9)) == pytest.approx(TONE_RMS, abs=RMS_TOLERANCE)
    assert rms(between(track, 1.1, 1.9)) < RMS_TOLERANCE
    assert rms(between(track, 2.1, 2.9)) == pytest.approx(TONE_RMS, abs=RMS_TOLERANCE)


@pytest.mark.parametrize("chunk_seconds", [0.1, 0.33333, 1.0, 60.0])
def test_chunks_join_exactly(tmp_path, chunk_seconds):
    film = write_film(tmp_path / "a.mkv", sound_seconds=2.0, sound_starts=0.5, sound_gap=(1.0, 1.3))
    whole = read_audio(film)
    chunks = list(audio_chunks(film, chunk_seconds=chunk_seconds))
    assert np.array_equal(np.concatenate([samples for _, samples in chunks]), whole.samples)
    position = 0
    for start_seconds, samples in chunks:
        assert start_seconds == pytest.approx(whole.start_seconds + position / RATE)
        position += len(samples)
    assert {len(samples) for _, samples in chunks[:-1]} <= {round(chunk_seconds * RATE)}


def test_another_rate(tmp_path):
    track = read_audio(write_film(tmp_path / "a.mp4", sound_seconds=1.0), sample_rate_hertz=8_000)
    assert len(track.samples) == pytest.approx(8_000, abs=8_000 * ONE_SOUND_FRAME)


def test_channels_are_mixed_and_loudness_kept(tmp_path):
    path = tmp_path / "a.wav"
    left = np.full(16_000, 16_384, dtype="<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(np.stack([left, -left // 2], axis=1).tobytes())
    track = read_audio(path)
    assert len(track.samples) == 16_000
    # (0.5 - 0.25) / 2
    assert track.samples[8_000] == pytest.approx(0.125, abs=0.001)


def test_a_film_without_sound(tmp_path):
    film = write_film(tmp_path / "a.mp4")
    assert read_audio(film) is None
    assert list(audio_chunks(film)) == []


def test_a_song_with_a_cover_can_be_heard(tmp_path):
    assert read_audio(write_song_with_cover(tmp_path / "a.m4a")).end_seconds == pytest.approx(
        1.0, abs=ONE_SOUND_FRAME
    )


def test_a_missing_file(tmp_path):
    with pytest.raises(MediaNotFoundError):
        read_audio(tmp_path / "gone.mp4")


def test_a_truncated_film_is_heard_as_far_as_it_goes(tmp_path):
    film = write_truncated_film(tmp_path / "a.mp4", 0.6, sound_seconds=8.0)
    track = read_audio(film)
    assert 2.0 < track.end_seconds < 7.0
    assert rms(between(track, 0.5, 1.5)) == pytest.approx(TONE_RMS, abs=RMS_TOLERANCE)


def test_chunk_length_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="positive"):
        next(audio_chunks(tmp_path / "a.mp4", chunk_seconds=0))


def test_memory_does_not_grow_with_length(tmp_path):
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8_000)
        sound.writeframes(b"\x80" * (8_000 * 60 * 30))
    tracemalloc.start()
    seconds = sum(len(samples) for _, samples in audio_chunks(path)) / RATE
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds == pytest.approx(1_800, abs=0.01)
    # Half an hour is 115 MB; a piece is 2 MB, and there are its parts and copies of it.
    assert peak_bytes < 12_000_000
