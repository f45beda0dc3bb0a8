import pytest

from reasoner.videomind.choices import read_option


@pytest.mark.parametrize(
    ("response", "number"),
    [
        ("B) a red ball", 1),
        ("b", 1),
        ("(C).", 2),
        (" D. because", 3),
        ("Best Option: (B) a red ball", 1),
        ("The answer is C.", 2),
        ("I think it is the ball (C)", 2),
        ("Best", None),
        ("E", None),
        ("", None),
        ("...", None),
        ("the answer is a ball", None),
    ],
)
def test_letters_are_read_and_nothing_is_made_up(response, number):
    assert read_option(response, 4) == number
