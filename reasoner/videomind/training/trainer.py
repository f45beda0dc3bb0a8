"""Training of one role, from a checkpoint and a file of examples to a checkpoint.

An interrupted run goes on where it was saved and ends with the weights that it would have had.

Source:
    Section 3.4 and the training scripts of VideoMind (arXiv 2503.13444, commit 6721d25): AdamW
    without weight decay, a cosine with a warm-up, all roles from the base model and none from
    another. Lessons are averaged by lesson, and of two videos in a batch both teach the decoder,
    where the reference drops the larger loss.
"""

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from reasoner.answer import Role
from reasoner.interfaces import FrameSource
from reasoner.videomind.backend import position_rule
from reasoner.videomind.base_model import dtype_of, load_base_model
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import Checkpoint
from reasoner.videomind.checkpoints.names import EMBEDDINGS
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.tokens import read_tokenizer, role_tokens, video_tokens
from reasoner.videomind.training.data import Example, read_examples
from reasoner.videomind.training.learner import Learner, Losses, adapter_settings
from reasoner.videomind.training.lessons import FrameRate, Lesson, LessonWriter
from reasoner.videomind.training.options import TrainingOptions
from reasoner.videomind.training.output import add_role_tokens, write_trained
from reasoner.videomind.training.progress import (
    Progress,
    digest_of,
    load_progress,
    save_progress,
)
from store.devices import device_memory, device_named
from store.errors import ConfigError, InputError, MediaError, ModelOutputError

UNFINISHED = ".unfinished"
"""What is added to the output's name where a run is saved that did not finish."""
TRAINING_REMEDY = (
    "take a smaller model, a lower --batch, --precision bfloat16 or --device cpu, "
    "or end what else uses the memory"
)
HARMLESS = frozenset({"save_every", "recompute"})
"""Options that may change before a run is taken up again: they change no result."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step.

    Attributes:
        step: From 1.
        num_steps: Of the run.
        loss: Mean over the step's examples.
        learning_rate: That it was made with.
        skipped: Why examples of this step could not be read.
    """

    step: int
    num_steps: int
    loss: float
    learning_rate: float
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A finished run.

    Attributes:
        folder: The checkpoint.
        role: That was trained.
        num_examples: In the data.
        num_steps: That were made, those before an interruption among them.
        resumed_at: Steps that were made before; 0 for a run without interruption.
        losses: Of each step.
        skipped: Why examples could not be read, each once.
    """

    folder: Path
    role: Role
    num_examples: int
    num_steps: int
    resumed_at: int
    losses: tuple[float, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be learned, from what, and where it goes.

    Attributes:
        role: That learns.
        data: Its examples.
        checkpoint: Whose base model learns, and whose other roles are kept.
        output: The checkpoint to make.
        videos: Folder that the videos' names count from; by default that of ``data``.
    """

    role: Role
    data: Path
    checkpoint: Checkpoint
    output: Path
    videos: Path | None = None


@device_memory(TRAINING_REMEDY)
def train(
    course: Course,
    frames: FrameSource,
    frame_rate: FrameRate,
    options: TrainingOptions | None = None,
    where: BackboneOptions | None = None,
    on_step: Callable[[StepReport], None] | None = None,
) -> TrainingReport:
    """Train a role.

    Args:
        course: What is learned.
        frames: Where pictures come from.
        frame_rate: Of a video.
        options: How it learns.
        where: Where and how precisely the base computes.
        on_step: Is told of each step.

    Raises:
        InputError: Something is at the output, or an unfinished run there is another.
        TrainingDataError: A line of the data is not what the role needs.
        MediaError: No video of a step can be read.
        ModelOutputError: The loss is no number.
        WeightsError: The checkpoint is not whole.
        DeviceMemoryError: The model, or a step, has no room.
        ConfigError: The device is not here, or computes in float16 only.
    """
    if course.output.exists():
        raise InputError(f"{course.output} exists; name a folder that does not")
    chosen = options or TrainingOptions()
    examples = read_examples(course.data, course.role, course.videos)
    run = _Run(course, examples, frames, frame_rate, chosen, where or BackboneOptions())
    resumed_at = run.progress.step
    while run.progress.step < run.num_steps:
        report = run.step()
        if on_step is not None:
            on_step(report)
    run.finish()
    return TrainingReport(
        folder=course.output,
        role=course.role,
        num_examples=len(examples),
        num_steps=run.progress.step,
        resumed_at=resumed_at,
        losses=tuple(run.progress.losses),
        skipped=tuple(run.progress.skipped.values()),
    )


class _Run:
    """A run in memory."""

    def __init__(
        self,
        course: Course,
        examples: Sequence[Example],
        frames: FrameSource,
        frame_rate: FrameRate,
        options: TrainingOptions,
        where: BackboneOptions,
    ) -> None:
        device = device_named(where.device)
        dtype = dtype_of(where, device)
        if dtype == torch.float16:
            raise ConfigError("float16 is too narrow to train in; use --precision float32")
        checkpoint = course.checkpoint
        base = BaseWeights(checkpoint.base)
        self._tokenizer = read_tokenizer(checkpoint)
        add_role_tokens(self._tokenizer, base.shapes[EMBEDDINGS][0])
        tokens = video_tokens(self._tokenizer)
        self._writer = LessonWriter(
            self._tokenizer, tokens, role_tokens(self._tokenizer, checkpoint), frames, frame_rate
        )
        self._learner = Learner(
            load_base_model(checkpoint.base, dtype).to(device),
            course.role,
            adapter_settings(course.role, options.rank, options.dropout),
            tokens,
            position_rule(tokens),
            options.seed,
            options.recompute,
        )
        self._course = course
        self._examples = examples
        self._options = options
        self._saved_in = course.output.with_name(course.output.name + UNFINISHED)
        self._optimiser = torch.optim.AdamW(self._learner.learned.values(), weight_decay=0.0)
        self.num_steps = options.num_steps(len(examples))
        named = {
            "role": str(course.role),
            "data": digest_of([course.data]),
            "base model": base.digest(EMBEDDINGS),
            "precision": str(dtype),
            **{name: value for name, value in asdict(options).items() if name not in HARMLESS},
        }
        self.progress: Progress = load_progress(
            self._saved_in, named, self._learner.learned, self._optimiser
        )

    def step(self) -> StepReport:
        """Read the step's examples, learn from them, save now and then."""
        step = self.progress.step
        rate = self._options.rate_at(step, self.num_steps, self._course.role)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        devices = [self._learner.device] if self._learner.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(_mixed(self._options.seed, step))
            loss, skipped = self._learn(step)
        torch.nn.utils.clip_grad_norm_(self._learner.learned.values(), self._options.max_gradient)
        self._optimiser.step()
        self.progress.losses.append(loss)
        if (step + 1) % self._options.save_every == 0 and step + 1 < self.num_steps:
            save_progress(self._saved_in, self.progress, self._learner.learned, self._optimiser)
        return StepReport(step + 1, self.num_steps, loss, rate, skipped)

    def finish(self) -> None:
        """Write the checkpoint; what was saved on the way is not needed any more."""
        course = self._course
        course.output.parent.mkdir(parents=True, exist_ok=True)
        write_trained(
            course.checkpoint,
            course.role,
            self._learner.adapter(),
            self._learner.decoder,
            self._tokenizer,
            course.output,
        )
        shutil.rmtree(self._saved_in, ignore_errors=True)

    def _learn(self, step: int) -> tuple[float, tuple[str, ...]]:
        """Add up the gradients of a step; returns the mean loss and what could not be read."""
        count = self._options.step_examples
        draw = torch.Generator().manual_seed(_mixed(self._options.seed, step))
        numbers = [self._number(step * count + place) for place in range(count)]
        skipped: list[str] = []
        learned, loss = 0, 0.0
        for first in range(0, count, self._options.batch):
            lessons = self._lessons(numbers[first : first + self._options.batch], skipped)
            if not lessons:
                continue
            losses: Losses = self._learner.losses(lessons, draw)
            (losses.total / count).backward()  # type: ignore[no-untyped-call]
            loss += float(losses.total.detach())
            learned += len(lessons)
        if not learned:
            raise MediaError(f"no video of step {step + 1} can be read: {skipped[0]}")
        if not math.isfinite(loss):
            raise ModelOutputError(
                f"the loss of step {step + 1} is no number; lower the learning rate, "
                "or compute in float32"
            )
        return loss / learned, tuple(skipped)

    def _lessons(self, numbers: Sequence[int], skipped: list[str]) -> list[Lesson]:
        lessons = []
        for number in numbers:
            try:
                lessons.append(self._writer.write(self._examples[number]))
            except MediaError as error:
                skipped.append(str(error))
                self.progress.skipped[str(number)] = str(error)
        return lessons

    def _number(self, place: int) -> int:
        """Return which example stands at a place of the run; each round has its own order."""
        turn, within = divmod(place, len(self._examples))
        order = np.random.default_rng((self._options.seed, turn)).permutation(len(self._examples))
        return int(order[within])


def _mixed(seed: int, step: int) -> int:
    """Make one seed of two."""
    return int(np.random.SeedSequence((seed, step)).generate_state(1)[0])
