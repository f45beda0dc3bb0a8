"""The planner's reply: read with patience, and said so where it could not be read."""

import ast
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from reasoner.answer import Fallback, Plan, Role
from reasoner.videomind.spans import clean_query

GROUND_AND_ANSWER = (Role.GROUNDER, Role.VERIFIER, Role.ANSWERER)
GROUND_ONLY = (Role.GROUNDER, Role.VERIFIER)
ANSWER_ONLY = (Role.ANSWERER,)
"""The plans that the prompt allows."""

_TYPE_KEY = re.compile(r"""["']type["']\s*:""")
_TYPE = r"""["']type["']\s*:\s*["'](?P<type{n}>\w*)["']"""
_VALUE = (
    r"""["']value["']\s*:\s*(?P<quote{n}>["'])"""
    r"""(?P<value{n}>(?:(?!["']type["']\s*:).)*?)(?P=quote{n})"""
)
_ENDS = r"""\s*,?\s*\}(?=\s*(?:,|\]|$))"""
_LOOSE_CALL = re.compile(
    r"\{\s*(?:"
    + _TYPE.format(n=1)
    + rf"(?:\s*,\s*{_VALUE.format(n=1)})?"
    + rf"|{_VALUE.format(n=2)}\s*,\s*{_TYPE.format(n=2)}"
    + ")"
    + _ENDS,
    re.DOTALL,
)
"""A call by its shape, quotes in its value or not; a value holds no other call's type."""


@dataclass(frozen=True, slots=True)
class PlannerReply:
    """What a planner asked for.

    Attributes:
        roles: Which run after the planner, in order.
        query: The description to look for; ``None`` where the reply gives none.
        repair: What was wrong with the reply and could be mended; empty when nothing was.
        fallback_reason: Why the plan, or a part of it, is not the planner's own; empty when it is.
    """

    roles: tuple[Role, ...] = GROUND_AND_ANSWER
    query: str | None = None
    repair: str = ""
    fallback_reason: str = ""

    def applied_to(self, plan: Plan, *, rephrases: bool = True, chooses_roles: bool = True) -> Plan:
        """Write the reply into a plan that holds the question and the limits in its words.

        Args:
            plan: Its search query and grounding query are used where the reply has none.
            rephrases: Whether the planner's description replaces the grounding query.
            chooses_roles: Whether the planner may leave roles out.
        """
        query = self.query if rephrases and self.query else plan.grounding_query
        roles = self.roles if chooses_roles else GROUND_AND_ANSWER
        fallbacks = plan.fallbacks
        if self.fallback_reason:
            fallbacks = (*fallbacks, Fallback(Role.PLANNER, self.fallback_reason))
        return replace(
            plan,
            grounding_query=query,
            roles=(Role.PLANNER, *roles),
            fallbacks=fallbacks,
            repair=self.repair,
        )


def read_reply(response: str) -> PlannerReply:
    """Read a planner's reply.

    A reply that is JSON is read as VideoMind reads it: its first call decides. What VideoMind
    gives up on (text round the JSON, line breaks or bare quotes in a string, single quotes) is
    mended where it can be.

    Args:
        response: What the model wrote.

    Returns:
        The default plan, with the reason, where nothing can be read.
    """
    repair = ""
    try:
        calls: Any = json.loads(response)
    except (ValueError, RecursionError):
        calls, repair = _mended(response)
    calls, is_wrapped = _unwrapped(calls)
    if is_wrapped:
        repair = "; ".join(filter(None, (repair, "the calls stood one list or object too deep")))
    if isinstance(calls, dict):
        calls = [calls]
    if not isinstance(calls, list) or not calls or not isinstance(calls[0], dict):
        return PlannerReply(
            fallback_reason="the planner's reply is no list of calls; every role runs"
        )
    return replace(_reply_of(calls), repair=repair)


def write_reply(roles: Sequence[Role], query: str = "") -> str:
    """Write the reply that a planner is taught to give.

    Args:
        roles: One of the three allowed plans.
        query: The description to look for.

    Returns:
        JSON. Quotes in ``query`` are escaped, which those in VideoMind's training data are not.
    """
    calls = [
        {"type": str(role), "value": query} if role is Role.GROUNDER else {"type": str(role)}
        for role in roles
    ]
    return json.dumps(calls, ensure_ascii=False)


def _unwrapped(calls: Any) -> tuple[Any, bool]:
    """Take calls out of an object or a list that holds nothing else; says whether it had to."""
    inner = None
    if isinstance(calls, dict) and "type" not in calls and len(calls) == 1:
        (inner,) = calls.values()
    elif isinstance(calls, list) and len(calls) == 1 and isinstance(calls[0], list):
        (inner,) = calls
    return (inner, True) if isinstance(inner, list) else (calls, False)


def _reply_of(calls: Sequence[Any]) -> PlannerReply:
    first = calls[0]
    name = first.get("type")
    kind = name.lower() if isinstance(name, str) else name
    if kind == Role.ANSWERER:
        return PlannerReply(roles=ANSWER_ONLY)
    if kind != Role.GROUNDER:
        return PlannerReply(
            fallback_reason=f"the planner's reply starts with {name!r}, which is neither "
            "grounder nor answerer; every role runs"
        )
    roles = GROUND_ONLY if _kinds(calls) == list(GROUND_ONLY) else GROUND_AND_ANSWER
    value = first.get("value")
    if not isinstance(value, str) or not clean_query(value):
        return PlannerReply(
            roles=roles,
            fallback_reason="the planner gave nothing to look for; what the rules made of "
            "the question is looked for",
        )
    return PlannerReply(roles=roles, query=value)


def _kinds(calls: Sequence[Any]) -> list[str]:
    return [str(call.get("type")).lower() if isinstance(call, dict) else "" for call in calls]


def _mended(response: str) -> tuple[Any, str]:
    """Read what is not JSON; returns ``None`` where that fails, and what was wrong."""
    brackets = [place for place in map(response.find, "[{") if place >= 0]
    if brackets:
        try:
            calls, _ = json.JSONDecoder(strict=False).raw_decode(response, min(brackets))
        except (ValueError, RecursionError):
            pass
        else:
            return calls, "there was text round the JSON, or a line break in a string"
    literal = _python_literal(response)
    if literal is not None:
        return literal, "the reply was written as Python and not as JSON"
    return _loose_calls(response), "the reply was no JSON; its calls were picked out by their shape"


def _python_literal(response: str) -> Any:
    """Read lists and dictionaries as Python writes them; ``None`` where there are none."""
    first = min((place for place in map(response.find, "[{") if place >= 0), default=0)
    last = max(map(response.rfind, "]}"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of backslashes that mean nothing
        try:
            return ast.literal_eval(response[first : last + 1])
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return None


def _loose_calls(response: str) -> list[dict[str, str]] | None:
    """Pick out calls, their keys in either order, unless the first one is torn: it decides."""
    key = _TYPE_KEY.search(response)
    found = list(_LOOSE_CALL.finditer(response))
    if key is None or not found or not found[0].start() <= key.start() < found[0].end():
        return None
    return [_call(call) for call in found]


def _call(call: re.Match[str]) -> dict[str, str]:
    value = call["value1"] or call["value2"]
    return {"type": call["type1"] or call["type2"] or ""} | ({"value": value} if value else {})
