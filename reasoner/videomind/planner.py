"""The planner: the limits by rules, the rest by the model."""

from reasoner.answer import Plan, Role
from reasoner.interfaces import Planner
from reasoner.videomind.planning import read_reply
from reasoner.videomind.prompts import planner_prompt
from reasoner.videomind.spans import clean_question
from reasoner.videomind.video_model import VideoModel


class VideoMindPlanner:
    """Asks the model which roles run and what to look for.

    It reads the question alone, where VideoMind shows it the video too: over a library it is not
    known before the retriever has run which video is meant. How far a question reaches is
    the rules' word: the model's plans are of moments, and it is not asked for one where none is
    needed.

    Args:
        model: The resident model.
        rules: Reads limits in the words and gives what is used where the model's reply has none.
    """

    def __init__(self, model: VideoModel, rules: Planner) -> None:
        self._model = model
        self._rules = rules

    def plan(self, question: str) -> Plan:
        """Plan from the words."""
        plan = self._rules.plan(question)
        if not plan.may_need_moments:
            return plan
        prompt = self._model.prompt(planner_prompt(clean_question(plan.search_query)))
        reply = self._model.text_of(self._model.write(Role.PLANNER, prompt))
        return read_reply(reply).applied_to(plan)
