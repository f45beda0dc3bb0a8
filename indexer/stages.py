"""Stage keys: a stage of a video runs when no run with its key has finished.

A key hashes everything a result depends on: the stage's version and options, the model, the
content, every other file that was read ("absent" counts) and the keys of the stages whose results
it used.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from indexer.options import IndexOptions

KEY_BYTES = 16

# Raise a number when the stage's code gives other results for the same input.
VERSIONS: Mapping[str, int] = {
    "probe": 1,
    "shots": 1,
    "frames": 1,
    "subtitles": 1,
    "speech": 1,
    "screen_text": 1,
    "clips": 1,
    "tags": 1,
    "captions": 1,
    "embed": 2,
    "publish": 1,
}

# Whose results each stage uses.
UPSTREAM: Mapping[str, tuple[str, ...]] = {
    "probe": (),
    "shots": ("probe",),
    "frames": ("shots",),
    "subtitles": ("probe",),
    "speech": ("probe", "subtitles"),
    "screen_text": ("frames",),
    "clips": ("shots", "subtitles", "speech"),
    "tags": ("frames", "clips"),
    "captions": ("tags", "screen_text"),
    "embed": ("clips", "frames", "speech", "subtitles", "screen_text", "captions"),
    "publish": ("embed", "tags"),
}


def stage_keys(
    content_id: str,
    options: IndexOptions,
    model_ids: Mapping[str, str],
    digests: Mapping[str, str],
) -> dict[str, str]:
    """Compute the key of every stage for one video.

    Args:
        content_id: Of the media file.
        options: Those in force.
        model_ids: Stage to model and revision, for stages that have one.
        digests: Name of each other file that is read to its digest.

    Returns:
        Stage to key, in the order the stages depend on each other.
    """
    settings = _settings_by_stage(options, digests)
    keys: dict[str, str] = {}
    for stage, upstream in UPSTREAM.items():
        facts = {
            "content": content_id,
            "stage": stage,
            "version": VERSIONS[stage],
            "model": model_ids.get(stage, ""),
            "settings": settings.get(stage, {}),
            "upstream": [keys[name] for name in upstream],
        }
        packed = json.dumps(facts, sort_keys=True).encode()
        keys[stage] = hashlib.blake2b(packed, digest_size=KEY_BYTES).hexdigest()
    return keys


def _settings_by_stage(
    options: IndexOptions, digests: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    return {
        "subtitles": {"files": dict(digests)},
        "speech": {"on": options.speech, "language": options.language},
        "screen_text": {"on": options.screen_text},
        "clips": asdict(options.clips),
    }
