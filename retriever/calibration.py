"""What was learned from judged queries, read from a file: odds for fusing, and confidence."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from retriever.confidence import ConfidenceModel
from retriever.odds import OddsModel, SpaceOdds


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a retriever needs to weigh and to doubt what it finds.

    Attributes:
        fitted_on: On what, in words for a person.
    """

    odds: OddsModel
    confidence: ConfidenceModel
    fitted_on: str


def load_calibration() -> Calibration:
    """Return the calibration that is shipped; ``benchmarks.calibration`` writes it."""
    return read_calibration(files("retriever").joinpath("calibration.toml").read_text("utf-8"))


def read_calibration(text: str) -> Calibration:
    """Read a calibration as ``write_calibration`` writes it."""
    values = tomllib.loads(text)
    spaces = {
        name: SpaceOdds(float(space.pop("slope")), dict(space))
        for name, space in values["spaces"].items()
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
