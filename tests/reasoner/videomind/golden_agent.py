"""The tiny agents of the golden folder, read as their own files tell."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reasoner.videomind.backbone import Backbone
from reasoner.videomind.model_input import Grid, ModelInput, VisionFeatures


@dataclass(frozen=True)
class GoldenAgent:
    """One of the folders.

    Attributes:
        folder: The checkpoint.
        arrays: Inputs and reference outputs.
        notes: What its README says.
        logits_tolerance: Absolute, as the manifest advises.
        states_tolerance: Relative, likewise.
    """

    folder: Path
    arrays: dict[str, NDArray[Any]]
    notes: dict[str, Any]
    logits_tolerance: float
    states_tolerance: float

    @property
    def cases(self) -> list[str]:
        return list(self.notes["cases"])

    def ids(self, name: str) -> tuple[int, ...]:
        return tuple(int(each) for each in self.arrays[f"{name}.input_ids"].reshape(-1))

    def grid(self, case: str) -> Grid:
        time, height, width = (int(each) for each in self.arrays[f"{case}.video_grid_thw"][0])
        return time, height, width

    def pixels(self, case: str) -> torch.Tensor:
        return torch.from_numpy(self.arrays[f"{case}.pixel_values_videos"].astype(np.float32))

    def prompt(self, backbone: Backbone, case: str) -> ModelInput:
        video = backbone.encode_video(self.pixels(case), self.grid(case))
        return ModelInput(self.ids(case), video)

    def verifier_prompts(self, case: str, video: VisionFeatures) -> dict[str, ModelInput]:
        """Prompts with segment tokens, by the name of their arrays."""
        found = re.compile(rf"({case}\.verifier\.ps\d+_pe\d+)\.input_ids")
        names = [match[1] for match in map(found.fullmatch, self.arrays) if match]
        return {name: ModelInput(self.ids(name), video) for name in names}

    def positions(
        self, token_ids: NDArray[np.int64], _grids: Sequence[Grid], _intervals: Sequence[float]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The reference's own positions of the prompts that the folder holds."""
        for name in self.arrays:
            if not name.endswith(".input_ids"):
                continue
            ids = self.arrays[name].reshape(1, -1)
            if ids.shape == token_ids.shape and (ids == token_ids).all():
                table = self.arrays[name.replace("input_ids", "position_ids")].astype(np.int64)
                return table[:, None], table.max(keepdims=True).reshape(-1) + 1 - ids.shape[1]
        raise AssertionError("the golden folder holds no positions for this prompt")


def read_agent(golden: Path, name: str) -> GoldenAgent:
    manifest = json.loads((golden / "MANIFEST.json").read_text("utf-8"))
    advice = manifest["files"][f"{name}/io.npz"]["tolerance"]
    with np.load(golden / name / "io.npz") as file:
        arrays = dict(file)
    return GoldenAgent(
        folder=golden / name,
        arrays=arrays,
        notes=json.loads((golden / name / "README.json").read_text("utf-8")),
        logits_tolerance=_advised(r"logits atol ([\d.e-]+)", advice),
        states_tolerance=_advised(r"norm states rtol ([\d.e-]+)", advice),
    )


def copy_of(agent: GoldenAgent, folder: Path) -> Path:
    """A writable copy of the checkpoint, without the reference outputs."""
    shutil.copytree(agent.folder, folder, ignore=shutil.ignore_patterns("io.npz", "README.json"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _advised(pattern: str, advice: str) -> float:
    found = re.search(pattern, advice)
    assert found, f"the manifest advises no tolerance like {pattern!r}: {advice}"
    return float(found[1])
