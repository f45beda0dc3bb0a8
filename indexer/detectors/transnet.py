"""TransNetV2 fed by a stream of frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from indexer.detectors.transnet_network import FRAME_HEIGHT, FRAME_WIDTH, TransNetV2
from indexer.interfaces import Cut
from store.errors import WeightsError

MODEL_ID = "transnetv2@1.0.5"
WINDOW_FRAMES = 100
CONTEXT_FRAMES = 25
STRIDE_FRAMES = WINDOW_FRAMES - 2 * CONTEXT_FRAMES
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class _Judged:
    pts_seconds: float
    probability: float


def load_transnet(weights_file: Path) -> TransNetV2:
    """Read the network once; detectors of many videos share it.

    Raises:
        WeightsError: The file is no state dict of this network.
    """
    network = TransNetV2()
    try:
        network.load_state_dict(torch.load(weights_file, map_location="cpu", weights_only=True))
    except Exception as error:
        raise WeightsError(
            f"{weights_file} does not hold TransNetV2 weights ({error}); "
            "run `cinedex models pull` to fetch them again"
        ) from error
    return network.eval()


class TransNetDetector:
    """Finds hard cuts, dissolves and wipes; fulfils ``ShotDetector``.

    Frames are looked at in windows of 100, of which the middle 50 count. Memory: one window of tiny
    frames.

    Args:
        network: From ``load_transnet``.
        every: Look at one frame in so many; 2 halves the cost, and a cut is placed at the frame
            looked at.
    """

    frame_side_pixels = FRAME_WIDTH * 2

    def __init__(self, network: TransNetV2, *, every: int = 1) -> None:
        self._network = network
        self._every = every
        self._seen = 0
        self._frames: list[NDArray[np.uint8]] = []
        self._times: list[float] = []
        self._judged: list[_Judged] = []
        self._cuts: list[Cut] = []

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        self._seen += 1
        if (self._seen - 1) % self._every:
            return
        small = _fit(picture)
        if not self._frames:  # the first window starts with copies of the first frame
            self._frames = [small] * CONTEXT_FRAMES
            self._times = [pts_seconds] * CONTEXT_FRAMES
        self._frames.append(small)
        self._times.append(pts_seconds)
        if len(self._frames) == WINDOW_FRAMES:
            self._judge(STRIDE_FRAMES)

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        waiting = len(self._frames) - CONTEXT_FRAMES
        while waiting > 0:
            missing = WINDOW_FRAMES - len(self._frames)
            self._frames += [self._frames[-1]] * missing
            self._times += [self._times[-1]] * missing
            self._judge(min(waiting, STRIDE_FRAMES))
            waiting -= STRIDE_FRAMES
        self._close_transition()
        return self._cuts

    def _judge(self, count: int) -> None:
        """Run the network on the full window; ``count`` frames past the context are new."""
        window = torch.from_numpy(np.stack(self._frames))
        with torch.inference_mode():
            middles, _ = self._network(window[None])
        for index in range(CONTEXT_FRAMES, CONTEXT_FRAMES + count):
            self._take(_Judged(self._times[index], float(middles[0, index])))
        del self._frames[:STRIDE_FRAMES], self._times[:STRIDE_FRAMES]

    def _take(self, judged: _Judged) -> None:
        if judged.probability > THRESHOLD:
            self._judged.append(judged)
        else:
            self._close_transition(judged.pts_seconds)

    def _close_transition(self, next_seconds: float | None = None) -> None:
        """Turn a run of frames above the threshold into one cut."""
        if not self._judged or next_seconds is None:
            self._judged = []
            return
        first = self._judged[0].pts_seconds
        best = max(judged.probability for judged in self._judged)
        # The network marks the last frame before a hard cut; the new shot starts with the next one.
        seconds = next_seconds if len(self._judged) <= 2 else (first + next_seconds) / 2
        self._cuts.append(Cut(seconds, best))
        self._judged = []


def _fit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Squeeze a picture into 48 x 27 pixels, averaging."""
    if picture.shape[:2] == (FRAME_HEIGHT, FRAME_WIDTH):
        return picture
    batch = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    fitted = torch.nn.functional.interpolate(
        batch, size=(FRAME_HEIGHT, FRAME_WIDTH), mode="bilinear", antialias=True
    )
    small: NDArray[np.uint8] = fitted[0].permute(1, 2, 0).contiguous().numpy()
    return small
