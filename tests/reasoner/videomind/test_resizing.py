import numpy as np

from reasoner.videomind.resizing import resize_frames
from reasoner.videomind.sampling import GROUNDER_VIDEO, VideoSettings


def test_frames_are_scaled_as_the_reference_scales_them(golden, manifest):
    arrays = np.load(golden / "videomind_resize.npz")
    for case in manifest["videomind_resize.npz"]["cases"]:
        settings = VideoSettings(1.0, 8, case["min_units"], case["max_units"])
        ours = resize_frames(arrays[f"{case['case']}.video_uint8_nhwc"], settings)
        theirs = arrays[f"{case['case']}.resized_nchw"].transpose(0, 2, 3, 1)
        # The manifest allows a level on 0.1% of the values; none differs.
        np.testing.assert_array_equal(ours, theirs, err_msg=case["case"])


def test_an_even_picture_stays_even():
    frames = np.full((2, 50, 70, 3), 137, dtype=np.uint8)
    resized = resize_frames(frames, GROUNDER_VIDEO)
    assert resized.shape == (2, 168, 224, 3)
    assert (resized == 137).all()


def test_frames_of_the_right_size_are_not_touched():
    frames = np.zeros((1, 168, 224, 3), dtype=np.uint8)
    assert resize_frames(frames, GROUNDER_VIDEO) is frames
