"""Weights and cases of the timestamp decoder in the golden folder."""

import hashlib
import json
import zlib

import numpy as np
import torch
from safetensors import safe_open

from reasoner.videomind.decoder import TimestampDecoder


def drawn_weights(folder, hidden_size):
    """Follow the recipe of the folder; each tensor is checked against the digest written there."""
    recipe = json.loads((folder / f"videomind_decoder_D{hidden_size}_weights.json").read_text())
    weights = {}
    for name, drawn in recipe["tensors"].items():
        seed = (recipe["base_seed"] * 1000003 + zlib.crc32(name.encode())) % 2**32
        uniform = np.random.RandomState(seed).random_sample(drawn["shape"])
        values = ((2 * uniform - 1) * drawn["amp"] + drawn["offset"]).astype(np.float16)
        values = values.astype("<f4")
        assert hashlib.sha256(values.tobytes()).hexdigest() == drawn["sha256"], name
        weights[name] = torch.from_numpy(values)
    return weights


def drawn_decoder(folder, hidden_size):
    decoder = TimestampDecoder(hidden_size)
    decoder.load_state_dict(drawn_weights(folder, hidden_size))
    return decoder.eval()


def cases_of(path, key="cases"):
    """Yield each case's description and its tensors by their short names."""
    with safe_open(path, "pt") as file:
        names = list(file.keys())
        for case in json.loads(file.metadata()[key]):
            prefix = case["case"] + "."
            yield (
                case,
                {
                    name.removeprefix(prefix): file.get_tensor(name)
                    for name in names
                    if name.startswith(prefix)
                },
            )
