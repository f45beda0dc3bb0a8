"""The planner: the limits by rules, the rest by the model."""

from reasoner.answer import Plan, Role
from reasoner.interfaces import Planner
from reasoner.videomind.planning import read_reply
from reasoner.videomind.prompts import planner_prompt
from reasoner.videomind.sampling import PLANNER_VIDEO
from reasoner.videomind.spans import clean_question
from reasoner.videomind.video_model import VideoModel
from store.records import Video
from store.timespan import TimeSpan


class VideoMindPlanner:
    """Asks the model which roles run and what to look for.

    Over a library it reads the question alone: which video is meant is not known before the
    retriever has run. ``plan_for`` shows it one video, as VideoMind does.

    Args:
        model: The resident model.
        rules: Reads limits in the words and gives what is used where the model's reply has none.
    """

    def __init__(self, model: VideoModel, rules: Planner) -> None:
        self._model = model
        self._rules = rules

    def plan(self, question: str) -> Plan:
        """Plan from the words."""
        return self._planned(question, None)

    def plan_for(self, question: str, video: Video) -> Plan:
        """Plan for one video.

        Raises:
            MediaError: It cannot be read.
        """
        return self._planned(question, video)

    def _planned(self, question: str, video: Video | None) -> Plan:
        plan = self._rules.plan(question)
        features = None
        if video is not None:
            whole = TimeSpan(0.0, video.duration_seconds)
            features = self._model.see(video, whole, PLANNER_VIDEO)
        prompt = self._model.prompt(planner_prompt(clean_question(plan.search_query)), features)
        reply = self._model.text_of(self._model.write(Role.PLANNER, prompt))
        return read_reply(reply).applied_to(plan)
