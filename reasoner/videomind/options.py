"""What a caller may set about the model that sees."""

from dataclasses import dataclass

from store.devices import check_device_name

PRECISIONS = ("auto", "bfloat16", "float16", "float32")


@dataclass(frozen=True, slots=True)
class BackboneOptions:
    """Where and how precisely the model computes.

    Attributes:
        device: As torch names it; ``auto`` takes the first GPU, or else the CPU.
        precision: ``auto`` is float32 on a CPU, and on a GPU bfloat16, or float16 where it has no
            bfloat16.
    """

    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {', '.join(PRECISIONS)}, got {self.precision!r}")
        check_device_name(self.device)
