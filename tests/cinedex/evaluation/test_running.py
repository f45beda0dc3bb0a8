"""Queries put to a small library: a sentence a second, found by its words."""

from dataclasses import replace

import numpy as np
import pytest

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.indexed_videos import IndexedVideos
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment
from cinedex.evaluation.running import Runner, saliency_of
from reasoner.answer import Answer, GroundedSpan, Plan
from reasoner.choice import lettered
from retriever.search import Retriever
from retriever.search_plan import plan_search
from store.errors import DatasetError, MediaUnreadableError
from store.library import Library
from store.records import Scope
from store.timespan import TimeSpan
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
    def plan(query, scope):
        return plan_search(query, scope, library.video)

    return Runner(IndexedVideos(library.videos()), Retriever(library, {}), plan, k=3, **options)


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


def test_a_query_with_a_scope_is_read_and_asked_as_it_was_typed(library):
    here = make_runner(library).predict(DatasetQuery("1", "red -boat", scope=Scope()))
    assert [moment.video for moment in here.moments] == ["a.mp4"]
    plain = make_runner(library).predict(DatasetQuery("1", "red -boat"))
    assert len(plain.moments) == 2
    in_b = Scope(video_ids=("b" * 32,))
    assert [
        [moment.video for moment in make_runner(library, is_corpus=corpus).predict(asked).moments]
        for corpus in (False, True)
        for asked in [DatasetQuery("1", "red", "a", scope=in_b)]
    ] == [[], ["b.mp4"]]
    empty = make_runner(library).predict(DatasetQuery("1", "red season:1 season:2", scope=Scope()))
    assert (empty.moments, empty.refusal) == ((), "")
    gone = make_runner(library).predict(DatasetQuery("1", "red video:gone", scope=Scope()))
    assert gone.refusal.startswith("no video 'gone' in this library")


def test_videos_are_called_as_the_dataset_calls_them_elsewhere_too(library):
    asked = DatasetQuery("1", "red", "a", elsewhere={"b": (TimeSpan(0, 1),)})
    found = make_runner(library, is_corpus=True).predict(asked)
    assert sorted(moment.video for moment in found.moments) == ["a", "b"]
    by_id = make_runner(library).predict(DatasetQuery("1", "red", "b" * 32))
    assert [moment.video for moment in by_id.moments] == ["b" * 32]


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
    worse = [*moments, PredictedMoment("a", TimeSpan(5, 6), -2.0)]
    assert saliency_of(worse, query) == (0.5, 0.25, 0.25, -3.0)


class Parrot:
    """Answers every question from the first moment that it is given, by the last choice."""

    def __init__(self, library, abstains=False):
        self.library = library
        self.abstains = abstains

    def ask(self, question, scope, *, choices):
        moments = tuple(Retriever(self.library, {}).search("red", scope=scope))
        first, plan = moments[0], Plan(question, question, question)
        if self.abstains:
            return Answer(question, "", True, 0.5, (), (), plan, moments)
        spans = (
            GroundedSpan(first.video, TimeSpan(0.25, 0.75), 0.5, first.evidence, 0.875),
            GroundedSpan(first.video, TimeSpan(0, 0.5), 0.25, ()),
        )
        choice = lettered(choices)[-1] if choices else None
        said = str(choice) if choice else "the red door"
        return Answer(question, said, False, 0.5, spans, (), plan, moments, choice=choice)


QUESTION = DatasetQuery("1", "what is red?", "a", choices=("a blue sky", "a red door"), answer=1)


def test_an_answer_gives_its_spans_and_the_choice_that_was_taken(library):
    predicted = make_runner(library, asker=Parrot(library)).predict(QUESTION)
    assert predicted.moments == (
        PredictedMoment("a", TimeSpan(0.25, 0.75), 0.875, "speech", {"lexical": 1}),
        PredictedMoment("a", TimeSpan(0, 0.5), 0.25, "picture", {"lexical": 1}),
    )
    assert predicted.answer == GivenAnswer("(B) a red door", False, 1)
    in_words = replace(QUESTION, choices=(), answer=None)
    answer = make_runner(library, asker=Parrot(library)).predict(in_words).answer
    assert answer == GivenAnswer("the red door", False)


def test_an_abstention_has_no_spans_and_no_choice(library):
    silent = make_runner(library, asker=Parrot(library, abstains=True)).predict(QUESTION)
    assert (silent.moments, silent.answer) == ((), GivenAnswer("", True))


def test_choices_that_cannot_be_put_are_refused(library):
    twice = replace(QUESTION, choices=("a red door", "A red door"))
    refused = make_runner(library, asker=Parrot(library)).predict(twice)
    assert (refused.answer, refused.refusal) == (None, "two choices are the same; give each once")


class Blind:
    """Cannot read any video."""

    def ask(self, question, scope, *, choices):
        raise MediaUnreadableError("the file has gone; bring it back")


def test_a_video_that_cannot_be_read_is_a_miss_and_the_run_goes_on(library):
    refused = make_runner(library, asker=Blind()).predict(QUESTION)
    assert refused.refusal == "the file has gone; bring it back"
