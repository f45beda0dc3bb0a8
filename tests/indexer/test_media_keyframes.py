"""Key frames alone are those frames that decoding in order gives."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.media import FrameReader
from indexer.media.keyframes import KeyframeReader, keyframe_spacing, keyframes_suffice
from indexer.media.seeking import frame_table
from store.errors import MediaNotFoundError
from tests.films import number_in, write_film

SIDE_PIXELS = 160
LONGEST_FRAME_SECONDS = 0.05


def assert_as_in_order(film: Path) -> int:
    """Compare with the frames of the same times decoded in order; returns their number."""
    with KeyframeReader(film) as reader:
        keys = {frame.pts_seconds: frame.picture(SIDE_PIXELS) for frame in reader}
        end_seconds = reader.end_seconds
    met = 0
    with FrameReader(film) as in_order:
        for frame in in_order:
            if frame.pts_seconds in keys:
                met += 1
                picture = frame.picture(SIDE_PIXELS)
                assert np.array_equal(picture, keys[frame.pts_seconds]), frame.pts_seconds
        assert end_seconds == pytest.approx(in_order.end_seconds)
    assert met == len(keys)
    spacing = max(later - earlier for earlier, later in pairwise([*keys, end_seconds]))
    assert spacing == pytest.approx(keyframe_spacing(film), abs=LONGEST_FRAME_SECONDS)
    return met


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("mpeg4.mp4", {"codec": "mpeg4", "gop": 5, "b_frames": 0}),
        ("mpeg2.mkv", {"codec": "mpeg2video", "gop": 6, "b_frames": 2}),
        ("vp9.webm", {"codec": "libvpx-vp9", "gop": 10}),
        ("every.mkv", {"codec": "ffv1", "gop": 1, "b_frames": 0}),
    ],
)
def test_key_frames_are_those_decoded_in_order(
    tmp_path: Path, name: str, recipe: dict[str, Any]
) -> None:
    film = write_film(tmp_path / name, num_frames=30, **recipe)
    table = frame_table(film)
    assert table is not None
    assert assert_as_in_order(film) == len(table.key_numbers) >= 30 / recipe["gop"]


def test_a_long_way_between_key_frames_does_not_suffice(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", num_frames=50, codec="mpeg4", gop=250)
    with KeyframeReader(film) as reader:
        # The encoder makes the last frame a key frame too.
        assert [number_in(frame.picture()) for frame in reader] == [0, 49]
        end_seconds = reader.end_seconds
    assert end_seconds == pytest.approx(2.0, abs=0.001)
    assert keyframe_spacing(film) == pytest.approx(49 / 25, abs=0.001)
    assert not keyframes_suffice(film, 1.0)
    assert keyframes_suffice(film, 2.0)


def test_times_that_are_guesswork_and_files_that_are_missing(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.avi", num_frames=30, codec="mpeg4")
    assert keyframe_spacing(film) is None
    assert not keyframes_suffice(film, 99.0)
    with pytest.raises(MediaNotFoundError):
        keyframe_spacing(tmp_path / "none.mp4")


def test_key_frames_of_the_sample_film_are_those_decoded_in_order(sample_film: Path) -> None:
    assert assert_as_in_order(sample_film) > 100
