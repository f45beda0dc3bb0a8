"""Stages, their keys, and which of them run: one runs when no run with its key has finished.

A key hashes everything a result depends on: the stage's version and options, the model, the
content, every other file that was read ("absent" counts) and the keys of the stages whose results
it used.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from indexer.options import IndexOptions
from store.errors import ConfigError
from store.records import StageResult, StageState

KEY_BYTES = 16
EVERY_STAGE = "all"
NOT_DONE = "not done yet"

# Raise a number when the stage's code gives other results for the same input.
VERSIONS: Mapping[str, int] = {
    "probe": 2,
    "shots": 1,
    "frames": 4,
    "appearance": 1,
    "faces": 1,
    "thumbnails": 2,
    "screen_text": 3,
    "subtitles": 5,
    "speech": 4,
    "clips": 1,
    "tags": 2,
    "captions": 2,
    "embed": 3,
    "summary": 1,
    "publish": 3,
}

# Whose results each stage uses.
UPSTREAM: Mapping[str, tuple[str, ...]] = {
    "probe": (),
    "shots": ("probe",),
    "frames": ("probe",),
    "appearance": ("probe",),
    "faces": ("frames",),
    "thumbnails": ("probe",),
    "screen_text": ("frames",),
    "subtitles": ("probe",),
    "speech": ("probe", "subtitles"),
    "clips": ("shots", "subtitles", "speech"),
    "tags": ("shots", "frames"),
    "captions": ("clips", "frames", "appearance", "faces", "tags"),
    "embed": ("clips", "frames", "subtitles", "speech", "screen_text", "tags", "captions"),
    "summary": (
        *("clips", "frames", "subtitles", "speech", "screen_text", "tags", "captions"),
        "embed",
    ),
    "publish": ("embed", "summary"),
}

# Stages that one piece of code runs together.
LOOK = ("shots", "frames", "appearance", "faces", "thumbnails", "screen_text")
LISTEN = ("subtitles", "speech")
DESCRIBE = ("clips", "tags", "captions", "embed", "summary")


@dataclass(frozen=True, slots=True)
class StageKeys:
    """The keys wanted for one video.

    Attributes:
        keys: Stage to key, in the order the stages depend on each other.
        facts: Stage to what its key is a hash of.
    """

    keys: Mapping[str, str]
    facts: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage that will run, and why."""

    stage: str
    reason: str


def stage_keys(
    content_id: str,
    options: IndexOptions,
    model_ids: Mapping[str, str],
    files: Mapping[str, Mapping[str, str]],
    name: Mapping[str, Any] | None = None,
) -> StageKeys:
    """Compute the key of every stage for one video.

    Args:
        content_id: Of the media file.
        options: Those in force.
        model_ids: Stage to model and revision, for stages that have one.
        files: Stage to the name and digest of each other file that it reads.
        name: What the video is called, which is published with it.
    """
    settings = _settings_by_stage(options)
    keys: dict[str, str] = {}
    facts: dict[str, dict[str, Any]] = {}
    for stage, upstream in UPSTREAM.items():
        facts[stage] = {
            "content": content_id,
            "version": VERSIONS[stage],
            "model": model_ids.get(stage, ""),
            "settings": settings.get(stage, {}),
            "files": dict(files.get(stage, {})),
            "upstream": {name: keys[name] for name in upstream},
        }
        if stage == "publish":
            facts[stage]["name"] = dict(name or {})
        packed = json.dumps([stage, facts[stage]], sort_keys=True).encode()
        keys[stage] = hashlib.blake2b(packed, digest_size=KEY_BYTES).hexdigest()
    return StageKeys(keys, facts)


def plan(
    wanted: StageKeys, kept: Mapping[str, StageResult], forced: Collection[str] = ()
) -> tuple[PlannedStage, ...]:
    """Say which stages must run so that the video can be published, and why.

    A stage whose result nobody needs any more does not run, whatever has become of it.

    Args:
        wanted: The keys of today.
        kept: What is known of the video's stages.
        forced: Stages that run whatever is known, and all that use them.
    """
    needed = {"publish"}
    planned: dict[str, PlannedStage] = {}
    for stage in reversed(list(UPSTREAM)):
        if stage not in needed or stage == "probe":
            continue
        if stage in forced or stage == "publish" or not _is_done(stage, wanted, kept):
            planned[stage] = PlannedStage(stage, _reason(stage, wanted, kept, forced))
            needed.update(INPUTS.get(stage, UPSTREAM[stage]))
    return tuple(planned[stage] for stage in UPSTREAM if stage in planned)


# Publishing reads the results of every stage.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "publish": tuple(stage for stage in UPSTREAM if stage not in ("probe", "publish"))
}


def with_dependants(stages: Iterable[str]) -> frozenset[str]:
    """Add to stages all that use their results.

    Raises:
        ConfigError: There is no such stage.
    """
    chosen = set(stages)
    if EVERY_STAGE in chosen:
        return frozenset(UPSTREAM)
    if unknown := chosen - set(UPSTREAM):
        raise ConfigError(
            f"there is no stage {', '.join(map(repr, sorted(unknown)))}; "
            f"name one of {', '.join(UPSTREAM)}, or {EVERY_STAGE}"
        )
    for stage, upstream in UPSTREAM.items():
        if chosen & set(upstream):
            chosen.add(stage)
    return frozenset(chosen)


def _is_done(stage: str, wanted: StageKeys, kept: Mapping[str, StageResult]) -> bool:
    result = kept.get(stage)
    return (
        result is not None
        and result.key == wanted.keys[stage]
        and result.state is StageState.FINISHED
    )


def _reason(
    stage: str, wanted: StageKeys, kept: Mapping[str, StageResult], forced: Collection[str]
) -> str:
    result = kept.get(stage)
    if stage in forced:
        return "asked for"
    if result is None:
        return NOT_DONE
    if result.key == wanted.keys[stage]:
        if result.state is StageState.FAILED:
            return f"failed before: {result.error}"
        return "interrupted" if result.state is StageState.RUNNING else "done before the others"
    return _difference(result.facts, wanted.facts[stage])


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name what changed, the nearest cause first."""
    reasons = [
        *_file_changes(before.get("files", {}), now["files"]),
        *(
            f"{name} was {_shown(old)}, is {_shown(new)}"
            for name, old, new in _changes(before.get("settings", {}), now["settings"])
        ),
        *(
            f"{name} was {_shown(old)}, is {_shown(new)}"
            for name, old, new in _changes(before.get("name", {}), now.get("name", {}))
        ),
    ]
    if before.get("model") != now["model"]:
        reasons.append(f"model was {before.get('model')}, is {now['model']}")
    if before.get("version") != now["version"]:
        reasons.append("this cinedex does it otherwise")
    after = [name for name, _, _ in _changes(before.get("upstream", {}), now["upstream"])]
    if after and not reasons:
        reasons.append(f"uses {', '.join(after)}")
    return "; ".join(reasons) or "depends on something else now"


def _file_changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    words = []
    for name, old, new in _changes(before, now):
        what = "is new" if old is None else "is gone" if new is None else "has changed"
        words.append(f"{name} {what}")
    return words


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [
        (name, before.get(name), now.get(name))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]


def _shown(value: Any) -> str:
    words = {True: "on", False: "off", None: "not set"}
    return words[value] if isinstance(value, bool | None) else str(value)


def _settings_by_stage(options: IndexOptions) -> dict[str, dict[str, Any]]:
    fast = {"key frames only": options.is_fast}
    return {
        "shots": fast,
        "frames": fast,
        "appearance": fast,
        "thumbnails": fast,
        "speech": {
            "speech": str(options.speech),
            "language": options.language,
            "longest unheard seconds": options.longest_unheard_seconds,
        },
        "screen_text": {"screen_text": options.screen_text},
        "clips": asdict(options.clips),
    }
