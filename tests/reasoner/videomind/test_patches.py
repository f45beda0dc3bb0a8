import numpy as np
import pytest
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from reasoner.videomind.patches import CLIP_MEAN, CLIP_STD, PATCH_VALUES, patchify

SINGLE_PRECISION = 1e-6  # values are at most 2.7, computed in float64 here and float32 there
HALF_PRECISION = 2e-3  # one step of float16 at 2.7, in which the reference values are stored


def frames_of(num_frames, height, width):
    generator = np.random.default_rng(7)
    return generator.integers(0, 256, (num_frames, height, width, 3), dtype=np.uint8)


def test_patches_are_those_the_reference_agent_was_fed(golden, tiny_agent):
    arrays = np.load(golden / "videomind_agent_tiny" / "io.npz")
    for case in tiny_agent["cases"]:
        patches, grid = patchify(arrays[f"{case}.frames"])
        assert [list(grid.thw)] == arrays[f"{case}.video_grid_thw"].tolist()
        theirs = arrays[f"{case}.pixel_values_videos"].astype(np.float32)
        np.testing.assert_allclose(patches, theirs, atol=HALF_PRECISION, rtol=0)


@pytest.mark.parametrize("size", [(28, 28), (56, 84), (84, 56)])
def test_a_picture_is_cut_as_transformers_cuts_it(size):
    picture = frames_of(1, *size)
    theirs = Qwen2VLImageProcessorPil()(picture[0], do_resize=False, return_tensors="np")
    ours, grid = patchify(picture)
    assert [list(grid.thw)] == theirs["image_grid_thw"].tolist()
    np.testing.assert_allclose(ours, theirs["pixel_values"], atol=SINGLE_PRECISION, rtol=0)


def test_a_value_lies_where_time_place_and_channel_say():
    frames = frames_of(4, 56, 84)
    patches, grid = patchify(frames)
    rows = patches.reshape(grid.steps, 2, 3, 2, 2, 3, 2, 14, 14)
    # Frame 3 is the second of step 1; row 37 is row 9 of patch row 2, in block 1; column 65 is
    # column 9 of patch column 4, in block 2.
    level = frames[3, 37, 65, 2] / 255
    expected = (level - CLIP_MEAN[2]) / CLIP_STD[2]
    assert rows[1, 1, 2, 0, 0, 2, 1, 9, 9] == pytest.approx(expected, abs=SINGLE_PRECISION)


def test_after_an_odd_number_the_last_frame_is_repeated():
    frames = frames_of(3, 28, 28)
    patches, grid = patchify(frames)
    padded, _ = patchify(np.concatenate([frames, frames[2:]]))
    assert grid.thw == (2, 2, 2)
    assert patches.shape == (8, PATCH_VALUES)
    np.testing.assert_array_equal(patches, padded)
