"""What was learned from judged queries, read from a file: odds for fusing, and confidence."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from retriever.confidence import ConfidenceModel
from retriever.odds import OddsModel, SpaceOdds
from store.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a retriever needs to weigh and to doubt what it finds.

    Attributes:
        fitted_on: On what, in words for a person.
    """

    odds: OddsModel
    confidence: ConfidenceModel
    fitted_on: str


def load_calibration(path: Path | None = None) -> Calibration:
    """Return the calibration in a file, or the one that is shipped.

    Args:
        path: Where it is looked for first; ``benchmarks.calibration`` writes the shipped one.

    Raises:
        ConfigError: The file is there and is no calibration.
    """
    if path is None or not path.exists():
        return read_calibration(shipped_text())
    try:
        return read_calibration(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} is no calibration ({error}); remove it, or run `cinedex calibrate` again"
        ) from error


def shipped_text() -> str:
    """Return the file that is shipped."""
    return files("retriever").joinpath("calibration.toml").read_text("utf-8")


def read_calibration(text: str) -> Calibration:
    """Read a calibration as ``write_calibration`` writes it.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: It is none.
    """
    values = tomllib.loads(text)
    spaces = {
        name: SpaceOdds(float(space.pop("slope")), dict(space))
        for name, space in values.get("spaces", {}).items()
    }
    return Calibration(
        OddsModel(spaces, float(values["words"])),
        _confidence(values["confidence"]),
        str(values["fitted_on"]),
    )


def write_calibration(calibration: Calibration) -> str:
    """Return the calibration as TOML."""
    odds, confidence = calibration.odds, calibration.confidence
    lines = [
        f'fitted_on = "{calibration.fitted_on}"',
        f"words = {odds.words}",
        *(
            f'\n[spaces."{name}"]\nslope = {space.slope}\n'
            + "\n".join(f"{kind} = {nats}" for kind, nats in space.offsets.items())
            for name, space in odds.spaces.items()
        ),
        "\n[confidence]",
        f"bias = {confidence.bias}",
        f"weights = {list(confidence.weights)}",
        "\n[confidence.thresholds]",
        *(f'"{rate}" = {least}' for rate, least in confidence.thresholds.items()),
    ]
    return "\n".join(lines) + "\n"


def _confidence(values: dict[str, Any]) -> ConfidenceModel:
    score, margin, gap = map(float, values["weights"])
    return ConfidenceModel(
        float(values["bias"]),
        (score, margin, gap),
        {float(rate): float(least) for rate, least in values["thresholds"].items()},
    )
