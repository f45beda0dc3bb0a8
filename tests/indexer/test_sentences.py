from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sentences import HeardWord, to_sentences
from store.records import EvidenceKind, TimedWord
from store.timespan import TimeSpan


def heard(*words):
    return [
        HeardWord(TimedWord(text, TimeSpan(start, end)), probability)
        for text, start, end, probability in words
    ]


def sentences(words):
    return to_sentences(words, "ear@1", "en")


def test_punctuation_ends_a_sentence_and_confidence_is_the_mean():
    first, second = sentences(
        heard(("Come", 1.0, 1.2, 0.9), ("in.", 1.2, 1.5, 0.5), ("Sit", 1.6, 2.0, 1.0))
    )
    assert (first.text, first.span) == ("Come in.", TimeSpan(1.0, 1.5))
    assert first.confidence == pytest.approx(0.7)
    assert first.kind is EvidenceKind.SPEECH
    assert [word.text for word in first.words] == ["Come", "in."]
    assert (second.text, second.source, second.language) == ("Sit", "ear@1", "en")


def test_a_pause_ends_a_sentence_and_a_shorter_one_does_not():
    found = sentences(heard(("a", 0, 1, 1), ("b", 1.7, 2, 1), ("c", 2.9, 3, 1)))
    assert [sentence.text for sentence in found] == ["a b", "c"]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("yes.", True),
        ('done."', True),
        ("who?)", True),
        ("Dr.", False),
        ("A.I.", False),
        ("3.5", False),
        ("a,", False),
    ],
)
def test_what_ends_a_sentence(text, ends):
    assert len(sentences(heard((text, 0, 1, 1), ("Next", 1, 2, 1)))) == (2 if ends else 1)


def test_a_long_sentence_is_halved_at_its_widest_pause():
    words = [(f"w{second}", second, second + 0.9, 1) for second in range(20)]
    words[12] = ("w12", 12.4, 12.9, 1)
    found = sentences(heard(*words))
    assert [(len(sentence.words), sentence.span.start_seconds) for sentence in found] == [
        (12, 0),
        (8, 12.4),
    ]


def test_without_words_there_are_no_sentences():
    assert sentences([]) == []


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 3), st.sampled_from(["a", "b.", "c,"]))))
def test_every_word_is_in_one_sentence_in_order(steps):
    now, words = 0.0, []
    for gap, duration, text in steps:
        start = now + gap
        now = start + duration
        words.append((text, start, now, 0.5))
    found = sentences(heard(*words))
    assert [word.text for sentence in found for word in sentence.words] == [w[0] for w in words]
    assert all(a.span.end_seconds <= b.span.start_seconds for a, b in pairwise(found))
    assert all(s.span.duration_seconds <= 15 or len(s.words) == 1 for s in found)
