"""A library of three episodes, and commands over it that need no weights."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cinedex.api import CinedexLibrary
from cinedex.cli.app import app
from retriever.search import Retriever
from store.library import Library
from tests.cinedex.command_line import Run
from tests.fakes import HashingEncoder
from tests.small_videos import small_video

LINES = ["a red door opens", "the door is red", "a red car waits"]


@pytest.fixture
def episodes(tmp_path: Path) -> Path:
    """Make the library: three lines in each of two episodes of one series and one of another."""
    with Library.create(tmp_path / "library") as library:
        library.publish(small_video("a", LINES, series="Show", season=1, episode=1))
        library.publish(small_video("b", LINES, series="Show", season=1, episode=2, speaker="Ann"))
        library.publish(small_video("c", LINES, series="Other", season=2, episode=1))
    return tmp_path / "library"


@pytest.fixture
def run(episodes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over the episodes; only words are searched, so that no model is needed."""
    for name in [name for name in os.environ if name.startswith("CINEDEX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CINEDEX_LIBRARY", str(episodes))
    monkeypatch.setenv("CINEDEX_OFFLINE", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def composition(opened: CinedexLibrary) -> SimpleNamespace:
        encoders = {"mini@1": HashingEncoder(4, "mini@1")}
        return SimpleNamespace(retriever=lambda: Retriever(opened.store, encoders))

    monkeypatch.setattr(CinedexLibrary, "composition", property(composition))
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)
