import math

import pytest

from retriever.folding import hit_key
from retriever.odds import OddsModel, SpaceOdds
from retriever.options import SourceKind
from retriever.source import Source, SourceHits
from store.records import Clip, Evidence, EvidenceKind, Hit, Space
from store.timespan import TimeSpan

TEXT_SPACE = Space("text:e", "e", "e", 2, "text")
PICTURE_SPACE = Space("picture:e", "p", "e", 2, "picture")
LEXICAL = Source("lexical", SourceKind.LEXICAL)
TEXT = Source("text:e", SourceKind.TEXT, TEXT_SPACE)
PICTURES = Source("picture:e", SourceKind.PICTURE, PICTURE_SPACE)
MODEL = OddsModel(
    {
        "text:e": SpaceOdds(10.0, {"tag": -2.0}),
        "picture:e": SpaceOdds(20.0, {"picture": -3.0}),
    },
    words=1.5,
)


def line(ordinal, score, kind=EvidenceKind.SPEECH):
    clip = Clip("v", ordinal, TimeSpan(8.0 * ordinal, 8.0 * ordinal + 8))
    span = TimeSpan(clip.span.start_seconds, clip.span.start_seconds + 2)
    return Hit(clip, span, score, Evidence("v", kind, ordinal, ordinal, span, "words", "fake"))


def picture(ordinal, score):
    clip = Clip("v", ordinal, TimeSpan(8.0 * ordinal, 8.0 * ordinal + 8))
    return Hit(clip, clip.span, score)


def by_clip(results, shares=None):
    fused = MODEL.fuse(results, lambda hit: (hit.clip.video_id, hit.clip.ordinal), shares or {})
    return {ordinal: nats for (_, ordinal), nats in fused}


def test_a_tag_needs_a_higher_cosine_than_a_sentence():
    found = by_clip([SourceHits(TEXT, (line(0, 0.5, EvidenceKind.TAG), line(1, 0.4)))])
    assert found == pytest.approx({1: 4.0, 0: 3.0})


def test_witnesses_of_one_clip_add_their_odds():
    found = by_clip([SourceHits(TEXT, (line(0, 0.4),)), SourceHits(PICTURES, (picture(0, 0.35),))])
    assert found == pytest.approx({0: math.log(math.exp(4) + math.exp(4))})


def test_a_source_has_one_say_for_a_clip():
    first, second = line(0, 0.4), line(0, 0.3, EvidenceKind.SCREEN_TEXT)
    assert by_clip([SourceHits(TEXT, (first, second))]) == pytest.approx({0: 4.0})


def test_words_in_common_are_added_and_what_they_alone_found_gets_the_least_that_was_said():
    near, far, unseen = line(0, 0.4), line(1, 0.1), line(2, 7.0)
    shares = {near.evidence.evidence_id: 0.5, unseen.evidence.evidence_id: 1.0}
    results = [SourceHits(LEXICAL, (unseen, near)), SourceHits(TEXT, (near, far))]
    assert by_clip(results, shares) == pytest.approx({0: 4.75, 2: 1.0 + 1.5, 1: 1.0})


def test_hits_are_ranked_as_clips_are():
    results = [SourceHits(TEXT, (line(0, 0.5, EvidenceKind.TAG), line(1, 0.4)))]
    keys = [key for key, _ in MODEL.fuse(results, hit_key, {})]
    assert [key[1] for key in keys] == [8.0, 0.0]


@pytest.mark.parametrize(
    ("sources", "is_covered"),
    [
        ([LEXICAL, TEXT, PICTURES], True),
        ([TEXT], True),
        ([LEXICAL], False),
        ([TEXT, Source("text:f", SourceKind.TEXT, Space("text:f", "f", "f", 2, "text"))], False),
    ],
    ids=["all", "one space", "words alone", "an encoder without calibration"],
)
def test_it_covers_what_it_was_fitted_to(sources, is_covered):
    assert MODEL.covers(sources) is is_covered
