"""What the pocket roles know without a language model: shapes, words, statements, plans, lines."""

import numpy as np
import pytest

from reasoner.answer import Role
from reasoner.pocket.expectation import Expectation, can_answer, expectation_of
from reasoner.pocket.grounder import PocketGrounder
from reasoner.pocket.planner import PocketPlanner
from reasoner.pocket.statement import statement_of
from reasoner.pocket.support import SupportReader
from reasoner.pocket.wording import WordCover, content_words
from store.records import EvidenceKind
from store.timespan import TimeSpan
from tests.fakes import HashingEncoder
from tests.reasoner.timeline import LINES, line, plan_for, window


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many boats are there?", Expectation.NUMBER),
        ("How long did it last?", Expectation.DURATION),
        ("How many years did it last?", Expectation.DURATION),
        ("How far away is it?", Expectation.DISTANCE),
        ("What colour is the boat?", Expectation.COLOUR),
        ("In what year was it built?", Expectation.YEAR),
        ("When was it built?", Expectation.TIME),
        ("What date is on the card?", Expectation.DATE),
        ("In which city is it?", Expectation.PLACE),
        ("What is the name of the boat?", Expectation.NAME),
        ("Who built it?", Expectation.PERSON),
        ("What runs on oil?", Expectation.ANYTHING),
    ],
)
def test_what_a_question_asks_for(question, expected):
    assert expectation_of(question) is expected


@pytest.mark.parametrize(
    ("question", "text", "possible"),
    [
        ("How many boats are there?", "Eleven boats lie there.", True),
        ("How many boats are there?", "Some boats lie there.", False),
        ("What colour is the boat?", "The boat is red.", True),
        ("What colour is the red boat?", "The red boat is old.", False),
        ("What is the boat called?", "The boat is called Marigold.", True),
        ("What is the boat called?", "The boat is very old.", False),
        ("When did the flood happen?", "In the flood the water rose.", False),
        ("How long did he work?", "He worked for thirty one years.", True),
        ("What is it?", "It is.", False),
    ],
)
def test_which_texts_can_hold_the_answer(question, text, possible):
    assert can_answer(question, text) is possible


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Where does she say they will meet?", "she says they will meet at"),
        ("What colour is the car?", "the colour of the car is"),
        ("What is the name of the boat?", "the boat is called"),
        ("How many people are there on the boat?", "there on the boat are people"),
        ("Why did he leave?", "he leave because"),
        ("bell in the fog", "bell in the fog"),
    ],
)
def test_questions_become_statements(question, statement):
    assert statement_of(question) == statement


def test_a_plan_takes_limits_out_of_what_is_searched():
    plan = PocketPlanner().plan("Where do they meet in the first two minutes?")
    assert plan.question == "Where do they meet in the first two minutes?"
    assert plan.search_query == "Where do they meet?"
    assert plan.grounding_query == "they meet at"
    assert plan.within == TimeSpan(0.0, 120.0)
    assert plan.roles == tuple(Role)


def test_a_question_of_nothing_but_limits_is_searched_as_it_stands_and_told():
    plan = PocketPlanner().plan("after 3 minutes?")
    assert plan.search_query == "after 3 minutes?"
    assert [fallback.role for fallback in plan.fallbacks] == [Role.PLANNER]


def test_a_word_is_covered_by_its_stem_and_a_strange_one_is_not():
    covers = WordCover(HashingEncoder()).covers("Which boats sink?", "The boat is old.")
    assert content_words("Which boats sink?") == ["boats", "sink"]
    assert covers[0] == 1.0
    assert covers[1] < 0.5


def test_covers_of_texts_without_content_are_zero_or_empty():
    cover = WordCover(HashingEncoder())
    assert cover.covers("Who?", "The boat.").shape == (0,)
    assert cover.covers("boat", "and the").tolist() == [0.0]


def grounder() -> PocketGrounder:
    return PocketGrounder(SupportReader(HashingEncoder()))


def test_the_line_that_shares_words_and_shape_is_picked_first():
    spans = grounder().ground(plan_for("Where will they meet?"), [window()])
    assert spans[0].evidence == (LINES[2],)
    assert spans[0].span == LINES[2].span
    assert all(0 <= span.confidence <= 1 for span in spans)
    assert [s.confidence for s in spans] == sorted((s.confidence for s in spans), reverse=True)


def test_neighbours_that_are_as_good_join_and_the_span_is_their_hull():
    twins = (line(0, 0.0, 4.0, "the old boat sinks"), line(1, 4.0, 8.0, "the old boat sinks"))
    (span,) = grounder().ground(plan_for("boat sinks"), [window(twins)])
    assert span.span == TimeSpan(0.0, 8.0)
    assert span.evidence == twins


def test_a_long_silence_keeps_good_lines_apart():
    twins = (line(0, 0.0, 4.0, "the old boat sinks"), line(1, 9.0, 12.0, "the old boat sinks"))
    spans = grounder().ground(plan_for("boat sinks"), [window(twins)])
    assert len(spans) == 2


def test_words_join_words_and_looks_join_looks() -> None:
    lines = (
        line(0, 0.0, 2.0, "boat sinks"),
        line(1, 1.0, 3.0, "boat sinks", EvidenceKind.CAPTION),
        line(2, 2.5, 4.0, "boat sinks", EvidenceKind.SCREEN_TEXT),
        line(3, 3.5, 5.0, "boat sinks", EvidenceKind.TAG),
    )
    spans = grounder().ground(plan_for("boat sinks"), [window(lines)])
    assert {span.evidence for span in spans} == {(lines[0], lines[2]), (lines[1], lines[3])}


def test_no_evidence_and_nothing_that_bears_on_it_give_no_span():
    assert grounder().ground(plan_for("boat"), []) == []
    assert grounder().ground(plan_for("boat"), [window(())]) == []
    foreign = (line(0, 0.0, 4.0, "and so on"),)
    assert grounder().ground(plan_for("How many zebras ran?"), [window(foreign)]) == []


def test_an_encoder_that_gives_no_number_leads_to_no_span():
    class BrokenEncoder(HashingEncoder):
        def encode_text(self, texts):
            return np.full((len(texts), 64), np.nan, dtype=np.float32)

    broken = PocketGrounder(SupportReader(BrokenEncoder()))
    assert broken.ground(plan_for("boat"), [window()]) == []
