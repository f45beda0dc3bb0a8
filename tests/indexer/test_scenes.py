from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.scenes import SceneOptions, clip_directions, cut_scenes
from store.records import Clip, Embedding
from store.timespan import TimeSpan

VIDEO = "ab" * 16
A, B, NOTHING = (1.0, 0.0), (0.8, 0.6), (0.0, 0.0)
SLACK_SECONDS = 1e-6


def clips_of(*seconds):
    ends = list(accumulate(seconds))
    return [
        Clip(VIDEO, number, TimeSpan(end - length, end))
        for number, (length, end) in enumerate(zip(seconds, ends, strict=True))
    ]


def cut(rows, price=1.2, seconds=10.0, **options):
    clips = clips_of(*[seconds] * len(rows))
    found = cut_scenes(clips, [np.array(rows)], SceneOptions(price=price, **options))
    return [(scene.start, scene.stop) for scene in found]


@pytest.mark.parametrize("other", [B, (0.0, 1.0), (0.96, 0.28)])
def test_a_change_is_cut_where_it_is_worth_the_price(other):
    # Let d be the squared distance of both kinds of clips. One of 5 steps is a change, so the noise
    # is d / 10. The scatter of all six about their mean is 6 - |3A + 3B|^2 / 6 = 1.5 d, which is
    # 15 noises; in two scenes there is none.
    rows = [A] * 3 + [other] * 3
    assert cut(rows, price=14.9) == [(0, 3), (3, 6)]
    assert cut(rows, price=15.1) == [(0, 6)]


def test_three_scenes_are_found_of_whatever_length():
    assert cut([A] * 4 + [B] * 3 + [A] * 9) == [(0, 4), (4, 7), (7, 16)]


def test_no_scene_is_shorter_than_the_shortest():
    # The last two clips are 20 seconds, so one before them joins them. The noise is d / 14; all
    # eight scatter by 1.5 d, three of them by 2 d / 3: what a cut gains is 11.67 noises.
    assert cut([A] * 6 + [B] * 2, price=11.6) == [(0, 5), (5, 8)]
    assert cut([A] * 6 + [B] * 2, price=11.7) == [(0, 8)]
    assert cut([A, B]) == [(0, 2)]


def test_a_long_scene_is_divided_where_least_is_lost():
    rows = [A] * 20 + [(0.995, 0.0998749)] * 15
    assert cut(rows, price=1000.0) == [(0, 20), (20, 35)]
    assert cut([A] * 31, price=1000.0) == [(0, 3), (3, 31)]  # of equals the longest last


def test_a_clip_longer_than_the_longest_scene_is_a_scene():
    assert cut([A, A], seconds=400.0) == [(0, 1), (1, 2)]


def test_what_a_space_does_not_know_of_speaks_neither_for_nor_against():
    # Nothing is said in clips 3 to 5; what is said before and after them differs.
    spoken = np.array([A] * 3 + [NOTHING] * 3 + [B] * 3)
    shown = np.array([A] * 6 + [B] * 3)
    clips = clips_of(*[10.0] * 9)
    assert cut_scenes(clips, [shown, spoken]) == [range(6), range(6, 9)]
    silent = np.zeros((9, 2))
    assert cut_scenes(clips, [shown, silent]) == cut_scenes(clips, [shown])


def test_a_small_change_in_a_quiet_space_counts_as_much_as_a_large_one_in_a_loud_space():
    rng = np.random.default_rng(1)

    def noisy(middle, spread):
        rows = middle + spread * rng.standard_normal((12, 8))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    first, second = np.eye(8)[0], np.eye(8)[1]
    quiet = np.vstack([noisy(first, 0.01), noisy(first + 0.1 * second, 0.01)])
    loud = np.vstack([noisy(first, 0.5), noisy(first, 0.5)])
    assert cut_scenes(clips_of(*[10.0] * 24), [loud, quiet]) == [range(12), range(12, 24)]


def test_the_vectors_of_a_clip_are_pooled_in_each_space():
    clips = clips_of(10.0, 10.0)

    def embedding(space, clip, *vector):
        return Embedding(space, clip, clips[clip].span, np.array(vector, np.float32))

    embeddings = [
        embedding("text:x", 0, 3.0, 0.0),
        embedding("text:x", 0, 0.0, 4.0),
        embedding("picture:x", 1, 0.0, 0.0, 2.0),
    ]
    found = clip_directions(clips, embeddings)
    assert list(found) == ["picture:x", "text:x"]
    assert found["picture:x"].tolist() == [[0, 0, 0], [0, 0, 1]]
    assert found["text:x"] == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


def test_without_clips_there_is_no_scene():
    assert cut_scenes([], []) == []


@pytest.mark.parametrize(("least", "most"), [(0.0, 300.0), (30.0, 59.0), (-1.0, 5.0)])
def test_limits_that_cannot_be_kept_are_refused(least, most):
    with pytest.raises(ValueError, match="scenes need"):
        SceneOptions(min_seconds=least, max_seconds=most)


@given(
    seconds=st.lists(st.floats(4.0, 30.0), min_size=1, max_size=60),
    seed=st.integers(0, 2**32 - 1),
    price=st.floats(0.0, 3.0),
)
def test_scenes_are_all_clips_in_order_and_keep_the_limits(seconds, seed, price):
    clips = clips_of(*seconds)
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((len(clips), 5)) * rng.integers(0, 2, (len(clips), 1))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    options = SceneOptions(price=price)
    scenes = cut_scenes(clips, [rows], options)
    assert [number for scene in scenes for number in scene] == list(range(len(clips)))
    assert cut_scenes(clips, [rows.copy()], options) == scenes
    for scene in scenes:
        length = clips[scene.stop - 1].span.end_seconds - clips[scene.start].span.start_seconds
        assert length <= 300.0 + SLACK_SECONDS
        assert length >= 30.0 - SLACK_SECONDS or len(scenes) == 1
