"""What is said of a question before any model loads; the fixture has a retriever and no chain."""

import pytest

from tests.cinedex.command_line import Run


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (("red",), "there is 1 choice; give 2 to 26"),
        (("red", " RED "), "two choices are the same; give each once"),
        (("red", " "), "a choice is empty; give each in words"),
    ],
)
def test_choices_that_are_none_are_told_before_models_load(
    run: Run, choices: tuple[str, ...], said: str
) -> None:
    options = [word for choice in choices for word in ("--choice", choice)]
    asked = run("ask", "Which colour is the door?", *options)
    assert (asked.exit_code, asked.stderr) == (2, f"error: {said}\n")
