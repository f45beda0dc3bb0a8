"""One suite over every detector: what each must find, and what none may."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.detectors.dissolves import DissolveDetector
from indexer.detectors.fades import FadeDetector
from indexer.detectors.hard_cuts import HardCutDetector
from indexer.detectors.joined import JoinedDetector
from indexer.detectors.loading import DETECTORS, named_detector
from indexer.detectors.picture_likeness import picture_likeness, shrink
from indexer.detectors.pyscenedetect import PySceneDetectDetector
from indexer.interfaces import Cut, ShotDetector
from store.errors import ConfigError, UnknownNameError, WeightsError, WeightsMissingError

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
    lambda: PySceneDetectDetector("hash"),
    lambda: PySceneDetectDetector("histogram"),
    HardCutDetector,
    JoinedDetector,
]
GRADUAL: list[Callable[[], ShotDetector]] = [DissolveDetector, JoinedDetector]
FADES: list[Callable[[], ShotDetector]] = [FadeDetector, JoinedDetector]
NOT_FOOLED: list[Callable[[], ShotDetector]] = [HardCutDetector, JoinedDetector]
ALL = [*HARD, DissolveDetector, FadeDetector]


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


def blend(picture: Picture, level: int, share: float) -> Picture:
    return (picture * (1 - share) + level * share).astype(np.uint8)


def fade(level: int, of: float = 6.0) -> list[Picture]:
    """Out from 2.0 to 2.5 seconds, nothing until 2.8, in until 3.3."""
    film = []
    for index in range(int(of * RATE)):
        seconds = index / RATE
        share = np.interp(seconds, [2.0, 2.5, 2.8, 3.3], [0, 1, 1, 0])
        film.append(blend(scene(1 if seconds < 2.65 else 2), level, float(share)))
    return film


@pytest.mark.parametrize("make", FADES)
@pytest.mark.parametrize("level", [0, 255])
def test_a_fade_is_one_cut_amid_the_blank(make: Callable[[], ShotDetector], level: int) -> None:
    (cut,) = detect(make(), fade(level))
    assert cut.seconds == pytest.approx(2.65, abs=0.1)


@pytest.mark.parametrize("make", FADES)
def test_a_film_that_comes_out_of_black_and_goes_into_it_has_no_cut(
    make: Callable[[], ShotDetector],
) -> None:
    shares = np.interp(np.arange(150) / RATE, [0.5, 1.0, 5.0, 5.5], [1, 0, 0, 1])
    assert detect(make(), [blend(scene(1), 0, float(share)) for share in shares]) == []


@pytest.mark.parametrize("make", [*NOT_FOOLED, FadeDetector])
def test_a_flash_is_no_cut(make: Callable[[], ShotDetector]) -> None:
    film = [scene(1)] * 100
    film[50:52] = [blend(scene(1), 255, 0.95), blend(scene(1), 255, 0.5)]
    assert detect(make(), film) == []


@pytest.mark.parametrize("make", [*NOT_FOOLED, FadeDetector])
def test_a_strobe_is_no_cut_and_hides_none(make: Callable[[], ShotDetector]) -> None:
    film = [blend(scene(1), 0, 0.75 * (index // 3 % 2)) for index in range(100)]
    assert detect(make(), film) == []


@pytest.mark.parametrize("make", NOT_FOOLED)
def test_a_cut_beside_a_flash_is_found(make: Callable[[], ShotDetector]) -> None:
    film = hard_cut(2.0, of=4.0)
    film[53] = blend(film[53], 255, 0.9)
    assert [round(cut.seconds, 2) for cut in detect(make(), film)] == [2.0]


@pytest.mark.parametrize("make", NOT_FOOLED)
def test_bars_that_two_shots_share_hide_no_cut(make: Callable[[], ShotDetector]) -> None:
    film = [picture.copy() for picture in hard_cut(2.0, of=4.0)]
    for picture in film:
        picture[:15] = picture[-15:] = 0
    assert [round(cut.seconds, 2) for cut in detect(make(), film)] == [2.0]


def test_light_that_goes_down_is_no_dissolve() -> None:
    shares = np.interp(np.arange(150) / RATE, [2.0, 2.6], [0, 0.6])
    film = [blend(scene(1), 0, float(share)) for share in shares]
    assert detect(DissolveDetector(), film) == []


def test_likeness_forgives_light_and_a_move_and_nothing_else() -> None:
    one, other = shrink(scene(1)), shrink(scene(2))
    assert picture_likeness(one, one * 0.5 + 20) == pytest.approx(1.0, abs=0.01)
    assert picture_likeness(one, np.roll(one, 2, axis=1), step=2) > 0.95
    assert abs(picture_likeness(one, other)) < 0.3


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"transnet", "transnet-half"}))
def test_the_same_frames_give_the_same_cuts_again(name: str) -> None:
    chosen = named_detector(name, Path)
    film = hard_cut(2.0, of=4.0) + fade(0) + dissolve(2.0, 1.0, of=5.0) + pan(of=2.0)
    first = detect(chosen.new(), film)
    assert detect(chosen.new(), film) == first
    assert first or name == "threshold"


def test_every_detector_has_an_id_of_its_own() -> None:
    ids = {named_detector(name, Path).id for name in DETECTORS}
    assert len(ids) == len(DETECTORS)


def test_an_unknown_detector_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="joined, transnet"):
        named_detector("magic", Path)


def test_missing_weights_are_missed_when_a_detector_is_made() -> None:
    def weights_of(model: str) -> Path:
        raise WeightsMissingError(f"{model} is missing; run `cinedex models pull {model}`")

    chosen = named_detector("transnet", weights_of)
    with pytest.raises(WeightsMissingError, match="pull transnetv2"):
        chosen.new()


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
