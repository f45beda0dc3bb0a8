"""Reference outputs of VideoMind's geometry."""

import json

import pytest


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
