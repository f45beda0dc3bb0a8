"""How the camera frames people: shot size and how many there are at least, as far as faces show."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import Face
from store.timespan import TimeSpan

# From forehead to chin, of the height of a head.
FACE_OF_HEAD = 0.8
# Faces must be seen for this share of a clip before anything is said of people.
LEAST_SEEN_SHARE = 0.25
# A share of the time with faces that one shot size must hold for.
LEAST_AGREEING_SHARE = 0.6
ANIMAL_CLASSES = slice(0, 398)  # of ImageNet
ANIMAL_PROBABILITY = 0.5
SURE_BESIDE_ANIMALS = 0.88


class ShotSize(StrEnum):
    """How much of a person the frame holds."""

    CLOSE_UP = "close-up"
    MEDIUM_CLOSE_UP = "medium close-up"
    MEDIUM = "medium shot"
    LONG = "long shot"


# Where the frame cuts the body, in heads from the upper edge of the picture: a close-up below the
# shoulders, a medium close-up at the chest, a medium shot anywhere down to the knees.
HEADS_IN_FRAME = (
    (ShotSize.CLOSE_UP, 1.7),
    (ShotSize.MEDIUM_CLOSE_UP, 2.6),
    (ShotSize.MEDIUM, 5.8),
)


@dataclass(frozen=True, slots=True)
class Framing:
    """People in a clip.

    Attributes:
        least_people: Faces seen at once; there may be more people, turned away or too small.
        shot_size: By the largest face; ``None`` where the clip has several.
    """

    least_people: int
    shot_size: ShotSize | None


def shot_size(face: Face) -> ShotSize:
    """Name the shot size from how high a face is in the picture.

    Source:
        The categories are those of Savardi et al., "CineScale", Data in Brief 36 (2021), the
            lengths those of a figure of 7.5 heads: shoulders 1.4, chest 2.3 and knees 5.5 heads
            below the crown, and a quarter of a head of room above it.

    Example:
        >>> str(shot_size(Face((0.4, 0.1, 0.6, 0.6), 0.9)))
        'close-up'
        >>> str(shot_size(Face((0.4, 0.1, 0.5, 0.2), 0.9)))
        'long shot'
    """
    for size, heads in HEADS_IN_FRAME:
        if face.height * heads >= FACE_OF_HEAD:
            return size
    return ShotSize.LONG


def faces_of_people(faces: Sequence[Face], probabilities: NDArray[np.float32]) -> list[Face]:
    """Leave out doubtful faces of a frame in which an animal is seen: drawn animals have faces too.

    Args:
        faces: Of one frame.
        probabilities: ``(1000,)`` of the classes in the same frame.
    """
    if float(probabilities[ANIMAL_CLASSES].sum()) < ANIMAL_PROBABILITY:
        return list(faces)
    return [face for face in faces if face.confidence >= SURE_BESIDE_ANIMALS]


def framing(
    clip: TimeSpan, spans: Sequence[TimeSpan], faces: Sequence[Sequence[Face]]
) -> Framing | None:
    """Summarise the faces of a clip.

    Args:
        clip: Stretch to describe.
        spans: What each of ``N`` frames stands for.
        faces: Of people in each of them, the largest first.

    Returns:
        ``None`` where faces are seen for less than a quarter of the clip: no face, no claim.
    """
    seen = [
        (shown, found)
        for span, found in zip(spans, faces, strict=True)
        if found and (shown := span.shared_seconds(clip)) > 0
    ]
    total = sum(shown for shown, _ in seen)
    enough = LEAST_SEEN_SHARE * clip.duration_seconds
    if not seen or total < enough:
        return None
    people = max(
        count
        for count in range(1, max(len(found) for _, found in seen) + 1)
        if sum(shown for shown, found in seen if len(found) >= count) >= enough
    )
    return Framing(people, _agreed([(shown, shot_size(found[0])) for shown, found in seen]))


def _agreed(sizes: Sequence[tuple[float, ShotSize]]) -> ShotSize | None:
    seconds = {size: sum(shown for shown, other in sizes if other is size) for _, size in sizes}
    most = max(seconds, key=lambda size: seconds[size])
    return most if seconds[most] >= LEAST_AGREEING_SHARE * sum(seconds.values()) else None
