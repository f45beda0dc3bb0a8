import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.grid import VideoGrid
from reasoner.videomind.labels import IGNORED
from reasoner.videomind.zoom import (
    CANDIDATE_SECONDS,
    SegmentMark,
    segment_mark,
    vision_start_of,
    zoom_out,
)
from store.timespan import TimeSpan

TOLERANCE = 1e-6  # of a float in the geometry tables
START, SEGMENT_START, SEGMENT_END, PAD = 5, 7, 8, 9


def test_zoom_and_marks_are_the_reference_s(geometry):
    for row in geometry["verifier_geometry"]["rows"]:
        zoom = zoom_out(*row["cand"], row["duration"])
        ours = (
            zoom.candidate.start_seconds,
            zoom.candidate.end_seconds,
            zoom.clip.start_seconds,
            zoom.clip.end_seconds,
            zoom.start_share,
            zoom.end_share,
        )
        theirs = (*row["s0e0"], *row["s1e1"], *row["rel"])
        assert ours == pytest.approx(theirs, abs=TOLERANCE)
        mark = segment_mark(zoom, VideoGrid(row["T"], row["H"], row["W"]), row["base"])
        assert [mark.start_index, mark.end_index] == row["insert"], row


def test_prompts_of_the_tiny_agent_are_marked_where_the_reference_marks_them(golden, tiny_agent):
    arrays = np.load(golden / "videomind_agent_tiny" / "io.npz")
    special = tiny_agent["id_mapping"]["special"]
    for name, case in tiny_agent["cases"].items():
        ids = arrays[f"{name}.input_ids"][0].tolist()
        base = vision_start_of(ids, special["<|vision_start|>"])
        for row in case["verifier"]:
            marked = SegmentMark(*row["insert"]).inserted(
                ids, special["<|seg_start|>"], special["<|seg_end|>"]
            )
            theirs = arrays[f"{name}.verifier.ps{row['ps']}_pe{row['pe']}.input_ids"]
            assert marked == theirs.reshape(-1).tolist()
            tokens_per_step = VideoGrid(*case["grid_thw"]).tokens_per_step
            assert row["insert"][0] == base + 1 + row["ps"] * tokens_per_step


@pytest.mark.parametrize(
    ("candidate", "shares", "indices"),
    [
        ((40.0, 60.0), (0.25, 0.75), (150, 439)),
        ((0.0, 20.0), (0.0, 2 / 3), (6, 403)),
        ((0.0, 100.0), (0.0, 1.0), (6, 583)),
    ],
)
def test_a_mark_by_hand(candidate, shares, indices):
    zoom = zoom_out(*candidate, 100.0)
    assert (zoom.start_share, zoom.end_share) == pytest.approx(shares)
    mark = segment_mark(zoom, VideoGrid(16, 12, 12), 5)
    assert (mark.start_index, mark.end_index) == indices


anywhere = st.floats(-10.0, 200.0)


@given(anywhere, anywhere, st.floats(0.1, 150.0))
def test_the_clip_holds_the_candidate_inside_the_video(start, end, duration):
    zoom = zoom_out(start, end, duration)
    assert zoom.candidate.duration_seconds >= min(CANDIDATE_SECONDS, duration) - 1e-9
    assert 0 <= zoom.clip.start_seconds <= zoom.candidate.start_seconds
    assert zoom.candidate.end_seconds <= zoom.clip.end_seconds <= duration
    assert 0 <= zoom.start_share <= zoom.end_share <= 1


@given(
    bounds=st.tuples(anywhere, anywhere),
    grid=st.builds(VideoGrid, st.integers(1, 9), st.just(4), st.just(6)),
    before=st.lists(st.integers(10, 99), max_size=6),
    behind=st.lists(st.integers(10, 99), max_size=6),
)
def test_taking_the_marks_out_gives_the_ids_back(bounds, grid, before, behind):
    ids = [*before, START, *[PAD] * grid.num_tokens, *behind]
    mark = segment_mark(zoom_out(*bounds, 100.0), grid, vision_start_of(ids, START))
    marked = mark.inserted(ids, SEGMENT_START, SEGMENT_END)
    assert (marked[mark.start_index], marked[mark.end_index]) == (SEGMENT_START, SEGMENT_END)
    assert (marked.index(SEGMENT_START), marked.index(SEGMENT_END)) == (
        mark.start_index,
        mark.end_index,
    )
    assert mark.removed(marked) == ids
    between = mark.end_index - mark.start_index - 1
    assert between % grid.tokens_per_step == 0
    assert 0 <= between <= grid.num_tokens


def test_marks_among_labels_are_ignored():
    labels = SegmentMark(1, 3).inserted([4, 5, 6], IGNORED, IGNORED)
    assert labels == [4, IGNORED, 5, IGNORED, 6]


def test_a_video_without_length_cannot_be_looked_at():
    with pytest.raises(ValueError, match="nothing to look at"):
        zoom_out(0.0, 0.0, 0.0)


@pytest.mark.parametrize("ids", [[1, 2], [START, 2, START]])
def test_a_prompt_for_the_verifier_holds_one_video(ids):
    with pytest.raises(ValueError, match="one video"):
        vision_start_of(ids, START)


def test_a_short_candidate_is_lengthened():
    zoom = zoom_out(10.0, 10.0, 100.0)
    assert zoom.candidate == TimeSpan(9.0, 11.0)
    assert zoom.clip == TimeSpan(8.0, 12.0)
