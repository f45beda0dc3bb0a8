"""Fitting the probability of a moment to a user's own marks."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cinedex.api import CinedexLibrary, open_library
from cinedex.cli.app import app
from cinedex.compose import Composition
from cinedex.config import Settings
from cinedex.judging.judged_query import JudgedQuery
from cinedex.judging.refitting import JudgedMoment, judged_moments, refit
from retriever.calibration import Calibration, load_calibration, write_calibration
from retriever.confidence import ConfidenceModel
from retriever.lead import Lead
from retriever.moment import Moment
from retriever.odds import OddsModel, SpaceOdds
from store.errors import ConfigError, QueryError
from store.library import Library
from store.mark import Mark, Verdict
from store.records import Clip, Scope, Video
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder
from tests.small_videos import small_video

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VIDEO = Video("v" * 32, ("/films/a.mp4",), "a", 60.0, 1)
PRIOR = Calibration(
    OddsModel({}, 1.0), ConfidenceModel(0.0, (0.0, 0.0, 0.0), {0.05: 0.9, 0.2: 0.5}), "ours"
)


def moment(start: float, end: float) -> Moment:
    span = TimeSpan(start, end)
    clip = Clip(VIDEO.video_id, 0, span)
    return Moment(VIDEO, span, 1.0, (clip,), (), (), lead=Lead(1.0, 0.0, 0.0), probability=0.5)


def mark(verdict: Verdict, start: float = 0.0, end: float = 0.0) -> Mark:
    if verdict is Verdict.ABSENT:
        return Mark("dog", Scope(), verdict, NOW)
    return Mark("dog", Scope(), verdict, NOW, VIDEO.video_id, TimeSpan(start, end))


def test_moments_are_right_or_wrong_as_marked_and_left_out_where_nobody_judged() -> None:
    marks = (mark(Verdict.RIGHT, 0.0, 4.0), mark(Verdict.WRONG, 10.0, 14.0))
    found = [moment(1.0, 5.0), moment(11.0, 13.0), moment(30.0, 34.0)]
    judged = judged_moments(3, JudgedQuery("dog", Scope(), marks), found)
    assert [(one.query, one.is_right, one.is_first) for one in judged] == [
        (3, True, True),
        (3, False, False),
    ]


def test_whatever_is_found_for_an_absent_query_is_wrong() -> None:
    query = JudgedQuery("dog", Scope(), (mark(Verdict.ABSENT),))
    judged = judged_moments(0, query, [moment(1.0, 5.0), moment(11.0, 13.0)])
    assert [(one.is_right, one.is_absent) for one in judged] == [(False, True)] * 2


def judged_at_random(num_queries: int, slope: float) -> list[JudgedMoment]:
    """Moments that are right the likelier, the further they are ahead."""
    generator = np.random.default_rng(0)
    margins = generator.normal(size=num_queries) * 3
    right = generator.random(num_queries) < 1 / (1 + np.exp(-slope * margins))
    return [
        JudgedMoment(number, Lead(0.0, margin, 0.0), bool(is_right), True, not is_right)
        for number, (margin, is_right) in enumerate(zip(margins, right, strict=True))
    ]


def test_marks_teach_what_a_lead_is_worth_and_which_probability_to_believe() -> None:
    judged = judged_at_random(400, slope=1.0)
    made = refit(judged, PRIOR)
    confidence = made.calibration.confidence
    assert confidence.weights[1] == pytest.approx(1.0, abs=0.3)
    assert made.brier_before == pytest.approx(0.25)
    assert made.is_better
    assert made.brier_after < 0.15
    absent = [one for one in judged if one.is_absent]
    believed = [confidence.probability(one.lead) >= confidence.thresholds[0.05] for one in absent]
    assert 0 < sum(believed) <= 0.05 * len(absent)
    assert not made.keeps_thresholds


def test_marks_that_say_nothing_of_leads_do_not_make_it_better() -> None:
    assert refit(judged_at_random(60, slope=0.0), PRIOR).brier_after > 0.24


def test_few_absent_queries_leave_as_many_moments_believed_as_before() -> None:
    before = replace(PRIOR, confidence=replace(PRIOR.confidence, weights=(0.0, 0.1, 0.0)))
    judged = [replace(one, is_absent=False) for one in judged_at_random(40, slope=1.0)]
    made = refit(judged, before)
    assert made.keeps_thresholds
    after = made.calibration.confidence
    assert after.weights != before.confidence.weights
    for rate, least in before.confidence.thresholds.items():
        believed = [before.confidence.probability(one.lead) >= least for one in judged]
        still = [after.probability(one.lead) >= after.thresholds[rate] for one in judged]
        assert believed == still
    assert 0 < sum(believed) < 40


def test_a_gain_that_is_noise_is_none() -> None:
    made = refit(judged_at_random(400, slope=1.0), PRIOR)
    assert not replace(made, brier_after=made.brier_before - 0.001).is_better
    assert replace(made, brier_after=made.brier_before - 0.003).is_better


@pytest.mark.parametrize(
    "judged",
    [
        judged_at_random(9, slope=1.0),
        [replace(one, is_right=True) for one in judged_at_random(20, 1.0)],
    ],
    ids=["too few", "all right"],
)
def test_too_little_is_refused_with_what_to_do(judged: list[JudgedMoment]) -> None:
    with pytest.raises(QueryError, match="cinedex judge"):
        refit(judged, PRIOR)


LINES = [
    "a red door opens",
    "a blue boat leaves",
    "a green car waits",
    "a white bird sings",
    "a black cat sleeps",
    "a brown dog barks",
    "a grey mouse hides",
]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CinedexLibrary]:
    """A library of three films, whose encoder is known to the shipped calibration."""
    with Library.create(tmp_path / "library") as store:
        for letter in "abc":
            store.publish(small_video(letter, LINES))
        odds = OddsModel({space.space_id: SpaceOdds(10.0) for space in store.spaces()}, words=2.0)
        shipped = write_calibration(replace(PRIOR, odds=odds))
    monkeypatch.setattr("retriever.calibration.shipped_text", lambda: shipped)
    encoder = HashingEncoder(4, "mini@1")
    monkeypatch.setattr(Composition, "_query_encoders", lambda self: [encoder])
    with open_library(tmp_path / "library", settings=Settings()) as opened:
        yield opened


def mark_some(library: CinedexLibrary, count: int = 12) -> None:
    """Mark what is found for some queries, one in three as wrong."""
    for number in range(count):
        best = library.search(f"red door {number}")[0]
        verdict = "right" if number % 3 else "wrong"
        library.judge(f"red door {number}", verdict, video=best.video.video_id, span=best.span)


def test_a_library_learns_from_its_marks_and_forgets_again(library: CinedexLibrary) -> None:
    mark_some(library)
    before = library.search("red door 1")[0].probability
    made, is_kept = library.calibrate(force=True)
    assert (made.num_queries, is_kept) == (12, True)
    learned = library.search("red door 1")[0].probability
    assert learned != before
    with open_library(library.store.root, settings=Settings()) as again:
        assert again.search("red door 1")[0].probability == learned
    assert library.forget_calibration()
    assert library.search("red door 1")[0].probability == before
    assert not library.forget_calibration()


def test_what_tells_no_better_is_not_kept(library: CinedexLibrary) -> None:
    mark_some(library)
    made, is_kept = library.calibrate()
    assert is_kept == made.is_better
    monkey = replace(made, brier_after=1.0)
    assert not monkey.is_better
    assert (library.store.root / "calibration.toml").exists() == is_kept


def test_a_mark_in_a_video_that_is_gone_is_left_out(library: CinedexLibrary) -> None:
    mark_some(library)
    marked = {mark.video_id for mark in library.marks()}
    video = next(one for one in library.videos() if one.video_id not in marked)
    query = f"red door video:{video.short_id}"
    best = library.search(query)[0]
    library.judge(query, "right", video=video.video_id, span=best.span)
    library.remove(video.video_id)
    made, _ = library.calibrate(force=True)
    assert made.num_queries == 12


def test_a_calibration_of_other_odds_is_not_used(library: CinedexLibrary) -> None:
    other = Calibration(OddsModel({}, 9.0), PRIOR.confidence, "another time")
    path = library.store.root / "calibration.toml"
    path.write_text(write_calibration(other), "utf-8")
    assert library.composition.calibration() == load_calibration()


def test_the_command_says_what_it_learned(library: CinedexLibrary) -> None:
    mark_some(library)
    arguments = ["calibrate", "--library", str(library.store.root), "--force"]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.stderr
    assert "12 marked moments of 12 queries" in told.stderr
    assert "kept: searches of this library use it" in told.stderr
    as_json = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert (as_json["is_kept"], as_json["num_queries"]) == (True, 12)
    reset = CliRunner().invoke(app, [*arguments[:3], "--reset", "--json"])
    assert json.loads(reset.stdout) == {"is_reset": True}


def test_nothing_to_learn_from_is_refused(library: CinedexLibrary) -> None:
    with pytest.raises(QueryError, match="nothing that was marked is found"):
        library.calibrate()


def test_a_file_that_is_no_calibration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text("words = 1\n")
    with pytest.raises(ConfigError, match=r"calibration\.toml is no calibration"):
        load_calibration(path)
    path.unlink()
    assert load_calibration(path) == load_calibration()
