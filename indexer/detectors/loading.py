"""Shot detectors by name, loaded when one is asked for.

``benchmarks/results/shots.md`` has them side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from indexer.interfaces import ShotDetector
from store.errors import ConfigError

DEFAULT_DETECTOR = "joined"
TRANSNET_MODEL = "transnetv2"

WeightsOf = Callable[[str], Path]
NewDetector = Callable[[], ShotDetector]


@dataclass(frozen=True, slots=True)
class NamedDetector:
    """A detector that was chosen.

    Attributes:
        id: Everything that shapes its cuts: name, revision and setting; part of stage keys.
        new: Makes one for one video. Weights are read by the first call and shared by all.
    """

    id: str
    new: NewDetector


def named_detector(name: str, weights_of: WeightsOf) -> NamedDetector:
    """Choose a detector; nothing is imported or read before the first one is made.

    Args:
        name: One of ``DETECTORS``.
        weights_of: Model name to the folder with its weights; raises ``WeightsMissingError`` where
            they are not there.

    Raises:
        ConfigError: No such detector.
    """
    if name not in DETECTORS:
        raise ConfigError(
            f"no shot detector {name!r}; `--shots` and the setting `shot_detector` take one of "
            f"{', '.join(DETECTORS)}"
        )
    detector_id, load = DETECTORS[name]
    loaded = cache(partial(load, weights_of))
    return NamedDetector(detector_id, lambda: loaded()())


def _joined(_weights_of: WeightsOf) -> NewDetector:
    from indexer.detectors.joined import JoinedDetector

    return JoinedDetector


def _pyscenedetect(method: str, _weights_of: WeightsOf) -> NewDetector:
    from indexer.detectors.pyscenedetect import PySceneDetectDetector

    return partial(PySceneDetectDetector, method)


def _transnet(every: int, weights_of: WeightsOf) -> NewDetector:
    from indexer.detectors.transnet import TransNetDetector, load_transnet

    (weights_file,) = weights_of(TRANSNET_MODEL).glob("*.pth")
    return partial(TransNetDetector, load_transnet(weights_file), every=every)


DETECTORS: Mapping[str, tuple[str, Callable[[WeightsOf], NewDetector]]] = {
    "joined": ("cuts-fades-dissolves@2", _joined),
    "transnet": ("transnetv2@1.0.5", partial(_transnet, 1)),
    "transnet-half": ("transnetv2@1.0.5:every2", partial(_transnet, 2)),
    "content": ("pyscenedetect-content@0.7", partial(_pyscenedetect, "content")),
    "adaptive": ("pyscenedetect-adaptive@0.7:own-weights", partial(_pyscenedetect, "adaptive")),
    "adaptive-as-published": (
        "pyscenedetect-adaptive@0.7",
        partial(_pyscenedetect, "adaptive-as-published"),
    ),
    "threshold": ("pyscenedetect-threshold@0.7", partial(_pyscenedetect, "threshold")),
    "hash": ("pyscenedetect-hash@0.7", partial(_pyscenedetect, "hash")),
    "histogram": ("pyscenedetect-histogram@0.7", partial(_pyscenedetect, "histogram")),
}
