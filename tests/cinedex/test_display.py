import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from cinedex.cli.ask import show_answer
from cinedex.cli.index import show_plans, show_report
from cinedex.cli.indexing import Bars, Lines
from cinedex.cli.output import progress_console
from cinedex.cli.search import show_moments
from cinedex.cli.show import show_found
from indexer.pipeline import VideoPlan
from indexer.report import EventState, IndexEvent, IndexReport, VideoResult, VideoState
from indexer.stages import UPSTREAM, PlannedStage
from reasoner.answer import Answer, Citation, Fallback, GroundedSpan, Plan, Role
from retriever.moment import Moment, SourceScore
from store.records import Clip, Evidence, EvidenceKind, Skip, Summary, SummaryLevel, Video
from store.timespan import TimeSpan

HOSTILE = "[bold]x[red] \x1b[31m\nerror: y"
SHOWN = r"[bold]x[red] \x1b[31m\nerror: y"
SPAN = TimeSpan(65.25, 69.0)


@pytest.fixture
def video() -> Video:
    return Video(
        "ab" * 16,
        (f"/films/{HOSTILE}.mp4",),
        HOSTILE,
        20.0,
        10,
        skips=(Skip("speech", "no sound"),),
    )


@pytest.fixture
def moment(video: Video) -> Moment:
    evidence = Evidence(
        video.video_id, EvidenceKind.SPEECH, 0, 0, SPAN, f"line one\nline two {HOSTILE}", "w"
    )
    return Moment(
        video,
        SPAN,
        0.5,
        (Clip(video.video_id, 0, SPAN),),
        (evidence,),
        (SourceScore("text:minilm@1->x@2", 2, 1.5),),
    )


def test_a_moment_shows_where_what_and_why(
    moment: Moment, capsys: pytest.CaptureFixture[str]
) -> None:
    show_moments([moment])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"1. 1:05.2\u20131:09.0  {SHOWN}  abababababab",
        r"   speech: line one line two [bold]x[red] \x1b[31m error: y",
        "   why: text:minilm #2",
    ]


def test_show_tells_series_year_timecode_speakers_and_languages(
    video: Video, capsys: pytest.CaptureFixture[str]
) -> None:
    episode = replace(
        video,
        series="Night Train",
        season=1,
        episode=2,
        year=1999,
        start_timecode="01:00:00:00",
        video_codec="h264",
        width_pixels=640,
        height_pixels=360,
        frame_rate=Fraction(24000, 1001),
    )
    clip = Clip(video.video_id, 0, SPAN)
    said = Evidence(
        video.video_id, EvidenceKind.SUBTITLE, 0, 0, SPAN, "Good evening.", "s", speaker="JON"
    )
    english = replace(said, language="en")
    german = replace(said, ordinal=1, text="Guten Abend.", language="de", speaker=None)

    show_found(episode, [], [clip], [english])
    shown = capsys.readouterr().out
    for line in (
        "   series  Night Train, season 1, episode 2\n",
        "     year  1999\n",
        "starts at  01:00:00:00\n",
        "  picture  640x360, h264, 23.976 frames a second\n",
    ):
        assert line in shown
    assert [line.split() for line in shown.rstrip().splitlines()[-2:]] == [
        ["0", "1:05.2\u20131:09.0"],
        ["1:05.2\u20131:09.0", "subtitle", "JON:", "Good", "evening."],
    ]

    show_found(video, [], [clip], [english, german])
    shown = capsys.readouterr().out
    assert not any(word in shown for word in ("series", "year", "starts at"))
    assert [line.split()[1:] for line in shown.rstrip().splitlines()[-2:]] == [
        ["subtitle", "en", "JON:", "Good", "evening."],
        ["subtitle", "de", "Guten", "Abend."],
    ]


def test_a_summary_is_shown_before_the_clips(
    video: Video, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = Clip(video.video_id, 0, SPAN)
    said = Evidence(video.video_id, EvidenceKind.SPEECH, 0, 0, SPAN, "Look.", "s", speaker="JON")
    whole = Summary(video.video_id, SummaryLevel.VIDEO, 0, SPAN, (said,))
    first = replace(whole, level=SummaryLevel.SCENE)
    second = replace(first, ordinal=1, evidence=())
    span = "1:05.2\u20131:09.0"
    line = [span, "speech", "JON:", "Look."]
    clips = [["0", span], line]

    def rows(*summaries: Summary) -> list[list[str]]:
        show_found(video, list(summaries), [clip], [said])
        return [text.split() for text in capsys.readouterr().out.splitlines() if span in text]

    assert rows() == clips
    assert rows(whole, first) == [["all", span], line, *clips]
    scenes = [["0", span], line, ["1", span]]
    assert rows(whole, first, second) == [["all", span], line, *scenes, *clips]


def test_an_answer_shows_its_citations(moment: Moment, capsys: pytest.CaptureFixture[str]) -> None:
    cited = moment.evidence[0]
    answer = Answer(
        question="q",
        text=HOSTILE,
        abstained=False,
        confidence=0.75,
        spans=(GroundedSpan(moment.video, SPAN, 0.9, (cited,)),),
        citations=(
            Citation(cited.evidence_id, moment.video.video_id, HOSTILE, SPAN, "speech", cited.text),
        ),
        plan=Plan("q", "q", "q", repair=HOSTILE),
        moments=(moment,),
        fallbacks=(Fallback(Role.GROUNDER, "no span"),),
        seconds_by_role={"planner": 0.5},
        caveats=(f"nobody heard {HOSTILE}",),
    )
    show_answer(answer)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == SHOWN
    assert lines[1] == f"   at 1:05.2\u20131:09.0  {SHOWN}"
    assert lines[2].startswith("   [1] 1:05.2\u20131:09.0  speech: line one line two")
    assert lines[2].endswith("abababababab/speech/0")
    assert lines[3] == f"   planner was mended: {SHOWN}"
    assert lines[4] == "   grounder fell back: no span"
    assert lines[5] == f"   but nobody heard {SHOWN}"
    assert lines[6] == "   confidence 0.75; planner 0.50 s"


def test_a_report_counts_milliseconds_per_video_second(
    video: Video, capsys: pytest.CaptureFixture[str]
) -> None:
    done = VideoResult(
        Path(video.path), video, VideoState.INDEXED, 2.0, {"decode": 0.5, "speech": 1.0}
    )
    failed = VideoResult(
        Path("bad.mp4"), None, VideoState.FAILED, 0.1, {}, "no container", "NotAVideoError"
    )
    show_report(IndexReport((done, failed), 2.1))
    shown = capsys.readouterr().out
    summary, costs = shown.split("\n" + f"{SHOWN}.mp4: ms per video second: ")
    assert f"{SHOWN}.mp4" in summary
    assert "10.0" in summary
    assert "failed" in summary
    assert "speech skipped: no sound" in summary
    assert costs == "decode 25.0, speech 50.0\n"


def test_a_dry_run_says_in_one_line_that_a_video_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    stages = [stage for stage in UPSTREAM if stage != "probe"]
    new = tuple(PlannedStage(stage, "not done yet") for stage in stages)
    plans = [
        VideoPlan(Path("new.mp4"), "ab", new),
        VideoPlan(Path("begun.mp4"), "cd", new[-2:]),
        VideoPlan(Path("old.mp4"), "ef", ()),
    ]
    show_plans(plans, as_json=False)
    shown = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert shown[2:] == [
        ["new.mp4", "everything", "new"],
        ["begun.mp4", "summary", "not", "done", "yet"],
        ["publish", "not", "done", "yet"],
        ["old.mp4", "-", "up", "to", "date"],
    ]
    show_plans(plans, as_json=True)
    told = json.loads(capsys.readouterr().out)["plans"][0]
    assert [stage["stage"] for stage in told["stages"]] == stages


EVENTS = [
    IndexEvent(Path(HOSTILE), "", EventState.STARTED, 1, 2),
    IndexEvent(Path(HOSTILE), "frames", EventState.STARTED, 1, 2, total_seconds=20.0),
    IndexEvent(Path(HOSTILE), "frames", EventState.PROGRESS, 1, 2, 5.0, 20.0),
    IndexEvent(Path(HOSTILE), "frames", EventState.FINISHED, 1, 2, 20.0, 20.0),
    IndexEvent(Path(HOSTILE), "speech", EventState.SKIPPED, 1, 2, 0.0, 20.0, "no sound"),
    IndexEvent(Path(HOSTILE), "", EventState.FAILED, 1, 2, 0.0, 20.0, HOSTILE),
    IndexEvent(Path("b.mp4"), "", EventState.STARTED, 2, 2),
    IndexEvent(Path("b.mp4"), "", EventState.WAITING, 2, 2, message="another run"),
    IndexEvent(Path("b.mp4"), "", EventState.FINISHED, 2, 2),
]


def test_a_log_gets_a_line_for_each_video(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines() as display:
        for event in EVENTS:
            display(event)
    assert capsys.readouterr().err.splitlines() == [
        f"[1/2] {SHOWN} started",
        f"[1/2] {SHOWN} failed: {SHOWN}",
        "[2/2] b.mp4 started",
        "[2/2] b.mp4 waiting: another run",
        "[2/2] b.mp4 finished",
    ]


def test_a_terminal_gets_bars_and_reasons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with Bars(progress_console()) as display:
        display(EVENTS[0])
        assert display.current == SHOWN
        for event in EVENTS[1:]:
            display(event)
    assert display.current == ""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{SHOWN}: speech skipped: no sound" in captured.err
    assert "2/2 b.mp4" in captured.err
    assert "\nerror: y" not in captured.err


def test_what_is_told_of_a_video_that_has_ended_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cinedex.cli.indexing.SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    late = IndexEvent(Path("b.mp4"), "frames", EventState.PROGRESS, 2, 2, 5.0, 20.0)
    with Lines() as lines:
        for event in (*EVENTS, late):
            lines(event)
    assert capsys.readouterr().err.splitlines()[-1] == "[2/2] b.mp4 finished"
    with Bars(progress_console()) as bars:
        for event in (*EVENTS, late):
            bars(event)
        assert [task.description for task in bars._bars.tasks] == ["2/2 b.mp4"]


def test_several_videos_at_once_are_named_until_each_has_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    a, b = Path("a.mp4"), Path("b.mp4")
    with Bars(progress_console()) as display:
        display(IndexEvent(a, "", EventState.STARTED, 1, 2))
        display(IndexEvent(b, "", EventState.STARTED, 2, 2))
        assert display.current == "a.mp4, b.mp4"
        for path, number in ((a, 1), (b, 2)):
            event = IndexEvent(path, "frames", EventState.PROGRESS, number, 2, 1.0, 2.0, "", 0.5)
            display(event)
        display._bars.refresh()
        display(IndexEvent(b, "", EventState.FINISHED, 2, 2))
        assert display.current == "a.mp4"
        display(IndexEvent(a, "", EventState.FINISHED, 1, 2))
    assert display.current == ""
    assert "queue 50%" in capsys.readouterr().err
