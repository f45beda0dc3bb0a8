import os
import time
from pathlib import Path

import numpy as np
import pytest

from indexer.media import RandomAccessFrames, decode_frames, probe
from indexer.media.decord_frames import is_decord_here
from indexer.media.seeking import frame_table, pictures_in_order
from store.errors import MediaDecodeError, MediaNotFoundError
from tests.films import number_in, write_film, write_joined_film, write_rotated_film

FOOTAGE = Path(os.environ.get("CINEDEX_FOOTAGE", Path(__file__).parents[3] / "shared" / "videos"))
# Decoders agree to the last bit; scaling hard edges in RGB is not quite scaling them in YUV.
SAME_LEVELS, SAME_WHEN_SCALED_LEVELS = 0.01, 2.0
VARIABLE_TIMES = [0, 0.04, 0.08, 0.5, 0.52, 1.0, 2.0, 2.1, 2.2, 3.0, 3.04, 3.08, 4.0, 4.5, 4.54]
needs_decord = pytest.mark.skipif(not is_decord_here(), reason="decord is built for x86-64 only")


def numbers_at(path, instants, **options):
    return [
        number_in(picture) for picture in RandomAccessFrames(**options).frames_at(path, instants)
    ]


@pytest.mark.parametrize("use_decord", [True, False])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_the_frame_on_screen_in_the_order_asked(tmp_path, name, use_decord):
    film = write_film(tmp_path / name, num_frames=100)
    instants = [3.99, 0.0, 0.039, 0.041, 2.0, 2.0, 1.03, 99.0, -1.0]
    numbers = numbers_at(film, instants, use_decord=use_decord)
    assert numbers == [99, 0, 0, 1, 50, 50, 25, 99, 0]


@pytest.mark.parametrize("use_decord", [True, False])
def test_variable_rate_goes_by_timestamps(tmp_path, use_decord):
    film = write_film(tmp_path / "a.mkv", frame_times=VARIABLE_TIMES, gop=4)
    instants = [seconds + 0.01 for seconds in VARIABLE_TIMES] + [0.3, 1.99, 3.9]
    assert numbers_at(film, instants, use_decord=use_decord) == [*range(15), 2, 5, 11]


@pytest.mark.parametrize("use_decord", [True, False])
def test_every_frame_of_open_groups_of_pictures(tmp_path, use_decord):
    film = write_film(tmp_path / "a.mpg", num_frames=60, codec="mpeg2video")
    order = np.random.default_rng(0).permutation(60)
    instants = [number / 25 + 0.01 for number in order]
    assert numbers_at(film, instants, use_decord=use_decord) == order.tolist()


@needs_decord
def test_decord_serves_a_plain_film(tmp_path):
    assert RandomAccessFrames().decoder_of(write_film(tmp_path / "a.mp4")) == "decord"


@needs_decord
def test_nothing_is_decoded_that_nobody_asked_for(sample_film):
    source = RandomAccessFrames()
    source.frames_at(sample_film, [100.0])
    assert source.decoder_of(sample_film) == "decord"
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(2.0)
    assert time.process_time() - before < 0.1


def test_pyav_serves_a_rotated_film(tmp_path):
    film = write_rotated_film(tmp_path / "a.mp4", 90)
    source = RandomAccessFrames()
    pictures = source.frames_at(film, [0.5, 1.5])
    assert pictures.shape == (2, 160, 96, 3)
    assert [number_in(np.rot90(picture)) for picture in pictures] == [12, 37]


def test_a_film_whose_clock_starts_again_is_read_in_order(tmp_path):
    film = write_joined_film(tmp_path / "a.ts")
    source = RandomAccessFrames()
    assert source.decoder_of(film) == "pyav in order"
    in_order = [frame.picture() for frame in decode_frames(film)]
    times = [frame.pts_seconds for frame in decode_frames(film)]
    pictures = source.frames_at(film, [times[40], times[10]])
    assert np.array_equal(pictures, [in_order[40], in_order[10]])


@pytest.mark.parametrize("use_decord", [True, False])
def test_smaller_pictures(tmp_path, use_decord):
    film = write_film(tmp_path / "a.mp4", num_frames=30)
    source = RandomAccessFrames(80, use_decord=use_decord)
    pictures = source.frames_at(film, [0.0, 1.0])
    assert pictures.shape == (2, 48, 80, 3)
    assert [number_in(picture) for picture in pictures] == [0, 25]


def test_no_instants_no_pictures(tmp_path):
    assert len(RandomAccessFrames().frames_at(write_film(tmp_path / "a.mp4"), [])) == 0


def test_a_file_that_was_replaced_is_looked_at_again(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=10)
    source = RandomAccessFrames()
    assert len(source.frames_at(film, [0.0])) == 1
    write_film(film, num_frames=10, size=(320, 192))
    os.utime(film, (0, 0))
    assert source.frames_at(film, [0.0]).shape == (1, 192, 320, 3)


def test_sound_only_is_an_error(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=0, sound_seconds=1.0)
    with pytest.raises(MediaDecodeError, match="no picture track"):
        RandomAccessFrames().frames_at(film, [0.0])


def test_a_missing_file(tmp_path):
    with pytest.raises(MediaNotFoundError):
        RandomAccessFrames().frames_at(tmp_path / "gone.mp4", [0.0])


def test_the_table_has_the_times_of_the_frames_to_the_last_bit(tmp_path):
    film = write_film(tmp_path / "a.mkv", frame_times=VARIABLE_TIMES, gop=4)
    table = frame_table(film)
    assert table.times_seconds.tolist() == [frame.pts_seconds for frame in decode_frames(film)]
    assert table.key_numbers[0] == 0


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"no footage at {FOOTAGE}")
@pytest.mark.parametrize("name", ["v022.mp4", "v095.mp4", "v159.mp4", "v186.avi", "v205.m4v"])
def test_real_films_give_the_frames_of_one_pass(name):
    film = FOOTAGE / name
    duration = probe(film).duration_seconds
    instants = sorted(np.random.default_rng(0).uniform(0, duration, 6).tolist())
    for side, levels in ((None, SAME_LEVELS), (320, SAME_WHEN_SCALED_LEVELS)):
        expected = np.stack(pictures_in_order(film, instants, side)).astype(int)
        pictures = RandomAccessFrames(side).frames_at(film, instants)
        assert np.abs(pictures - expected).mean(axis=(1, 2, 3)).max() < levels


@needs_decord
@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"no footage at {FOOTAGE}")
def test_decord_is_not_trusted_with_what_it_decodes_green():
    assert RandomAccessFrames().decoder_of(FOOTAGE / "v095.mp4").startswith("pyav")
    assert RandomAccessFrames().decoder_of(FOOTAGE / "v022.mp4") == "decord"
