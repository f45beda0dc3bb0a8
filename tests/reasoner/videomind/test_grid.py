import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.grid import TOKEN_PIXELS, VideoGrid, planned_grid, smart_resize
from reasoner.videomind.patches import patchify
from reasoner.videomind.resizing import resize_frames
from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    ANSWERER_VIDEO_MME,
    GROUNDER_VIDEO,
    VERIFIER_VIDEO,
)
from store.errors import PictureShapeError


def test_sizes_are_the_reference_s(geometry):
    for height, width, min_pixels, max_pixels, size in geometry["smart_resize"]["rows"]:
        if size == "ValueError":
            with pytest.raises(PictureShapeError, match="crop"):
                smart_resize(height, width, min_pixels, max_pixels)
            continue
        # The reference shrinks very long pictures to nothing; ours leaves one token.
        size = tuple(max(TOKEN_PIXELS, side) for side in size)
        assert smart_resize(height, width, min_pixels, max_pixels) == size, (height, width)


def test_roles_see_frames_between_sizes_that_the_reference_uses(geometry):
    bounds = {(row[2], row[3]) for row in geometry["smart_resize"]["rows"]}
    for video in (GROUNDER_VIDEO, VERIFIER_VIDEO, ANSWERER_VIDEO, ANSWERER_VIDEO_MME):
        assert (video.min_pixels, video.max_pixels) in bounds


def test_a_wide_film_as_the_grounder_sees_it():
    # 1920 x 1080 shrinks by sqrt(2073600 / 50176) = 6.4286 to 298.7 x 168: 10 x 6 whole tokens.
    assert smart_resize(1080, 1920, GROUNDER_VIDEO.min_pixels, GROUNDER_VIDEO.max_pixels) == (
        168,
        280,
    )


def test_enlarging_may_be_followed_by_shrinking():
    # 392 x 28 = 14 tokens; enlarged to at least 16 it is 16 x 2 = 32, more than 20, so it shrinks.
    height, width = smart_resize(392, 28, 16 * 784, 20 * 784)
    assert (height // 28) * (width // 28) <= 20


sides = st.integers(1, 5000)


@given(height=sides, width=sides, video=st.sampled_from([GROUNDER_VIDEO, ANSWERER_VIDEO]))
def test_sizes_are_whole_tokens_and_not_too_large(height, width, video):
    if max(height, width) > 200 * min(height, width):
        return
    size = smart_resize(height, width, video.min_pixels, video.max_pixels)
    assert all(side % TOKEN_PIXELS == 0 and side > 0 for side in size)
    if min(size) > TOKEN_PIXELS:
        assert size[0] * size[1] <= video.max_pixels


@given(num_frames=st.integers(1, 5), height=st.integers(20, 90), width=st.integers(20, 90))
def test_as_many_tokens_are_packed_as_were_planned(num_frames, height, width):
    frames = np.zeros((num_frames, height, width, 3), dtype=np.uint8)
    planned = planned_grid(num_frames, height, width, GROUNDER_VIDEO)
    patches, packed = patchify(resize_frames(frames, GROUNDER_VIDEO))
    assert packed == planned
    assert len(patches) == planned.num_patches == 4 * planned.num_tokens


def test_counts_of_a_grid():
    grid = VideoGrid.of(75, 168, 280)
    assert grid.thw == (38, 12, 20)
    assert (grid.num_patches, grid.tokens_per_step, grid.num_tokens) == (9120, 60, 2280)


@pytest.mark.parametrize("wrong", [(0, 28, 28), (2, 14, 28), (2, 28, 42)])
def test_frames_that_do_not_fit_a_grid_are_refused(wrong):
    with pytest.raises(ValueError, match="got"):
        VideoGrid.of(*wrong)
