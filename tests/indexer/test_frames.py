from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.frames import (
    FeatureChain,
    FrameChooser,
    FrameOptions,
    FrameStay,
    cell_means,
    stay_spans,
)
from store.timespan import TimeSpan


def plain(level: int, height: int = 54, width: int = 96) -> NDArray[np.uint8]:
    return np.full((height, width, 3), level, dtype=np.uint8)


def test_a_static_shot_is_looked_at_once_and_stays_until_the_last_look() -> None:
    chooser = FrameChooser()
    wanted = [chooser.wants(plain(90), index / 10) for index in range(35)]
    assert wanted.index(True) == 0
    assert sum(wanted) == 1
    assert chooser.looks == 4  # at 0, 1, 2 and 3 seconds
    assert chooser.stays == (FrameStay(0.0, 3.0),)


def test_the_picture_after_a_jump_is_looked_at_once_it_has_settled() -> None:
    chooser = FrameChooser()
    times = [index / 10 for index in range(20)]
    wanted = [
        seconds for seconds in times if chooser.wants(plain(40 if seconds < 1.3 else 160), seconds)
    ]
    assert wanted == [0.0, 1.5]
    assert chooser.stays == (FrameStay(0.0, 1.0), FrameStay(1.5, 1.5))


def test_a_strobe_is_not_looked_at_more_often_than_the_shortest_gap_allows() -> None:
    chooser = FrameChooser()
    wanted = sum(chooser.wants(plain(250 * (index % 2)), index / 25) for index in range(100))
    assert wanted <= 1 + 4 / FrameOptions().shortest_gap_seconds


def test_a_small_caption_lets_a_frame_through_and_noise_does_not() -> None:
    chooser = FrameChooser()
    generator = np.random.default_rng(0)
    noisy = (plain(90) + generator.integers(0, 6, (54, 96, 3))).astype(np.uint8)
    captioned = plain(90)
    captioned[45:50, 10:60] = 250
    assert chooser.wants(plain(90), 0.0)
    assert not chooser.wants(noisy, 1.0)
    assert chooser.wants(captioned, 2.0)


def test_a_slow_fade_passes_again_although_no_two_looks_differ_much() -> None:
    chooser = FrameChooser()
    passed = [chooser.wants(plain(40 + 4 * second), float(second)) for second in range(10)]
    assert passed == [True, False, False, True, False, False, True, False, False, True]


def test_cells_are_averaged_also_where_sides_do_not_divide() -> None:
    picture = np.zeros((19, 33, 3), dtype=np.uint8)
    picture[17:, :, 0] = 200
    means = cell_means(picture)
    assert means.shape == (18, 32, 3)
    assert means[-1, 0, 0] == pytest.approx(200)
    assert means[0].max() == 0
    assert (
        cell_means(np.full((2, 2, 3), 7, dtype=np.uint8)).tolist()
        == np.full((18, 32, 3), 7.0).tolist()
    )


def test_the_chain_compares_with_the_last_kept_frame_and_bounds_the_gap() -> None:
    angles = np.radians([0, 20, 40, 41, 42, 43])
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    chain = FeatureChain(
        FrameOptions(least_alike_cosine=0.85, most_alike_cosine=0.85, longest_gap_seconds=10)
    )
    kept = chain.keep(features, [0.0, 1.0, 2.0, 3.0, 11.9, 12.0])
    # cos 20 = 0.94 is alike, cos 40 = 0.77 is not; then all is alike until ten seconds have gone.
    assert kept == [True, False, True, False, False, True]
    assert chain.kept_ratio == 0.5


def turned(*degrees: float) -> NDArray[np.float32]:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_what_differs_is_learnt_from_the_video() -> None:
    options = FrameOptions(
        learnt_frames=3, remembered_frames=4, least_alike_cosine=0.5, most_alike_cosine=0.99
    )
    chain = FeatureChain(options)
    assert chain.alike_cosine == 0.85
    seen = []
    for degrees in (0, 10, 10, 40, 85, 130, 175):
        chain.keep(turned(degrees), [0.0])
        seen.append(chain.alike_cosine)
    # Neighbours are 10, 0, 30, 45, 45 and 45 degrees apart. The first three take the places of the
    # made-up 0.85; of three values the middle one counts, of four the upper of the middle ones.
    ten, thirty, fortyfive = (float(np.cos(np.radians(apart))) for apart in (10, 30, 45))
    assert seen == pytest.approx([0.85, 0.85, ten, ten, ten, thirty, fortyfive])


def test_a_busy_video_may_change_more_between_two_kept_frames() -> None:
    times = [float(at) for at in range(40)]
    busy = turned(*[35.0 * at for at in range(40)])  # neighbours are alike by 0.82, under 0.85
    assert sum(FeatureChain(FrameOptions(least_alike_cosine=0.85)).keep(busy, times)) == 40
    assert sum(FeatureChain().keep(busy, times)) < 35


@given(st.lists(st.floats(0, 360, width=32), min_size=1, max_size=60), st.integers(1, 7))
def test_batches_make_no_difference(degrees: list[float], size: int) -> None:
    rows, times = turned(*degrees), [float(at) for at in range(len(degrees))]
    whole = FeatureChain().keep(rows, times)
    chain = FeatureChain()
    parts = [
        chain.keep(rows[start : start + size], times[start : start + size])
        for start in range(0, len(degrees), size)
    ]
    assert [kept for part in parts for kept in part] == whole


def test_the_chain_remembers_across_calls() -> None:
    chain = FeatureChain()
    row = np.array([[1.0, 0.0]], dtype=np.float32)
    assert chain.keep(row, [0.0]) == [True]
    assert chain.keep(row, [1.0]) == [False]
    assert chain.keep(np.zeros((0, 2), dtype=np.float32), []) == []


def test_a_frame_stands_for_its_shot_from_the_cut_on() -> None:
    spans = stay_spans([0.2, 3.0, 5.4, 7.0], [5.0], 9.0)
    assert spans == [TimeSpan(0, 3), TimeSpan(3, 5), TimeSpan(5, 7), TimeSpan(7, 9)]


def test_a_shot_without_a_kept_frame_belongs_to_the_frame_before_it() -> None:
    assert stay_spans([0.0, 8.2], [3.0, 5.0, 8.0], 10.0) == [TimeSpan(0, 8), TimeSpan(8, 10)]
    assert stay_spans([], [3.0], 10.0) == []


@given(
    st.lists(st.floats(0, 99), unique=True).map(sorted),
    st.lists(st.floats(0.1, 99), unique=True),
)
def test_stays_tile_the_video(pts_seconds: list[float], cuts_seconds: list[float]) -> None:
    spans = stay_spans(pts_seconds, cuts_seconds, 100.0)
    assert len(spans) == len(pts_seconds)
    assert all(first.end_seconds == second.start_seconds for first, second in pairwise(spans))
    if spans:
        assert (spans[0].start_seconds, spans[-1].end_seconds) == (0.0, 100.0)


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="settles"):
        FrameOptions(settle_seconds=2.0)
    with pytest.raises(ValueError, match="at most"):
        FrameOptions(least_alike_cosine=0.96)
    with pytest.raises(ValueError, match="quantile"):
        FrameOptions(alike_quantile=1.5)
    with pytest.raises(ValueError, match="learnt"):
        FrameOptions(learnt_frames=0)
    with pytest.raises(ValueError, match="share"):
        FrameOptions(changed_share=1.0)
