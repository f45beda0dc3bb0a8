"""Two invented films with scenes, and a chain of fakes that asks about them."""

from dataclasses import replace

from reasoner.chain import Chain
from reasoner.pocket.planner import PocketPlanner
from store.records import Evidence, EvidenceKind, Summary, SummaryLevel, Video
from store.timespan import TimeSpan
from tests.reasoner.timeline import (
    ConstantVerifier,
    FakeLibrary,
    FakeRetriever,
    FirstLineGrounder,
    QuotingAnswerer,
    moment,
)

FERRY = Video("f" * 64, ("/films/ferry.mp4",), "The Ferry", 100.0, 1)
MILL = Video("e" * 64, ("/films/mill.mp4",), "The Mill", 40.0, 1)
SEEN = EvidenceKind.CAPTION


def said(video, ordinal, start, end, text, clip, kind=EvidenceKind.SPEECH, **more):
    return Evidence(video.video_id, kind, ordinal, clip, TimeSpan(start, end), text, "test", **more)


BOAT = said(FERRY, 0, 0.0, 5.0, "The boat is called Marigold.", 0)
BOAT_SEEN = said(FERRY, 0, 0.0, 10.0, "A wooden boat.", 0, SEEN)
OIL = said(FERRY, 1, 5.0, 10.0, "Her engine runs on oil.", 0)
BOAT_AGAIN = said(FERRY, 1, 10.0, 20.0, "A boat by a jetty.", 1, SEEN)
MEETING = said(FERRY, 2, 30.0, 36.0, "They will meet at the old mill.", 2)
BELL = said(FERRY, 3, 60.0, 64.0, "A bell rings in the fog.", 3)
FOUR = said(FERRY, 4, 65.0, 68.0, "We shout: the boat, the boat!", 3)
LAST_SEEN = said(FERRY, 2, 70.0, 80.0, "The boat from above.", 4, SEEN)
FERRY_LINES = (BOAT, BOAT_SEEN, OIL, BOAT_AGAIN, MEETING, BELL, FOUR, LAST_SEEN)
WHEEL = said(MILL, 0, 2.0, 6.0, "The wheel turns at noon.", 0)
FLOUR = said(MILL, 1, 30.0, 34.0, "The flour was white.", 1)
MILL_LINES = (WHEEL, FLOUR)


def summed_up(video, level, ordinal, start, end, *lines):
    return Summary(video.video_id, level, ordinal, TimeSpan(start, end), lines)


FERRY_SUMMARIES = (
    summed_up(FERRY, SummaryLevel.VIDEO, 0, 0.0, 100.0, BOAT, MEETING, BELL),
    summed_up(FERRY, SummaryLevel.SCENE, 0, 0.0, 25.0, BOAT, OIL),
    summed_up(FERRY, SummaryLevel.SCENE, 1, 25.0, 50.0, MEETING),
    summed_up(FERRY, SummaryLevel.SCENE, 2, 50.0, 100.0, BELL, FOUR),
)
MILL_SUMMARIES = (
    summed_up(MILL, SummaryLevel.VIDEO, 0, 0.0, 40.0, WHEEL, FLOUR),
    summed_up(MILL, SummaryLevel.SCENE, 0, 0.0, 40.0, WHEEL, FLOUR),
)
BOTH = FakeLibrary((FERRY, MILL), FERRY_LINES + MILL_LINES, FERRY_SUMMARIES + MILL_SUMMARIES)
FERRY_ALONE = replace(BOTH, listed=(FERRY,))


def chain(library=FERRY_ALONE, found=None, **parts) -> Chain:
    """Return a chain whose retriever finds the meeting at the mill whatever it is asked."""
    moments = [moment(30.0, 36.0, evidence=(MEETING,))] if found is None else found
    made = {
        "library": library,
        "retriever": FakeRetriever(moments),
        "planner": PocketPlanner(),
        "grounder": FirstLineGrounder(),
        "verifier": ConstantVerifier(),
        "answerer": QuotingAnswerer(),
    }
    return Chain(**{**made, **parts})
