"""PP-OCR through RapidOCR, whose wheel carries its models."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import ScreenLine

MODEL_ID = "rapidocr@3:ppocrv6-small-one-by-one"
LEAST_CONFIDENCE = 0.7
# Detection at 640 finds a tenth more lines and costs twice as much.
LONGEST_SIDE_PIXELS = 416
SAME_LINE_SHARE = 0.5  # boxes that share this much of the lower one's height stand on one line


class RapidOcrReader:
    """Reads text in pictures; fulfils ``ScreenTextReader``.

    Args:
        threads: Processor threads for the detection and recognition networks.
    """

    def __init__(self, threads: int = 1) -> None:
        import rapidocr

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
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    @property
    def model_id(self) -> str:
        """Package and model generation."""
        return MODEL_ID

    def read(self, picture: NDArray[np.uint8]) -> list[ScreenLine]:
        """Read one ``(H, W, 3)`` RGB picture, lines from top to bottom."""
        height, width = picture.shape[:2]
        found: Any = self._engine(np.ascontiguousarray(picture[:, :, ::-1]))
        if found.boxes is None or found.txts is None or found.scores is None:
            return []
        lines = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            left, top = np.min(corners, axis=0)
            right, bottom = np.max(corners, axis=0)
            if score >= LEAST_CONFIDENCE and text.strip():
                box = (left / width, top / height, right / width, bottom / height)
                lines.append(ScreenLine(text.strip(), float(score), _fractions(box)))
        return reading_order(lines)


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


def _fractions(box: tuple[float, ...]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (min(1.0, max(0.0, float(side))) for side in box)
    return left, top, right, bottom
