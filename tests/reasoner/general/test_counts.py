from dataclasses import replace

import pytest

from reasoner.general.subject import read_subject
from reasoner.reach import Reach
from store.records import EvidenceKind, Scope, Skip
from store.timespan import TimeSpan
from tests.reasoner.general.films import (
    BELL,
    BOAT,
    BOTH,
    FERRY,
    FERRY_ALONE,
    FERRY_LINES,
    FOUR,
    chain,
    said,
)


@pytest.mark.parametrize(
    ("subject", "text", "times"),
    [
        ("galaxies", "One galaxy is near.", 1),
        ("old mill", "The mill is old, the old mill.", 1),
        ("old mill", "The mill burns.", 0),
        ('"the boat"', "The boat, the boat! A boat.", 2),
        ("'the boat'", "the boats", 0),
        ("word boat", "Boat after boat.", 2),
        ('word "boat"', "Boat after boat.", 2),
        ("word boat", "boats", 0),
        ('name "Ada" and the mill', "Ada runs the mill.", 1),
        ('name "Ada" and the mill', "Ada runs.", 0),
        ("three women", "3 women wait.", 1),
        ("people", "A person waits.", 1),
        ("", "anything", 0),
        ("!", "anything", 0),
        ('"aa aa"', "aa aa aa", 1),
    ],
)
def test_how_often_a_line_holds_what_is_counted(subject, text, times):
    assert read_subject(subject).times_in(text) == times


def starts(answer):
    return [span.span.start_seconds for span in answer.spans]


def test_what_is_shown_on_is_shown_once_and_again_is_twice():
    answer = chain().ask("How many times is the boat shown?")
    assert (answer.count, answer.abstained, answer.plan.reach) == (2, False, Reach.COUNT)
    assert starts(answer) == [0.0, 70.0]
    assert len(answer.citations) == 3
    assert answer.text == (
        "'boat': shown 2 times, as far as can be found: at 0:00.0, 1:10.0 in 'The Ferry'. "
        "The recognition of what is seen may miss some."
    )


def test_every_sentence_that_tells_of_it_counts_and_every_saying_of_a_phrase():
    assert chain().ask("How many times is the boat mentioned?").count == 2
    answer = chain().ask('How often is "the boat" said?')
    assert answer.count == 3
    assert [citation.evidence_id for citation in answer.citations] == [
        BOAT.evidence_id,
        FOUR.evidence_id,
    ]


def test_what_is_said_and_written_at_once_is_one_mention():
    written = said(FERRY, 0, 2.0, 9.0, "Marigold", 0, EvidenceKind.SCREEN_TEXT)
    heard_twice = said(FERRY, 0, 0.0, 5.0, "The boat is called Marigold", 0, EvidenceKind.SUBTITLE)
    later = said(FERRY, 1, 50.0, 52.0, "MARIGOLD", 2, EvidenceKind.SCREEN_TEXT)
    lines = (heard_twice, BOAT, written, later)
    answer = chain(replace(FERRY_ALONE, lines=lines)).ask("How many times is Marigold mentioned?")
    assert (answer.count, starts(answer)) == (2, [0.0, 50.0])


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("In how many clips is the boat shown?", 3),
        ("In how many scenes is the boat shown?", 2),
        ("In how many videos does the wheel appear?", 1),
        ("How many times does the wheel appear?", 1),
    ],
)
def test_scenes_clips_and_videos_are_counted_where_they_are_asked_for(question, count):
    answer = chain(BOTH).ask(question)
    assert (answer.count, answer.fallbacks) == (count, ())


def test_without_scenes_clips_are_counted_and_that_is_said():
    answer = chain(replace(FERRY_ALONE, built=())).ask("In how many scenes is the boat shown?")
    assert (answer.count, "in 3 clips" in answer.text) == (3, True)
    assert "no scenes were built" in answer.fallbacks[0].reason


def test_limits_hold():
    first = chain().ask("How many times is the boat shown in the first 30 seconds?")
    assert (first.count, len(first.citations)) == (1, 2)
    late = chain().ask("How many times is the boat shown?", Scope(within=TimeSpan(60.0, 100.0)))
    assert late.count == 1


def test_nothing_found_is_not_a_count_of_nothing():
    answer = chain().ask("How many times is a dog shown?")
    assert (answer.abstained, answer.count, answer.citations) == (True, None, ())
    assert answer.text.endswith("none of 3 lines of evidence that could tell of it holds 'dog'.")


def test_words_that_nobody_said_were_never_said():
    answer = chain().ask('How many times does she say "abandon ship"?')
    assert (answer.abstained, answer.count, answer.citations) == (False, 0, ())
    assert answer.text.startswith("'abandon ship': never said, as far as can be found")


@pytest.mark.parametrize(
    "library",
    [
        replace(
            FERRY_ALONE,
            listed=(replace(FERRY, audio_codec="aac", skips=(Skip("speech", "noise"),)),),
        ),
        replace(FERRY_ALONE, lines=tuple(x for x in FERRY_LINES if x.kind == "caption")),
    ],
    ids=["heard in part", "no speech at all"],
)
def test_where_not_all_was_heard_nobody_knows_what_was_never_said(library):
    answer = chain(library).ask('How many times does she say "abandon ship"?')
    assert (answer.abstained, answer.count) == (True, None)


def test_a_speaker_limits_what_is_counted_where_lines_say_who_speaks():
    ada, ben = replace(BOAT, speaker="Ada"), replace(FOUR, speaker="Ben")
    library = replace(FERRY_ALONE, lines=(ada, ben))
    assert chain(library).ask('How often does ada say "boat"?').count == 1
    assert chain(library).ask('How often does she say "boat"?').count == 3
    unknown = chain().ask('How often does Ada say "boat"?')
    assert unknown.count == 3
    assert "no line says who speaks" in unknown.fallbacks[0].reason


def test_an_event_is_counted_where_no_line_tells_how_often():
    answer = chain(found=[]).ask("How many times does the bell ring?")
    assert (answer.count, answer.plan.reach) == (1, Reach.COUNT)
    assert [citation.evidence_id for citation in answer.citations] == [BELL.evidence_id]


def test_a_number_that_is_told_goes_before_a_count():
    answer = chain().ask("How many times does the bell ring?")
    assert (answer.text, answer.count) == ("They will meet at the old mill.", None)
    assert answer.plan.reach is Reach.MOMENTS


def test_one_word_alone_tells_of_no_event():
    answer = chain(found=[]).ask("How many times did they boat?")
    assert (answer.abstained, answer.count) == (True, None)


def test_many_places_are_told_in_part_and_cited_in_full():
    lines = tuple(said(FERRY, n, 5.0 * n, 5.0 * n + 2, "A gull cries.", n) for n in range(14))
    answer = chain(replace(FERRY_ALONE, lines=lines)).ask("How many times is a gull mentioned?")
    assert (answer.count, len(answer.citations)) == (14, 14)
    assert "0:45.0 in 'The Ferry'; and 4 more." in answer.text
