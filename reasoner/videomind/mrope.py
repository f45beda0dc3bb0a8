"""Positions of tokens in time, height and width, by the rule that VideoMind was trained with.

Ours and not the library's: transformers 5 places text behind a long video elsewhere than 4.45.2
did, and stops with an error where segment tokens stand inside a video. The adapters were trained
with the old positions, so the old rule is kept, with all that is odd about it:

- Text goes on behind the largest position of the vision block, be it time, row or column.
- A block of vision tokens is as long as its grid says, counted from its first token. Segment
  tokens inside it take places of the grid, and as many tokens at its end become text.
- A block counts only where its first token stands right behind ``vision_start``. With a segment
  token between them the block is read as text.

Qwen2.5-VL goes by the same rule, but that the time steps of a video are apart as far as they are
in seconds. Transformers 5 spaces the steps likewise; behind a video that is longer than it is wide
it differs here too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reasoner.videomind.grid import MERGE

Grid = Sequence[int]
"""Time steps, rows and columns of patches: a row of ``grid_thw``."""
AXES = 3
PADDED_POSITION = 1


@dataclass(frozen=True, slots=True)
class VisionTokens:
    """Ids by which blocks of vision tokens are found.

    Attributes:
        start: Stands before a block.
        image: Each token of a picture.
        video: Each token of a video.
    """

    start: int
    image: int
    video: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Where tokens stand.

    Attributes:
        ids: ``(3, B, T)``: time, row and column.
        deltas: ``(B,)``: the position of the first generated token less ``T``.
    """

    ids: NDArray[np.int64]
    deltas: NDArray[np.int64]


def mrope_positions(
    input_ids: ArrayLike,
    tokens: VisionTokens,
    *,
    video_grids: Sequence[Grid] = (),
    video_intervals: Sequence[float] | None = None,
    image_grids: Sequence[Grid] = (),
    attention_mask: ArrayLike | None = None,
) -> Positions:
    """Place the tokens of a batch.

    Args:
        input_ids: ``(B, T)``.
        tokens: How blocks are found.
        video_grids: One for each video of the batch, in order.
        video_intervals: By how many positions the time steps of each are apart, rounded down for
            each step; ``None`` for one, as in Qwen2-VL.
        image_grids: One for each picture of the batch, in order.
        attention_mask: ``(B, T)``, 0 for padding on either side, whose position is 1; ``None``
            for no padding.

    Raises:
        ValueError: More blocks than grids, not as many intervals as videos, a block without
            tokens, or a grid longer than what is left of the row.

    Source:
        ``get_rope_index`` of transformers 4.45.2, ``models/qwen2_vl/modeling_qwen2_vl.py``, which
        without any grid counts tokens. The intervals: that of 4.57.1 and 5.23,
        ``models/qwen2_5_vl/modeling_qwen2_5_vl.py``; 4.57.1 first cuts the seconds of a time step
        to whole ones, which neither its documentation nor 5.23 does.
    """
    rows = np.asarray(input_ids, dtype=np.int64)
    mask = np.ones_like(rows) if attention_mask is None else np.asarray(attention_mask)
    intervals = [1.0] * len(video_grids) if video_intervals is None else video_intervals
    grids = _Grids(
        image=iter([(grid, 1.0) for grid in image_grids]),
        video=zip(video_grids, intervals, strict=True),
    )
    ids = np.full((AXES, *rows.shape), PADDED_POSITION, dtype=np.int64)
    has_vision = len(video_grids) + len(image_grids) > 0
    for number, (row, is_token) in enumerate(zip(rows, mask == 1, strict=True)):
        kept = row[is_token]
        placed = _placed(kept, tokens, grids) if has_vision else _text(kept.size, 0)
        ids[:, number, is_token] = placed
    largest = np.where(mask == 1, ids, -1).max(axis=(0, 2), initial=-1)
    return Positions(ids, largest + 1 - rows.shape[1])


@dataclass(frozen=True, slots=True)
class _Grids:
    """Grids and intervals no block has taken yet; they are dealt out along the whole batch."""

    image: Iterator[tuple[Grid, float]]
    video: Iterator[tuple[Grid, float]]

    def next_of(self, *, is_image: bool) -> tuple[Grid, float]:
        try:
            return next(self.image if is_image else self.video)
        except StopIteration:
            kind = "pictures" if is_image else "videos"
            raise ValueError(f"the tokens hold more {kind} than there are grids") from None


def _placed(row: NDArray[np.int64], tokens: VisionTokens, grids: _Grids) -> NDArray[np.int64]:
    """Return ``(3, T)`` positions of a row without padding."""
    behind_start = row[1:][row[:-1] == tokens.start]
    num_images = int((behind_start == tokens.image).sum())
    num_videos = int((behind_start == tokens.video).sum())
    pieces: list[NDArray[np.int64]] = []
    done = position = 0
    while num_images or num_videos:
        image = _found(row, tokens.image, done) if num_images else row.size
        video = _found(row, tokens.video, done) if num_videos else row.size
        is_image = image < video
        first = min(image, video)
        num_images, num_videos = num_images - is_image, num_videos - (not is_image)
        (steps, patch_rows, patch_columns), interval = grids.next_of(is_image=is_image)
        sides = (int(steps), int(patch_rows) // MERGE, int(patch_columns) // MERGE)
        pieces.append(_text(first - done, position))
        pieces.append(_block(sides, interval) + position + first - done)
        position = int(pieces[-1].max()) + 1
        done = first + pieces[-1].shape[1]
    if done > row.size:
        raise ValueError(f"the grids need {done} tokens and the row has {row.size}")
    pieces.append(_text(row.size - done, position))
    return np.concatenate(pieces, axis=1)


def _found(row: NDArray[np.int64], token: int, start: int) -> int:
    """Find a token that must come, from ``start`` on."""
    places = np.flatnonzero(row[start:] == token)
    if not places.size:
        raise ValueError(f"a block of token {token} is announced and not there")
    return start + int(places[0])


def _text(length: int, position: int) -> NDArray[np.int64]:
    return np.broadcast_to(np.arange(position, position + length), (AXES, length))


def _block(sides: tuple[int, int, int], interval: float) -> NDArray[np.int64]:
    block = np.indices(sides).reshape(AXES, -1)
    # In single precision, as the reference rounds.
    block[0] = (block[0].astype(np.float32) * np.float32(interval)).astype(np.int64)
    return block
