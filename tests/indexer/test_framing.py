import numpy as np
import pytest

from indexer.framing import Framing, ShotSize, faces_of_people, framing, shot_size
from indexer.interfaces import Face
from store.timespan import TimeSpan

CLIP = TimeSpan(10, 20)
DOG = 200


def face(height: float, confidence: float = 0.9) -> Face:
    return Face((0.4, 0.1, 0.6, 0.1 + height), confidence)


@pytest.mark.parametrize(
    ("height", "size"),
    [
        (0.9, ShotSize.CLOSE_UP),
        (0.48, ShotSize.CLOSE_UP),  # 1.7 heads of which the face is 0.8: 0.4706 of the height
        (0.46, ShotSize.MEDIUM_CLOSE_UP),
        (0.31, ShotSize.MEDIUM_CLOSE_UP),  # 2.6 heads: 0.3077
        (0.30, ShotSize.MEDIUM),
        (0.14, ShotSize.MEDIUM),  # 5.8 heads: 0.1379
        (0.13, ShotSize.LONG),
    ],
)
def test_shot_size_is_how_much_of_a_person_fits(height: float, size: ShotSize) -> None:
    assert shot_size(face(height)) is size


def test_no_face_no_claim() -> None:
    assert framing(CLIP, [CLIP], [[]]) is None
    assert framing(CLIP, [], []) is None
    assert framing(CLIP, [TimeSpan(0, 10)], [[face(0.5)]]) is None


def test_a_face_seen_for_a_moment_is_not_told() -> None:
    spans = [TimeSpan(10, 12.4), TimeSpan(12.4, 20)]
    assert framing(CLIP, spans, [[face(0.5)], []]) is None
    spans = [TimeSpan(10, 12.5), TimeSpan(12.5, 20)]
    assert framing(CLIP, spans, [[face(0.5)], []]) == Framing(1, ShotSize.CLOSE_UP)


def test_people_are_counted_where_they_are_seen_at_once_for_long_enough() -> None:
    spans = [TimeSpan(10, 16), TimeSpan(16, 19), TimeSpan(19, 20)]
    faces = [[face(0.5)], [face(0.5), face(0.2)], [face(0.5)] * 5]
    assert framing(CLIP, spans, faces) == Framing(2, ShotSize.CLOSE_UP)


def test_a_clip_of_several_shot_sizes_names_none() -> None:
    spans = [TimeSpan(10, 15), TimeSpan(15, 20)]
    assert framing(CLIP, spans, [[face(0.5)], [face(0.1)]]) == Framing(1, None)
    spans = [TimeSpan(10, 16), TimeSpan(16, 20)]
    assert framing(CLIP, spans, [[face(0.5)], [face(0.1)]]) == Framing(1, ShotSize.CLOSE_UP)


def test_beside_an_animal_only_a_sure_face_is_a_persons() -> None:
    doubtful, sure = face(0.5, 0.85), face(0.4, 0.92)
    seen = np.zeros(1000, dtype=np.float32)
    assert faces_of_people([doubtful, sure], seen) == [doubtful, sure]
    seen[DOG] = 0.6
    assert faces_of_people([doubtful, sure], seen) == [sure]
