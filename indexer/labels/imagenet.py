"""Names of the ImageNet classes, and plainer words for groups of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NUM_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """What the classes of a network are called.

    Attributes:
        names: Per class its names, the preferred one first.
        groups: Plain word to the classes that it stands for.
        unsure: Classes whose name the network gives too lightly to be shown.
    """

    names: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[int, ...]]
    unsure: frozenset[int]


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
    groups = {}
    for line in folder.joinpath("imagenet_groups.txt").read_text("utf-8").splitlines():
        word, ranges = line.split(":")
        groups[word] = tuple(number for part in ranges.split() for number in _numbers(part))
    unsure = folder.joinpath("imagenet_unsure.txt").read_text("utf-8").split()
    return ImageLabels(names, groups, frozenset(map(int, unsure)))


def _numbers(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)
