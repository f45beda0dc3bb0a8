"""``cinedex judge`` over three episodes of one line each: "red" finds a moment in each."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from cinedex.api import CinedexLibrary, open_library
from cinedex.cli.judging import Keys
from store.errors import QueryError
from store.library import Library
from store.mark import Verdict
from store.records import Scope
from store.timespan import TimeSpan
from tests.cinedex.command_line import Run
from tests.small_videos import small_video


@pytest.fixture
def episodes(tmp_path: Path) -> Path:
    """Take the place of the fixture of longer episodes."""
    with Library.create(tmp_path / "library") as library:
        library.publish(small_video("a", series="Show", season=1, episode=1))
        library.publish(small_video("b", series="Show", season=1, episode=2))
        library.publish(small_video("c", series="Other", season=2, episode=1))
    return tmp_path / "library"


def said(episodes: Path) -> list[tuple[str, str, str | None, tuple[float, float] | None]]:
    """List query, verdict, letter of the video and span of every mark."""
    with Library.open(episodes) as library:
        return [
            (
                mark.query,
                str(mark.verdict),
                mark.video_id and mark.video_id[0],
                mark.span and (mark.span.start_seconds, mark.span.end_seconds),
            )
            for mark in library.marks.all()
        ]


def headings(result: Result) -> list[str]:
    """List what was shown: a line for each query and each moment, dashes made plain."""
    lines = result.stdout.replace("\u2013", "-").splitlines()
    return [line for line in lines if not line.startswith("   ")]


WHOLE = (0.0, 1.0)


def test_a_key_says_what_a_moment_is_and_what_was_said_is_not_asked_again(
    run: Run, episodes: Path
) -> None:
    first = run("judge", "red", input="rwsq")
    assert first.exit_code == 0
    assert headings(first) == [
        "red",
        "1. 0:00.0-0:01.0  Film a  aaaaaaaaaaaa",
        "2. 0:00.0-0:01.0  Film b  bbbbbbbbbbbb",
        "3. 0:00.0-0:01.0  Film c  cccccccccccc",
        "1 right, 1 wrong, 1 skipped",
    ]
    assert said(episodes) == [("red", "right", "a", WHOLE), ("red", "wrong", "b", WHOLE)]
    second = run("judge", " red ", input="R")
    assert headings(second) == ["red", "1. 0:00.0-0:01.0  Film c  cccccccccccc", "1 right"]
    third = run("judge", "red", input="w")
    assert (headings(third), third.exit_code) == (["nothing was judged"], 0)
    assert said(episodes)[2:] == [("red", "right", "c", WHOLE)]


def test_undo_goes_back_and_unsays(run: Run, episodes: Path) -> None:
    done = run("judge", "red", input="u r s u u w q")
    shown = [line[:2] for line in headings(done)[:-1] if line != "red"]
    assert shown == ["1.", "2.", "3.", "2.", "1.", "2."]
    assert said(episodes) == [("red", "wrong", "a", WHOLE)]
    assert "undo: this is the first" in done.stderr


def test_edges_are_put_right(run: Run, episodes: Path) -> None:
    done = run("judge", "red", input="e 0:02 x\ne\ne 2 2\ne 0:01.5 4\nq")
    assert said(episodes) == [("red", "right", "a", (1.5, 4.0))]
    assert done.stderr.count("error: ") == 3
    with Library.open(episodes) as library:
        assert library.marks.all()[0].shown == TimeSpan(0.0, 1.0)
    again = run("judge", "red", input="q")
    assert "Film a" not in again.stdout


def test_absence_ends_a_query_unless_something_is_right(run: Run, episodes: Path) -> None:
    done = run("judge", "red", input="wraq")
    assert "'red' has spans that are marked right (1)" in done.stderr
    assert said(episodes) == [("red", "wrong", "a", WHOLE), ("red", "right", "b", WHOLE)]
    nothing = run("judge", "submarine -red", input="ra")
    assert nothing.stdout.splitlines() == ["submarine -red", "   nothing was found", "1 absent"]
    assert "nothing was found that could be right" in nothing.stderr
    assert said(episodes)[2:] == [("submarine -red", "absent", None, None)]
    assert headings(run("judge", "submarine -red", input="r")) == ["nothing was judged"]


def test_an_absence_can_be_undone_and_gives_way_to_what_is_right(run: Run, episodes: Path) -> None:
    undone = run("judge", "door", input="aurq")
    assert undone.stdout.endswith("1 right\n")
    assert [mark[1] for mark in said(episodes)] == ["right"]
    run("judge", "car", "--absent")
    run("judge", "car", "--video", "aaaa", "--span", "2", "3", "--right")
    assert said(episodes)[1:] == [("car", "right", "a", (2.0, 3.0))]


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.txt"
    path.write_text("# of the first season\nred season:1\n\nred car\nred car\n", "utf-8")
    return path


def test_queries_of_a_file_come_in_a_row_and_go_on_where_they_ended(
    run: Run, episodes: Path, queries: Path
) -> None:
    first = run("judge", "--file", str(queries), input="rs")
    assert [line for line in headings(first) if " of 2" in line] == [
        "red season:1  1 of 2",
        "red car  2 of 2",
    ]
    assert first.stdout.endswith("1 right, 1 skipped\n")
    second = run("judge", "--file", str(queries), input="aq")
    assert headings(second)[:2] == [
        "red season:1  1 of 2",
        "1. 0:00.0-0:01.0  Film b  bbbbbbbbbbbb",
    ]
    assert "has spans that are marked right" in second.stderr
    assert said(episodes) == [("red season:1", "right", "a", WHOLE)]


def test_ctrl_c_loses_nothing(
    run: Run, episodes: Path, queries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed = iter("rw")

    def key(keys: Keys) -> str:
        for one in pressed:
            return one
        raise KeyboardInterrupt

    monkeypatch.setattr(Keys, "key", key)
    done = run("judge", "--file", str(queries))
    assert done.exit_code == 130
    assert done.stdout.endswith("1 right, 1 wrong\n")
    assert "every verdict was kept" in done.stderr
    assert [mark[1] for mark in said(episodes)] == ["right", "wrong"]


def test_the_query_and_its_limits_are_kept_as_they_were_given(run: Run, episodes: Path) -> None:
    limits = ("--series", "show", "--before", "S01E02", "--video", "Film a", "--video", "Film b")
    run("judge", "red -blue", *limits, input="r")
    with Library.open(episodes) as library:
        (mark,) = library.marks.all()
    assert (mark.query, mark.video_id) == ("red -blue", "a" * 32)
    assert mark.scope == Scope(video_ids=("a" * 32, "b" * 32), series="show", up_to_episode=(1, 1))
    assert headings(run("judge", "red -blue", *limits, input="r")) == ["nothing was judged"]
    assert "Film a" in run("judge", "red -blue", input="q").stdout
    listed = run("judge", "--list").stdout.splitlines()
    place = "video ids aaaaaaaaaaaa, bbbbbbbbbbbb; series show; up to S01E01"
    assert listed[0] == f"red -blue  ({place})"


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_options_say_what_a_key_does(run: Run, episodes: Path) -> None:
    span = ("--video", "Film a", "--span", "0:01", "2.5")
    kept = document(run("judge", "red", *span, "--right", "--note", "blurred", "--json"))["mark"]
    assert (kept["title"], kept["verdict"], kept["note"]) == ("Film a", "right", "blurred")
    assert kept["span"] == {"start_seconds": 1.0, "end_seconds": 2.5}
    assert abs(datetime.fromisoformat(kept["marked_at"]) - datetime.now(UTC)).seconds < 60
    run("judge", "red", *span, "--wrong")
    assert run("judge", "ship", "--absent", "--series", "Show").exit_code == 0
    assert said(episodes) == [("red", "wrong", "a", (1.0, 2.5)), ("ship", "absent", None, None)]
    assert [mark["query"] for mark in document(run("judge", "--list", "--json"))["marks"]] == [
        "red",
        "ship",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("red", "--right"), "right needs a video and a span"),
        (("red", "--right", "--video", "aaaa"), "right needs a video and a span"),
        (("red", "--right", "--span", "1", "2"), "right needs a video and a span"),
        (("red", "--span", "1", "2", "--video", "aaaa"), "a verdict needs a query"),
        (("red", "--absent", "--span", "1", "2", "--video", "aaaa"), "absent is said of the whole"),
        (("red", "--right", "--span", "2", "1", "--video", "aaaa"), "a span ends after it starts"),
        (("red", "--right", "--span", "1", "99", "--video", "aaaa"), "ends at second 9, before"),
        (("red", "--right", "--span", "1", "2", "--video", "Film x"), "no video 'Film x'"),
        (("red season:2", "--right", "--span", "1", "2", "--video", "aaaa"), "is not among"),
        (("red season:1", "--season", "2", "--absent"), "a video has one season"),
        (("red kind:smell", "--absent"), "no kind of evidence"),
        ((" ", "--absent"), "the query is empty"),
        (("red", "--right", "--wrong"), "--right and --wrong contradict each other"),
        (("red", "--list", "--absent"), "verdict and list do not go together"),
        (("--file", "x", "--absent"), "verdict and file do not go together"),
        (("red", "--note", "x"), "--note is kept with"),
        (("--remove",), "name the query or the --video"),
        (("red", "--json"), "--json needs a verdict"),
        ((), "name a query, or a file"),
        (("red", "--file", "x"), "name a query, or a file"),
        (("--file", "nowhere.txt"), "cannot be read"),
        (("red season:1 season:2",), "finds nothing: a video has one season"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, episodes: Path, arguments: tuple[str, ...], words: str
) -> None:
    refused = run("judge", *arguments)
    assert refused.exit_code == 2
    assert words in refused.stderr
    assert said(episodes) == []


def test_what_was_said_is_taken_back(run: Run, episodes: Path) -> None:
    for letter, query in (("a", "red"), ("b", "red"), ("a", "door")):
        run("judge", query, "--video", letter * 4, "--span", "0", "2", "--right")
    run("judge", "red", "--series", "Show", "--absent")
    run("judge", "red", "--video", "cccc", "--absent")
    assert len(document(run("judge", "red", "--list", "--json"))["marks"]) == 4
    by_series = document(run("judge", "red", "--remove", "--series", "Show", "--json"))["removed"]
    assert [mark["verdict"] for mark in by_series] == ["absent"]
    assert run("judge", "red", "--remove", "--video", "aaaa").stdout == "1 marks taken back\n"
    of_c = document(run("judge", "--list", "--video", "Film c", "--json"))["marks"]
    assert [(mark["query"], mark["video_id"]) for mark in of_c] == [("red", None)]
    by_span = ("judge", "--remove", "--video", "bbbb", "--span", "0", "2")
    assert run("judge", "red", "--remove", "--video", "bbbb", "--span", "0", "1").exit_code == 3
    assert run(*by_span).stdout == "1 marks taken back\n"
    assert [mark[0] for mark in said(episodes)] == ["door", "red"]


def test_marks_of_a_video_that_is_gone_are_named_and_can_be_taken_back(
    run: Run, episodes: Path
) -> None:
    for letter in "ab":
        run("judge", "red", "--video", letter * 4, "--span", "0", "2", "--right")
    removed = run("remove", "aaaa")
    assert "1 mark of searches stays; cinedex judge --remove --video aaaaaaaaaaaa" in removed.stderr
    assert "searches" not in run("remove", "cccc").stderr
    assert "not in the library  aaaaaaaaaaaa" in run("judge", "--list").stdout
    assert run("judge", "--remove", "--video", "aaaa").exit_code == 0
    assert [mark[2] for mark in said(episodes)] == ["b"]


def test_a_dataset_is_made_and_evaluated_as_it_was_asked(
    run: Run, episodes: Path, tmp_path: Path
) -> None:
    for letter, span in (("a", ("0", "1")), ("b", ("0", "2")), ("b", ("2", "3"))):
        run("judge", "red series:Show", "--video", letter * 4, "--span", *span, "--right")
    run("judge", "red", "--season", "2", "--video", "cccc", "--span", "0", "1", "--wrong")
    run("judge", "ship", "--absent")
    path = tmp_path / "marks.jsonl"
    told = document(run("judge", "--export", str(path), "--json"))
    assert {name: told[name] for name in told if name.startswith("num")} == {
        "num_queries": 3, "num_located": 1, "num_absent": 1, "num_unknown": 1,
    }  # fmt: skip
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [{**row, "id": len(row["id"])} for row in rows] == [
        {
            "id": 12,
            "query": "red series:Show",
            "scope": {},
            "video": "b.mp4",
            "spans": [[0.0, 2.0], [2.0, 3.0]],
            "elsewhere": {"a.mp4": [[0.0, 1.0]]},
        },
        {
            "id": 12,
            "query": "red",
            "scope": {"season": 2},
            "wrong_spans": {"c.mp4": [[0.0, 1.0]]},
        },
        {"id": 12, "query": "ship", "scope": {}, "spans": []},
    ]
    means = {
        figure["name"]: figure["mean"]
        for option in ((), ("--corpus",))
        for figure in document(run("evaluate", str(path), "--format", "own", "--json", *option))[
            "figures"
        ]
    }
    # Film a comes first, and is right there; in Film b half of the first span is found.
    assert (means["VCMR R1@0.7"], means["VR R1"]) == (1.0, 1.0)
    assert (means["R1@0.5"], means["R1@0.7"], means["mIoU"]) == (1.0, 0.0, 0.5)
    again = run("judge", "--export", str(path))
    assert (again.exit_code, "--force" in again.stderr) == (2, True)
    assert run("judge", "--export", str(path), "--force").exit_code == 0


def test_a_dataset_leaves_out_and_counts_what_it_cannot_name(
    run: Run, episodes: Path, tmp_path: Path
) -> None:
    assert "nothing is judged" in run("judge", "--export", str(tmp_path / "x")).stderr
    with Library.open(episodes) as library:
        library.publish(small_video("d", ["a red hat"]))
        library.move_video("d" * 32, "/elsewhere/a.mp4")
    for letter in "ab":
        run("judge", "red", "--video", letter * 32, "--span", "0", "2", "--right")
    run("remove", "bbbb")
    written = run("judge", "--export", str(tmp_path / "x"))
    assert "1 marks are left out: the library does not hold their videos" in written.stderr
    (gone,) = document(run("judge", "--export", str(tmp_path / "z"), "--json"))["left_out"]
    assert (gone["title"], gone["video_id"]) == (None, "b" * 32)
    (row,) = [json.loads(line) for line in (tmp_path / "x").read_text().splitlines()]
    assert (row["video"], row["spans"]) == ("a" * 32, [[0.0, 2.0]])
    assert document(run("evaluate", str(tmp_path / "x"), "--format", "own", "--json"))["figures"]
    run("remove", "a" * 32)
    assert "index those again" in run("judge", "--export", str(tmp_path / "y")).stderr


def test_the_python_door(run: Run, episodes: Path) -> None:
    with open_library() as library:
        mark = library.judge("red", "right", video="Film a", span=(0.5, 2.0004), note="well")
        assert mark.span == TimeSpan(0.5, 2.0)
        library.judge("red", Verdict.WRONG, video="Film b", span=TimeSpan(0, 2))
        library.judge("red", "absent", scope=Scope(series="Other"))
        here, there = library.judged_queries()
        assert (here.query, here.scope, here.is_absent) == ("red", Scope(), False)
        assert here.spans(Verdict.RIGHT) == {"a" * 32: [TimeSpan(0.5, 2.0)]}
        assert here.spans(Verdict.WRONG) == {"b" * 32: [TimeSpan(0.0, 2.0)]}
        assert (there.scope, there.is_absent) == (Scope(series="Other"), True)
        plain = [(one.query, one.scope, one.video_id, one.span) for one in library.marks()]
        assert plain[0] == ("red", Scope(), "a" * 32, TimeSpan(0.5, 2.0))
        with pytest.raises(QueryError, match="no verdict 'maybe'; there are right, wrong, absent"):
            library.judge("red", "maybe")
        with pytest.raises(QueryError, match="starts at 0 or later"):
            library.judge("red", "right", video="Film a", span=(-1.0, 2.0))
        assert library.remove_marks(library.marks()) == 3
        assert library.marks() == []


@pytest.mark.parametrize(
    ("verdict", "span", "shown", "moment", "is_known"),
    [
        ("right", (0, 2), None, (0, 6), True),  # edges were corrected inwards
        ("wrong", (0, 2), None, (0, 6), False),  # the other four seconds may be right
        ("wrong", (0, 6), None, (0, 2), True),
        ("wrong", (0, 6), None, (4, 8), True),
        ("wrong", (0, 6), None, (4.5, 8), False),
        ("right", (0, 2), None, (1.5, 6), False),
        ("right", (6, 8), (0, 4), (1, 4), True),  # edges were corrected sidewards
        ("right", (6, 8), (0, 4), (3, 6), False),
    ],
)
def test_a_moment_much_like_one_that_was_judged_is_known(
    run: Run, verdict: str, span: Any, shown: Any, moment: Any, is_known: bool
) -> None:
    from cinedex.judging.judged_query import judged_queries
    from cinedex.judging.marking import mark_of

    with open_library() as library:
        mark = mark_of(
            library.store,
            "red",
            verdict,
            video="aaaa",
            span=span,
            shown=None if shown is None else TimeSpan(*shown),
        )
    (judged,) = judged_queries([mark])
    assert judged.knows("a" * 32, TimeSpan(*moment)) is is_known
    assert not judged.knows("b" * 32, TimeSpan(*moment))


def test_only_one_search_is_made_for_each_query(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    search = CinedexLibrary.search

    def counted(library: CinedexLibrary, query: str, *arguments: Any) -> Any:
        asked.append(query)
        return search(library, query, *arguments)

    monkeypatch.setattr(CinedexLibrary, "search", counted)
    run("judge", "red", input="rurwuw")
    assert asked == ["red"]
