import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.answer import Fallback, Plan, Role
from reasoner.videomind.planning import (
    ANSWER_ONLY,
    GROUND_AND_ANSWER,
    GROUND_ONLY,
    PlannerReply,
    read_reply,
    write_reply,
)

ROUTES = {  # of VideoMind's training data: the plan, and whether the query was rephrased
    1: (GROUND_AND_ANSWER, True),
    2: (GROUND_AND_ANSWER, False),
    3: (GROUND_ONLY, True),
    4: (ANSWER_ONLY, False),
}


def plan_of(question):
    return Plan(question=question, search_query=question, grounding_query=question)


def test_what_the_reference_reads_is_read_alike_and_what_it_gives_up_on_is_said(geometry):
    table = geometry["planner_parse"]
    default = plan_of(table["default_query"])
    for row in table["rows"]:
        reply = read_reply(row["response"])
        plan = reply.applied_to(
            default, rephrases=row["auto_rephrasing"], chooses_roles=row["auto_planning"]
        )
        if row["warned"]:
            assert reply.repair or reply.fallback_reason, row
            if reply.repair:  # ours may read more than the reference, which took the defaults
                continue
        if isinstance(row["query"], str):
            assert plan.grounding_query == row["query"], row
        else:  # the reference takes a number for a query and stops with an error later
            assert reply.fallback_reason, row
        assert (Role.GROUNDER in plan.roles) == row["do_grounding"], row


def test_replies_for_training_are_the_reference_s_where_those_are_json(geometry):
    for row in geometry["planner_targets"]["rows"]:
        roles, is_rephrased = ROUTES[row["route"]]
        query = row["query"] if is_rephrased else row["question"]
        ours = write_reply(roles, query)
        assert read_reply(ours) == PlannerReply(
            roles=roles, query=query if Role.GROUNDER in roles else None
        )
        try:
            json.loads(row["response"])
        except ValueError:
            assert read_reply(row["response"]).query == query  # a quote that was not escaped
        else:
            assert ours == row["response"]


@pytest.mark.parametrize(
    ("response", "roles", "query"),
    [
        ('```json\n[{"type": "answerer"}]\n```', ANSWER_ONLY, None),
        ('The plan: [{"type": "answerer"}] as asked', ANSWER_ONLY, None),
        ("[{'type': 'grounder', 'value': 'she's home'}]", GROUND_AND_ANSWER, "she's home"),
        ('[{"type": "answerer",}]', ANSWER_ONLY, None),
        (
            '[{"type": "grounder", "value": "he says "hi", twice"}, {"type": "verifier"}]',
            GROUND_ONLY,
            'he says "hi", twice',
        ),
        ('[{"type": "grounder", "value": "two\nlines"}]', GROUND_AND_ANSWER, "two\nlines"),
        ('{"type": "grounder", "value": "a"} {"type": "answerer"}', GROUND_AND_ANSWER, "a"),
        ("[{'value': 'a', 'type': 'grounder'}]", GROUND_AND_ANSWER, "a"),
        (
            '[{"value": "he says "hi", twice", "type": "grounder"}, {"type": "verifier"}]',
            GROUND_ONLY,
            'he says "hi", twice',
        ),
        (r"[{'type': 'grounder', 'value': 'Pa\'s hat'}]", GROUND_AND_ANSWER, "Pa's hat"),
        (r"I'd say: [{'type': 'grounder', 'value': 'a \d'}]", GROUND_AND_ANSWER, "a \\d"),
        ('{"plan": [{"type": "answerer"}]}', ANSWER_ONLY, None),
        ('[[{"type": "grounder", "value": "a"}, {"type": "verifier"}]]', GROUND_ONLY, "a"),
        ("Here: {'plan': [{'type': 'grounder', 'value': 'a'}]}", GROUND_AND_ANSWER, "a"),
    ],
)
def test_broken_replies_are_mended_and_it_is_said(response, roles, query):
    reply = read_reply(response)
    assert (reply.roles, reply.query, reply.fallback_reason) == (roles, query, "")
    assert reply.repair
    assert reply.applied_to(plan_of("Why?")).repair == reply.repair


@pytest.mark.parametrize(
    ("response", "repair"),
    [
        ('Yes: [{"type": "answerer"}]', "text round the JSON"),
        ("[{'type': 'answerer'}]", "as Python"),
        ('[{"type": "grounder", "value": "a "b" c"}]', "picked out by their shape"),
        ('{"plan": [{"type": "answerer"}]}', "too deep"),
        ('Yes: [[{"type": "answerer"}]]', "text round the JSON.*; the calls stood"),
        ('[{"type": "answerer"}]', ""),
    ],
)
def test_how_a_reply_was_mended_is_told(response, repair):
    assert re.search(repair, read_reply(response).repair)
    assert bool(read_reply(response).repair) == bool(repair)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("", "no list"),
        ("Look for the gate.", "no list"),
        ('[{"type": "grounder", "value": "torn', "no list"),
        ('[{"type": "grounder", "value": }, {"type": "answerer"}]', "no list"),
        ("[" * 100_000, "no list"),
        ('{"plan": []}', "no list"),
        ('[[["answerer"]]]', "no list"),
        ('[{"type": "verifier"}, {"type": "answerer"}]', "'verifier'"),
        ('[{"type": "grounder", "value": "torn}, {"type": "answerer"}]', "no list"),
        ('[{"type": "grounder", "value": "..."}]', "what the rules made of the question"),
        ('[{"type": "grounder"}]', "nothing to look for"),
    ],
)
def test_what_cannot_be_read_grounds_with_the_question_and_says_why(response, reason):
    reply = read_reply(response)
    plan = reply.applied_to(plan_of("Why?"))
    assert plan.grounding_query == "Why?"
    assert plan.roles == tuple(Role)
    (fallback,) = plan.fallbacks
    assert fallback.role is Role.PLANNER
    assert reason in fallback.reason


def test_a_plan_keeps_what_was_said_of_it_before():
    before = Fallback(Role.PLANNER, "only limits")
    plan = Plan("Why?", "Why?", "Why?", fallbacks=(before,))
    assert read_reply('[{"type": "answerer"}]').applied_to(plan).fallbacks == (before,)


@given(st.text())
def test_any_reply_gives_a_plan(response):
    reply = read_reply(response)
    assert reply.roles in (GROUND_AND_ANSWER, GROUND_ONLY, ANSWER_ONLY)


@given(st.sampled_from([GROUND_AND_ANSWER, GROUND_ONLY]), st.text(st.characters(codec="utf-8")))
def test_what_is_written_is_read_back(roles, query):
    reply = read_reply(write_reply(roles, query))
    assert reply.roles == roles
    assert reply.repair == ""
    assert reply.query == query or reply.fallback_reason
