import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.fusion import (
    FUSIONS,
    Ranking,
    fusion_named,
    min_max_combination,
    reciprocal_rank,
    z_score_combination,
)
from store.errors import UnknownNameError

scores = st.floats(-1, 30)


@st.composite
def rankings(draw):
    entries = draw(st.dictionaries(st.integers(0, 12), scores, max_size=8))
    ordered = sorted(entries.items(), key=lambda entry: -entry[1])
    return Ranking(draw(st.floats(0, 2)), ordered)


def test_reciprocal_ranks_add_up():
    fused = reciprocal_rank([Ranking(1.0, [("a", 9.0), ("b", 8.0)]), Ranking(0.5, [("b", 0.7)])])
    assert fused == [("b", 1 / 62 + 0.5 / 61), ("a", 1 / 61)]


def test_min_max_stretches_each_source():
    fused = min_max_combination(
        [
            Ranking(1.0, [("a", 12.0), ("b", 6.0), ("c", 2.0)]),
            Ranking(2.0, [("b", 0.9), ("c", 0.1)]),
        ]
    )
    assert fused == [("b", pytest.approx(0.4 + 2.0)), ("a", 1.0), ("c", 0.0)]


def test_z_scores_reward_the_source_in_which_one_stands_out():
    # One outlier among five: pstdev of (1, 0, 0, 0, 0) is 0.4, so it lies 2.5 above the lowest.
    standing_out = Ranking(1.0, [("a", 1.0), ("p", 0.0), ("q", 0.0), ("r", 0.0), ("s", 0.0)])
    # Of (2, 1, 0), pstdev is sqrt(2/3): the best lies 2.449 above the lowest.
    even = Ranking(1.0, [("b", 2.0), ("c", 1.0), ("d", 0.0)])
    fused = dict(z_score_combination([standing_out, even]))
    assert fused["a"] == pytest.approx(2.5)
    assert fused["b"] == pytest.approx(6**0.5)
    assert fused["p"] == 0


def test_a_word_found_in_one_line_of_many_counts_for_more_than_one_found_in_all():
    # One hit among five lines that scored 0: as standing out above, 2.5; all five alike: 1 each.
    rare = Ranking(1.0, [("a", 7.0)], num_considered=5)
    common = Ranking(1.0, [(key, 7.0) for key in "bcdef"], num_considered=5)
    fused = dict(z_score_combination([rare, common]))
    assert fused["a"] == pytest.approx(2.5)
    assert fused["b"] == 1
    # And the second best of two keeps a share, since the others scored 0.
    halves = Ranking(1.0, [("a", 8.0), ("b", 4.0)], num_considered=5)
    assert dict(min_max_combination([halves])) == {"a": 1.0, "b": 0.5}


def test_ties_follow_the_keys():
    fused = reciprocal_rank([Ranking(1.0, [("b", 1.0)]), Ranking(1.0, [("a", 5.0)])])
    assert [key for key, _ in fused] == ["a", "b"]


def test_an_unknown_fusion_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="rrf, minmax, zscore"):
        fusion_named("borda")


@pytest.mark.parametrize("name", FUSIONS)
@given(st.lists(rankings(), max_size=4), st.randoms())
def test_the_order_of_the_sources_never_shows(name, given_rankings, random):
    shuffled = list(given_rankings)
    random.shuffle(shuffled)
    assert fusion_named(name)(shuffled) == fusion_named(name)(given_rankings)


@pytest.mark.parametrize("name", FUSIONS)
@given(st.lists(rankings(), max_size=4))
def test_every_key_comes_back_once_and_best_first(name, given_rankings):
    fused = fusion_named(name)(given_rankings)
    found = {key for ranking in given_rankings for key, _ in ranking.entries}
    assert sorted(key for key, _ in fused) == sorted(found)
    values = [value for _, value in fused]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("name", FUSIONS)
@given(score=scores)
def test_the_only_hit_is_never_dropped(name, score):
    [(key, value)] = fusion_named(name)([Ranking(1.0, []), Ranking(1.0, [("only", score)])])
    assert key == "only"
    assert value > 0
