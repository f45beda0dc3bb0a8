import pytest

from reasoner.answer import Role
from reasoner.pocket.planner import PocketPlanner
from reasoner.reach import Reach
from reasoner.videomind.planner import VideoMindPlanner
from reasoner.videomind.planning import ANSWER_ONLY, GROUND_AND_ANSWER, write_reply


class ScriptedModel:
    """Gives one reply to every prompt, and keeps the prompts."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def prompt(self, text: str) -> str:
        self.asked.append(text)
        return text

    def write(self, role: Role, prompt: str) -> str:
        assert (role, prompt) == (Role.PLANNER, self.asked[-1])
        return self.reply

    def text_of(self, written: str) -> str:
        return written


@pytest.mark.parametrize(
    ("question", "reach"),
    [
        ("What is this film about?", Reach.SUMMARY),
        ("How many times is the bell mentioned?", Reach.COUNT),
        ("What happens after the bell rings?", Reach.AFTER),
    ],
)
def test_the_model_is_not_asked_about_what_no_plan_of_its_is_for(question, reach):
    model = ScriptedModel(write_reply(ANSWER_ONLY))
    rules = PocketPlanner()
    plan = VideoMindPlanner(model, rules).plan(question)
    assert (plan.reach, model.asked) == (reach, [])
    assert plan == rules.plan(question)


@pytest.mark.parametrize(
    ("question", "reach"),
    [
        ("What is Nosferatu about?", Reach.SUMMARY),
        ("How many times does the bell ring?", Reach.COUNT),
        ("Where do they meet?", Reach.MOMENTS),
    ],
)
def test_where_moments_may_answer_the_model_plans_them_and_the_reach_stays(question, reach):
    model = ScriptedModel(write_reply(GROUND_AND_ANSWER, "a bell in the fog"))
    plan = VideoMindPlanner(model, PocketPlanner()).plan(question)
    assert (plan.reach, plan.grounding_query) == (reach, "a bell in the fog")
    assert len(model.asked) == 1
