"""Answers in words, by hand."""

import pytest

from reasoner.metrics.answer_f1 import answer_f1
from reasoner.metrics.exact_match import exact_match
from reasoner.metrics.f1_gqa import f1_at_gqa
from reasoner.metrics.normalised_answer import normalised_answer
from store.timespan import TimeSpan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Beatles", "beatles"),
        ("an  apple,\ta day", "apple day"),
        ("then a theatre", "then theatre"),  # an article is a word of its own
        ("U.S.A.", "usa"),
        ("it's the-end", "its theend"),  # punctuation goes first, and leaves no gap
        ("«Café» Ärger", "«café» ärger"),  # only ASCII is punctuation
        ("a an the", ""),
    ],
)
def test_an_answer_is_compared_without_case_punctuation_and_articles(text, expected):
    assert normalised_answer(text) == expected


def test_an_exact_match_is_with_any_accepted_wording():
    assert exact_match("The red boat!", ["a ship", "red boat"]) == 1.0
    assert exact_match("red boats", ["a ship", "red boat"]) == 0.0
    assert exact_match("", ["red boat"]) == exact_match("the", ["a", "the"]) == 0.0


def test_f1_is_the_best_over_the_wordings():
    # "it was red boat" and "red boat" share 2: 2 * 2 / (4 + 2); "boat in harbour" 2 * 1 / (4 + 3).
    said = "It was the red boat"
    assert answer_f1(said, ["boat in the harbour"]) == pytest.approx(2 / 7)
    assert answer_f1(said, ["boat in the harbour", "a red boat"]) == pytest.approx(2 / 3)
    assert answer_f1("red red", ["red"]) == pytest.approx(2 / 3)  # the second one is not shared
    assert answer_f1("", ["a red boat"]) == answer_f1("a", ["the"]) == 0


@pytest.mark.parametrize("measure", [exact_match, answer_f1])
def test_there_must_be_an_accepted_wording(measure):
    with pytest.raises(ValueError, match="needs a wording"):
        measure("red", [])


def test_f1_counts_where_half_of_the_first_span_is_right():
    truths = [TimeSpan(10, 20), TimeSpan(40, 50)]
    assert f1_at_gqa(0.75, [TimeSpan(15, 25)], truths) == 0.75  # IoP 0.5
    assert f1_at_gqa(0.75, [TimeSpan(15, 26)], truths) == 0
    assert f1_at_gqa(0.75, [TimeSpan(0, 1), TimeSpan(10, 20)], truths) == 0
    assert f1_at_gqa(0.75, [], truths) == 0
    with pytest.raises(ValueError, match="true"):
        f1_at_gqa(1.0, [TimeSpan(0, 1)], [])
