from string import ascii_uppercase

import pytest

from reasoner.videomind.choices import read_option

FOUR = ("a dog", "a red ball", "the red hat", "red")


@pytest.mark.parametrize(
    ("response", "number"),
    [
        ("B) a red ball", 1),
        ("B", 1),
        ("b.", 1),
        ("C: a hat", 2),
        ("(C).", 2),
        (" D. because", 3),
        ("B\nIt rolls.", 1),
        ("Best Option: (B) a red ball", 1),
        ("The answer is C.", 2),
        ("I think it is the ball (C)", 2),
        ("A red hat is seen, so (B)", 1),
        ("It is (B), as (b) says", 1),
        ("A dog", 0),
        ("The dog.", 0),
        ("The answer is A red ball", None),  # which red is
        ("a red ball", 1),
        ("Red", 3),
        ("C, a dog", 0),
        ("Best", None),
        ("E", None),
        ("", None),
        ("...", None),
        ("the answer is a ball", None),
        ("A bird", None),
        ("(A) or (B)", 0),
        ("Either (A) or (B)", None),
        ("It isn't a dog", None),
        ("a dog and the red hat", None),
    ],
)
def test_what_is_named_is_read_and_nothing_is_made_up(response, number):
    assert read_option(response, FOUR) == number


def test_a_letter_that_is_a_word_names_nothing():
    letters = [f"thing {letter}" for letter in ascii_uppercase]
    assert read_option("I'd choose B", letters) == 1
    assert read_option("I'd take another", letters) is None
    assert read_option("A dog", ["a cat", "a dog"]) == 1


@pytest.mark.parametrize(("response", "number"), [("There is no dog", 1), ("Yes, a dog", 0)])
def test_a_denial_that_is_an_option_is_one(response, number):
    assert read_option(response, ["yes", "no"]) == number
