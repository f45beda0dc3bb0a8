"""Names of the ImageNet classes, and plainer words for groups of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

NUM_CLASSES = 1000
# Animals, flowers and fungi. Networks take whatever is furry for one of 118 dogs.
LIVING = frozenset(range(398)) | frozenset(range(984, 998))


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """What the classes of a network are called.

    Attributes:
        names: Per class its names, the preferred one first.
        groups: Plain word to the classes that it stands for.
        unsure: Classes whose name the network gives too lightly to be shown.
        living: Classes that are kinds of living things.
        broad: Words for what is left to say where no narrower word is sure, likewise.
        places: ``outdoors`` and ``indoors`` to the classes that are found there.
    """

    names: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[int, ...]]
    unsure: frozenset[int]
    living: frozenset[int] = frozenset()
    broad: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    places: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def classes_of(self, word: str) -> frozenset[int]:
        """Return the classes that a broad word, a group's word or a preferred name stands for.

        Example:
            >>> sorted(imagenet_labels().classes_of("espresso"))
            [967]
        """
        if word in self.groups or word in self.broad:
            return frozenset(self.groups.get(word) or self.broad[word])
        return frozenset(number for number, names in enumerate(self.names) if names[0] == word)


@cache
def imagenet_labels() -> ImageLabels:
    """Read the names of the 1,000 classes of the ImageNet challenge, in class order.

    Source:
        ``indexer/labels/README.md``.

    Example:
        >>> imagenet_labels().names[281]
        ('tabby', 'tabby cat')
        >>> imagenet_labels().groups["cat"]
        (281, 282, 283, 284, 285)
    """
    folder = files("indexer.labels")
    names = tuple(
        tuple(name.strip() for name in line.split(","))
        for line in folder.joinpath("imagenet.txt").read_text("utf-8").splitlines()
    )
    unsure = folder.joinpath("imagenet_unsure.txt").read_text("utf-8").split()
    return ImageLabels(
        names,
        _words("imagenet_groups.txt"),
        frozenset(map(int, unsure)),
        LIVING,
        _words("imagenet_broad.txt"),
        _words("imagenet_places.txt"),
    )


def membership(
    words: Mapping[str, Sequence[int]], num_classes: int = NUM_CLASSES
) -> NDArray[np.float32]:
    """Make the ``(num_classes, W)`` matrix that sums probabilities into those of ``W`` words."""
    matrix = np.zeros((num_classes, len(words)), dtype=np.float32)
    for column, members in enumerate(words.values()):
        matrix[list(members), column] = 1
    return matrix


def _words(file: str) -> dict[str, tuple[int, ...]]:
    words = {}
    for line in files("indexer.labels").joinpath(file).read_text("utf-8").splitlines():
        word, ranges = line.split(":")
        words[word] = tuple(number for part in ranges.split() for number in _numbers(part))
    return words


def _numbers(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)
