"""Qwen2.5-VL against transformers: where tokens stand, and what the model makes of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.answer import Role
from reasoner.videomind.backbone import Backbone, load_backbone
from reasoner.videomind.backend import load_base, position_rule
from reasoner.videomind.base_model import load_base_model, step_interval
from reasoner.videomind.checkpoints.checkpoint import open_checkpoint
from reasoner.videomind.model_input import ModelInput
from reasoner.videomind.mrope import VisionTokens, mrope_positions
from reasoner.videomind.reading import Reading
from reasoner.videomind.sampling import VideoSettings, seconds_per_step
from reasoner.videomind.tokens import read_tokenizer, video_tokens
from reasoner.videomind.training.data import read_examples
from reasoner.videomind.training.options import TrainingOptions
from store.timespan import TimeSpan
from tests.reasoner.timeline import VIDEO
from tests.reasoner.videomind.conftest import ON_CPU, SEED
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint, tiny_tokenizer
from tests.reasoner.videomind.training.classroom import (
    Colours,
    learner_of,
    write_data,
    writer_of,
)

LETTER = 9
LOGITS_TOLERANCE = 1e-4
# A loss is a mean over tokens: it differs less than the logits do where positions are wrong.
LOSS_TOLERANCE = 1e-5
"""Of float32 logits of size ten, computed in one call and in two."""
IDS = {
    name: tiny_tokenizer().token_to_id(f"<|{name}|>")
    for name in ("vision_start", "vision_end", "image_pad", "video_pad")
}
TOKENS = VisionTokens(IDS["vision_start"], IDS["image_pad"], IDS["video_pad"])
GRIDS = st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4)).map(
    lambda sides: (sides[0], 2 * sides[1], 2 * sides[2])
)
VIDEOS = st.tuples(st.just("video"), GRIDS, st.floats(0.05, 5))
IMAGES = st.tuples(st.just("image"), GRIDS.map(lambda grid: (1, *grid[1:])), st.just(0.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("qwen2_5_vl") / "published"
    return build_checkpoint(folder, SEED, kind="qwen2_5_vl")


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    """transformers' own model."""
    return load_base_model(folder / "base", torch.float32)


@pytest.fixture(scope="module")
def backbone(folder: Path) -> Backbone:
    checkpoint = open_checkpoint(folder)
    tokens = video_tokens(read_tokenizer(checkpoint))
    return load_backbone(checkpoint, tokens.video_pad, position_rule(tokens), ON_CPU)


def tokens_of(blocks: list[tuple[Any, ...]], num_letters: int) -> list[int]:
    ids: list[int] = []
    for kind, (steps, rows, columns), _ in blocks:
        pads = [IDS[f"{kind}_pad"]] * (steps * rows * columns // 4)
        ids += [LETTER] * num_letters + [IDS["vision_start"], *pads, IDS["vision_end"]]
    return [*ids, LETTER]


def kinds_of(ids: torch.Tensor) -> torch.Tensor:
    """``mm_token_type_ids``: 1 for pictures, 2 for videos."""
    return (ids == IDS["image_pad"]).int() + 2 * (ids == IDS["video_pad"]).int()


def pieces(ids: list[int], positions: np.ndarray) -> list[np.ndarray]:
    """The positions of each run of text or vision, counted from its first token."""
    is_vision = kinds_of(torch.tensor(ids)).numpy() > 0
    bounds = np.flatnonzero(np.diff(is_vision)) + 1
    return [piece - piece[:, :1] for piece in np.split(positions, bounds, axis=1)]


@settings(max_examples=200)
@given(blocks=st.lists(VIDEOS | IMAGES, min_size=1, max_size=4), num_letters=st.integers(0, 3))
def test_positions_are_those_of_transformers(
    reference: Any, blocks: list[tuple[Any, ...]], num_letters: int
) -> None:
    ids = tokens_of(blocks, num_letters)
    videos = [(grid, seconds) for kind, grid, seconds in blocks if kind == "video"]
    images = [grid for kind, grid, _ in blocks if kind == "image"]
    intervals = [step_interval(reference, seconds) for _, seconds in videos]
    ours = mrope_positions(
        [ids],
        TOKENS,
        video_grids=[grid for grid, _ in videos],
        video_intervals=intervals,
        image_grids=images,
    )
    row = torch.tensor([ids])
    theirs, delta = reference.model.get_rope_index(
        row,
        kinds_of(row),
        image_grid_thw=torch.tensor(images) if images else None,
        video_grid_thw=torch.tensor([grid for grid, _ in videos]) if videos else None,
        second_per_grid_ts=[seconds for _, seconds in videos],
    )
    expected = theirs[:, 0].numpy()
    for mine, yours in zip(pieces(ids, ours.ids[:, 0]), pieces(ids, expected), strict=True):
        np.testing.assert_array_equal(mine, yours)
    # What follows a video that is longer than wide stands elsewhere in transformers 5.
    if all(
        int((grid[0] - 1) * interval) < max(grid[1:]) // 2
        for (grid, _), interval in zip(videos, intervals, strict=True)
    ):
        np.testing.assert_array_equal(ours.ids[:, 0], expected)
        assert ours.deltas.tolist() == delta[0].tolist()


def test_text_goes_on_behind_the_last_second() -> None:
    ids = tokens_of([("video", (3, 4, 4), None)], 0)
    positions = mrope_positions([ids], TOKENS, video_grids=[(3, 4, 4)], video_intervals=[2.5])
    # 0, 2.5 and 5 positions behind the video's start at 1.
    assert positions.ids[0, 0].tolist() == [0, *[1] * 4, *[3] * 4, *[6] * 4, 7, 8]
    assert positions.ids[1, 0].tolist() == [0, *[1, 1, 2, 2] * 3, 7, 8]
    assert positions.deltas.tolist() == [9 - 15]


def test_every_video_has_its_interval() -> None:
    ids = tokens_of([("video", (1, 2, 2), None)] * 2, 0)
    with pytest.raises(ValueError, match="shorter"):
        mrope_positions([ids], TOKENS, video_grids=[(1, 2, 2), (1, 2, 2)], video_intervals=[1.0])


def test_a_step_stands_for_an_equal_part_of_the_clip() -> None:
    # Ten frames are five steps of five seconds.
    assert seconds_per_step(TimeSpan(100.0, 125.0), 10) == 5.0


def test_the_model_says_what_transformers_says_of_the_same_patches(
    reference: Any, backbone: Backbone
) -> None:
    grid, step_seconds = (3, 12, 20), 0.75  # 6 x 10 tokens are windows of 4 x 4, some not full
    assert reference.config.vision_config.tokens_per_second == 4
    patches = torch.randn(int(np.prod(grid)), 1176, generator=torch.Generator().manual_seed(SEED))
    ids = tokens_of([("video", grid, None)], 3)
    row = torch.tensor([ids])
    with torch.inference_mode():
        expected = reference(
            input_ids=row,
            mm_token_type_ids=kinds_of(row),
            pixel_values_videos=patches,
            video_grid_thw=torch.tensor([grid]),
            second_per_grid_ts=torch.tensor([step_seconds]),
        ).logits[0, -1]
    features = backbone.encode_video(patches, grid, step_seconds)
    prompt = ModelInput(tuple(ids), features)
    logits = Reading(backbone, "answerer", prompt).logits
    torch.testing.assert_close(logits, expected, rtol=0, atol=LOGITS_TOLERANCE)
    # The seconds matter, so the comparison would notice other positions.
    slower = ModelInput(tuple(ids), replace(features, step_seconds=1.5))
    assert not torch.allclose(
        Reading(backbone, "answerer", slower).logits, expected, atol=LOGITS_TOLERANCE
    )


def test_a_role_learns_at_the_seconds_at_which_it_works(
    folder: Path, backbone: Backbone, tmp_path: Path
) -> None:
    """Factors that nothing was learned in yet are those of the base model."""
    checkpoint, role = open_checkpoint(folder), Role.ANSWERER
    (example, _) = read_examples(write_data(tmp_path, role), role)
    lesson = writer_of(checkpoint).write(example)
    assert lesson.pixels is not None
    assert lesson.pixels.step_seconds == 1.0  # 4 seconds at 2 frames a second are 8 frames
    lesson = replace(lesson, pixels=replace(lesson.pixels, step_seconds=2.0))
    learner = learner_of(checkpoint, role, TrainingOptions(rank=2, dropout=0.0))
    draw = torch.Generator().manual_seed(SEED)
    learned = learner.losses([lesson], draw).language
    patches, grid = torch.from_numpy(lesson.pixels.patches), lesson.pixels.grid.thw
    for step_seconds, is_equal in [(2.0, True), (1.0, False)]:
        video = backbone.encode_video(patches, grid, step_seconds)
        prompt = ModelInput(lesson.token_ids, video)
        positions, _ = backbone.positions(prompt)
        embedded = backbone.embed(role, prompt)[None]
        normalised, _ = backbone.forward(role, embedded, positions[:, None])
        logits = backbone.logits(role, normalised[0, :-1])
        found = F.cross_entropy(logits, torch.from_numpy(lesson.labels[1:]))
        assert torch.allclose(found, learned, rtol=0, atol=LOSS_TOLERANCE) == is_equal


def test_a_clip_that_is_seen_has_its_seconds(folder: Path) -> None:
    model = load_base(folder / "base", Colours())
    video = replace(VIDEO, paths=("gate.mp4",), duration_seconds=8.0)
    sparse = VideoSettings(fps=0.5, max_frames=8, min_tokens=1, max_tokens=4)
    features = model.see(video, TimeSpan(0.0, 8.0), sparse)
    assert features.grid[0] == 2
    assert features.step_seconds == 4.0
