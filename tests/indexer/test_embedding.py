"""What is embedded for a piece of evidence, and which clip a picture counts for."""

import numpy as np

from indexer.embedding import PictureVectors, embed_evidence, place_pictures, texts_in_context
from indexer.encoders.expected_label import ExpectedLabelHead
from store.records import Clip, Evidence, EvidenceKind
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder

VIDEO = "ab" * 16


def evidence(kind, ordinal, clip, text, language=None):
    span = TimeSpan(ordinal, ordinal + 1)
    return Evidence(VIDEO, kind, ordinal, clip, span, text, "test", language=language)


def speech(ordinal, clip, text, language="en"):
    return evidence(EvidenceKind.SPEECH, ordinal, clip, text, language)


def test_a_sentence_is_embedded_with_its_neighbours_in_the_clip():
    said = [speech(0, 0, "one"), speech(1, 0, "two"), speech(2, 0, "three"), speech(3, 1, "four")]
    assert texts_in_context(said) == ["one two", "one two three", "two three", "four"]


def test_other_kinds_and_other_languages_stand_alone():
    card = evidence(EvidenceKind.SCREEN_TEXT, 0, 0, "PART ONE")
    mixed = [speech(0, 0, "hello"), card, speech(1, 0, "hallo", "de"), speech(2, 0, "bye")]
    assert texts_in_context(mixed) == ["hello bye", "PART ONE", "hallo", "hello bye"]


def test_vectors_point_at_the_sentence_alone_and_captions_have_none():
    caption = evidence(EvidenceKind.CAPTION, 0, 0, "A dark picture.")
    said = [speech(0, 0, "one"), speech(1, 0, "two"), caption]
    embedded = embed_evidence(said, HashingEncoder())
    assert [row.evidence_id for row in embedded] == [said[0].evidence_id, said[1].evidence_id]
    assert [row.span for row in embedded] == [said[0].span, said[1].span]


def test_a_picture_counts_for_the_clip_at_its_middle():
    clips = (Clip(VIDEO, 0, TimeSpan(0, 10)), Clip(VIDEO, 1, TimeSpan(10, 20)))
    spans = (TimeSpan(0, 4), TimeSpan(8, 13), TimeSpan(19, 25))
    vectors = np.eye(3, dtype=np.float32)
    head = ExpectedLabelHead(vectors, backbone_id="net@1", query_encoder_id="text@1")
    placed = place_pictures(PictureVectors(spans, vectors), clips, head)
    assert [row.clip_ordinal for row in placed] == [0, 1, 1]
