"""Where the parts of a checkpoint lie, whichever of the three layouts its folder has.

Three: the published VideoMind folder (``config.json`` of type ``agent_*``), our converted form
(``videomind.json``), and a plain base model, which can answer but not ground.

Source: VideoMind at commit 6721d25, ``videomind/model/builder.py``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reasoner.videomind.checkpoints.adapter_settings import SETTINGS_FILE
from store.errors import CheckpointError, WeightsMissingError
from store.pretrained import read_json

ROLES = ("planner", "grounder", "verifier", "answerer")
CONVERTED_CONFIG = "videomind.json"
CONFIG = "config.json"
PUBLISHED_DECODER = "pytorch_model.safetensors"
"""In the published folder it holds the timestamp decoder and nothing of the model."""
CONVERTED_DECODER = "decoder.safetensors"
TOKENIZER = "tokenizer.json"
GENERATION_CONFIG = "generation_config.json"
AGENT = "agent_"
"""Before the base model's kind, in the published ``config.json``."""
FORMAT = 1
"""Of the converted form."""
DECLARED_TOKENS = {
    "reg_token_id": "<|reg|>",
    "seg_s_token_id": "<|seg_start|>",
    "seg_e_token_id": "<|seg_end|>",
}
"""Names in the published ``config.json``, and the tokens whose ids they give."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The parts of a checkpoint.

    Attributes:
        folder: The checkpoint itself.
        base: Folder of the base model.
        tokenizer: The tokenizer's file.
        adapters: Folder of each role's adapter; a role without one is the base model.
        decoder: The timestamp decoder's file.
        declared_tokens: Ids that the configuration gives to tokens which the base does not have.
        end_token_ids: What ends a generated text.
    """

    folder: Path
    base: Path
    tokenizer: Path
    adapters: Mapping[str, Path] = field(default_factory=dict)
    decoder: Path | None = None
    declared_tokens: Mapping[str, int] = field(default_factory=dict)
    end_token_ids: tuple[int, ...] = ()


def open_checkpoint(folder: Path, base: Path | None = None) -> Checkpoint:
    """Find the parts of a checkpoint.

    Args:
        folder: Published, converted or a plain base model.
        base: Where the base model is; by default where the checkpoint's configuration says, taken
            from the checkpoint's folder.

    Raises:
        WeightsMissingError: A part is not there.
        CheckpointError: The folder is of another kind.
    """
    if (folder / CONVERTED_CONFIG).is_file():
        return _converted(folder, base)
    config = read_json(folder / CONFIG)
    if str(config.get("model_type", "")).startswith(AGENT):
        return _published(folder, base, config)
    return Checkpoint(folder, folder, _file(folder, TOKENIZER), end_token_ids=_ends(folder, config))


def _published(folder: Path, base: Path | None, config: Mapping[str, Any]) -> Checkpoint:
    adapters = {role: folder / role for role in ROLES if (folder / role).is_dir()}
    if not adapters:
        raise WeightsMissingError(
            f"{folder} holds no adapter: there is no folder {', '.join(ROLES[:-1])} or "
            f"{ROLES[-1]}; fetch the checkpoint again"
        )
    for adapter in adapters.values():
        _file(adapter, SETTINGS_FILE)
    decoder = folder / PUBLISHED_DECODER
    found = _base(folder, base, config.get("base_model_path"))
    _check_kind(folder, str(config["model_type"]).removeprefix(AGENT), found)
    return Checkpoint(
        folder=folder,
        base=found,
        tokenizer=_file(folder, TOKENIZER),
        adapters=adapters,
        decoder=decoder if decoder.is_file() else None,
        declared_tokens=_declared(folder / CONFIG, config),
        end_token_ids=_ends(folder, config),
    )


def _check_kind(folder: Path, kind: str, base: Path) -> None:
    """Refuse a base model of another kind, whose matrices may have the same shapes."""
    found = read_json(base / CONFIG).get("model_type")
    if found != kind:
        raise CheckpointError(
            f"{folder} was made for a base model of type {kind} and {base} is of type {found!r}; "
            "name the base model that it was made for"
        )


def _converted(folder: Path, base: Path | None) -> Checkpoint:
    config = read_json(folder / CONVERTED_CONFIG)
    if config.get("format") != FORMAT:
        raise CheckpointError(
            f"{folder / CONVERTED_CONFIG} is of format {config.get('format')!r}, "
            f"known is {FORMAT}; convert the checkpoint again with this cinedex"
        )
    decoder = folder / CONVERTED_DECODER
    with _understood(folder / CONVERTED_CONFIG):
        return Checkpoint(
            folder=folder,
            base=_base(folder, base, config["base"]),
            tokenizer=_file(folder, TOKENIZER),
            adapters={role: folder / role for role in config["roles"]},
            decoder=decoder if config["has_decoder"] else None,
            declared_tokens={token: _id(said) for token, said in config["tokens"].items()},
            end_token_ids=tuple(map(_id, config["end_token_ids"])),
        )


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Name the file whose values are not what a checkpoint's configuration holds."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} does not say what it must ({error!r}); fetch the checkpoint again"
        ) from error


def _declared(path: Path, config: Mapping[str, Any]) -> dict[str, int]:
    with _understood(path):
        return {
            token: _id(config[name]) for name, token in DECLARED_TOKENS.items() if name in config
        }


def _id(said: object) -> int:
    if not isinstance(said, int):
        raise ValueError(f"{said!r} is no id of a token")
    return said


def _base(folder: Path, given: Path | None, declared: object) -> Path:
    base = given or (folder / str(declared) if declared else None)
    if base is None or not (base / CONFIG).is_file():
        raise WeightsMissingError(
            f"the base model of {folder} is not at {base}; fetch it and name its folder with "
            "'base =' in [videomind] of the profile, or with --base"
        )
    return base


def _file(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise WeightsMissingError(f"there is no {folder / name}; fetch the checkpoint again")
    return folder / name


def _ends(folder: Path, config: Mapping[str, Any]) -> tuple[int, ...]:
    path = folder / GENERATION_CONFIG
    stated: Mapping[str, Any] = read_json(path) if path.is_file() else {}
    if "eos_token_id" not in stated:
        path, stated = folder / CONFIG, config
    said = stated.get("eos_token_id")
    if said is None:
        raise CheckpointError(f"{folder} names no eos_token_id; fetch the checkpoint again")
    with _understood(path):
        return tuple(map(_id, said if isinstance(said, list) else [said]))
