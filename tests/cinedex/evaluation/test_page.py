import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.curves import RecallCurve
from cinedex.evaluation.figures import Figure
from cinedex.evaluation.indexed_videos import IndexedVideos
from cinedex.evaluation.page import page_of, write_page
from cinedex.evaluation.plots import forest_plot, histogram_plot, recall_plot, timeline_plot
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment, Prediction
from cinedex.evaluation.report import EvaluationOptions, report_on
from cinedex.evaluation.thumbnails import Thumbnails, no_thumbnails
from store.errors import DatasetError
from store.library import Library
from store.timespan import TimeSpan
from tests.small_videos import small_video

HOSTILE = "<script>alert('a')</script> & \"b\""
QUERIES = [
    DatasetQuery("1", HOSTILE, HOSTILE, (TimeSpan(0, 10), TimeSpan(20, 30))),
    DatasetQuery("2", "nothing is found", "film", (TimeSpan(0, 10),)),
]
FOUND = {
    "1": Prediction("1", (PredictedMoment(HOSTILE, TimeSpan(70, 80), 1.0, HOSTILE, {HOSTILE: 2}),))
}
VOID = {"meta", "img"}


class Tags(HTMLParser):
    """Fails at a tag that is closed by another; keeps text and what would be fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.fetched = [], [], []

    def handle_starttag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page(pictures=no_thumbnails, against=None):
    report = report_on("own", QUERIES, FOUND, EvaluationOptions(), against and FOUND)
    return page_of(report, f"{HOSTILE}.jsonl", against, pictures)


def read(text):
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    return tags


def test_the_page_is_whole_and_what_others_wrote_stays_text():
    tags = read(page())
    said = "".join(tags.text)
    assert said.count(HOSTILE) >= 4  # title, heading, query, video
    assert f"found; {HOSTILE}; {HOSTILE} #2" in said
    assert "true, and 1 more" in said
    assert "nothing found" in said
    assert "1 without a prediction, counted as misses" in said
    assert tags.fetched == []


def test_answers_that_are_not_accepted_are_shown_beside_those_that_are():
    asked = [DatasetQuery("1", HOSTILE, answers=("a red boat", HOSTILE))]
    found = {"1": Prediction("1", answer=GivenAnswer("the red car <b>", False))}
    report = report_on("own", asked, found, EvaluationOptions())
    said = "".join(read(page_of(report, "queries.jsonl", None, no_thumbnails)).text)
    assert f"{HOSTILE}a red boat / {HOSTILE}the red car <b>40.00" in said
    assert "1 of 1 answers that are none of the accepted wordings" in said


def test_a_moment_of_another_video_is_named_and_not_on_the_timeline():
    elsewhere = {"2": Prediction("2", (PredictedMoment("other", TimeSpan(0, 10), 1.0),))}
    report = report_on("own", QUERIES[1:], elsewhere, EvaluationOptions(is_corpus=True))
    text = page_of(report, "queries.jsonl", None, no_thumbnails)
    assert "found; in other" in text
    timeline = re.search(r'<svg class="timeline".*?</svg>', text)[0]
    assert [bar["class"] for bar in drawn(timeline, "rect")] == ["right"]


def test_two_runs_are_compared_on_the_page():
    said = "".join(read(page(against="other.jsonl")).text)
    assert "compared with other.jsonl" in said
    assert "[+0.00, +0.00]" in said


def test_pictures_are_inside_the_page():
    asked = []

    def pictures(video, instant_seconds):
        asked.append((video, instant_seconds))
        return b"\xff\xd8jpeg"

    tags = read(page(pictures))
    assert sorted(asked) == [(HOSTILE, 5), (HOSTILE, 75), ("film", 5)]
    assert tags.fetched == ["data:image/jpeg;base64,/9hqcGVn"] * 3


def test_a_picture_is_that_of_the_clip_at_the_instant(tmp_path):
    indexed = small_video("a", ("a red door", "the sea at night"))
    with Library.create(tmp_path / "library") as library:
        library.publish(replace(indexed, thumbnails=((1, b"\xff\xd8sea"),)))
        pictures = Thumbnails(library, IndexedVideos(library.videos()))
        assert pictures("a", 1.5) == pictures("a.mp4", 1.0) == b"\xff\xd8sea"
        assert pictures("a", 0.5) is None  # its clip has no picture
        assert pictures("a", 99.0) is None
        assert pictures("b", 1.5) is None


def drawn(svg, tag):
    return [element.attrib for element in ElementTree.fromstring(svg).iter(tag)]


def test_recall_is_drawn_where_the_axes_say():
    curves = (RecallCurve(0.3, (0.5, 1.0)), RecallCurve(0.5, (0.0, 0.98)))
    svg = recall_plot(curves)
    first, second = drawn(svg, "polyline")
    # 44 to 394 across for k from 1 to 2, 224 up to 14 for 0 to 100 %.
    assert first["points"] == "44.0,119.0 394.0,14.0"
    assert second["points"] == "44.0,224.0 394.0,18.2"
    labels = re.findall(r'y="([\d.]+)">IoU', svg)
    assert float(labels[1]) - float(labels[0]) == pytest.approx(14)
    (alone,) = drawn(recall_plot((RecallCurve(0.5, (0.25,)),)), "polyline")
    assert alone["points"] == "219.0,171.5"


def test_an_interval_lies_between_nothing_and_everything():
    svg = forest_plot(Figure("mIoU", 0.5, 0.25, 0.75, 4))
    (interval,) = drawn(svg, "rect")
    _, mean = drawn(svg, "line")
    assert (interval["x"], interval["width"], mean["x1"]) == ("60.0", "120.0", "120.0")


def test_bars_are_as_high_as_there_are_queries():
    bars = drawn(histogram_plot((4, 0, 0, 0, 0, 2, 0, 0, 0, 1)), "rect")
    assert [float(bar["height"]) for bar in bars] == [210, 0, 0, 0, 0, 105, 0, 0, 0, 52.5]
    assert [bar["class"] for bar in bars] == ["wrong"] * 5 + ["right"] * 5


def test_a_timeline_shows_even_an_instant():
    truth, found = drawn(
        timeline_plot((TimeSpan(0, 50),), PredictedMoment("a", TimeSpan(100, 100), 1.0)), "rect"
    )
    assert (truth["x"], truth["width"], truth["class"]) == ("0.0", "149.0", "right")
    assert (found["x"], found["width"], found["class"]) == ("298.0", "2.0", "wrong")
    assert len(drawn(timeline_plot((TimeSpan(0, 50),), None), "rect")) == 1


def test_a_page_is_written_anew_or_the_place_is_named(tmp_path):
    write_page(tmp_path / "report.html", "old")
    write_page(tmp_path / "report.html", "new")
    assert (tmp_path / "report.html").read_text("utf-8") == "new"
    with pytest.raises(DatasetError, match="cannot be written"):
        write_page(tmp_path / "nowhere" / "report.html", "new")
