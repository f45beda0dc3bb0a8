from dataclasses import replace

import pytest

from reasoner.options import ChainOptions
from reasoner.reach import Reach
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan
from tests.reasoner.general.films import (
    BELL,
    BOAT,
    BOAT_AGAIN,
    BOAT_SEEN,
    FERRY,
    FERRY_ALONE,
    FERRY_LINES,
    FOUR,
    LAST_SEEN,
    MEETING,
    OIL,
    chain,
    said,
)
from tests.reasoner.timeline import ConstantVerifier, FakeRetriever, moment

AT_BOAT = moment(0.0, 5.0, evidence=(BOAT,))
AT_BELL = moment(60.0, 64.0, evidence=(BELL,))
NEAR = ChainOptions(window_margin_seconds=0.0)


class Finder(FakeRetriever):
    """Finds the moment whose key word is asked for."""

    def search(self, query, k, scope):
        self.asked.append((query, k, scope))
        by_word = {"boat": AT_BOAT, "bell": AT_BELL, "meet": moment(30.0, 36.0)}
        return [found for word, found in by_word.items() if word in query.lower()][:k]


def ask(question, scope=None, **parts):
    made = {"retriever": Finder([]), "options": NEAR}
    return chain(**{**made, **parts}).ask(question, scope=scope)


def ids(*lines):
    return [line.evidence_id for line in lines]


def cited(answer):
    return [citation.evidence_id for citation in answer.citations]


def test_what_comes_after_is_told_to_the_end_of_the_scene():
    answer = ask("What happens after the bell rings?")
    assert cited(answer) == ids(FOUR, LAST_SEEN)
    assert answer.text.split("\n") == [
        "After 1:00.0 (A bell rings in the fog.) in 'The Ferry':",
        "1:05.0  We shout: the boat, the boat!",
        "1:10.0  (seen) The boat from above.",
    ]
    assert (answer.plan.reach, answer.confidence) == (Reach.AFTER, 0.9)
    assert [span.span for span in answer.spans] == [TimeSpan(65.0, 80.0), BELL.span]


def test_after_the_last_line_of_a_scene_comes_the_next_scene():
    assert cited(ask("What happens after they meet at the mill?")) == ids(BELL, FOUR, LAST_SEEN)


def test_what_comes_before_is_told_from_the_beginning_of_the_scene():
    assert cited(ask("What happens before they meet at the mill?")) == ids(
        BOAT, BOAT_SEEN, OIL, BOAT_AGAIN
    )


def test_between_two_moments_all_is_told_in_whichever_order_they_are_named():
    expected = ids(OIL, BOAT_AGAIN, MEETING)
    assert cited(ask("What happens between the boat and the bell?")) == expected
    assert cited(ask("What happens between the bell and the boat?")) == expected


def test_the_second_moment_is_looked_for_in_the_video_of_the_first():
    finder = Finder([])
    ask("What happens between the boat and the bell?", retriever=finder)
    assert [scope.video_ids for _, _, scope in finder.asked] == [None, (FERRY.video_id,)]


def test_without_scenes_the_clip_ends_it():
    library = replace(FERRY_ALONE, built=())
    assert cited(ask("What happens after the bell rings?", library=library)) == ids(FOUR)


def test_tags_and_captions_that_repeat_themselves_tell_nothing_new():
    tag = said(FERRY, 0, 69.0, 70.0, "boat", 3, EvidenceKind.TAG)
    again = said(FERRY, 3, 80.0, 90.0, LAST_SEEN.text, 4, EvidenceKind.CAPTION)
    library = replace(FERRY_ALONE, lines=(*FERRY_LINES[:-1], tag, LAST_SEEN, again))
    told = cited(ask("What happens after the bell rings?", library=library))
    assert told == ids(FOUR, LAST_SEEN)


@pytest.mark.parametrize(
    "question",
    [
        "What happens after the wedding?",
        "What happens after the bell breaks?",
        "What happens between the boat and the wedding?",
        "What happens before the boat?",
    ],
)
def test_what_is_not_there_has_no_after(question):
    answer = ask(question, verifier=ConstantVerifier(0.8))
    assert (answer.abstained, answer.citations, answer.spans) == (True, (), ())
    assert answer.text.startswith("The library does not hold an answer: no")


def test_what_is_told_in_other_words_needs_a_sure_verifier():
    assert not ask("What happens after the bell breaks?").abstained
    assert ask("What happens after the bell rings?", verifier=ConstantVerifier(0.4)).abstained


def test_limits_hold_for_what_follows():
    within = Scope(within=TimeSpan(55.0, 69.0))
    assert cited(ask("What happens after the bell rings?", scope=within)) == ids(FOUR)


def test_what_does_not_fit_is_left_out_from_afar_and_said():
    few = replace(NEAR, max_evidence_tokens=8)
    answer = ask("What happens before they meet at the mill?", options=few)
    assert cited(answer) == ids(OIL, BOAT_AGAIN)[1:]
    assert answer.fallbacks[0].reason == "3 more lines do not fit and are left out"
