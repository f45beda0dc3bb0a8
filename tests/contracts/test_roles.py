"""What every backend's roles promise, fakes included."""

import math

import pytest

from reasoner.answer import Role
from reasoner.choice import lettered
from reasoner.pocket.answerer import AnswererOptions, PocketAnswerer
from reasoner.pocket.grounder import PocketGrounder
from reasoner.pocket.planner import PocketPlanner
from reasoner.pocket.support import SupportReader
from tests.fakes import HashingEncoder
from tests.reasoner.timeline import (
    LINES,
    EchoPlanner,
    FirstLineGrounder,
    QuotingAnswerer,
    plan_for,
    span_on,
    window,
)

QUESTIONS = ["Where will they meet?", "bell", "between 0:10 and 0:20", '¿Qué? 🚢 "quoted" {x}']
READER = SupportReader(HashingEncoder())
PLANNERS = [EchoPlanner(), PocketPlanner()]
GROUNDERS = [FirstLineGrounder(), PocketGrounder(READER)]
ANSWERERS = [QuotingAnswerer(), PocketAnswerer(None, READER, AnswererOptions(writes=False))]


def name(role: object) -> str:
    return type(role).__name__


@pytest.mark.parametrize("planner", PLANNERS, ids=name)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_plan_keeps_the_question_and_always_has_something_to_look_for(planner, question):
    plan = planner.plan(question)
    assert plan.question == question
    assert plan.search_query.strip()
    assert plan.grounding_query.strip()
    assert set(plan.roles) <= set(Role)
    assert planner.plan(question) == plan


@pytest.mark.parametrize("grounder", GROUNDERS, ids=name)
def test_spans_rest_on_evidence_of_the_windows_best_first(grounder):
    spans = grounder.ground(plan_for("Where will they meet?"), [window()])
    assert spans
    confidences = [span.confidence for span in spans]
    assert confidences == sorted(confidences, reverse=True)
    for span in spans:
        assert math.isfinite(span.confidence)
        assert span.evidence
        assert set(span.evidence) <= set(LINES)
        assert all(span.span.hull(piece.span) == span.span for piece in span.evidence)


@pytest.mark.parametrize("grounder", GROUNDERS, ids=name)
def test_no_windows_give_no_spans(grounder):
    assert grounder.ground(plan_for("bell"), []) == []


@pytest.mark.parametrize("answerer", ANSWERERS, ids=name)
def test_an_answer_cites_what_its_spans_rest_on(answerer):
    draft = answerer.answer(plan_for("Where will they meet?"), [span_on(LINES[2], yes=0.9)])
    assert not draft.abstained
    assert draft.text
    assert draft.cited
    assert set(draft.cited) <= {LINES[2]}
    assert 0 <= draft.confidence <= 1


@pytest.mark.parametrize("answerer", ANSWERERS, ids=name)
def test_what_is_chosen_was_offered_and_is_cited(answerer):
    offered = lettered(["at the lighthouse", "at the old mill"])
    spans = [span_on(LINES[2], yes=0.9)]
    draft = answerer.choose(plan_for("Where will they meet?"), offered, spans)
    assert (draft.choice, draft.text) == (offered[1], "(B) at the old mill")
    assert draft.cited == (LINES[2],)


@pytest.mark.parametrize("answerer", ANSWERERS, ids=name)
def test_nothing_is_chosen_where_there_is_nothing_to_choose_by(answerer):
    draft = answerer.choose(plan_for("Where?"), lettered(["here", "there"]), [])
    assert (draft.abstained, draft.choice, draft.cited) == (True, None, ())


@pytest.mark.parametrize("answerer", ANSWERERS, ids=name)
@pytest.mark.parametrize("spans", [[], [span_on(LINES[2], 0.1, 0.1)]], ids=["none", "weak"])
def test_an_abstention_cites_nothing(answerer, spans):
    draft = answerer.answer(plan_for("Where will they meet?"), spans)
    assert draft.abstained
    assert draft.cited == ()
