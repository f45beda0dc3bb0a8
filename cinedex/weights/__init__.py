"""Model files as pinned data: which there are, whether they are here, and how they get here."""

from cinedex.weights.profile import Profile, load_profile
from cinedex.weights.pulling import (
    ModelStatus,
    PullProgress,
    PullStage,
    list_models,
    path_of,
    profile_models,
    pull,
    verify,
    weights_root,
)
from cinedex.weights.registry import (
    Model,
    PinnedFile,
    WheelSource,
    find_model,
    load_models,
)

__all__ = [
    "Model",
    "ModelStatus",
    "PinnedFile",
    "Profile",
    "PullProgress",
    "PullStage",
    "WheelSource",
    "find_model",
    "list_models",
    "load_models",
    "load_profile",
    "path_of",
    "profile_models",
    "pull",
    "verify",
    "weights_root",
]
