"""What our roles say to the reference's own prompts, for whoever has them.

Our prompts are in other words, and the golden folder holds hashes of the reference's. Name a JSON
file with the templates of ``planner``, ``grounder``, ``verifier`` and ``answerer`` (question and
option lines) by ``VIDEOMIND_PROMPTS``, and the run is repeated from the films' frames to
the verifier's scores. A prompt is used only where the tokens that it gives are those of the hash.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reasoner.answer import GroundedSpan, Role
from reasoner.choice import option_letter
from reasoner.videomind.backend import LoadedVideoMind, load_videomind
from reasoner.videomind.decoder import pool_frames, rank
from reasoner.videomind.model_input import ModelInput, VisionFeatures
from reasoner.videomind.prompts import OPTION_PREFILL, turn, video_block
from reasoner.videomind.sampling import VideoSettings
from reasoner.videomind.tokens import read_tokenizer
from reasoner.videomind.verifier import VideoMindVerifier
from reasoner.videomind.zoom import vision_start_of
from store.timespan import TimeSpan
from tests.reasoner.timeline import plan_for
from tests.reasoner.videomind.conftest import ON_CPU
from tests.reasoner.videomind.golden_run import (
    Asked,
    DrawnFilms,
    GoldenRun,
    agent_of_the_run,
    close_spans,
    read_run,
)

pytestmark = pytest.mark.usefixtures("one_thread")
VARIABLE = "VIDEOMIND_PROMPTS"
CONFIDENCE_TOLERANCE = 1e-5
"""The run advises none; the manifest advises as much for the decoder's scores alone."""


@pytest.fixture(scope="module")
def templates() -> dict[str, str]:
    if VARIABLE not in os.environ:
        pytest.skip(f"the golden folder has only hashes of the prompts; set {VARIABLE}")
    words: dict[str, str] = json.loads(Path(os.environ[VARIABLE]).read_text("utf-8"))
    return words


@pytest.fixture(scope="module")
def run(golden: Path) -> GoldenRun:
    return read_run(golden)


@pytest.fixture(scope="module")
def loaded(
    templates: dict[str, str],
    golden: Path,
    run: GoldenRun,
    tmp_path_factory: pytest.TempPathFactory,
) -> LoadedVideoMind:
    """The run's agent, which is asked in the words that it is given, special tokens and all."""
    del templates
    folder = agent_of_the_run(golden, tmp_path_factory.mktemp("run") / "agent")
    loaded = load_videomind(folder, DrawnFilms(run.notes["videos"]), options=ON_CPU)
    tokenizer = read_tokenizer(loaded.checkpoint)

    def prompt(text: str, features: VisionFeatures, reply: str = "") -> ModelInput:
        written = turn(video_block(len(features.features)) + text, reply)
        return ModelInput(tuple(tokenizer.encode(written, add_special_tokens=False).ids), features)

    loaded.model.prompt = prompt  # type: ignore[method-assign, assignment]
    return loaded


@pytest.fixture
def verifier_words(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the verifier ask in these words, whatever is looked for."""

    def say(words: str) -> None:
        monkeypatch.setattr("reasoner.videomind.verifier.verifier_prompt", lambda _: words)

    return say


def test_roles_write_what_the_reference_wrote_and_mean_the_same_spans(
    loaded: LoadedVideoMind, run: GoldenRun, templates: dict[str, str]
) -> None:
    for asked in run.asked:
        for role, clip, settings in asked.clips():
            if role in asked.generated:
                compare(loaded, run, asked, templates, role, clip, settings)


def test_the_verifier_scores_and_orders_as_the_reference_did(
    loaded: LoadedVideoMind, run: GoldenRun, templates: dict[str, str], verifier_words: Any
) -> None:
    for asked in run.asked:
        verifier_words(templates["verifier"].format(asked.text))
        spans = [GroundedSpan(asked.video, span, 0.5, ()) for span in asked.candidates]
        judged = VideoMindVerifier(loaded.model, loaded.tokens).verify(plan_for(asked.text), spans)
        scores = [each.verifier_score or 0.0 for each in judged]
        expected = sorted(asked.dump.get("probs", ()), reverse=True)
        assert scores == pytest.approx(expected, abs=run.score_tolerance)
        in_order = [asked.candidates[number] for number in asked.dump.get("ranks", ())]
        close_spans([each.span for each in judged], in_order, run)


def compare(
    loaded: LoadedVideoMind,
    run: GoldenRun,
    asked: Asked,
    templates: dict[str, str],
    role: Role,
    clip: TimeSpan,
    settings: VideoSettings,
) -> None:
    theirs = asked.generated[role]
    features = loaded.model.see(asked.video, clip, settings)
    reply = OPTION_PREFILL if role is Role.ANSWERER else ""
    prompt = loaded.model.prompt(words_of(templates, asked, role), features, reply)
    assert theirs.is_of(prompt.token_ids), f"{VARIABLE} has another prompt for the {role}"
    written = loaded.model.write(role, prompt)
    assert list(written.token_ids)[: theirs.num_sure] == theirs.without_end(
        loaded.checkpoint.end_token_ids
    )
    states = written.states_before(loaded.tokens.reg)
    assert bool(len(states)) == (theirs.boundaries is not None)
    if theirs.boundaries is None:
        return
    first = vision_start_of(prompt.token_ids, loaded.model.video_tokens.vision_start) + 1
    seen = written.prompt_states[first : first + len(features.features)]
    ranked = rank(
        loaded.decoder.propose(pool_frames(seen, features.tokens_per_step), states[0].float())
    )
    in_seconds = ranked.boundaries * asked.video.duration_seconds
    expected = theirs.boundaries[:, :2] * asked.video.duration_seconds
    np.testing.assert_allclose(in_seconds, expected, rtol=0, atol=run.seconds_tolerance)
    np.testing.assert_allclose(
        ranked.scores, theirs.boundaries[:, 2], rtol=0, atol=CONFIDENCE_TOLERANCE
    )


def words_of(templates: dict[str, str], asked: Asked, role: Role) -> str:
    if role is Role.GROUNDER:
        return templates[role].format(asked.query)
    if role is Role.PLANNER:
        return templates[role].format(asked.text)
    lines = (
        f"({option_letter(number)}) {option[:1].upper()}{option[1:]}"
        for number, option in enumerate(asked.dump["options"])
    )
    return templates[role].format(asked.text, "\n".join(lines))
