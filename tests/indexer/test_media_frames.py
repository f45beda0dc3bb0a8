from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.media import FrameReader, decode_frames
from indexer.media.clock import FrameClock
from indexer.media.picture import displayed_size, scaled_size
from store.errors import MediaDecodeError, MediaNotFoundError
from tests.films import (
    COLOURS,
    number_in,
    numbered_picture,
    write_damaged_film,
    write_film,
    write_joined_film,
    write_rotated_film,
    write_truncated_film,
)

# H.264 at crf 16 with halved colour: bars and fields keep their colour to within some levels.
CODING_LEVELS = 8
ONE_MILLISECOND = 0.001


def seen(path):
    return [(number_in(frame.picture()), frame.pts_seconds) for frame in decode_frames(path)]


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("h264 with B frames.mp4", {}),
        ("h264.mkv", {}),
        ("mpeg4.mp4", {"codec": "mpeg4"}),
        ("mpeg2.mpg", {"codec": "mpeg2video"}),
        ("vp9.webm", {"codec": "libvpx-vp9"}),
        ("transport.ts", {}),
        ("lossless.mkv", {"codec": "ffv1", "b_frames": 0}),
    ],
)
def test_every_frame_comes_once_in_order_at_its_time(tmp_path, name, recipe):
    frames = seen(write_film(tmp_path / name, num_frames=30, **recipe))
    assert [number for number, _ in frames] == list(range(30))
    assert [seconds for _, seconds in frames] == pytest.approx(
        [number / 25 for number in range(30)], abs=ONE_MILLISECOND
    )


def test_ntsc_times_do_not_drift(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=90, rate=Fraction(30000, 1001))
    for number, seconds in seen(film):
        assert seconds == pytest.approx(number * 1001 / 30000, abs=1e-4)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_variable_rate_times_are_the_timestamps(tmp_path, name):
    times = [0, 0.04, 0.08, 0.5, 0.52, 1.0, 2.0, 2.1]
    frames = seen(write_film(tmp_path / name, frame_times=times))
    assert [number for number, _ in frames] == list(range(8))
    assert [seconds for _, seconds in frames] == pytest.approx(times, abs=ONE_MILLISECOND)


def test_a_video_that_starts_late_starts_at_zero(tmp_path):
    frames = seen(write_film(tmp_path / "a.mkv", frame_times=[5.0, 5.04, 5.08]))
    assert [seconds for _, seconds in frames] == pytest.approx([0, 0.04, 0.08], abs=ONE_MILLISECOND)


def test_picture_that_starts_after_the_sound_keeps_its_offset(tmp_path):
    times = [0.6 + number / 25 for number in range(10)]
    frames = seen(write_film(tmp_path / "a.mkv", frame_times=times, sound_seconds=1.0))
    # The run-in of the AAC encoder may move the origin by its 21 ms.
    assert frames[0][1] == pytest.approx(0.6, abs=0.025)


def test_pictures_have_the_colours_that_were_painted(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=6)
    for frame in decode_frames(film):
        field = frame.picture()[60:90, 10:150].reshape(-1, 3).mean(axis=0)
        assert field == pytest.approx(COLOURS[frame.index % 3], abs=CODING_LEVELS)


@pytest.mark.parametrize(
    ("side", "shape"),
    [
        (None, (96, 160, 3)),
        (1000, (96, 160, 3)),
        (80, (48, 80, 3)),
        (48, (28, 48, 3)),
        (2, (2, 2, 3)),
    ],
)
def test_scaled_pictures_keep_their_aspect(tmp_path, side, shape):
    frame = next(decode_frames(write_film(tmp_path / "a.mp4", num_frames=2)))
    picture = frame.picture(side)
    assert picture.shape == shape
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


def test_several_sizes_of_one_frame(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=12)
    for frame in decode_frames(film):
        assert {number_in(frame.picture(side)) for side in (None, 120, 80, 120)} == {frame.index}


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_pictures_stand_upright(tmp_path, degrees):
    film = write_rotated_film(tmp_path / "a.mp4", degrees, num_frames=12)
    for frame in decode_frames(film):
        # Counter-clockwise by as much gives back the picture as it was painted.
        painted = np.rot90(frame.picture(), degrees // 90)
        assert number_in(painted) == frame.index
        assert np.abs(painted.astype(int) - numbered_picture(frame.index)).mean() < CODING_LEVELS
        assert max(frame.picture(80).shape) == 80


@pytest.mark.parametrize("size", [(2, 96), (160, 2), (2, 2)])
def test_a_video_two_pixels_wide(tmp_path, size):
    film = write_film(tmp_path / "a.mkv", num_frames=5, size=size)
    for frame in decode_frames(film):
        assert frame.picture(48).shape == (min(size[1], 48), min(size[0], 48), 3)


def test_sound_only_has_no_frames(tmp_path):
    assert seen(write_film(tmp_path / "a.mp4", num_frames=0, sound_seconds=1.0)) == []


def test_a_truncated_film_gives_what_is_left(tmp_path):
    with FrameReader(write_truncated_film(tmp_path / "a.mp4", 0.5)) as reader:
        numbers = [number_in(frame.picture()) for frame in reader]
    assert numbers == list(range(len(numbers)))
    assert 50 < len(numbers) < 150
    assert reader.end_seconds == pytest.approx(len(numbers) / 25)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_damage_in_the_middle_is_passed_over_and_counted(tmp_path, name):
    with FrameReader(write_damaged_film(tmp_path / name)) as reader:
        frames = [
            (number_in(frame.picture()), frame.pts_seconds, frame.is_damaged) for frame in reader
        ]
    assert reader.damaged_packets + reader.damaged_frames > 0
    assert not reader.stopped_early
    assert frames[-1][0] == 199
    assert len(frames) > 100
    # Frames after the damage are still at their own time.
    for number, seconds, _ in [*frames[:40], *frames[-12:]]:
        assert seconds == pytest.approx(number / 25, abs=ONE_MILLISECOND)


def test_joined_files_run_on_and_keep_the_first_size(tmp_path):
    with FrameReader(write_joined_film(tmp_path / "a.ts")) as reader:
        frames = [(frame.pts_seconds, frame.picture().shape) for frame in reader]
    times = [seconds for seconds, _ in frames]
    assert all(earlier < later for earlier, later in pairwise(times))
    # The parser gives up one frame where the files meet.
    assert times[-1] == pytest.approx(1.96, abs=0.05)
    assert {shape for _, shape in frames} == {(96, 160, 3)}


def test_a_picture_track_of_noise_is_a_decode_error(tmp_path):
    film = write_film(tmp_path / "a.mp4", options={"movflags": "faststart"})
    content = film.read_bytes()
    start = content.index(b"mdat") + 4
    noise = np.random.default_rng(0).bytes(len(content) - start)
    film.write_bytes(content[:start] + noise)
    with pytest.raises(MediaDecodeError, match="no frame can be decoded"):
        list(decode_frames(film))


def test_a_missing_file(tmp_path):
    with pytest.raises(MediaNotFoundError):
        next(decode_frames(tmp_path / "gone.mp4"))


def test_a_reader_is_read_once(tmp_path):
    with FrameReader(write_film(tmp_path / "a.mp4", num_frames=3)) as reader:
        assert len(list(reader)) == 3
        with pytest.raises(ValueError, match="once"):
            next(iter(reader))


def test_a_reader_must_be_opened(tmp_path):
    with pytest.raises(ValueError, match="with"):
        next(iter(FrameReader(tmp_path / "a.mp4")))


def test_stopping_half_way_closes_the_file(tmp_path):
    film = write_film(tmp_path / "a.mp4")
    frames = decode_frames(film)
    next(frames)
    frames.close()
    film.unlink()
    with pytest.raises(MediaNotFoundError):
        next(decode_frames(film))


def test_anamorphic_pixels_are_made_square():
    assert displayed_size(720, 576, Fraction(64, 45), 0) == (1024, 576)
    assert displayed_size(640, 360, Fraction(1), 90) == (360, 640)
    assert displayed_size(600, 338, Fraction(676, 675), 0) == (600, 338)


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.none() | st.integers(2, 4_000))
def test_scaled_sizes_fit_and_never_vanish(width, height, side):
    scaled_width, scaled_height = scaled_size(width, height, side)
    assert min(scaled_width, scaled_height) >= 1
    if side is not None and max(width, height) > side:
        assert max(scaled_width, scaled_height) <= max(2, side + 1)
        assert scaled_width % 2 == scaled_height % 2 == 0


@given(st.lists(st.none() | st.integers(-(10**6), 10**9), max_size=50))
def test_the_clock_only_moves_forward(stamps):
    clock = FrameClock(Fraction(0), 0.04, 60.0)
    times = [clock.place(stamp, None, Fraction(1, 1000)) for stamp in stamps]
    assert all(seconds >= 0 for seconds in times)
    assert all(earlier < later for earlier, later in pairwise(times))


def test_the_clock_follows_decoding_times_where_presentation_times_are_muddled():
    clock = FrameClock(Fraction(0), 0.04, None)
    stamps = [(1, 3), (4, 4), (6, 5), (5, 6), (7, 7), (9, 8), (8, 9), (10, 10)]
    times = [clock.place(pts, dts, Fraction(1, 25)) for pts, dts in stamps]
    assert times[-3:] == pytest.approx([9 / 25, 10 / 25, 11 / 25])
    assert all(earlier < later for earlier, later in pairwise(times))
