"""Runs over tiny random models: they learn, they can be interrupted, the base stays as it is."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from reasoner.answer import Role
from reasoner.videomind.backbone import load_backbone
from reasoner.videomind.backend import load_videomind, position_rule
from reasoner.videomind.checkpoints.adapter import read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import Checkpoint, open_checkpoint
from reasoner.videomind.checkpoints.names import EMBEDDINGS, HEAD
from reasoner.videomind.decoder import load_decoder
from reasoner.videomind.model_input import ModelInput
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.tokens import read_tokenizer, video_tokens
from reasoner.videomind.training.data import read_examples
from reasoner.videomind.training.learner import DECODER_PREFIX
from reasoner.videomind.training.lessons import Lesson
from reasoner.videomind.training.options import TrainingOptions
from reasoner.videomind.training.output import write_trained
from reasoner.videomind.training.trainer import Course, StepReport, TrainingReport, train
from store.errors import (
    CheckpointError,
    ConfigError,
    DeviceMemoryError,
    InputError,
    MediaError,
    ModelOutputError,
)
from tests.reasoner.videomind.tiny_checkpoint import ROLE_SPECIALS
from tests.reasoner.videomind.training.classroom import (
    ON_CPU,
    Colours,
    learner_of,
    rate_of,
    write_data,
    writer_of,
)

pytestmark = pytest.mark.usefixtures("one_thread")
BRIEF = TrainingOptions(steps=4, accumulate=2, rank=4, learning_rate=1e-3, seed=3)
RATES = {Role.PLANNER: 3e-2, Role.GROUNDER: 1e-3, Role.VERIFIER: 5e-3, Role.ANSWERER: 3e-2}
"""High, for a few steps; without a head of its own a random model can learn but slowly, and the
exponential in the timestamp decoder takes less."""
BFLOAT16_ERROR = 0.02
"""Of a loss, as a share; the type has 8 bits, 0.4%, and its errors add up over four steps."""
FLOAT_ERROR = 1e-4
"""Of a loss near 5 in float32, computed with and without padding and in another order."""


def run(
    checkpoint: Checkpoint,
    role: Role,
    output: Path,
    options: TrainingOptions = BRIEF,
    frames: Colours | None = None,
    on_step: object = None,
) -> TrainingReport:
    output.parent.mkdir(exist_ok=True)
    course = Course(role, write_data(output.parent, role), checkpoint, output)
    return train(course, frames or Colours(), rate_of, options, ON_CPU, on_step)  # type: ignore[arg-type]


def lessons_of(checkpoint: Checkpoint, folder: Path, role: Role) -> list[Lesson]:
    writer = writer_of(checkpoint)
    return [writer.write(each) for each in read_examples(write_data(folder, role), role)]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("role", Role)
def test_a_short_run_lowers_the_loss(checkpoint: Checkpoint, tmp_path: Path, role: Role) -> None:
    options = replace(BRIEF, steps=12, learning_rate=RATES[role])
    report = run(checkpoint, role, tmp_path / "out", options)
    assert len(report.losses) == report.num_steps == 12
    assert np.mean(report.losses[-3:]) < 0.95 * np.mean(report.losses[:3])
    loaded = load_videomind(tmp_path / "out", Colours(), options=ON_CPU)
    assert role in loaded.checkpoint.adapters
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.parametrize("role", [Role.GROUNDER, Role.PLANNER])
def test_an_interrupted_run_ends_as_an_undisturbed_one(
    checkpoint: Checkpoint, tmp_path: Path, role: Role
) -> None:
    whole = run(checkpoint, role, tmp_path / "whole" / "out")

    def stop(step: StepReport) -> None:
        if step.step == 3:
            raise KeyboardInterrupt

    options = replace(BRIEF, save_every=2)
    with pytest.raises(KeyboardInterrupt):
        run(checkpoint, role, tmp_path / "parts" / "out", options, on_step=stop)
    assert not (tmp_path / "parts" / "out").exists()
    resumed = run(checkpoint, role, tmp_path / "parts" / "out", options)
    assert resumed.resumed_at == 2
    assert resumed.losses == whole.losses
    assert files_of(tmp_path / "parts" / "out") == files_of(tmp_path / "whole" / "out")


def test_an_unfinished_run_of_another_kind_is_not_taken_up(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    def stop(_step: StepReport) -> None:
        raise KeyboardInterrupt

    options = replace(BRIEF, save_every=1)
    with pytest.raises(KeyboardInterrupt):
        run(checkpoint, Role.PLANNER, tmp_path / "out", options, on_step=stop)
    with pytest.raises(InputError, match="another seed;"):
        run(checkpoint, Role.PLANNER, tmp_path / "out", replace(options, seed=4))
    (tmp_path / "out.unfinished" / "progress.safetensors").write_bytes(b"cut")
    with pytest.raises(CheckpointError, match="cannot be read"):
        run(checkpoint, Role.PLANNER, tmp_path / "out", options)


def test_a_seed_decides_the_run(checkpoint: Checkpoint, tmp_path: Path) -> None:
    options = replace(BRIEF, steps=1)
    first = run(checkpoint, Role.GROUNDER, tmp_path / "first", options)
    again = run(checkpoint, Role.GROUNDER, tmp_path / "again", options)
    other = run(checkpoint, Role.GROUNDER, tmp_path / "other", replace(options, seed=4))
    assert first.losses == again.losses != other.losses


@pytest.mark.parametrize("role", Role)
def test_gradients_reach_all_that_is_learned_and_nothing_else_changes(
    checkpoint: Checkpoint, tmp_path: Path, role: Role
) -> None:
    learner = learner_of(checkpoint, role, BRIEF)
    learned = {id(parameter) for parameter in learner.learned.values()}
    model = learner._model
    frozen = {name: p for name, p in model.named_parameters() if id(p) not in learned}
    before = {name: parameter.clone() for name, parameter in frozen.items()}
    optimiser = torch.optim.AdamW(learner.learned.values(), lr=1e-2, weight_decay=0.0)
    draw = torch.Generator().manual_seed(0)
    lessons = lessons_of(checkpoint, tmp_path, role)
    for _ in range(2):  # the second factors are 0 before the first step, the first learn nothing
        optimiser.zero_grad()
        learner.losses(lessons, draw).total.backward()
        optimiser.step()
    without = [n for n, p in learner.learned.items() if p.grad is None or not p.grad.any()]
    assert without == []
    kinds = {name.partition(".")[0] for name in learner.learned}
    assert (DECODER_PREFIX.rstrip(".") in kinds) == (role is Role.GROUNDER)
    has_tokens = role in (Role.GROUNDER, Role.VERIFIER)
    assert (EMBEDDINGS in learner.learned) == (HEAD in learner.learned) == has_tokens
    assert not any("visual" in name for name in learner.learned)
    assert all(torch.equal(frozen[name], before[name]) for name in frozen)
    assert all(parameter.grad is None for parameter in frozen.values())
    base = BaseWeights(checkpoint.base)
    if has_tokens:
        used = sorted({token for lesson in lessons for token in lesson.token_ids})
        unused = sorted(set(range(base.shapes[EMBEDDINGS][0])) - set(used))
        rows = learner.learned[EMBEDDINGS].detach() != base.tensor(EMBEDDINGS).float()
        pads = {video_tokens(read_tokenizer(checkpoint)).video_pad}  # features take their place
        assert rows[sorted(set(used) - pads)].any(dim=1).all()
        assert not rows[unused].any()


def test_lessons_in_one_batch_are_learned_as_one_by_one(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    learner = learner_of(checkpoint, Role.VERIFIER, replace(BRIEF, dropout=0.0))
    draw = torch.Generator()
    lessons = lessons_of(checkpoint, tmp_path, Role.VERIFIER)
    together = learner.losses(lessons, draw).total
    alone = [learner.losses([lesson], draw).total for lesson in lessons]
    torch.testing.assert_close(together, torch.stack(alone).sum(), rtol=0, atol=FLOAT_ERROR)


def test_recomputing_changes_no_gradient(checkpoint: Checkpoint, tmp_path: Path) -> None:
    lessons = lessons_of(checkpoint, tmp_path, Role.GROUNDER)
    gradients = []
    for recompute in (False, True):
        learner = learner_of(checkpoint, Role.GROUNDER, replace(BRIEF, recompute=recompute))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # what dropout leaves out has to be the same the second time
            learner.losses(lessons, torch.Generator().manual_seed(0)).total.backward()
        gradients.append({name: each.grad for name, each in learner.learned.items()})
    kept, recomputed = gradients
    assert any(grad is not None and grad.any() for grad in kept.values())
    for name, grad in kept.items():
        torch.testing.assert_close(recomputed[name], grad, rtol=0, atol=0)


@pytest.mark.parametrize("role", Role)
def test_the_checkpoint_that_is_written_says_what_was_learned(
    checkpoint: Checkpoint, tmp_path: Path, role: Role
) -> None:
    """The loss of a lesson through the backbone at work is that of the learner."""
    learner = learner_of(checkpoint, role, replace(BRIEF, dropout=0.0))
    (lesson, _) = lessons_of(checkpoint, tmp_path, role)
    optimiser = torch.optim.AdamW(learner.learned.values(), lr=1e-2)
    draw = torch.Generator().manual_seed(0)
    learner.losses([lesson], draw).total.backward()
    optimiser.step()
    expected = learner.losses([lesson], draw).language
    tokenizer = read_tokenizer(checkpoint)
    target = tmp_path / "written"
    write_trained(checkpoint, role, learner.adapter(), learner.decoder, tokenizer, target)
    tokens = video_tokens(tokenizer)
    backbone = load_backbone(
        open_checkpoint(target), tokens.video_pad, position_rule(tokens), ON_CPU
    )
    video = None
    if lesson.pixels is not None:
        patches = torch.from_numpy(lesson.pixels.patches)
        video = backbone.encode_video(patches, lesson.pixels.grid.thw)
    prompt = ModelInput(lesson.token_ids, video)
    positions, _ = backbone.positions(prompt)
    normalised, _ = backbone.forward(role, backbone.embed(role, prompt)[None], positions[:, None])
    logits = backbone.logits(role, normalised[0, :-1])
    found = F.cross_entropy(logits, torch.from_numpy(lesson.labels[1:]))
    torch.testing.assert_close(found, expected, rtol=0, atol=FLOAT_ERROR)
    if learner.decoder is not None:
        written = load_decoder(target / "decoder.safetensors").state_dict()
        assert all(torch.equal(written[n], t) for n, t in learner.decoder.state_dict().items())


def test_a_gpu_that_is_full_is_told(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(torch.Tensor, "backward", full)
    with pytest.raises(DeviceMemoryError, match="lower --batch"):
        run(checkpoint, Role.PLANNER, tmp_path / "out", replace(BRIEF, steps=1))


def test_the_other_roles_are_carried_over(checkpoint: Checkpoint, tmp_path: Path) -> None:
    run(checkpoint, Role.PLANNER, tmp_path / "out", replace(BRIEF, steps=1))
    written = open_checkpoint(tmp_path / "out")
    assert written.base.resolve() == checkpoint.base.resolve()
    assert written.end_token_ids == checkpoint.end_token_ids
    base = BaseWeights(checkpoint.base)
    for role in (Role.GROUNDER, Role.VERIFIER):
        kept = read_adapter(written.adapters[role], base).tensors
        own = read_adapter(checkpoint.adapters[role], base).tensors
        assert kept.keys() == own.keys()
        assert all(torch.equal(kept[name], own[name]) for name in own)
    with pytest.raises(InputError, match="exists"):
        run(checkpoint, Role.PLANNER, tmp_path / "out")


def test_a_whole_checkpoint_is_made_from_a_base_that_lacks_the_tokens(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    tokenizer = json.loads((checkpoint.base / "tokenizer.json").read_text("utf-8"))
    added = tokenizer["added_tokens"]
    tokenizer["added_tokens"] = [a for a in added if a["content"] not in ROLE_SPECIALS]
    bare = tmp_path / "tokenizer.json"
    bare.write_text(json.dumps(tokenizer), "utf-8")
    plain = replace(open_checkpoint(checkpoint.base), tokenizer=bare)
    options = replace(BRIEF, steps=1)
    run(plain, Role.GROUNDER, tmp_path / "first", options)
    run(open_checkpoint(tmp_path / "first"), Role.VERIFIER, tmp_path / "second", options)
    loaded = load_videomind(tmp_path / "second", Colours(), options=ON_CPU)
    assert sorted(loaded.checkpoint.adapters) == ["grounder", "verifier"]
    given = read_tokenizer(checkpoint)
    assert loaded.tokens.reg == given.token_to_id("<|reg|>")
    assert loaded.tokens.seg_end == given.token_to_id("<|seg_end|>")


def test_a_film_that_cannot_be_read_is_left_out_and_named(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    options = replace(BRIEF, steps=2)
    told: list[StepReport] = []
    report = run(
        checkpoint, Role.GROUNDER, tmp_path / "out", options, Colours("gate.mp4"), told.append
    )
    (reason,) = report.skipped
    assert "gate.mp4 is lost" in reason
    assert [step.skipped for step in told] == [(reason,), (reason,)]
    lost = Colours("gate.mp4", "bell.mkv")
    with pytest.raises(MediaError, match="no video of step 1"):
        run(checkpoint, Role.GROUNDER, tmp_path / "none", options, lost)


def test_a_loss_that_is_no_number_ends_the_run(checkpoint: Checkpoint, tmp_path: Path) -> None:
    options = replace(BRIEF, steps=8, learning_rate=1e30)
    with pytest.raises(ModelOutputError, match="lower the learning rate"):
        run(checkpoint, Role.VERIFIER, tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_the_rate_rises_and_falls() -> None:
    options = TrainingOptions(learning_rate=1.0, warm_up=0.2)
    rates = [options.rate_at(step, 10, Role.PLANNER) for step in range(10)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[6] == pytest.approx(0.5)  # half of the eight steps behind the warm-up
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] > 0
    assert TrainingOptions().rate_at(0, 1, Role.GROUNDER) == 1e-4


def test_epochs_are_counted_in_steps() -> None:
    assert TrainingOptions(epochs=3, batch=2, accumulate=2).num_steps(5) == 4
    assert TrainingOptions(steps=7).num_steps(5) == 7
    with pytest.raises(ValueError, match="steps is at least 1"):
        TrainingOptions(steps=0)


def test_each_example_comes_once_a_round(checkpoint: Checkpoint, tmp_path: Path) -> None:
    films = [f"{number}.mp4" for number in range(4)]
    lines = [{"question": "What?", "route": 4, "video": film, "duration": 4} for film in films]
    for film in films:
        (tmp_path / film).touch()
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(map(json.dumps, lines)))
    seen: list[str] = []

    def note(path: Path) -> float | None:
        seen.append(path.name)
        return None

    course = Course(Role.PLANNER, data, checkpoint, tmp_path / "out")
    report = train(course, Colours(), note, TrainingOptions(2, accumulate=2, rank=2), ON_CPU)
    assert report.num_steps == 4
    assert sorted(seen[:4]) == sorted(seen[4:]) == films
    assert seen[:4] != seen[4:]


def test_a_base_in_bfloat16_learns_as_one_in_float32(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    expected = run(checkpoint, Role.GROUNDER, tmp_path / "exact").losses
    data = write_data(tmp_path, Role.GROUNDER)
    course = Course(Role.GROUNDER, data, checkpoint, tmp_path / "out")
    report = train(course, Colours(), rate_of, BRIEF, BackboneOptions("cpu", "bfloat16"))
    np.testing.assert_allclose(report.losses, expected, rtol=BFLOAT16_ERROR)
    base = BaseWeights(checkpoint.base)
    for name, tensor in read_adapter(tmp_path / "out" / "grounder", base).tensors.items():
        assert tensor.dtype == (torch.float32 if ".lora_" in name else torch.bfloat16)
    narrow = replace(course, output=tmp_path / "narrow")
    with pytest.raises(ConfigError, match="too narrow"):
        train(narrow, Colours(), rate_of, BRIEF, BackboneOptions("cpu", "float16"))
