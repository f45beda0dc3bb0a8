import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    ANSWERER_VIDEO_MME,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    VideoSettings,
    checked_count,
    frame_indices,
    num_frames,
    sampled_instants,
)
from store.timespan import TimeSpan

SETTINGS = {
    "planner": PLANNER_VIDEO,
    "grounder": GROUNDER_VIDEO,
    "verifier": VERIFIER_VIDEO,
    "answerer": ANSWERER_VIDEO,
    "answerer_videomme": ANSWERER_VIDEO_MME,
}
DEFAULT_FPS, DEFAULT_MAX_FRAMES = 2.0, 768  # what the reference takes where nothing is set


def settings_of(wanted, num_source_frames):
    return VideoSettings(
        fps=wanted.get("fps", DEFAULT_FPS),
        max_frames=wanted.get("max_frames", max(2, min(DEFAULT_MAX_FRAMES, num_source_frames))),
        min_tokens=1,
        max_tokens=1,
        min_frames=wanted.get("min_frames", 4),
    )


def test_counts_are_the_reference_s(geometry):
    for wanted, total, fps, count in geometry["smart_nframes"]["rows"]:

        def counted(wanted=wanted, total=total, fps=fps):
            if "nframes" in wanted:
                return checked_count(wanted["nframes"], total)
            return num_frames(total, fps, settings_of(wanted, total))

        if count == "ValueError":
            with pytest.raises(ValueError, match="cannot be taken"):
                counted()
        else:
            assert counted() == count, (wanted, total, fps)


def test_frames_are_the_reference_s(geometry):
    for row in geometry["frame_sampling"]["rows"]:
        counted = row["n"]
        bounds = None
        if row["start"] is not None:
            bounds = (row["start"], row["end"])
            counted = min(max(4, round((row["end"] - row["start"]) * row["fps"])), row["n"])
        settings = settings_of(row["args"], counted)
        if "error" in row:
            with pytest.raises(ValueError, match="cannot be taken"):
                frame_indices(row["n"], row["fps"], settings, bounds)
            continue
        indices = frame_indices(row["n"], row["fps"], settings, bounds)
        assert len(indices) == row["nframes"], row
        if "idx" in row:
            assert indices.tolist() == row["idx"], row
        else:
            assert hashlib.sha256(indices.tobytes()).hexdigest() == row["idx_sha256_int64"], row


def test_roles_see_as_many_frames_as_the_reference_lets_them(geometry):
    for row in geometry["frame_sampling"]["rows"]:
        if row["role"] in SETTINGS:
            settings = SETTINGS[row["role"]]
            assert (settings.fps, settings.max_frames) == (
                row["args"]["fps"],
                row["args"]["max_frames"],
            )


def test_halves_round_to_even():
    # 9 s at 1 frame a second: 9 / 2 = 4.5 pairs, so 4; 11 s: 5.5 pairs, so 6.
    assert num_frames(225, 25.0, GROUNDER_VIDEO) == 8
    assert num_frames(275, 25.0, GROUNDER_VIDEO) == 12


def test_instants_lie_in_the_middle_of_the_chosen_frames():
    window = TimeSpan(10.0, 18.0)
    instants = sampled_instants(window, GROUNDER_VIDEO, video_seconds=60.0, frame_rate=25.0)
    indices = frame_indices(1500, 25.0, GROUNDER_VIDEO, (10.0, 18.0))
    assert indices[0] == 250
    assert indices[-1] == 450
    np.testing.assert_allclose(instants, (indices + 0.5) / 25.0, rtol=1e-12)


def test_without_a_frame_rate_instants_are_spaced_over_the_window():
    instants = sampled_instants(
        TimeSpan(10.0, 13.0), GROUNDER_VIDEO, video_seconds=60.0, frame_rate=None
    )
    assert instants == (10.0, 11.0, 12.0, 13.0)


def test_a_window_with_too_few_frames_repeats_them():
    instants = sampled_instants(
        TimeSpan(0.0, 2.0), VERIFIER_VIDEO, video_seconds=2.0, frame_rate=1.0
    )
    assert instants == (0.5, 0.5, 1.5, 1.5)


seconds = st.floats(0.0, 20_000.0)


@given(
    bounds=st.tuples(seconds, seconds),
    frame_rate=st.none() | st.floats(0.1, 240.0),
    settings=st.sampled_from(list(SETTINGS.values())),
)
def test_instants_are_even_in_number_ordered_and_inside_the_video(bounds, frame_rate, settings):
    start, end = sorted(bounds)
    video_seconds = end + 1.0
    instants = sampled_instants(
        TimeSpan(start, end), settings, video_seconds=video_seconds, frame_rate=frame_rate
    )
    assert len(instants) % 2 == 0
    assert 4 <= len(instants) <= settings.max_frames
    assert all(one <= other for one, other in pairwise(instants))
    frame_seconds = 0.0 if frame_rate is None else 1.0 / frame_rate
    assert instants[0] >= min(start, video_seconds - frame_seconds) - frame_seconds
    assert instants[-1] <= end + 1.5 * frame_seconds


@pytest.mark.parametrize(
    "wrong",
    [{"fps": 0.0}, {"fps": float("nan")}, {"max_frames": 1}, {"min_tokens": 65}, {"min_frames": 0}],
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="fps"):
        VideoSettings(**{"fps": 1.0, "max_frames": 8, "min_tokens": 36, "max_tokens": 64} | wrong)
