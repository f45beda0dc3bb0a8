"""PP-OCR through RapidOCR, whose wheel carries its models."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import ScreenLine
from indexer.scripts import has_foreign_word

MODEL_ID = "rapidocr@3:ppocrv6-small-one-by-one-128"
LEAST_CONFIDENCE = 0.7
# Detection at 640 finds a tenth more lines and costs twice as much.
LONGEST_SIDE_PIXELS = 416
# Channels, height, least width: of 238 rendered lines 179 are read without fault, as against 180 at
# the width of 320 that RapidOCR has, in three quarters of the time.
LEAST_LINE_SHAPE = [3, 48, 128]
# The model's dictionary has 15,900 Han characters, kana and 550 Latin letters; of Greek only what
# formulas need, without accents, and of every other script nothing.
SCRIPTS = frozenset({"Latin", "Han", "Hiragana", "Katakana"})
# What is written in an unknown script is found, and read as spaces, dots and look-alikes. Lines
# that are read right have more than one letter in a width of once their height.
LEAST_LETTERS_PER_HEIGHT = 0.5
# What is no text is read without any confidence, from a box that is hardly wider than high, or very
# high; what is lower is too small to be read in any script.
LEAST_WRITING_CONFIDENCE = 0.5
LEAST_WIDTH_HEIGHTS = 3.0
LEAST_HEIGHT_PIXELS = 24
MOST_HEIGHT_SHARE = 0.25
SAME_PLACE_IOU = 0.75
SAME_LINE_SHARE = 0.5  # boxes that share this much of the lower one's height stand on one line

Box = tuple[float, float, float, float]


class RapidOcrReader:
    """Reads text in pictures; fulfils ``ScreenTextReader``.

    Args:
        threads: Processor threads for the detection and recognition networks.
    """

    def __init__(self, threads: int = 1) -> None:
        import rapidocr
        from rapidocr.utils.process_img import get_rotate_crop_image

        self._crop = get_rotate_crop_image
        models = Path(rapidocr.__file__).parent / "models"
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",  # of RapidOCR's own logger
                "Global.use_cls": False,  # screen text stands upright
                "Global.model_root_dir": models,
                "Det.limit_type": "max",
                "Det.limit_side_len": LONGEST_SIDE_PIXELS,
                # Lines in a batch are padded to the widest, which costs time and changes wordings.
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": LEAST_LINE_SHAPE,
                # Without, every reading asks the system for its memory anew: a seventh of its time.
                "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    @property
    def model_id(self) -> str:
        """Package and model generation."""
        return MODEL_ID

    @property
    def scripts(self) -> frozenset[str]:
        """Those of the recognition model's dictionary."""
        return SCRIPTS

    def read(
        self, picture: NDArray[np.uint8], known: Sequence[ScreenLine] = ()
    ) -> list[ScreenLine]:
        """Read one ``(H, W, 3)`` RGB picture, lines from top to bottom."""
        image = np.ascontiguousarray(picture[:, :, ::-1])
        detected: Any = self._engine(image, use_det=True, use_rec=False)
        if detected.boxes is None:
            return []
        lines, places, crops = [], [], []
        for corners in detected.boxes:
            box = _box(corners, picture)
            same = max(known, key=lambda line: overlap(line.box, box), default=None)
            if same is not None and overlap(same.box, box) >= SAME_PLACE_IOU:
                lines.append(replace(same, box=box))
            else:
                places.append(box)
                crops.append(self._crop(image, corners.copy()))
        if crops:
            read: Any = self._engine.recognize_txt(crops)
            found = zip(read.txts, read.scores, places, crops, strict=True)
            judged = (
                judge(text.strip(), float(score), box, crop.shape[:2])
                for text, score, box, crop in found
            )
            lines += [line for line in judged if line is not None]
        return reading_order(lines)


def judge(text: str, score: float, box: Box, shape: tuple[int, int]) -> ScreenLine | None:
    """Take a line, refuse it as writing in an unknown script, or see that it is none.

    Args:
        text: As it was read.
        score: In ``[0, 1]``.
        box: In fractions of the picture's sides.
        shape: Height and width in pixels.
    """
    height, width = shape
    if has_foreign_word(text, SCRIPTS):
        return ScreenLine("", score, box)
    is_long = width >= LEAST_WIDTH_HEIGHTS * height
    num_letters = sum(character.isalnum() for character in text)
    is_sparse = is_long and num_letters * height < LEAST_LETTERS_PER_HEIGHT * width
    if text and score >= LEAST_CONFIDENCE and not is_sparse:
        return ScreenLine(text, score, box)
    is_writing = height >= LEAST_HEIGHT_PIXELS and box[3] - box[1] <= MOST_HEIGHT_SHARE
    is_refused = is_long and is_writing and score >= LEAST_WRITING_CONFIDENCE
    return ScreenLine("", score, box) if is_refused else None


def reading_order(lines: list[ScreenLine]) -> list[ScreenLine]:
    """Sort lines from top to bottom, and from left to right where they stand on one line."""
    rows: list[list[ScreenLine]] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        if rows and _same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0])]


def _same_row(first: ScreenLine, second: ScreenLine) -> bool:
    shared = min(first.box[3], second.box[3]) - max(first.box[1], second.box[1])
    return shared > SAME_LINE_SHARE * (second.box[3] - second.box[1])


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    if across <= 0 or down <= 0:
        return 0.0
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return across * down / (sum(areas) - across * down)


def _box(corners: NDArray[np.float32], picture: NDArray[np.uint8]) -> Box:
    """Upright box around four corners, in fractions of the picture's sides."""
    height, width = picture.shape[:2]
    (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
    box = (left / width, top / height, right / width, bottom / height)
    left, top, right, bottom = (min(1.0, max(0.0, float(side))) for side in box)
    return left, top, right, bottom
