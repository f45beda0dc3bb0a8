"""One suite over every detector: what each must find, and what none may."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.detectors.dissolves import DissolveDetector
from indexer.detectors.joined import JoinedDetector, cuts_and_dissolves
from indexer.detectors.pyscenedetect import PySceneDetectDetector
from indexer.interfaces import Cut, ShotDetector
from store.errors import UnknownNameError, WeightsError

RATE = 25
FRAME_SECONDS = 1 / RATE

Picture = NDArray[np.uint8]


def scene(seed: int) -> Picture:
    """A picture of coarse patches, unlike that of any other seed."""
    patches = np.random.default_rng(seed).integers(20, 235, (9, 16, 3))
    return np.kron(patches, np.ones((6, 6, 1))).astype(np.uint8)


def hard_cut(seconds: float, of: float) -> list[Picture]:
    return [scene(1) if index < seconds * RATE else scene(2) for index in range(int(of * RATE))]


def dissolve(start: float, length: float, of: float) -> list[Picture]:
    shares = np.clip((np.arange(int(of * RATE)) / RATE - start) / length, 0, 1)
    first, second = scene(1).astype(float), scene(2).astype(float)
    return [(first * (1 - share) + second * share).astype(np.uint8) for share in shares]


def pan(of: float) -> list[Picture]:
    wide = np.concatenate([scene(seed) for seed in range(3, 9)], axis=1)
    return [np.roll(wide, -index * 2, axis=1)[:, :96] for index in range(int(of * RATE))]


def detect(detector: ShotDetector, film: list[Picture]) -> list[Cut]:
    for index, picture in enumerate(film):
        detector.push(np.ascontiguousarray(picture), index * FRAME_SECONDS)
    return detector.finish()


HARD: list[Callable[[], ShotDetector]] = [
    lambda: PySceneDetectDetector("content"),
    lambda: PySceneDetectDetector("adaptive"),
    lambda: PySceneDetectDetector("histogram"),
    cuts_and_dissolves,
]
GRADUAL: list[Callable[[], ShotDetector]] = [DissolveDetector, cuts_and_dissolves]
ALL = [*HARD, DissolveDetector]


@pytest.mark.parametrize("make", HARD)
def test_a_hard_cut_is_placed_at_the_first_frame_of_the_new_shot(
    make: Callable[[], ShotDetector],
) -> None:
    (cut,) = detect(make(), hard_cut(2.0, of=4.0))
    assert cut.seconds == pytest.approx(2.0, abs=FRAME_SECONDS / 2)
    assert 0 < cut.confidence <= 1


@pytest.mark.parametrize("make", GRADUAL)
@pytest.mark.parametrize("length", [0.5, 1.0, 1.5])
def test_a_dissolve_is_placed_at_its_middle(
    make: Callable[[], ShotDetector], length: float
) -> None:
    (cut,) = detect(make(), dissolve(2.0, length, of=6.0))
    assert cut.seconds == pytest.approx(2.0 + length / 2, abs=0.15)


def test_a_hard_cut_is_no_dissolve() -> None:
    assert detect(DissolveDetector(), hard_cut(2.0, of=5.0)) == []


@pytest.mark.parametrize("make", ALL)
def test_one_picture_has_no_cut(make: Callable[[], ShotDetector]) -> None:
    assert detect(make(), [scene(1)] * 100) == []
    assert detect(make(), []) == []


@pytest.mark.parametrize("make", GRADUAL)
def test_a_moving_camera_is_no_dissolve(make: Callable[[], ShotDetector]) -> None:
    assert detect(make(), pan(of=5.0)) == []


def test_times_are_those_of_the_frames_at_a_changing_rate() -> None:
    detector = PySceneDetectDetector("adaptive")
    times = [0.0, 0.04, 0.08, 0.5, 0.9, 1.31, 1.35, 1.39, 1.9, 2.4, 2.9]
    for index, seconds in enumerate(times):
        detector.push(scene(1 if index < 5 else 2), seconds)
    assert [cut.seconds for cut in detector.finish()] == [pytest.approx(1.31, abs=1e-4)]


def test_an_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="content, adaptive"):
        PySceneDetectDetector("magic")


class Told:
    """Finds what it is told to."""

    frame_side_pixels = 10

    def __init__(self, *seconds: float) -> None:
        self._cuts = [Cut(at, 0.5) for at in seconds]

    def push(self, picture: Picture, pts_seconds: float) -> None:
        del picture, pts_seconds

    def finish(self) -> list[Cut]:
        return self._cuts


def test_joined_detectors_count_one_change_once_and_the_first_ones_word() -> None:
    joined = JoinedDetector([Told(2.0, 9.0), Told(2.5, 5.0)])
    assert [cut.seconds for cut in joined.finish()] == [2.0, 5.0, 9.0]


@pytest.mark.weights
def test_transnet_finds_cut_and_dissolve_across_its_windows(
    weights_dir: Callable[[str], Path],
) -> None:
    from indexer.detectors.transnet import TransNetDetector, load_transnet

    (weights_file,) = weights_dir("transnetv2").glob("*.pth")
    network = load_transnet(weights_file)
    film = hard_cut(2.0, of=4.0) + [scene(5)] * 75 + [scene(6)] * 10
    found = [round(cut.seconds, 2) for cut in detect(TransNetDetector(network), film)]
    assert found == [2.0, 4.0, 7.0]


def test_transnet_refuses_what_is_not_its_weights(tmp_path: Path) -> None:
    from indexer.detectors.transnet import load_transnet

    wrong = tmp_path / "weights.pth"
    wrong.write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="models pull"):
        load_transnet(wrong)
