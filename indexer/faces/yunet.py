"""YuNet: where faces are, found in three milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.interfaces import Face
from store.errors import WeightsError

MODEL_ID = "yunet-2023mar@8f2383e4"
WEIGHTS_FILE = "face_detection_yunet_2023mar.onnx"
# Faces of 10 to 300 pixels are found, so this side finds those of 3 to 100% of a wide picture's
# height. It takes 3 ms of one core; 640 takes 5 and finds more only among the smallest.
LONGEST_SIDE_PIXELS = 512
STRIDES_PIXELS = (8, 16, 32)
LEAST_CONFIDENCE = 0.82
SAME_FACE_OVERLAP = 0.3
# A dimension of 640 in the file's tensor signatures, and a free one of the same length in bytes.
FIXED_640 = b"\x0a\x03\x08\x80\x05"
FREE_HEIGHT, FREE_WIDTH = b"\x0a\x03\x12\x01h", b"\x0a\x03\x12\x01w"
ONLY_ERRORS = 3  # the outputs' signatures still tell of 640 x 640, which onnxruntime warns of


class YuNetDetector:
    """Finds upright human faces, turned up to about a profile; fulfils ``FaceDetector``.

    What it was trained on and how well it does here: ``README.md`` beside this file.

    Args:
        weights_file: ``face_detection_yunet_2023mar.onnx``.
        threads: Processor threads.

    Raises:
        WeightsError: The file is no such network.

    Source:
        Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
            Research 20 (2023). Weights of the OpenCV Zoo (MIT), trained on WIDER FACE; decoded as
            by OpenCV's ``FaceDetectorYN``. The file is for pictures of 640 x 640 pixels, but the
            network is convolutional, so its signature is freed when it is read.
    """

    def __init__(self, weights_file: Path, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = ONLY_ERRORS
        try:
            network = weights_file.read_bytes().replace(2 * FIXED_640, FREE_HEIGHT + FREE_WIDTH)
            self._session: Any = onnxruntime.InferenceSession(
                network, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise WeightsError(
                f"{weights_file} does not hold YuNet ({error}); "
                "run `cinedex models pull` to fetch it again"
            ) from error

    @property
    def model_id(self) -> str:
        """Model name and first digits of the weights' digest."""
        return MODEL_ID

    def find(self, pictures: Sequence[NDArray[np.uint8]]) -> list[list[Face]]:
        """Find the faces of each ``(H, W, 3)`` RGB picture of any size, the largest first."""
        return [self._find(picture) for picture in pictures]

    def _find(self, picture: NDArray[np.uint8]) -> list[Face]:
        small = shrunk(picture)
        height, width = small.shape[:2]
        padded = np.zeros((_multiple(height), _multiple(width), 3), dtype=np.float32)
        padded[:height, :width] = small[:, :, ::-1]  # it was trained on BGR
        outputs = self._session.run(None, {"input": padded.transpose(2, 0, 1)[None].copy()})
        classes, objects, corners = outputs[0:3], outputs[3:6], outputs[6:9]
        found = [
            _candidates(
                classes[level], objects[level], corners[level], stride, padded.shape[1] // stride
            )
            for level, stride in enumerate(STRIDES_PIXELS)
        ]
        boxes = np.concatenate([candidates.boxes for candidates in found])
        scores = np.concatenate([candidates.scores for candidates in found])
        sides = np.array([width, height, width, height], dtype=np.float32)
        shares = np.clip(boxes / sides, 0, 1)
        faces = []
        for index in apart(boxes, scores):
            left, top, right, bottom = map(float, shares[index])
            faces.append(Face((left, top, right, bottom), float(scores[index])))
        return sorted(faces, key=lambda face: -face.height)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """``K`` boxes in pixels, ``(K, 4)`` as left, top, right, bottom, and ``(K,)`` scores."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]


def _candidates(
    classes: NDArray[np.float32],
    objects: NDArray[np.float32],
    boxes: NDArray[np.float32],
    stride: int,
    columns: int,
) -> _Candidates:
    """Decode one level, ``(1, A, 1)``, ``(1, A, 1)`` and ``(1, A, 4)`` for ``A`` anchors."""
    scores = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
    (likely,) = np.nonzero(scores >= LEAST_CONFIDENCE)
    anchors = np.stack([likely % columns, likely // columns], axis=1).astype(np.float32)
    middles = (anchors + boxes[0, likely, :2]) * stride
    halves = np.exp(boxes[0, likely, 2:]) * (stride / 2)
    corners = np.concatenate([middles - halves, middles + halves], axis=1)
    return _Candidates(corners.astype(np.float32), scores[likely])


def apart(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> list[int]:
    """Choose the surest of the boxes that overlap (non-maximum suppression).

    Args:
        boxes: ``(K, 4)`` as left, top, right, bottom.
        scores: ``(K,)``.

    Returns:
        Indices, the surest first.

    Example:
        >>> boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], np.float32)
        >>> apart(boxes, np.array([0.8, 0.9, 0.85], np.float32))
        [1, 2]
    """
    chosen: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if all(_overlap(boxes[index], boxes[other]) < SAME_FACE_OVERLAP for other in chosen):
            chosen.append(int(index))
    return chosen


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    total = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2])) - shared
    return shared / max(total, 1e-6)


def shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink an ``(H, W, 3)`` picture to the longest side that is looked at; never enlarge it."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST_SIDE_PIXELS, LONGEST_SIDE_PIXELS), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _multiple(side_pixels: int) -> int:
    """Round up to what the coarsest level of the network divides."""
    return -(-side_pixels // STRIDES_PIXELS[-1]) * STRIDES_PIXELS[-1]
