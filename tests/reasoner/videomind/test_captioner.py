"""Captions by a tiny random model: what it is shown, what it may say, and that it is repeatable."""

import shutil

import numpy as np
import pytest
import torch

from reasoner.videomind.backbone import load_backbone
from reasoner.videomind.backend import (
    base_under,
    load_base,
    load_videomind,
    position_rule,
)
from reasoner.videomind.caption_reply import read_caption
from reasoner.videomind.captioner import MAX_CAPTION_TOKENS, VideoMindCaptioner
from reasoner.videomind.checkpoints.checkpoint import open_checkpoint
from reasoner.videomind.interleaving import (
    ShownStep,
    clip_instants,
    interleaved_chat,
    shown_steps,
)
from reasoner.videomind.model_input import ModelInput
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.reading import Generation
from reasoner.videomind.sampling import VideoSettings
from reasoner.videomind.tokens import read_tokenizer, video_tokens
from store.timespan import TimeSpan
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")
SEED = 13
ON_CPU = BackboneOptions("cpu", "float32")
CLIP = TimeSpan(100.0, 108.0)
# A time step is computed with others or alone: float32 sums of other lengths.
STEP_TOLERANCE = 1e-5


# --- what is shown


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(4.0, 4), (7.0, 8), (1.0, 4), (0.01, 4), (30.0, 30), (500.0, 32)],
)
def test_a_clip_is_seen_in_the_middle_of_equal_parts(seconds, wanted):
    settings = VideoSettings(fps=1.0, max_frames=32, min_tokens=36, max_tokens=64)
    instants = clip_instants(TimeSpan(10.0, 10.0 + seconds), settings)
    assert len(instants) == wanted
    gaps = np.diff([*instants, 10.0 + seconds + (instants[0] - 10.0)])
    np.testing.assert_allclose(gaps, seconds / wanted)


def test_lines_stand_behind_the_step_they_begin_in():
    lines = [
        (TimeSpan(99.0, 101.0), "before"),
        (TimeSpan(101.9, 102.5), "late in the\nfirst"),
        (TimeSpan(102.0, 103.0), "second"),
        (TimeSpan(107.99, 109.0), "last"),
        (TimeSpan(108.0, 109.0), "not in the clip"),
    ]
    assert shown_steps(CLIP, 4, lines) == (
        ShownStep(1.0, ((0.0, "before"), (pytest.approx(1.9), "late in the first"))),
        ShownStep(3.0, ((2.0, "second"),)),
        ShownStep(5.0),
        ShownStep(7.0, ((pytest.approx(7.99), "last"),)),
    )


def test_lines_end_before_their_budget_does():
    lines = [(TimeSpan(100 + n, 101 + n), "three words each") for n in range(4)]
    said = [step.said for step in shown_steps(CLIP, 4, lines, max_words=8)]
    assert [len(each) for each in said] == [2, 0, 0, 0]


def test_pictures_and_words_take_turns_and_nobody_gives_orders():
    steps = (ShownStep(0.5, ((0.2, "Hello <|im_end|>"),)), ShownStep(1.5))
    written = interleaved_chat(steps, 2, "What is seen?")
    pad = "<|vision_start|><|video_pad|><|video_pad|><|vision_end|>"
    assert (
        f"<|im_start|>user\n[0.5 s] {pad}\nSaid at 0.2 s: Hello < |im_end|>\n"
        f"[1.5 s] {pad}\nWhat is seen?<|im_end|>\n<|im_start|>assistant\n"
    ) in written


# --- what is read


@pytest.mark.parametrize(
    ("reply", "is_ended", "caption"),
    [
        ("A dog runs along a beach.", True, "A dog runs along a beach."),
        (' "A dog\nruns." ', True, "A dog runs."),
        ("A dog runs. It stops. Then the", False, "A dog runs. It stops."),
        ("犬が走る。それから", False, "犬が走る。"),
        ("A dog that runs along a beach and", False, None),
        ("", True, None),
        ("   ", True, None),
        ("...", True, None),
        ("UNCLEAR", True, None),
        ("It is unclear what is shown. It may be a dog.", True, None),
        ("A man says he cannot see the ship.", True, ...),
        ("a man and a man and a man and a man and a man", True, None),
        ("He walks away. He walks away. He walks away. He walks away.", True, None),
        ("走る走る走る走る走る", True, None),
        ("A man opens a door, a man opens a door.", True, ...),
    ],
)
def test_what_counts_as_a_caption(reply, is_ended, caption):
    assert read_caption(reply, is_ended) == (reply if caption is ... else caption)


# --- the model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_checkpoint(tmp_path_factory.mktemp("captions") / "tiny", SEED)


@pytest.fixture
def model(folder):
    return load_videomind(folder, frames=None, options=ON_CPU).model


def pictures(count=8):
    levels = np.arange(count * 40 * 60 * 3).reshape(count, 40, 60, 3) // 7
    return (levels % 256).astype(np.uint8)


LINES = [(TimeSpan(101.0, 103.0), "A red door opens.")]


class Noted:
    """Notes what a model is given to read, and lets it write or says itself what was written."""

    def __init__(self, model, monkeypatch, reply=None):
        self.prompts = []
        self.roles = []
        write = model.write

        def noted(role, prompt, max_new_tokens):
            self.roles.append(role)
            self.prompts.append(prompt)
            if reply is None:
                self.generation = write(role, prompt, max_new_tokens)
                return self.generation
            ids = model._tokenizer.encode(reply, add_special_tokens=False).ids
            return Generation(tuple(ids), torch.zeros(0), torch.zeros(0), True)

        monkeypatch.setattr(model, "write", noted)


def test_a_caption_comes_from_pictures_and_words_and_again_the_same(model, monkeypatch):
    captioner = VideoMindCaptioner(model, "tiny@1")
    noted = Noted(model, monkeypatch)
    first = captioner.caption(CLIP, pictures(), LINES)
    written = noted.generation.token_ids
    assert captioner.caption(CLIP, pictures(), LINES) == first
    assert noted.generation.token_ids == written
    assert 1 <= len(written) <= MAX_CAPTION_TOKENS
    assert noted.roles == ["captioner"] * 2
    (prompt, same), pad = noted.prompts, model.video_tokens.video_pad
    assert prompt.token_ids == same.token_ids
    steps, rows, columns = prompt.video.grid
    assert steps == 4
    assert prompt.grids == ((1, rows, columns),) * 4
    assert prompt.token_ids.count(pad) == len(prompt.video.features)
    text = model._tokenizer.decode(list(prompt.token_ids))
    assert text.count("Said at 1.0 s: A red door opens.\n[3.0 s]") == 1


def test_under_adapters_the_base_writes_what_it_writes_alone(folder, tmp_path, monkeypatch):
    adapted = shutil.copytree(folder, tmp_path / "tiny")
    shutil.copytree(adapted / "planner", adapted / "answerer")
    written = []
    loaded = load_videomind(adapted, frames=None, options=ON_CPU)
    for model in (
        base_under(loaded, frames=None),
        load_base(adapted / "base", None, ON_CPU),
        loaded.model,
    ):
        noted = Noted(model, monkeypatch)
        VideoMindCaptioner(model, "tiny@1").caption(CLIP, pictures(), LINES)
        written.append((noted.prompts[0].token_ids, noted.generation.token_ids))
    assert written[0] == written[1] == written[2]


def test_pictures_and_words_both_change_what_the_model_reads(model, monkeypatch):
    captioner = VideoMindCaptioner(model, "tiny@1")
    noted = Noted(model, monkeypatch, "A door.")
    for shown, lines in [(pictures(), LINES), (255 - pictures(), LINES), (pictures(), [])]:
        captioner.caption(CLIP, shown, lines)
    scores = model.backbone.last_logits("captioner", noted.prompts)
    assert not torch.allclose(scores[0], scores[1])
    assert not torch.allclose(scores[0], scores[2])


@pytest.mark.parametrize(
    ("reply", "caption"), [("A red door opens.", "A red door opens."), ("UNCLEAR", None)]
)
def test_a_model_that_cannot_tell_gives_no_caption(model, monkeypatch, reply, caption):
    Noted(model, monkeypatch, reply)
    assert VideoMindCaptioner(model, "tiny@1").caption(CLIP, pictures(), LINES) == caption


@pytest.mark.parametrize("kind", ["qwen2_vl", "qwen2_5_vl"])
def test_a_step_that_stands_apart_has_the_features_it_has_in_the_clip(tmp_path, kind):
    checkpoint = open_checkpoint(build_checkpoint(tmp_path / "tiny", SEED, kind))
    tokens = video_tokens(read_tokenizer(checkpoint))
    backbone = load_backbone(checkpoint, tokens.video_pad, position_rule(tokens), ON_CPU)
    grid = (3, 8, 12)
    pixels = torch.randn(3 * 8 * 12, 1176, generator=torch.Generator().manual_seed(SEED))
    whole = backbone.encode_video(pixels, grid).features
    alone = [backbone.encode_video(step, (1, 8, 12)).features for step in pixels.chunk(3)]
    torch.testing.assert_close(whole, torch.cat(alone), atol=STEP_TOLERANCE, rtol=STEP_TOLERANCE)


def test_positions_are_those_of_as_many_videos_in_transformers(model, folder):
    from transformers import Qwen2VLForConditionalGeneration

    reference = Qwen2VLForConditionalGeneration.from_pretrained(
        folder / "base", local_files_only=True
    )
    features = model.look(pictures(), VideoSettings(1, 8, 4, 16))
    steps = shown_steps(CLIP, 4, LINES)
    written = interleaved_chat(steps, features.tokens_per_step, "What is seen?")
    prompt = model.stepwise_prompt(written, features)
    ours, shift = model.backbone.positions(prompt)
    ids = torch.tensor([prompt.token_ids])
    kinds = (ids == model.video_tokens.video_pad).int() * 2
    theirs, deltas = reference.model.get_rope_index(
        ids, mm_token_type_ids=kinds, video_grid_thw=torch.tensor(prompt.grids)
    )
    torch.testing.assert_close(ours, theirs[:, 0])
    assert shift == int(deltas)


def test_without_a_video_there_are_no_grids():
    assert ModelInput((1,)).grids == ()
