"""Fitting the probability of a moment to a user's own marks."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cinedex.api import CinedexLibrary
from cinedex.config import Settings
from cinedex.judging.judged_query import JudgedQuery
from cinedex.judging.refitting import JudgedMoment, judged_moments, refit
from retriever.calibration import Calibration, load_calibration, write_calibration
from retriever.confidence import ConfidenceModel
from retriever.lead import Lead
from retriever.moment import Moment
from retriever.odds import OddsModel, SpaceOdds
from retriever.search import Retriever
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


def test_few_absent_queries_leave_the_thresholds() -> None:
    judged = [replace(one, is_absent=False) for one in judged_at_random(40, slope=1.0)]
    made = refit(judged, PRIOR)
    assert made.keeps_thresholds
    assert made.calibration.confidence.thresholds == PRIOR.confidence.thresholds


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


LINES = ["a red door opens", "a blue boat leaves", "a green car waits"]


def test_a_library_learns_from_its_marks_and_forgets_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.create(tmp_path / "library") as store:
        store.publish(small_video("a", LINES))
        odds = OddsModel({space.space_id: SpaceOdds(10.0) for space in store.spaces()}, words=2.0)
        shipped = replace(PRIOR, odds=odds)
        monkeypatch.setattr("retriever.calibration.read_calibration", lambda text: shipped)
        encoders = {"mini@1": HashingEncoder(4, "mini@1")}
        retriever = Retriever(store, encoders, calibration=shipped)
        composition = SimpleNamespace(retriever=lambda: retriever)
        monkeypatch.setattr(CinedexLibrary, "composition", property(lambda self: composition))
        library = CinedexLibrary(store, Settings())
        for number in range(12):
            best = library.search(f"red door {number}")[0]
            verdict = "right" if number % 3 else "wrong"
            library.judge(f"red door {number}", verdict, video=best.video.video_id, span=best.span)
        made, is_kept = library.calibrate(force=True)
        assert (made.num_queries, is_kept) == (12, True)
        kept = tmp_path / "library" / "calibration.toml"
        assert kept.read_text("utf-8") == write_calibration(made.calibration)
        assert library.forget_calibration()
        assert not kept.exists()


def test_a_file_that_is_no_calibration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text("words = 1\n")
    with pytest.raises(ConfigError, match=r"calibration\.toml is no calibration"):
        load_calibration(path)
    path.unlink()
    assert load_calibration(path) == load_calibration()
