"""The pieces of the comparison of ways to rank, with values worked out by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.comparison.choices import best_of, options_of
from benchmarks.comparison.encodings import Encodings
from benchmarks.comparison.figures import figures_of
from benchmarks.comparison.joint import ClipVectors, JointWords, documents_of, joint_vectors
from benchmarks.comparison.judging import Found, Placer, Scored, by_retriever, judge
from benchmarks.comparison.material import AskedQuery, Material
from benchmarks.comparison.nano_e5 import BLOCK, unpacked
from benchmarks.comparison.rescoring import reordered
from benchmarks.comparison.shelf import Cutting, in_memory, recut, recut_video, windows_of
from benchmarks.comparison.tokens import max_sim, packed
from benchmarks.trial_library import Line, publish
from retriever.folding import fuse_clips
from retriever.found import Asked
from retriever.metrics.vcmr import VideoSpan
from retriever.options import SearchOptions, SourceKind
from retriever.search import Retriever
from retriever.source import Source, SourceHits
from retriever.words import QueryWords
from store.library import Library
from store.records import Clip, Embedding, Evidence, EvidenceKind, Hit, IndexedVideo, Video
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder

VIDEO = "ab" * 32
LINES = (
    (1.0, 4.0, "the red boat leaves"),
    (5.0, 8.0, "gulls follow the boat"),
    (13.0, 16.0, "a cat sleeps on deck"),
    (22.0, 27.0, "the boat comes home"),
)


def line_of(number: int, start: float, end: float, clip: int, text: str) -> Evidence:
    return Evidence(VIDEO, EvidenceKind.SPEECH, number, clip, TimeSpan(start, end), text, "fake")


def whole_of(vectors: Sequence[tuple[int, str | None, list[float]]] = ()) -> IndexedVideo:
    """Thirty seconds in clips of twelve."""
    video = Video(VIDEO, ("/films/boat.mp4",), "Boat", 30.0, 1)
    spans = [TimeSpan(0.0, 12.0), TimeSpan(12.0, 24.0), TimeSpan(24.0, 30.0)]
    evidence = tuple(
        line_of(number, start, end, int(((start + end) / 2) // 12), text)
        for number, (start, end, text) in enumerate(LINES)
    )
    embeddings = tuple(
        Embedding("space", clip, spans[clip], np.array(vector, dtype=np.float32), evidence_id)
        for clip, evidence_id, vector in vectors
    )
    clips = tuple(Clip(VIDEO, number, span) for number, span in enumerate(spans))
    return IndexedVideo(video, clips, evidence, (), embeddings, ())


@pytest.fixture
def boat(tmp_path: Path) -> Iterator[Material]:
    """A real library of the four lines, asked two queries."""
    encoder = HashingEncoder()
    with Library.create(tmp_path / "library") as library:
        lines = [Line(TimeSpan(a, b), EvidenceKind.SPEECH, text) for a, b, text in LINES]
        publish(library, "Boat", 30.0, lines, encoder)
        videos = {one.video_id: library.indexed_video(one.video_id) for one in library.videos()}
        retriever = Retriever(library, {encoder.encoder_id: encoder})
        [video_id] = videos
        truths = (VideoSpan(video_id, TimeSpan(22.0, 27.0)),)
        queries = tuple(
            AskedQuery(text, "spoken", "tuning", truths, retriever.ask(text))
            for text in ("the boat comes home", "gulls and a cat")
        )
        yield Material("boat", library, videos, encoder, queries, retriever.ask)


def test_windows_start_a_step_apart_and_end_with_the_film() -> None:
    assert Cutting(10.0, 0.0).windows(25.0) == [
        TimeSpan(0.0, 10.0), TimeSpan(10.0, 20.0), TimeSpan(20.0, 25.0)
    ]  # fmt: skip
    assert Cutting(10.0, 0.5).windows(20.0) == [
        TimeSpan(0.0, 10.0), TimeSpan(5.0, 15.0), TimeSpan(10.0, 20.0)
    ]  # fmt: skip
    assert Cutting(10.0, 0.5).windows(4.0) == [TimeSpan(0.0, 4.0)]


def test_a_line_belongs_to_the_windows_that_hold_half_of_it() -> None:
    windows = [
        Clip(VIDEO, number, span) for number, span in enumerate(Cutting(10.0, 0.5).windows(20.0))
    ]
    # Of 6 to 12 the first window holds 4 of 6 seconds, the second all, the third 2.
    assert [clip.ordinal for clip in windows_of(TimeSpan(6.0, 12.0), windows)] == [0, 1]
    # A picture that stands for 18 seconds fills each window by more than half.
    assert [clip.ordinal for clip in windows_of(TimeSpan(1.0, 19.0), windows)] == [0, 1, 2]
    # An instant belongs to the first window that it touches.
    assert [clip.ordinal for clip in windows_of(TimeSpan(12.0, 12.0), windows)] == [1]


def test_evidence_stands_once_in_each_of_its_windows() -> None:
    made = recut_video(whole_of(), Cutting(20.0, 0.5))
    assert [clip.span for clip in made.clips] == [TimeSpan(0.0, 20.0), TimeSpan(10.0, 30.0)]
    assert [(line.ordinal, line.clip_ordinal) for line in made.evidence] == [
        (0, 0), (1, 0), (2, 0), (2, 1), (3, 1)
    ]  # fmt: skip


def test_a_library_in_memory_gives_the_moments_of_the_library(boat: Material) -> None:
    for query in boat.queries:
        kept = in_memory(boat).retriever().moments(query.asked)
        assert kept == boat.retriever().moments(query.asked)
        assert kept


def test_moments_of_a_recut_library_lie_in_its_windows(boat: Material) -> None:
    cut = recut(boat, Cutting(10.0, 0.0))
    [found, *_] = by_retriever()(cut, cut.queries[0])
    # The line of 22 to 27 is found in the window of 20 to 30, with a little air about it.
    assert found.clip == TimeSpan(20.0, 30.0)
    assert found.span == TimeSpan(21.8, 27.2)


def test_clips_in_the_order_of_the_default_are_placed_as_the_default_places_them(
    boat: Material,
) -> None:
    query = boat.queries[0]
    ranking = [key for key, _ in fuse_clips(query.asked.results, SearchOptions())]
    assert Placer().place(boat, query, ranking) == by_retriever()(boat, query)
    # Another order changes the order alone.
    backwards = Placer().place(boat, query, ranking[::-1])
    assert backwards == list(by_retriever()(boat, query))[::-1]


def test_a_joint_document_holds_all_that_is_said_in_a_clip(boat: Material) -> None:
    [video_id] = boat.videos
    documents = documents_of(boat)
    assert documents[video_id, 0] == "the red boat leaves gulls follow the boat"
    assert documents[video_id, 1] == "a cat sleeps on deck"


def test_a_document_that_holds_more_of_the_words_comes_first() -> None:
    words = JointWords({("v", 0): "boats at sea", ("v", 1): "a red boat", ("v", 2): "a cat"})
    assert [key for key, _ in words.scores(("red", "boat"))] == [("v", 1), ("v", 0)]
    assert words.scores(()) == []
    assert words.scores(('"',)) == []


def test_words_are_packed_up_to_the_limit_of_tokens() -> None:
    assert packed([("a", 2), ("b", 1), ("c", 1), ("d", 9), ("e", 1)], 3) == ["a b", "c", "d", "e"]


def test_a_joint_vector_is_the_mean_at_unit_length() -> None:
    whole = whole_of([(0, "x/speech/0", [1, 0]), (0, None, [0, 1]), (1, None, [0, 1])])
    boat = Material("boat", None, {VIDEO: whole}, HashingEncoder(), (), lambda _: None)  # type: ignore[arg-type, return-value]
    alike = joint_vectors(boat, 1.0)
    assert alike.keys == [(VIDEO, 0), (VIDEO, 1)]
    np.testing.assert_allclose(alike.vectors, [[0.5**0.5, 0.5**0.5], [0, 1]], rtol=1e-6)
    weighed = joint_vectors(boat, 0.75)  # (1, 0.75) is 1.25 long
    np.testing.assert_allclose(weighed.vectors[0], [0.8, 0.6], rtol=1e-6)


def test_a_clip_of_several_vectors_counts_by_the_best() -> None:
    vectors = ClipVectors([("v", 0), ("v", 1), ("v", 0)], np.eye(3, dtype=np.float32))
    query = np.array([0.1, 0.5, 0.7], dtype=np.float32)
    assert [key for key, _ in vectors.scores(query)] == [("v", 0), ("v", 1)]


def test_late_interaction_takes_the_nearest_token_for_each_of_the_query() -> None:
    query = np.array([[1, 0], [0, 1]], dtype=np.float32)
    line = np.array([[0.6, 0.8], [0.8, 0.6], [-1, 0]], dtype=np.float32)
    assert max_sim(query, line) == pytest.approx(0.8)  # 0.8 for either
    assert max_sim(query, line[:1]) == pytest.approx(0.7)  # (0.6 + 0.8) / 2
    assert max_sim(query, line[:0]) == 0.0


def hits_of(*scores: float) -> list[Hit]:
    clip = whole_of().clips[0]
    return [
        Hit(clip, TimeSpan(float(place), place + 1.0), score) for place, score in enumerate(scores)
    ]


def test_lines_that_are_not_reranked_stay_behind_as_far_apart_as_they_were() -> None:
    made = reordered(hits_of(0.9, 0.8, 0.7, 0.5), [0.1, 0.6])
    assert [hit.span.start_seconds for hit in made] == [1.0, 0.0, 2.0, 3.0]
    # The second of the old order stood at 0.8, and the last that was looked at stands at 0.1 now.
    assert [hit.score for hit in made] == pytest.approx([0.6, 0.1, 0.0, -0.2])


def test_the_best_score_of_all_options_counts() -> None:
    source = Source("lexical", SourceKind.LEXICAL)
    first, second, third = hits_of(3.0, 2.0, 1.0)
    asked = [
        Asked(QueryWords("a", ("a",)), (SourceHits(source, (first, second)),)),
        Asked(QueryWords("b", ("b",)), (SourceHits(source, (replace(second, score=5.0), third)),)),
    ]
    [result] = best_of(asked[0], asked).results
    assert result.hits == (replace(second, score=5.0), first)


def test_options_are_the_answer_and_others_of_the_group() -> None:
    answers = {str(n): (f"answer {n}", n < 5) for n in range(9)} | {"twin": ("Answer 0", True)}
    options = options_of(answers)
    assert "answer 0" in options["0"]
    assert {len(chosen) for chosen in options.values()} == {4}
    assert set(options["8"]) == {"answer 5", "answer 6", "answer 7", "answer 8"}
    # The same answer in other letters is no distractor.
    assert not {"answer 0", "Answer 0"} <= set(options["0"])


def test_a_found_clip_and_a_found_span_are_judged_apart() -> None:
    truth = VideoSpan("v", TimeSpan(10.0, 14.0))
    found = [
        Found("w", TimeSpan(10.0, 14.0), TimeSpan(8.0, 16.0)),
        Found("v", TimeSpan(9.0, 20.0), TimeSpan(8.0, 20.0)),
        Found("v", TimeSpan(10.0, 16.0), TimeSpan(8.0, 20.0)),
    ]
    assert judge(found, [truth]) == {
        "R@1 clip": 0.0, "R@5 clip": 1.0, "R@1 IoU=0.5": 0.0, "R@5 IoU=0.5": 1.0
    }  # fmt: skip
    assert judge(found[:2], [truth])["R@5 IoU=0.5"] == 0.0  # 4 of 11 seconds


def test_seeds_of_one_query_are_averaged_before_they_are_paired() -> None:
    asked = Asked(QueryWords("a", ("a",)), ())
    queries = [AskedQuery(key, "spoken", "tuning", (), asked) for key in ("a", "a", "b")]
    ours = [Scored(query, {"m": value}) for query, value in zip(queries, (1, 0, 1), strict=True)]
    theirs = [Scored(query, {"m": value}) for query, value in zip(queries, (0, 0, 1), strict=True)]
    figures = figures_of(ours, theirs)["tuning"]
    assert figures["queries"] == 2
    assert figures["measures"]["m"]["mean"] == 0.75
    assert figures["differences"]["m"]["mean"] == 0.25
    assert figures["differences"]["m"]["p"] == 1.0


class _Counting(HashingEncoder):
    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts = list(texts)
        return super().encode_text(texts)


def test_a_text_is_encoded_once_in_all_runs(tmp_path: Path) -> None:
    first = Encodings(HashingEncoder(), tmp_path).of(["a", "b", "a"])
    encoder = _Counting()
    again = Encodings(encoder, tmp_path).of(["b", "c"])
    assert encoder.texts == ["c"]
    np.testing.assert_array_equal(again[0], first[1])
    np.testing.assert_array_equal(first[0], first[2])


def test_numbers_of_four_bits_are_unpacked_low_halves_first() -> None:
    block = np.array([(0.5, [0x9F] + [0x88] * 14 + [0x07])], dtype=BLOCK)
    [numbers] = unpacked(block)
    # 15 and 9 less 8, by 0.5; 7 and 0 less 8, by 0.5.
    assert numbers[[0, 16, 15, 31]].tolist() == [3.5, 0.5, -0.5, -4.0]
    assert not numbers[1:15].any()
