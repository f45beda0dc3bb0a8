"""The ways to answer a question that are compared, over one loaded model.

The reference procedure is VideoMind's, as far as it can run on windows: every role encodes what it
sees anew, the planner looks at the whole film, the verifier reads its candidates one at a time.
The verifier's pictures are its own in every procedure, since each candidate is zoomed differently.
"""

from dataclasses import dataclass, replace

from benchmarks.videomind.film import Film, OneFilm, found_in
from benchmarks.videomind.ledger import Ledger
from benchmarks.videomind.scripted import ScriptedModel
from reasoner.answer import Answer, Plan, Role
from reasoner.chain import Chain
from reasoner.interfaces import Planner
from reasoner.pocket.planner import PocketPlanner
from reasoner.videomind.backend import LoadedVideoMind, videomind_chain
from reasoner.videomind.planning import read_reply
from reasoner.videomind.prompts import planner_prompt
from reasoner.videomind.sampling import PLANNER_VIDEO
from reasoner.videomind.scores import MAX_CANDIDATES
from reasoner.videomind.spans import clean_question
from reasoner.videomind.verifier import VideoMindVerifier
from reasoner.videomind.video_model import KEPT_CLIPS, VideoModel
from store.records import Video
from store.timespan import TimeSpan

QUESTIONS = (
    "When does the red patch reach the lower edge of the picture?",
    "When does the blue patch leave the upper edge of the picture?",
)
"""The second one is asked about the same windows."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way.

    Attributes:
        kept_clips: Of how many clips the features are kept for other roles and questions.
        verifier_batch: Candidates that are read at once.
        does_planner_look: Whether the planner sees the film.
        does_follow_up: Whether the second question is measured, the grounder having looked for
            the first. The first is not verified or answered: random weights find the same spans
            for both, whose clips would then be kept too, as those of a real question would not.
    """

    name: str
    kept_clips: int = KEPT_CLIPS
    verifier_batch: int = MAX_CANDIDATES
    does_planner_look: bool = False
    does_follow_up: bool = False


OURS = Procedure("ours")
UNSHARED = Procedure("ours, nothing kept, one candidate at a time", 0, 1)
REFERENCE = Procedure("reference procedure", 0, 1, does_planner_look=True)
FOLLOW_UP = Procedure("ours, the next question on the same windows", does_follow_up=True)
PROCEDURES = (OURS, UNSHARED, REFERENCE, FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class Run:
    """One question answered.

    Attributes:
        seconds: Of the whole chain.
        ledger: What each role spent and read.
    """

    answer: Answer
    seconds: float
    ledger: Ledger


class SeeingPlanner:
    """Asks the model as our planner does, and shows it the film as the reference does."""

    def __init__(self, model: VideoModel, rules: Planner, video: Video) -> None:
        self._model = model
        self._rules = rules
        self._video = video

    def plan(self, question: str) -> Plan:
        """Plan from the words and the film."""
        plan = self._rules.plan(question)
        whole = TimeSpan(0.0, self._video.duration_seconds)
        features = self._model.see(self._video, whole, PLANNER_VIDEO)
        text = planner_prompt(clean_question(plan.search_query))
        written = self._model.write(Role.PLANNER, self._model.prompt(text, features))
        return read_reply(self._model.text_of(written)).applied_to(plan)


def ask(procedure: Procedure, loaded: LoadedVideoMind, film: Film) -> Run:
    """Answer a question with nothing kept from an earlier call."""
    device = loaded.model.backbone.device
    ledger = Ledger(device)
    model = ScriptedModel(loaded, film.frames, ledger, procedure.kept_clips)
    chain = _chain(procedure, replace(loaded, model=model), film)
    question = QUESTIONS[0]
    if procedure.does_follow_up:
        chain.ask(question, roles=(Role.PLANNER, Role.GROUNDER))
        ledger.clear()
        question = QUESTIONS[1]
    started = ledger.now()
    answer = chain.ask(question)
    return Run(answer, ledger.now() - started, ledger)


def _chain(procedure: Procedure, loaded: LoadedVideoMind, film: Film) -> Chain:
    rules = PocketPlanner()
    library, found = OneFilm(film.video), found_in(film.video)
    chain = videomind_chain(library, found, rules, loaded, "random weights")
    chain = replace(
        chain, verifier=VideoMindVerifier(loaded.model, loaded.tokens, procedure.verifier_batch)
    )
    if procedure.does_planner_look:
        chain = replace(chain, planner=SeeingPlanner(loaded.model, rules, film.video))
    return chain
