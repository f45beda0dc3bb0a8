from pathlib import Path

import numpy as np
import pytest

from reasoner.videomind.patches import patchify
from reasoner.videomind.pixels import FRAMES_PER_READ, read_pixels
from reasoner.videomind.sampling import GROUNDER_VIDEO


class Ramp:
    """A video whose picture is as bright as its second."""

    def __init__(self):
        self.asked = []

    def frames_at(self, path, instants_seconds):
        self.asked.append(len(instants_seconds))
        levels = np.array(instants_seconds, dtype=np.uint8)[:, None, None, None]
        return np.broadcast_to(levels, (len(levels), 168, 224, 3))


def test_frames_are_read_in_portions_and_joined_in_order():
    source = Ramp()
    instants = [float(second) for second in range(FRAMES_PER_READ + 4)]
    pixels = read_pixels(source, Path("film.mp4"), instants, GROUNDER_VIDEO)
    assert source.asked == [FRAMES_PER_READ, 4]
    whole, grid = patchify(Ramp().frames_at(Path("film.mp4"), instants))
    assert pixels.grid == grid
    np.testing.assert_array_equal(pixels.patches, whole)


def test_no_instant_is_a_mistake():
    with pytest.raises(ValueError, match="at least one instant"):
        read_pixels(Ramp(), Path("film.mp4"), [], GROUNDER_VIDEO)
