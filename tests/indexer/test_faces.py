from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.faces.yunet import WEIGHTS_FILE, YuNetDetector, apart, shrunk
from indexer.interfaces import FaceDetector
from store.errors import WeightsError


@pytest.fixture(scope="module")
def detector(weights_dir: Callable[[str], Path]) -> FaceDetector:
    return YuNetDetector(weights_dir("yunet") / WEIGHTS_FILE)


@pytest.fixture(scope="module")
def portrait(sample_film: Path) -> NDArray[np.uint8]:
    """The astronaut of the sample film; her eyes are a third of the way down."""
    from indexer.media import FrameReader

    with FrameReader(sample_film) as reader:
        return next(frame.picture(640) for frame in reader if frame.pts_seconds >= 87.0)


def test_a_face_is_found_where_it_is(detector: FaceDetector, portrait: NDArray[np.uint8]) -> None:
    (faces,) = detector.find([portrait])
    assert len(faces) == 1
    left, top, right, bottom = faces[0].box
    assert 0 <= left < 0.5 < right <= 1
    assert 0 <= top < 0.35 < bottom <= 1
    assert 0.3 < faces[0].height < 0.6
    assert faces[0].confidence > 0.9


def test_the_larger_of_two_faces_comes_first(
    detector: FaceDetector, portrait: NDArray[np.uint8]
) -> None:
    height, width = portrait.shape[:2]
    both = np.zeros((height, 2 * width, 3), dtype=np.uint8)
    both[: height // 2, : width // 2] = portrait[::2, ::2][: height // 2, : width // 2]
    both[:, width:] = portrait
    (faces,) = detector.find([both])
    assert [face.box[0] > 0.5 for face in faces] == [True, False]
    assert faces[0].height == pytest.approx(2 * faces[1].height, rel=0.15)


@pytest.mark.parametrize("shape", [(360, 640), (33, 47), (640, 360), (2, 2)])
def test_pictures_of_any_shape_without_a_face_have_none(
    detector: FaceDetector, shape: tuple[int, int]
) -> None:
    assert detector.find([np.full((*shape, 3), 90, dtype=np.uint8)]) == [[]]


def test_no_pictures_no_faces(detector: FaceDetector) -> None:
    assert detector.find([]) == []


def test_what_is_no_network_is_told(tmp_path: Path) -> None:
    (tmp_path / WEIGHTS_FILE).write_bytes(b"no network")
    with pytest.raises(WeightsError, match="models pull"):
        YuNetDetector(tmp_path / WEIGHTS_FILE)


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 4, 10, 14], [0, 6, 10, 16]], dtype=np.float32)
    # The first two share 60 of 140, the last two 80 of 120, the first and the last 40 of 160.
    assert apart(boxes, np.array([0.9, 0.95, 0.85], dtype=np.float32)) == [1]
    assert apart(boxes, np.array([0.95, 0.8, 0.9], dtype=np.float32)) == [0, 2]


def test_small_pictures_are_not_enlarged() -> None:
    assert shrunk(np.zeros((90, 160, 3), dtype=np.uint8)).shape == (90, 160, 3)
    assert shrunk(np.zeros((360, 640, 3), dtype=np.uint8)).shape == (288, 512, 3)
