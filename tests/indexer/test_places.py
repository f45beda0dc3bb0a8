import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.labels.imagenet import ImageLabels
from indexer.places import Place, place
from store.timespan import TimeSpan

LABELS = ImageLabels(
    names=(("alp",), ("desk",), ("cup",)),
    groups={},
    unsure=frozenset(),
    places={"outdoors": (0,), "indoors": (1,)},
)
CLIP = TimeSpan(10, 20)


def told(rows: list[list[float]], spans: list[TimeSpan], luma: float = 0.2) -> Place | None:
    probabilities: NDArray[np.float32] = np.array(rows, dtype=np.float32).reshape(-1, 3)
    return place(CLIP, spans, probabilities, LABELS, luma)


@pytest.mark.parametrize(
    ("row", "luma", "expected"),
    [
        ([0.6, 0, 0.4], 0.2, Place.OUTDOORS),
        ([0.6, 0, 0.4], 0.3, Place.BY_DAY),
        ([0, 0.6, 0.4], 0.9, Place.INDOORS),
        ([0.4, 0, 0.6], 0.2, None),
        ([0.6, 0.2, 0.2], 0.2, None),  # a desk on a mountain
    ],
)
def test_a_place_is_told_where_only_its_things_are_seen(
    row: list[float], luma: float, expected: Place | None
) -> None:
    assert told([row], [CLIP], luma) is expected


def test_frames_count_by_how_long_the_clip_shows_them() -> None:
    mountain, cup = [1.0, 0, 0], [0, 0, 1.0]
    assert told([mountain, cup], [TimeSpan(0, 15), TimeSpan(15, 20)]) is Place.OUTDOORS
    assert told([mountain, cup], [TimeSpan(0, 14), TimeSpan(14, 20)]) is None


def test_a_clip_without_frames_has_no_place() -> None:
    assert told([[1.0, 0, 0]], [TimeSpan(0, 10)]) is None
    assert told([], []) is None
