from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.class_probabilities import ClassProbabilities, probability_rows
from indexer.interfaces import PictureFeatures
from indexer.report import Stopwatch
from indexer.sightings import classes_of, kept_classes_of, kept_seconds_of
from indexer.studying import BackboneStudy, Look


class OneWork:
    """Stands for a stage's place in the library: keeps the result."""

    left: Sequence[bytes] = ()

    def add(self, payload: bytes) -> None:
        del payload

    def finish(self, *parts: bytes) -> None:
        (self.result,) = parts


class Alternating:
    """A backbone to which all pictures are alike, while what it calls them changes."""

    model_id = "alternating@1"

    def look(self, pictures: Sequence[NDArray[np.uint8]]) -> PictureFeatures:
        classes = np.zeros((len(pictures), 4), np.float32)
        for row, picture in enumerate(pictures):
            classes[row, picture[0, 0, 0]] = 1.0
        return PictureFeatures(classes, np.ones((len(pictures), 3), np.float32) / np.sqrt(3))


def test_what_is_seen_in_frames_that_are_alike_is_not_lost() -> None:
    work = OneWork()
    study = BackboneStudy(work, Alternating(), Stopwatch())  # type: ignore[arg-type]
    looks = [Look(float(at), np.full((2, 2, 3), at, np.uint8)) for at in range(4)]
    assert study.keep(looks[:3]) + study.keep(looks[3:]) == [True, False, False, False]
    study.finish([], num_looks=4)

    assert kept_seconds_of(work.result) == [0.0]
    assert kept_classes_of(work.result).tolist() == [[1.0, 0.0, 0.0, 0.0]]
    seconds, classes = classes_of(work.result)
    assert seconds == [0.0, 1.0, 2.0, 3.0]
    assert [int(row.argmax()) for row in classes] == [0, 1, 2, 3]


def test_classes_come_back_picture_by_picture_with_their_zeros() -> None:
    told = ClassProbabilities()
    assert list(probability_rows(told.arrays())) == []
    given = np.array([[0, 0.5, 0, 0.25], [0, 0, 0, 0], [1, 0, 0, 0]], np.float16)
    for row in given:
        told.append(row)
    assert len(told.arrays()["classes"]) == 3
    np.testing.assert_array_equal(np.stack(list(probability_rows(told.arrays()))), given)
