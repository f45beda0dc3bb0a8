"""The query language and the options beside it, at the command line, without any weights."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import Result

from retriever.filters import FIELDS
from retriever.moment import Moment
from retriever.search import Retriever
from store.records import EvidenceKind
from tests.cinedex.command_line import Run


def found(result: Result) -> set[tuple[str, int]]:
    assert result.exit_code == 0, result.stderr
    return {
        (moment["video"]["video_id"][0], clip["ordinal"])
        for moment in json.loads(result.stdout)["moments"]
        for clip in moment["clips"]
    }


ALL = {(letter, ordinal) for letter in "abc" for ordinal in range(3)}


@pytest.mark.parametrize(
    ("syntax", "options", "expected"),
    [
        ("", (), ALL),
        ("series:show", ("--series", "show"), {one for one in ALL if one[0] in "ab"}),
        ("season:2", ("--season", "2"), {one for one in ALL if one[0] == "c"}),
        ("video:'x", ("--video", "'x"), None),
        ('video:"Film a" video:cccc', ("--video", "Film a", "--video", "cccc"),
            {one for one in ALL if one[0] in "ac"}),
        ("before:S01E02", ("--before", "S01E02"), {one for one in ALL if one[0] == "a"}),
        ("after:S01E01 before:S02", ("--after", "S01E01", "--to", "S02"),
            {one for one in ALL if one[0] == "b"}),
        ("after:2", ("--from", "0:02"), {one for one in ALL if one[1] == 2}),
        ("before:0:01", ("--before", "1"), {one for one in ALL if one[1] == 0}),
        ("speaker:ANN", ("--speaker", "ANN"), {one for one in ALL if one[0] == "b"}),
        ("kind:speech", ("--kind", "speech"), ALL),
    ],
)  # fmt: skip
def test_a_filter_and_its_option_are_the_same(
    run: Run,
    syntax: str,
    options: tuple[str, ...],
    expected: set[tuple[str, int]] | None,
) -> None:
    by_syntax = run("search", f"red {syntax}", "-k", "20", "--json")
    by_option = run("search", "red", "-k", "20", "--json", *options)
    if expected is None:
        assert by_syntax.exit_code == by_option.exit_code == 2
        assert 'no video "\'x" in this library' in by_syntax.stderr
        assert by_syntax.stderr == by_option.stderr
        return
    assert found(by_syntax) == found(by_option) == expected
    one, other = (json.loads(result.stdout) for result in (by_syntax, by_option))
    assert one["moments"] == other["moments"]
    assert (one["scope"], one["emptied_by"]) == (other["scope"], None)


def test_phrases_and_exclusions_choose_the_lines(run: Run) -> None:
    assert found(run("search", 'a "red door"', "--json", "-k", "9")) == {
        (letter, 0) for letter in "abc"
    }
    assert found(run("search", "red -doors series:Other", "--json")) == {("c", 2)}
    assert found(run("search", "--json", "--series", "Other", "--", "-door red")) == {("c", 2)}


def test_query_and_options_add_up(run: Run) -> None:
    assert found(run("search", "red series:show", "--after", "S01E01", "--json")) == {
        ("b", 0), ("b", 1), ("b", 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("red season:1", "--season", "2"), "a video has one season, and 2 and 1 are wanted"),
        (("red", "--from", "20", "--to", "10"), "no time is after second 20 and before second 10"),
        (("red before:S01E01 season:2",), "season 2 does not come before S01E01"),
        (("red -red",), ""),
    ],
)
def test_a_contradiction_finds_nothing_and_says_why(
    run: Run, arguments: tuple[str, ...], reason: str
) -> None:
    said = run("search", *arguments)
    assert said.exit_code == 3
    assert said.stderr.strip() == ("nothing found: " + reason if reason else "nothing found")
    data = json.loads(run("search", *arguments, "--json").stdout)
    assert (data["emptied_by"], data["moments"]) == (reason or None, [])


def test_bad_syntax_is_shown_with_a_caret(run: Run) -> None:
    said = run("search", "dog kind:sppech runs")
    assert said.exit_code == 2
    first, query, caret = said.stderr.splitlines()
    assert first.startswith("error: column 10: no kind of evidence 'sppech'; there are speech,")
    assert query == "  dog kind:sppech runs"
    assert caret == "           ^"
    assert query[caret.index("^") :].startswith("sppech")


def test_a_bad_option_names_what_there_is(run: Run) -> None:
    said = run("search", "dog", "--before", "noon")
    assert said.exit_code == 2
    assert "S02E05 or S02, nor a time in a video" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_help_and_the_page_name_every_filter(run: Run) -> None:
    said = run("search", "--help").stdout
    page = (Path(__file__).parents[2] / "docs" / "SEARCH.md").read_text("utf-8")
    for field in FIELDS:
        assert f"{field}:" in said
        assert f"--{field}" in said
        assert f"| `{field}:" in page
    for kind in EvidenceKind:
        assert f"`{kind}`" in page


def test_what_is_unlikely_is_shown_and_said_not_to_be_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retriever, "moments", _likely(Retriever.moments, 0.17))
    monkeypatch.setattr(Retriever, "least_probability", lambda self, rate: 1 - rate)
    told = run("search", "red door", "--false-answers", "0.5")
    assert told.exit_code == 3
    assert "probably not in this library: the likeliest is 17% likely" in told.stderr
    assert "17% likely" in told.stdout
    believed = run("search", "red door", "--false-answers", "0.9", "--json")
    assert (believed.exit_code, json.loads(believed.stdout)["is_found"]) == (0, True)


def test_one_likely_moment_is_enough_wherever_it_ranks(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlikely_first = iter([0.1, 0.2, 0.9, 0.1, 0.1])
    moments = Retriever.moments

    def likely(*arguments: object) -> list[Moment]:
        return [replace(one, probability=next(unlikely_first)) for one in moments(*arguments)]

    monkeypatch.setattr(Retriever, "moments", likely)
    monkeypatch.setattr(Retriever, "least_probability", lambda self, rate: 0.5)
    assert run("search", "red door").exit_code == 0


def test_what_holds_the_very_words_is_not_doubted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retriever, "moments", _likely(Retriever.moments, 0.01))
    monkeypatch.setattr(Retriever, "least_probability", lambda self, rate: 0.5)
    assert run("search", "red door").exit_code == 3
    assert run("search", '"red door"').exit_code == 0


def test_moments_without_a_probability_are_not_doubted(run: Run) -> None:
    found = json.loads(run("search", "red door", "--json").stdout)
    assert (found["is_found"], found["moments"][0]["probability"]) == (True, None)


def _likely(
    moments: Callable[..., list[Moment]], probability: float
) -> Callable[..., list[Moment]]:
    def likely(*arguments: object) -> list[Moment]:
        return [replace(moment, probability=probability) for moment in moments(*arguments)]

    return likely
