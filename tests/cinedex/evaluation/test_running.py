"""Queries put to a small library: a sentence a second, found by its words."""

import numpy as np
import pytest

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.choosing import LookingChooser, NearestChoice, SeenChoice
from cinedex.evaluation.indexed_videos import IndexedVideos
from cinedex.evaluation.prediction import PredictedMoment
from cinedex.evaluation.running import Runner, saliency_of
from reasoner.answer import Answer, GroundedSpan, Plan
from reasoner.videomind.answerer import VideoMindAnswerer
from retriever.search import Retriever
from store.errors import DatasetError, MediaUnreadableError
from store.library import Library
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder
from tests.small_videos import small_video

SENTENCES = {"a": ("a red door", "the sea at night"), "b": ("a red boat",)}


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as made:
        for letter, sentences in SENTENCES.items():
            made.publish(small_video(letter, sentences))
        yield made


@pytest.fixture
def runner(library):
    return make_runner(library)


def make_runner(library, **options):
    return Runner(IndexedVideos(library.videos()), Retriever(library, {}), k=3, **options)


def test_a_query_is_put_to_the_video_that_it_names(runner):
    (found,) = runner.predict(DatasetQuery("1", "red", "a")).moments
    assert found == PredictedMoment("a", TimeSpan(0, 1), found.score, "speech", {"lexical": 1})
    (found,) = runner.predict(DatasetQuery("2", "red", "b.mp4")).moments
    assert (found.video, found.span) == ("b.mp4", TimeSpan(0, 1))
    assert runner.predict(DatasetQuery("3", "sea", "b")).moments == ()


def test_a_whole_library_is_searched_where_no_video_is_named_or_a_corpus_is_asked(library, runner):
    everywhere = runner.predict(DatasetQuery("1", "red"))
    assert sorted(moment.video for moment in everywhere.moments) == ["a.mp4", "b.mp4"]
    corpus = make_runner(library, is_corpus=True).predict(DatasetQuery("1", "red", "b"))
    assert sorted(moment.video for moment in corpus.moments) == ["a.mp4", "b"]


def test_what_is_not_indexed_is_known_before_it_is_asked(runner):
    names = ("a", "b.mp4", "c", "Film a", None)
    indexed = [runner.is_indexed(DatasetQuery("1", "red", name)) for name in names]
    assert indexed == [True, True, False, False, True]


def test_a_name_of_two_videos_is_refused(library):
    one, other = small_video("c"), small_video("d")
    videos = IndexedVideos([one.video, other.video])
    assert videos.find("c") == one.video
    library.publish(one)
    library.move_video(one.video.video_id, "/elsewhere/b.mkv")
    videos = IndexedVideos(library.videos())
    assert videos.find("b.mkv").video_id == one.video.video_id
    with pytest.raises(DatasetError, match=r"2 videos of the library are called b: .*b\.m"):
        videos.find("b")


def test_a_query_that_cannot_be_put_is_refused_and_the_run_goes_on(runner):
    refused = runner.predict(DatasetQuery("1", "x" * 5_000, "a"))
    assert refused.moments == ()
    assert "5000" in refused.refusal.replace(",", "")


def test_clips_are_as_salient_as_the_best_moment_over_their_middle():
    query = DatasetQuery("1", "red", "a", ratings=np.zeros((4, 1), dtype=np.int64))
    moments = [
        PredictedMoment("a", TimeSpan(0.5, 3), 0.5),  # over 1 s, and not over 3 s: half-open
        PredictedMoment("a", TimeSpan(1, 6), 0.25),
        PredictedMoment("b", TimeSpan(0, 8), 1.0),
    ]
    assert saliency_of(moments, query) == (0.5, 0.25, 0.25, 0.0)
    assert saliency_of(moments, DatasetQuery("1", "red", "a")) == ()


class Parrot:
    """Answers every question from the first moment that it is given."""

    def __init__(self, library, text="the red door", abstained=False):
        self.library = library
        self.text, self.abstained = text, abstained

    def ask(self, question, scope):
        moments = tuple(Retriever(self.library, {}).search("red", scope=scope))
        first = moments[0]
        spans = (
            GroundedSpan(first.video, TimeSpan(0.25, 0.75), 0.5, first.evidence, 0.875),
            GroundedSpan(first.video, TimeSpan(0, 0.5), 0.25, ()),
        )
        plan = Plan(question, question, question)
        kept = () if self.abstained else spans
        return Answer(question, self.text, self.abstained, 0.5, kept, (), plan, moments)


QUESTION = DatasetQuery("1", "what is red?", "a", choices=("a blue sky", "a red door"), answer=1)


def test_an_answer_gives_its_spans_and_the_nearest_choice(library):
    chooser = NearestChoice(HashingEncoder())
    asking = make_runner(library, asker=Parrot(library), chooser=chooser)
    predicted = asking.predict(QUESTION)
    assert predicted.moments == (
        PredictedMoment("a", TimeSpan(0.25, 0.75), 0.875, "speech", {"lexical": 1}),
        PredictedMoment("a", TimeSpan(0, 0.5), 0.25, "picture", {"lexical": 1}),
    )
    assert (predicted.answer.text, predicted.answer.choice) == ("the red door", 1)
    silent = make_runner(library, asker=Parrot(library, abstained=True), chooser=chooser)
    assert silent.predict(QUESTION).moments == ()
    assert silent.predict(QUESTION).answer.choice is None


class Looker:
    """Chooses the last option, from the span that it is shown; some videos it cannot read."""

    def __init__(self, is_blind=False):
        self.is_blind = is_blind
        self.seen = []

    def choose(self, question, options, video, span):
        if self.is_blind:
            raise MediaUnreadableError("the file has gone; bring it back")
        self.seen.append((question, video.title, span))
        return len(options) - 1


def test_an_answerer_that_looks_chooses_for_itself(library):
    assert issubclass(VideoMindAnswerer, LookingChooser)
    looker = Looker()
    asking = make_runner(library, asker=Parrot(library), chooser=SeenChoice(looker))
    assert asking.predict(QUESTION).answer.choice == 1
    assert looker.seen == [("what is red?", "Film a", TimeSpan(0.25, 0.75))]
    blind = make_runner(library, asker=Parrot(library), chooser=SeenChoice(Looker(is_blind=True)))
    assert blind.predict(QUESTION).refusal == "the file has gone; bring it back"
