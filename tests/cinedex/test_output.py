import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinedex.cli.output import frame_rate_text, plain, point, size_text
from cinedex.wording import timecode
from retriever.filters import seconds_of
from store.errors import QueryError


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0:00.0"),
        (9.94, "0:09.9"),
        (59.96, "1:00.0"),
        (3599.96, "1:00:00.0"),
        (36000, "10:00:00.0"),
    ],
)
def test_timecode(seconds: float, written: str) -> None:
    assert timecode(seconds) == written


@given(st.floats(min_value=0, max_value=1e5))
def test_a_timecode_can_be_typed_back(seconds: float) -> None:
    assert abs(seconds_of(timecode(seconds)) - seconds) <= 0.05 + 1e-6


@pytest.mark.parametrize("text", ["", "soon", "1:", "-5", "nan", "inf", "1:2:3:4:5:6"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        seconds_of(text)


@given(st.text(st.characters(exclude_categories=())))
def test_plain_text_gives_a_terminal_nothing_to_obey(text: str) -> None:
    shown = plain(text)
    shown.encode()
    assert not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in shown
    )


def test_plain_leaves_good_names_alone() -> None:
    assert (
        plain("L'été à Zürich 日本 \U0001f3ac [2].mkv") == "L'été à Zürich 日本 \U0001f3ac [2].mkv"
    )


def test_sizes() -> None:
    assert (size_text(24_670_065), size_text(1_500_000_000)) == ("24.7 MB", "1.5 GB")


@pytest.mark.parametrize(
    ("text", "column", "lines"),
    [
        ('a "b', 3, ['  a "b', "    ^"]),
        ("\u4e2d\u6587 kind:x", 9, ["  \u4e2d\u6587 kind:x", "            ^"]),  # two cells each
        ("a\n-kind:x", 3, ["  a\\n-kind:x", "     ^"]),
        ("x" * 100 + "?" + "y" * 100, 101, ["  " + "x" * 35 + "?" + "y" * 34, " " * 37 + "^"]),
    ],
)
def test_a_caret_stands_under_its_character(
    capsys: pytest.CaptureFixture[str], text: str, column: int, lines: list[str]
) -> None:
    point(text, column)
    assert capsys.readouterr().err.splitlines() == lines


@pytest.mark.parametrize(
    ("rate", "written"),
    [
        (Fraction(25), "25 frames a second"),
        (Fraction(1000), "1000 frames a second"),
        (Fraction(24000, 1001), "23.976 frames a second"),
        (Fraction(30000, 1001), "29.97 frames a second"),
        (Fraction(120000, 1001), "119.88 frames a second"),
        (Fraction(5000, 341), "about 14.7 frames a second on average"),
        (Fraction(1705500, 73969), "about 23.1 frames a second on average"),
    ],
)
def test_frame_rates(rate: Fraction, written: str) -> None:
    assert frame_rate_text(rate) == written
