from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.calibration import Calibration
from retriever.confidence import ConfidenceModel
from retriever.fusion import FUSIONS
from retriever.moments import overlap_share
from retriever.odds import OddsModel, SpaceOdds
from retriever.options import SearchOptions
from retriever.search import Retriever
from store.errors import EncoderMismatchError, QueryError, UnknownNameError
from store.library import Library
from store.records import EvidenceKind, Scope, Space
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder
from tests.retriever.conftest import make_video

ONE_LIBRARY = settings(max_examples=25)


# Spans as they were said and written: no air, no passages, no whole clips.
EXACT = SearchOptions(
    padding_seconds=0.0, breath_seconds=0.0, whole_clip_share=1.0, text_neighbour_ratio=0.5
)


@pytest.fixture
def retriever(library, encoder):
    return Retriever(library, {encoder.encoder_id: encoder}, EXACT)


def test_the_sentence_that_matches_is_the_moment(retriever):
    first = retriever.search("cup of coffee on the table", k=1)[0]
    assert first.span == TimeSpan(1, 4)
    assert [clip.ordinal for clip in first.clips] == [0]
    assert first.evidence[0].text == "a small cup of coffee stands on the table"


def test_every_source_that_found_a_moment_says_where_it_ranked_it(retriever):
    first = retriever.search("cup of coffee on the table", k=1)[0]
    assert {said.source: said.rank for said in first.why} == {
        "lexical": 1,
        "text:hashing@1": 1,
        "picture:fake@1": 1,
    }
    assert all(said.score > 0 for said in first.why if said.source != "picture:fake@1")
    assert first.skipped == ()


def test_two_neighbouring_sentences_that_both_match_are_one_moment(retriever):
    first = retriever.search("dry coffee beans", k=1, sources=["lexical"])[0]
    assert first.span == TimeSpan(25, 31)
    assert len(first.evidence) == 2


@pytest.mark.parametrize(
    ("options", "span"),
    [
        pytest.param({"subject_ratio": 0.5, "whole_clip_share": 1.0}, TimeSpan(25, 31), id="both"),
        pytest.param(
            {"subject_ratio": 1.0, "whole_clip_share": 1.0}, TimeSpan(25, 28), id="the nearest"
        ),
        pytest.param(
            {"subject_ratio": 0.5, "whole_clip_share": 0.7}, TimeSpan(24, 32), id="a filled clip"
        ),
    ],
)
def test_what_is_said_is_a_passage_while_it_keeps_to_the_subject(library, encoder, options, span):
    options = SearchOptions(padding_seconds=0.0, depth=1, **options)
    retriever = Retriever(library, {encoder.encoder_id: encoder}, options)
    [moment] = retriever.search("farmers dry coffee beans", k=1, sources=["text"])
    assert moment.span == span


def test_only_pictures_find_what_nobody_says(retriever):
    assert retriever.search("tabby", sources=["lexical"]) == []
    first = retriever.search("tabby cat", k=1, sources=["picture"])[0]
    assert first.span.contains(16.0)
    assert first.evidence == ()
    assert [said.source for said in first.why] == ["picture:fake@1"]


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (Scope(within=TimeSpan(24, 32)), TimeSpan(24, 32)),
        (Scope(kinds=(EvidenceKind.SCREEN_TEXT,)), TimeSpan(8, 12)),
    ],
)
def test_a_scope_is_kept(retriever, scope, inside):
    moments = retriever.search("coffee beans rocket", scope=scope, sources=["lexical", "text"])
    assert moments
    assert all(moment.span.overlaps(inside) for moment in moments)


def clips_found(retriever, query, **words):
    moments = retriever.search(query, k=4, scope=Scope(**words))
    return [[clip.ordinal for clip in moment.clips] for moment in moments]


def test_a_phrase_must_stand_in_the_evidence(retriever):
    [moment] = retriever.search("rocket or cat", k=4, scope=Scope(phrases=("Silver spoons",)))
    assert moment.span == TimeSpan(5, 7.5)
    assert [found.text for found in moment.evidence] == ["beside it lies a silver spoon"]
    assert clips_found(retriever, "coffee", phrases=("coffee spoon",)) == []


def test_two_phrases_may_stand_in_two_lines_of_a_clip(retriever):
    moments = retriever.search("x", k=4, scope=Scope(phrases=("cup of coffee", "silver spoon")))
    assert {clip.ordinal for moment in moments for clip in moment.clips} == {0}
    assert clips_found(retriever, "x", phrases=("cup of coffee", "coffee beans")) == []


def test_an_unwanted_word_takes_its_clip_out_pictures_and_all(retriever):
    # Every clip has a picture, so that all four are found where nothing is excluded.
    assert sorted(clips_found(retriever, "coffee")) == [[0], [1], [2], [3]]
    assert sorted(clips_found(retriever, "coffee", without=("farmer",))) == [[0], [1], [2]]
    assert sorted(clips_found(retriever, "coffee", without=("coffees", "rocket"))) == [[2]]


def test_a_scope_without_videos_finds_nothing(retriever):
    assert retriever.search("coffee", scope=Scope(video_ids=())) == []


def test_the_query_is_encoded_once_for_spaces_that_share_an_encoder(library, encoder):
    encoder.calls = 0
    Retriever(library, {encoder.encoder_id: encoder}).search("coffee")
    assert encoder.calls == 1


def test_spaces_without_an_encoder_are_left_out_and_named(library):
    retriever = Retriever(library, {})
    moment = retriever.search("coffee", k=1)[0]
    assert [said.source for said in moment.why] == ["lexical"]
    assert {skip.source for skip in moment.skipped} == {"text:hashing@1", "picture:fake@1"}
    assert all("hashing@1 is not loaded" in skip.reason for skip in retriever.skipped_sources())


def test_asking_only_for_what_cannot_be_asked_is_an_error(library):
    with pytest.raises(QueryError, match="hashing@1 is not loaded"):
        Retriever(library, {}).search("coffee", sources=["picture"])


def test_an_encoder_under_a_wrong_name_is_refused_by_the_store(library):
    other = HashingEncoder(encoder_id="hashing@2")
    with pytest.raises(EncoderMismatchError):
        Retriever(library, {"hashing@1": other}).search("coffee")


def test_an_unknown_source_lists_those_there_are(retriever):
    with pytest.raises(UnknownNameError, match="lexical, picture, picture:fake@1, text"):
        retriever.search("coffee", sources=["sound"])


def test_an_unknown_fusion_is_refused_before_the_first_search(library):
    with pytest.raises(UnknownNameError, match="rrf"):
        Retriever(library, {}, SearchOptions(fusion="borda"))


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(retriever, k):
    with pytest.raises(QueryError, match="at least 1"):
        retriever.search("coffee", k=k)


def test_searching_twice_gives_the_same_moments(retriever):
    assert retriever.search("coffee") == retriever.search("coffee")


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE clip; --", '"', "a*", "NEAR(", "🎬", "\x00coffee", "%_"]
)
def test_signs_that_mean_something_to_a_database_do_not_break_a_search(retriever, query):
    assert isinstance(retriever.search(query), list)


WORDS = ("coffee", "cup", "rocket", "cat", "spoon", "roof", "engines", "the", "chapter", "volcano")


@ONE_LIBRARY
@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    k=st.integers(1, 6),
    fusion=st.sampled_from(sorted(FUSIONS)),
    overlap=st.floats(0, 1),
)
def test_moments_keep_their_promises(library, encoder, words, k, fusion, overlap):
    options = SearchOptions(fusion=fusion, max_overlap=overlap)
    moments = Retriever(library, {encoder.encoder_id: encoder}, options).search(
        " ".join(words), k=k
    )
    assert 1 <= len(moments) <= k
    scores = [moment.score for moment in moments]
    assert scores == sorted(scores, reverse=True)
    for position, moment in enumerate(moments):
        assert 0 <= moment.span.start_seconds < moment.span.end_seconds <= 32
        hull = moment.clips[0].span.hull(moment.clips[-1].span)
        assert hull.shared_seconds(moment.span) == moment.span.duration_seconds
        assert moment.why
        for better in moments[:position]:
            assert overlap_share(moment.span, better.span) <= overlap


@pytest.fixture
def films(tmp_path, encoder):
    """Four films that say and show the same."""
    with Library.create(tmp_path / "films") as made:
        for number in range(4):
            made.publish(make_video(f"{number}e" * 32, f"Kitchen {number}", encoder))
        yield made


def test_moments_of_one_video_can_be_limited_and_others_come_however_far_they_are(films, encoder):
    retriever = Retriever(films, {encoder.encoder_id: encoder}, SearchOptions(depth=1))
    found = [moment.video.video_id for moment in retriever.search("coffee", k=8)]
    assert max(map(found.count, found)) > 1
    limited = retriever.search("coffee", k=8, per_video=1)
    assert [moment.score for moment in limited] == sorted(
        (moment.score for moment in limited), reverse=True
    )
    videos = [moment.video.video_id for moment in limited]
    assert sorted(videos) == sorted(video.video_id for video in films.videos())
    one = Scope(video_ids=("0e" * 32,))
    assert len(retriever.search("coffee", k=4, scope=one, per_video=1)) == 1
    with pytest.raises(QueryError, match="at least 1"):
        retriever.search("coffee", per_video=0)


def calibrated(library, encoder):
    odds = OddsModel({space.space_id: SpaceOdds(10.0) for space in library.spaces()}, 1.0)
    model = ConfidenceModel(-2.0, (0.0, 0.3, 0.6), {0.2: 0.3})
    by_id = {encoder.encoder_id: encoder}
    return Retriever(library, by_id, calibration=Calibration(odds, model, "here"))


def test_what_is_said_in_several_films_is_as_likely_as_if_one_said_it(films, encoder):
    moments = calibrated(films, encoder).search("coffee beans turn red", k=4)
    assert len({moment.video.video_id for moment in moments}) == 4
    for moment in moments:
        assert moment.lead.margin > 0


def test_a_film_of_few_clips_and_words_alone_give_no_probability(library, films, encoder):
    [first, *_] = calibrated(library, encoder).search("coffee beans")
    assert (first.lead, first.probability) == (None, None)
    [first, *_] = calibrated(films, encoder).search("cat", sources=["lexical"])
    assert first.probability is None
    assert calibrated(films, encoder).search("rocket")[0].probability is not None


def test_what_could_not_be_asked_leaves_the_probability_open(films, encoder):
    space = Space("picture:other@1", "other@1", "other@1", 64, "picture")
    other = make_video("ef" * 32, "Elsewhere", encoder)
    seen = tuple(
        replace(one, space_id=space.space_id) for one in other.embeddings if not one.evidence_id
    )
    films.publish(
        replace(other, spaces=(*other.spaces, space), embeddings=(*other.embeddings, *seen))
    )
    [first, *_] = calibrated(films, encoder).search("rocket")
    assert first.skipped
    assert first.probability is None
