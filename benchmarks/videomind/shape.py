"""How large the model is that gets random weights.

Source: the configuration of Qwen2-VL-2B-Instruct, on which VideoMind-2B is trained, and the
adapters of its release (rank 64 on the four projections of attention; embeddings and head whole in
grounder and verifier).
"""

from dataclasses import dataclass
from typing import Any

MODULES_TO_SAVE = ("embed_tokens", "lm_head")
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")
WHOLE_MODULES = {"planner": (), "grounder": MODULES_TO_SAVE, "verifier": MODULES_TO_SAVE}
"""What a role's adapter replaces whole, by role; the answerer is the base model."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A size of Qwen2-VL with its adapters.

    Attributes:
        text: Entries of the language model's configuration.
        vision: Entries of the vision tower's.
        first_special: Id of the first special token; the others follow.
        rank: Of the LoRA factors.
        deviation: Of the random weights; large enough that a tiny model tells inputs apart.
    """

    text: dict[str, Any]
    vision: dict[str, Any]
    first_special: int
    rank: int
    deviation: float

    @property
    def hidden_size(self) -> int:
        """Length of a state of the language model."""
        return int(self.text["hidden_size"])


SHAPES = {
    "2b": Shape(
        text={
            "hidden_size": 1536,
            "intermediate_size": 8960,
            "num_hidden_layers": 28,
            "num_attention_heads": 12,
            "num_key_value_heads": 2,
            "vocab_size": 151936,
            "max_position_embeddings": 32768,
            "rms_norm_eps": 1e-6,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [16, 24, 24],
            },
        },
        vision={"depth": 32, "embed_dim": 1280, "hidden_size": 1536, "num_heads": 16},
        first_special=151643,
        rank=64,
        deviation=0.02,
    ),
    "tiny": Shape(
        text={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "vocab_size": 2048,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [2, 3, 3],
            },
        },
        vision={"depth": 2, "embed_dim": 16, "hidden_size": 32, "num_heads": 2},
        first_special=2000,
        rank=4,
        deviation=0.2,
    ),
}
"""By the name that the command takes."""
