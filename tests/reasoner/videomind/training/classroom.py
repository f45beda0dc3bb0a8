"""Small examples of every role, over films of plain colours that are drawn when asked for."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.answer import Role
from reasoner.videomind.backend import position_rule
from reasoner.videomind.base_model import load_base_model
from reasoner.videomind.checkpoints.checkpoint import Checkpoint
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.tokens import read_tokenizer, role_tokens, video_tokens
from reasoner.videomind.training.learner import Learner, adapter_settings
from reasoner.videomind.training.lessons import LessonWriter
from reasoner.videomind.training.options import TrainingOptions
from store.errors import MediaNotFoundError

RATE = 8.0
FILMS = ("gate.mp4", "bell.mkv")
ON_CPU = BackboneOptions("cpu", "float32")
LINES: Mapping[Role, Sequence[dict[str, Any]]] = {
    Role.PLANNER: (
        {"question": "Who opens the gate?", "route": 1, "value": "the gate opens"},
        {"question": "What is it about?", "route": 4, "video": "gate.mp4", "duration": 8},
    ),
    Role.GROUNDER: (
        {"qid": 1, "query": "gate", "vid": "gate", "duration": 8, "relevant_windows": [[2, 5]]},
        {"query": "bell", "video": "bell.mkv", "duration": 6.5, "relevant_windows": [[0, 1]]},
    ),
    Role.VERIFIER: (
        {
            "query": "gate",
            "vid": "gate",
            "duration": 8,
            "candidate": [2, 4],
            "relevant_windows": [[6, 8], [2, 5]],
        },
        {
            "query": "bell",
            "vid": "bell",
            "duration": 6,
            "candidate": [3, 5],
            "relevant_windows": [[0, 4]],
        },
    ),
    Role.ANSWERER: (
        {"question": "What is it?", "vid": "gate", "duration": 4, "answer": "grey"},
        {
            "question": "Which?",
            "vid": "bell",
            "duration": 4,
            "answer": "bell",
            "options": ["gate", "bell"],
            "span": [1, 2],
        },
    ),
}


class Colours:
    """Frames whose grey tells their second; a film in ``lost`` cannot be read."""

    def __init__(self, *lost: str) -> None:
        self.lost = lost

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        if path.name in self.lost:
            raise MediaNotFoundError(f"{path} is lost")
        levels = (np.array(instants_seconds) * 20).astype(np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (len(levels), 56, 56, 3)).copy()


def write_data(folder: Path, role: Role) -> Path:
    """Write a role's examples, and empty files where their films would be."""
    for film in FILMS:
        (folder / film).touch()
    path = folder / f"{role}.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in LINES[role]) + "\n", "utf-8")
    return path


def rate_of(_path: Path) -> float | None:
    return RATE


def writer_of(checkpoint: Checkpoint) -> LessonWriter:
    tokenizer = read_tokenizer(checkpoint)
    tokens = role_tokens(tokenizer, checkpoint)
    return LessonWriter(tokenizer, video_tokens(tokenizer), tokens, Colours(), rate_of)


def learner_of(checkpoint: Checkpoint, role: Role, options: TrainingOptions) -> Learner:
    import torch

    tokens = video_tokens(read_tokenizer(checkpoint))
    return Learner(
        load_base_model(checkpoint.base, torch.float32),
        role,
        adapter_settings(role, options.rank, options.dropout),
        tokens,
        position_rule(tokens),
        options.seed,
        options.recompute,
    )
