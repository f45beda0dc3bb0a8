"""The pictures of a video as the indexer keeps them, and what the models say of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinedex.weights import path_of
from indexer.detectors.joined import JoinedDetector
from indexer.encoders.efficientnet import EfficientNetBackbone
from indexer.faces.yunet import WEIGHTS_FILE, YuNetDetector
from indexer.frames import FeatureChain, FrameChooser, stay_spans
from indexer.interfaces import Face
from indexer.media import FrameReader
from store.timespan import TimeSpan

PICTURE_SIDE_PIXELS = 640


@dataclass(slots=True)
class KeptFrames:
    """Of one video, in time order; pictures are ``(H, W, 3)`` RGB."""

    seconds: list[float] = field(default_factory=list)
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    probabilities: list[NDArray[np.float32]] = field(default_factory=list)
    faces: list[list[Face]] = field(default_factory=list)
    spans: list[TimeSpan] = field(default_factory=list)


class PicturePass:
    """Looks through videos as the indexer does."""

    def __init__(self) -> None:
        (weights,) = path_of("efficientnet-lite2").glob("*.pth")
        self._backbone = EfficientNetBackbone(weights)
        self._detector = YuNetDetector(path_of("yunet") / WEIGHTS_FILE)

    def look_through(self, path: Path) -> KeptFrames:
        """Decode a video and keep what the chooser and the chain keep."""
        kept, cuts = KeptFrames(), JoinedDetector()
        chooser, chain = FrameChooser(), FeatureChain()
        with FrameReader(path) as reader:
            for frame in reader:
                small = frame.picture(cuts.frame_side_pixels)
                cuts.push(small, frame.pts_seconds)
                if chooser.wants(small, frame.pts_seconds):
                    self._look(kept, chain, frame.pts_seconds, frame.picture(PICTURE_SIDE_PIXELS))
            seconds = [cut.seconds for cut in cuts.finish()]
            kept.spans += stay_spans(kept.seconds, seconds, reader.end_seconds)
        return kept

    def _look(
        self, kept: KeptFrames, chain: FeatureChain, seconds: float, picture: NDArray[np.uint8]
    ) -> None:
        features = self._backbone.look([picture])
        if chain.keep(features.features, [seconds]) == [True]:
            kept.seconds.append(seconds)
            kept.pictures.append(picture)
            # Kept as the indexer keeps them.
            halved = features.probabilities[0].astype(np.float16)
            kept.probabilities.append(halved.astype(np.float32))
            kept.faces += self._detector.find([picture])


def films(footage: Path, sample: Path) -> Iterator[Path]:
    """Find the videos of the footage, and the sample film."""
    suffixes = {".avi", ".m4v", ".mkv", ".mp4", ".webm"}
    yield from sorted(path for path in footage.iterdir() if path.suffix in suffixes)
    yield from sample.glob("*.mp4")
