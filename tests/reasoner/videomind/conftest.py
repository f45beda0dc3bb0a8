"""Reference outputs of VideoMind, and agents to compare with them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reasoner.videomind.backbone import Backbone, load_backbone
from reasoner.videomind.checkpoints.checkpoint import open_checkpoint
from reasoner.videomind.options import BackboneOptions
from tests.reasoner.videomind.golden_agent import GoldenAgent, read_agent
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

ON_CPU = BackboneOptions(device="cpu", precision="float32")
SEED = 5


@pytest.fixture(scope="session")
def geometry(golden):
    """Tables by name."""
    return json.loads((golden / "videomind_geometry.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def manifest(golden):
    """What the folder says of its files, by name."""
    return json.loads((golden / "MANIFEST.json").read_text("utf-8"))["files"]


@pytest.fixture(scope="session")
def tiny_agent(golden):
    """What was fed to the tiny agent, and which ids it uses."""
    return json.loads((golden / "videomind_agent_tiny" / "README.json").read_text("utf-8"))


@pytest.fixture(scope="session", params=["videomind_agent_tiny", "videomind_agent_tiny_untied"])
def agent(request: pytest.FixtureRequest, golden: Path) -> GoldenAgent:
    """A tiny agent of the golden folder, with tied and with separate embeddings."""
    return read_agent(golden, request.param)


@pytest.fixture(scope="session")
def backbone(agent: GoldenAgent) -> Backbone:
    return load_agent(agent)


@pytest.fixture(scope="session", params=["tied", "separate"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published folder that the tests made; not to be written to."""
    folder = tmp_path_factory.mktemp("videomind") / "published"
    return build_checkpoint(folder, SEED, tied=request.param == "tied")


def load_agent(agent: GoldenAgent, folder: Path | None = None, **parts: Any) -> Backbone:
    checkpoint = replace(open_checkpoint(folder or agent.folder), **parts)
    video_pad = agent.notes["id_mapping"]["special"]["<|video_pad|>"]
    return load_backbone(checkpoint, video_pad, agent.positions, ON_CPU)
