"""The geometry's parts together, along a whole run of the reference."""

import json

import numpy as np
import pytest

from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    frame_indices,
)
from reasoner.videomind.scores import MAX_CANDIDATES, verified_order
from reasoner.videomind.spans import answer_span, scaled_spans
from reasoner.videomind.zoom import zoom_out


@pytest.fixture(scope="module")
def run(golden):
    return json.loads((golden / "videomind_agent_e2e" / "e2e.json").read_text("utf-8"))


def clip_bounds(zoom):
    return zoom.clip.start_seconds, zoom.clip.end_seconds


def requests_of(dump, video, min_seconds):
    """Frames that the four roles look at, in the order in which they run."""
    total, fps = video["n"], video["fps"]
    candidates = np.array(dump["pred_ori"])[:MAX_CANDIDATES]
    yield frame_indices(total, fps, PLANNER_VIDEO)
    yield frame_indices(total, fps, GROUNDER_VIDEO)
    for candidate in candidates:
        zoom = zoom_out(*candidate, dump["duration"])
        yield frame_indices(total, fps, VERIFIER_VIDEO, clip_bounds(zoom))
    if "options" in dump:
        best = candidates[verified_order(dump["probs"])[0]]
        span = answer_span(*best, dump["duration"], min_seconds=min_seconds)
        bounds = (span.start_seconds, span.end_seconds)
        yield frame_indices(total, fps, ANSWERER_VIDEO, bounds)


def test_every_role_looks_at_the_frames_that_the_reference_looked_at(run):
    ours = [
        indices.tolist()
        for dump in run["dumps"]
        for indices in requests_of(
            dump, run["videos"][dump["video_path"]], run["settings"]["dataset_class"]["MIN_LEN"]
        )
    ]
    assert ours == run["frame_index_requests"]


def test_the_decoder_s_boundaries_become_the_spans_of_the_run(run):
    boundaries = [row["reg0"] for row in run["generations"] if row["adapter"] == "grounder"]
    assert len(boundaries) == len(run["dumps"])
    for dump, blob in zip(run["dumps"], boundaries, strict=True):
        unit = run["settings"]["dataset_class"]["UNIT"]
        spans = scaled_spans(blob, dump["duration"], unit)
        np.testing.assert_allclose(spans, dump["pred_ori"], rtol=np.finfo(np.float32).eps, atol=0)


def test_candidates_are_taken_in_the_order_of_the_run(run):
    for dump in run["dumps"]:
        order = verified_order(dump["probs"])
        assert order == dump["ranks"]
        assert dump["pred"] == [dump["pred_ori"][number] for number in order]
