"""What the grounder gives back, whatever its decoder proposes and wherever its windows lie."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reasoner.answer import GroundedSpan, Window
from reasoner.videomind.decoder import Proposals
from reasoner.videomind.decoder.nms import SUPPRESSING_IOU
from reasoner.videomind.scores import MAX_CANDIDATES
from store.timespan import TimeSpan
from tests.reasoner.timeline import VIDEO, window
from tests.reasoner.videomind.told_grounder import grounded

OTHER_VIDEO = replace(VIDEO, video_id="e" * 64)


@dataclass(frozen=True)
class Drawn:
    windows: list[Window]
    tables: list[Proposals]

    def spans(self) -> list[GroundedSpan]:
        return grounded(self.windows, self.tables)


@st.composite
def some_windows(draw: st.DrawFn) -> Drawn:
    tables, windows = [], []
    for _ in range(draw(st.integers(1, 3))):
        num_rows = draw(st.integers(1, 12))
        shares = st.floats(-3, 4, width=32) | st.sampled_from([0.0, 0.5, 1.0])
        ends = draw(hnp.arrays(np.float32, (num_rows, 2), elements=shares))
        levels = st.floats(0, 1, width=32)
        scores = draw(hnp.arrays(np.float32, num_rows, elements=levels))
        tables.append(Proposals(np.sort(ends, axis=1), scores))
        start = draw(st.sampled_from([0.0, 2.0]) | st.floats(0, 20_000))
        span = TimeSpan(start, start + draw(st.sampled_from([100.0, 110.0]) | st.floats(0.01, 600)))
        video = draw(st.sampled_from([VIDEO, OTHER_VIDEO]))
        windows.append(replace(window(), span=span, video=video))
    return Drawn(windows, tables)


@given(some_windows())
def test_spans_are_ordered_and_inside_a_window_of_their_video(drawn: Drawn) -> None:
    for found in drawn.spans():
        assert any(
            found.video == each.video
            and each.span.start_seconds <= found.span.start_seconds
            and found.span.start_seconds <= found.span.end_seconds
            and found.span.end_seconds <= each.span.end_seconds
            for each in drawn.windows
        )


@given(some_windows())
def test_spans_come_best_first_and_few_of_a_window(drawn: Drawn) -> None:
    spans = drawn.spans()
    scores = [each.confidence for each in spans]
    assert scores == sorted(scores, reverse=True)
    assert len(spans) <= MAX_CANDIDATES * len(drawn.windows)


@given(some_windows())
def test_spans_of_a_video_overlap_less_than_the_bound(drawn: Drawn) -> None:
    for one, other in combinations(drawn.spans(), 2):
        if one.video == other.video:
            assert one.span.iou(other.span) < SUPPRESSING_IOU


def test_spans_that_only_differ_outside_the_window_are_one() -> None:
    """Apart by their shares of the window, the same once both are cut off at its start."""
    ends = np.array([[-3.0, 0.5], [-0.1, 0.5]], np.float32)
    drawn = Drawn([window()], [Proposals(ends, np.array([0.6, 0.9], np.float32))])
    (found,) = drawn.spans()
    assert (found.span.start_seconds, found.span.end_seconds) == pytest.approx((0.0, 50.0))
    assert found.confidence == pytest.approx(0.9)


def test_spans_that_are_left_out_make_room_for_others() -> None:
    alike = [(-step, 0.5, 0.9 - step / 100) for step in range(1, 6)]
    others = [(0.6, 0.7, 0.5), (0.7, 0.8, 0.4), (0.8, 0.9, 0.3), (0.9, 1.0, 0.2), (0.5, 0.6, 0.1)]
    table = np.array([*alike, *others], np.float32)
    drawn = Drawn([window()], [Proposals(table[:, :2], table[:, 2])])
    scores = [each.confidence for each in drawn.spans()]
    assert scores == pytest.approx([0.89, 0.5, 0.4, 0.3, 0.2])
