"""Tokens as they are planned before a frame is read, against those of the prompt that is read."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reasoner.videomind.backend import LoadedVideoMind, load_videomind
from reasoner.videomind.grid import MAX_ASPECT, planned_grid
from reasoner.videomind.prompts import grounder_prompt
from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    VideoSettings,
    sampled_instants,
)
from store.records import Video
from store.timespan import TimeSpan
from tests.reasoner.timeline import VIDEO
from tests.reasoner.videomind.conftest import ON_CPU
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")
SEED = 13
ROLES_VIDEO = (PLANNER_VIDEO, GROUNDER_VIDEO, VERIFIER_VIDEO, ANSWERER_VIDEO)
sides = st.integers(1, 400)


class Grey:
    """Frames of one size."""

    height, width = 1, 1

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        del path
        return np.full((len(instants_seconds), self.height, self.width, 3), 99, np.uint8)


@pytest.fixture(scope="module")
def grey() -> Grey:
    return Grey()


@pytest.fixture(scope="module")
def loaded(grey: Grey, tmp_path_factory: pytest.TempPathFactory) -> LoadedVideoMind:
    folder = build_checkpoint(tmp_path_factory.mktemp("plan") / "tiny", SEED)
    return load_videomind(folder, grey, options=ON_CPU)


@st.composite
def some_settings(draw: st.DrawFn) -> VideoSettings:
    fewest, most = sorted((draw(st.integers(1, 80)), draw(st.integers(1, 80))))
    rate, frames = draw(st.floats(0.05, 8)), draw(st.integers(2, 24))
    return VideoSettings(rate, frames, fewest, most, draw(st.integers(1, 6)))


@st.composite
def some_video(draw: st.DrawFn) -> tuple[Video, TimeSpan]:
    rate = draw(st.none() | st.fractions(Fraction(1, 2), Fraction(60), max_denominator=1001))
    seconds = draw(st.floats(0.1, 8000))
    start, end = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
    video = replace(VIDEO, duration_seconds=seconds, frame_rate=rate)
    return video, TimeSpan(start * seconds, end * seconds)


@settings(max_examples=40)
@given(
    filmed=some_video(),
    height=sides,
    width=sides,
    how=st.sampled_from(ROLES_VIDEO) | some_settings(),
)
def test_as_many_tokens_are_read_as_were_planned(
    loaded: LoadedVideoMind,
    grey: Grey,
    filmed: tuple[Video, TimeSpan],
    height: int,
    width: int,
    how: VideoSettings,
) -> None:
    if max(height, width) > MAX_ASPECT * min(height, width):
        return
    video, clip = filmed
    rate = None if video.frame_rate is None else float(video.frame_rate)
    instants = sampled_instants(clip, how, video_seconds=video.duration_seconds, frame_rate=rate)
    planned = planned_grid(len(instants), height, width, how)
    grey.height, grey.width = height, width
    features = loaded.model.see(replace(video, video_id=f"{height}x{width}"), clip, how)
    prompt = loaded.model.prompt(grounder_prompt("a bell rings"), features)
    assert features.grid == planned.thw
    assert prompt.token_ids.count(loaded.model.video_tokens.video_pad) == planned.num_tokens
    # One place for each row of features: else the backbone refuses the prompt.
    assert len(loaded.model.backbone.embed("grounder", prompt)) == len(prompt.token_ids)
