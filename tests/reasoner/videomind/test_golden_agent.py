"""The tiny agents against the outputs of the reference on transformers 4.45.2 and peft 0.14."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from reasoner.videomind.backbone import Backbone
from reasoner.videomind.reading import Reading, generate
from tests.reasoner.videomind.conftest import load_agent
from tests.reasoner.videomind.golden_agent import GoldenAgent, read_agent

ROLE_OF = {"planner": "planner", "grounder": "grounder", "verifier": "verifier", "base": "answerer"}
"""Our role by the name in the reference's arrays."""
VISION_TOLERANCE = 1e-5
"""The manifest names none; features are sums of some hundred float32 terms of size one."""
PROBABILITY_TOLERANCE = 1e-5
"""Of a softmax over logits that may be off by 1e-4 at most and are by a tenth of it."""
FORCE = 1e4
"""Added to a logit so that its token is written; the reference did so."""


def test_vision_features(agent: GoldenAgent, backbone: Backbone) -> None:
    for case in agent.cases:
        video = agent.prompt(backbone, case).video
        assert video is not None
        np.testing.assert_allclose(
            video.features, agent.arrays[f"{case}.vision_features"], rtol=0, atol=VISION_TOLERANCE
        )


@pytest.mark.parametrize("name", ROLE_OF)
def test_a_role_reads_as_the_reference_does(
    agent: GoldenAgent, backbone: Backbone, name: str
) -> None:
    for case in agent.cases:
        reading = Reading(backbone, ROLE_OF[name], agent.prompt(backbone, case))
        close_logits(agent, reading.logits, f"{case}.{name}.last_logits")
        close_states(agent, reading.state, f"{case}.{name}.last_norm_state")
        if name == "grounder":
            close_states(agent, reading.prompt_states, f"{case}.{name}.norm_state")


@pytest.mark.parametrize("name", ["planner", "grounder", "base"])
def test_a_role_writes_what_the_reference_writes(
    agent: GoldenAgent, backbone: Backbone, name: str
) -> None:
    for case in agent.cases:
        expected = agent.arrays[f"{case}.{name}.generated"].tolist()
        prompt = agent.prompt(backbone, case)
        written = generate(backbone, ROLE_OF[name], prompt, len(expected))
        assert list(written.token_ids) == expected
        assert not written.is_ended
        reading = Reading(backbone, ROLE_OF[name], prompt)
        for step, token_id in enumerate(expected):
            close_logits(agent, reading.logits, f"{case}.{name}.step_logits", step)
            torch.testing.assert_close(reading.state, written.states[step], rtol=0, atol=0)
            reading.write(token_id)


def test_as_many_moments_are_decoded_as_in_the_reference(
    agent: GoldenAgent, backbone: Backbone
) -> None:
    reg = agent.notes["id_mapping"]["special"]["<|reg|>"]
    for case, notes in agent.notes["cases"].items():
        expected = agent.arrays[f"{case}.grounder.generated"]
        written = generate(backbone, "grounder", agent.prompt(backbone, case), len(expected))
        states = written.states_before(reg)
        assert len(states) == notes["n_reg"]
        torch.testing.assert_close(states, written.states[notes["reg_emitted_at"]], rtol=0, atol=0)


def test_a_moment_is_told_by_the_state_that_predicts_it(
    agent: GoldenAgent, backbone: Backbone
) -> None:
    reg = agent.notes["id_mapping"]["special"]["<|reg|>"]
    forced = [name for name in agent.arrays if name.endswith(".reg_state")]
    assert forced
    for name in forced:
        case, role, step = name.split(".")[:3]
        at = int(step.removeprefix("forced"))
        expected = agent.notes["cases"][case][f"{step}_generated"]
        reading = Reading(backbone, role, agent.prompt(backbone, case))
        written: list[int] = []
        while len(written) < len(expected):
            logits = reading.logits.clone()
            logits[reg] += FORCE if len(written) == at else 0
            written.append(int(logits.argmax()))
            if len(written) - 1 == at:
                close_states(agent, reading.state, name)
            reading.write(written[-1])
        assert written == expected


def test_the_verifier_reads_candidates_one_by_one_and_at_once(
    agent: GoldenAgent, backbone: Backbone
) -> None:
    for case in agent.cases:
        video = agent.prompt(backbone, case).video
        assert video is not None
        prompts = agent.verifier_prompts(case, video)
        assert prompts
        for name, prompt in prompts.items():
            close_logits(
                agent, backbone.last_logits("verifier", [prompt])[0], f"{name}.last_logits"
            )
        at_once = backbone.last_logits("verifier", list(prompts.values()))
        for name, logits in zip(prompts, at_once, strict=True):
            close_logits(agent, logits, f"{name}.last_logits")


def test_prompts_of_other_lengths_do_not_look_at_each_other(
    agent: GoldenAgent, backbone: Backbone
) -> None:
    prompts = [agent.prompt(backbone, case) for case in agent.cases]
    assert len({len(prompt.token_ids) for prompt in prompts}) > 1
    at_once = backbone.last_logits("verifier", prompts)
    for case, logits in zip(agent.cases, at_once, strict=True):
        close_logits(agent, logits, f"{case}.verifier.last_logits")


def test_yes_and_no_are_as_likely_as_in_the_reference(
    agent: GoldenAgent, backbone: Backbone
) -> None:
    yes, no = (agent.notes["id_mapping"][name] for name in ("yes_id", "no_id"))
    for case, notes in agent.notes["cases"].items():
        video = agent.prompt(backbone, case).video
        assert video is not None
        by_place = agent.verifier_prompts(case, video)
        for judged in notes["verifier"]:
            prompt = by_place[f"{case}.verifier.ps{judged['ps']}_pe{judged['pe']}"]
            likely = backbone.last_logits("verifier", [prompt])[0].softmax(-1)
            assert float(likely[yes]) == pytest.approx(judged["p_yes"], abs=PROBABILITY_TOLERANCE)
            assert float(likely[no]) == pytest.approx(judged["p_no"], abs=PROBABILITY_TOLERANCE)
            assert backbone.positions(prompt)[1] == judged["rope_delta"]


def test_an_adapter_on_some_layers_by_full_names(agent: GoldenAgent) -> None:
    changed = load_agent(agent, adapters={"planner": agent.folder / "planner_fullnames"})
    names = [name for name in agent.arrays if ".planner_fullnames." in name]
    assert names
    for name in names:
        prompt = agent.prompt(changed, name.split(".")[0])
        close_logits(agent, Reading(changed, "planner", prompt).logits, name)


def test_the_grounder_of_the_end_to_end_run_fits_the_tiny_agent(golden: Path) -> None:
    agent = read_agent(golden, "videomind_agent_tiny")
    overlaid = {"grounder": golden / "videomind_agent_e2e" / "grounder"}
    own, other = load_agent(agent), load_agent(agent, adapters=overlaid)
    prompt = agent.prompt(own, agent.cases[0])
    theirs = Reading(other, "grounder", prompt).logits
    assert theirs.isfinite().all()
    assert not torch.equal(Reading(own, "grounder", prompt).logits, theirs)


def test_every_array_is_compared_or_the_decoders(agent: GoldenAgent) -> None:
    kinds = Counter(name.split(".")[-1].rstrip("0123456789") for name in agent.arrays)
    inputs = {"input_ids", "position_ids", "pixel_values_videos", "video_grid_thw", "frames"}
    here = {"vision_features", "last_logits", "last_norm_state", "norm_state", "generated"}
    here |= {"step_logits", "reg_state"}
    of_the_decoder = {"reg", "sal"}
    assert kinds.keys() == inputs | here | of_the_decoder


def close_logits(agent: GoldenAgent, logits: torch.Tensor, name: str, *row: int) -> None:
    np.testing.assert_allclose(
        logits, agent.arrays[name][row or ...], rtol=0, atol=agent.logits_tolerance
    )


def close_states(agent: GoldenAgent, states: torch.Tensor, name: str) -> None:
    """Relative to the largest entry: entries near zero have no digits of their own."""
    expected = agent.arrays[name]
    largest = float(np.abs(expected).max())
    np.testing.assert_allclose(states, expected, rtol=0, atol=agent.states_tolerance * largest)
