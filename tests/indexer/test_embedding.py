"""What is embedded for a piece of evidence, and which clip a picture counts for."""

from dataclasses import replace

import numpy as np

from indexer.captions import SOURCE
from indexer.embedding import embed, embeddings_of, memory_of, texts_in_context
from indexer.models import OnDemand
from store.records import Clip, Evidence, EvidenceKind
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder
from tests.faults.models import PlainHead, fake_models

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


class CountingEncoder(HashingEncoder):
    def encode_text(self, texts):
        self.asked = [*getattr(self, "asked", []), *texts]
        return super().encode_text(texts)


def models(encoder, head):
    return replace(
        fake_models(),
        text_encoder=OnDemand(encoder.encoder_id, lambda: encoder),
        picture_head=OnDemand(head.encoder_id, lambda: head),
    )


HEAD = PlainHead()
PICTURES = np.eye(3, dtype=np.float16)
NOTHING_BEFORE = memory_of([])


def test_vectors_point_at_the_sentence_alone_and_composed_captions_have_none():
    caption = replace(evidence(EvidenceKind.CAPTION, 0, 0, "A dark picture."), source=SOURCE)
    said = [speech(0, 0, "one"), speech(1, 0, "two"), caption]
    made = embed(said, PICTURES, "p", models(HashingEncoder(), HEAD), NOTHING_BEFORE)
    clips = (Clip(VIDEO, 0, TimeSpan(0, 10)), Clip(VIDEO, 1, TimeSpan(10, 20)))
    spans = (TimeSpan(0, 4), TimeSpan(8, 13), TimeSpan(19, 25))
    spaces, embedded = embeddings_of(made, said, clips, spans)
    texts, pictures = embedded[:2], embedded[2:]
    assert [row.evidence_id for row in texts] == [said[0].evidence_id, said[1].evidence_id]
    assert [row.span for row in texts] == [said[0].span, said[1].span]
    # A picture counts for the clip at its middle.
    assert [row.clip_ordinal for row in pictures] == [0, 1, 1]
    assert [row.span for row in pictures] == list(spans)
    assert [space.embeds for space in spaces] == ["text", "picture"]


def test_a_text_that_was_embedded_before_is_not_embedded_again():
    encoder = CountingEncoder()
    card = evidence(EvidenceKind.SCREEN_TEXT, 0, 0, "PART ONE")
    first = embed([card], PICTURES, "p", models(encoder, HEAD), NOTHING_BEFORE)
    other = evidence(EvidenceKind.SCREEN_TEXT, 1, 0, "PART TWO")
    second = embed([card, other], PICTURES, "p", models(encoder, HEAD), memory_of([first]))
    assert encoder.asked == ["PART ONE", "PART TWO"]
    clean = embed([card, other], PICTURES, "p", models(CountingEncoder(), HEAD), NOTHING_BEFORE)
    assert second == clean


def test_where_nothing_is_new_no_model_is_loaded():
    card = evidence(EvidenceKind.SCREEN_TEXT, 0, 0, "PART ONE")
    first = embed([card], PICTURES, "p", models(HashingEncoder(), HEAD), NOTHING_BEFORE)

    def refuse():
        raise AssertionError("loaded")

    unloadable = replace(
        fake_models(),
        text_encoder=OnDemand("hashing@1", refuse),
        picture_head=OnDemand(HEAD.encoder_id, refuse),
    )
    assert embed([card], PICTURES, "p", unloadable, memory_of([first])) == first


def test_another_encoder_or_other_pictures_are_embedded_anew():
    card = evidence(EvidenceKind.SCREEN_TEXT, 0, 0, "PART ONE")
    first = embed([card], PICTURES, "p", models(HashingEncoder(), HEAD), NOTHING_BEFORE)
    encoder = CountingEncoder(encoder_id="hashing@2")
    turned = PICTURES[::-1]
    second = embed([card], turned, "q", models(encoder, HEAD), memory_of([first]))
    assert encoder.asked == ["PART ONE"]
    before, after = memory_of([first]), memory_of([second])
    assert (before.pictures[::-1] == after.pictures).all()
