"""Time the picture backbone in torch and in ONNX Runtime on one thread, and compare results.

    OMP_NUM_THREADS=1 python -m benchmarks.backbone

Processor time, the variants in turn, so that another load on the machine meets all of them.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cinedex.weights import path_of
from indexer.encoders.efficientnet import LITE2, network_input
from indexer.encoders.efficientnet_network import EfficientNetLite
from indexer.encoders.efficientnet_onnx import INPUT, onnx_model
from indexer.encoders.onnx_session import new_session
from indexer.media import decode_frames

SAMPLE = Path(__file__).parent.parent / "examples" / "sample"
RESULTS = Path(__file__).parent / "results" / "backbone.json"
LOOK_SECONDS = 10.0
NUM_WARM = 2

Array = NDArray[np.float32]
Variant = Callable[[Array], tuple[Array, Array]]


def variants() -> dict[str, Variant]:
    """Load the network in every way that is compared; logits and pooled features come out."""
    network = EfficientNetLite(LITE2).eval()
    (weights_file,) = path_of("efficientnet-lite2").glob("*.pth")
    network.fill(torch.load(weights_file, map_location="cpu", weights_only=True))
    session = new_session(onnx_model(network), threads=1)
    half = EfficientNetLite(LITE2).eval()
    half.load_state_dict(network.state_dict())

    def in_onnxruntime(batch: Array) -> tuple[Array, Array]:
        logits, pooled = session.run(None, {INPUT: batch})
        return logits, pooled

    return {
        "torch, channels last": _in_torch(network, torch.float32),
        "torch, channels last, bfloat16": _in_torch(half, torch.bfloat16),
        "onnxruntime": in_onnxruntime,
    }


def _in_torch(network: EfficientNetLite, precision: torch.dtype) -> Variant:
    for weights in network.to(precision).parameters():
        if weights.dim() == 4:
            weights.data = weights.data.contiguous(memory_format=torch.channels_last)

    def run(batch: Array) -> tuple[Array, Array]:
        given = torch.from_numpy(batch).to(precision)
        with torch.inference_mode():
            logits, pooled = network(given.contiguous(memory_format=torch.channels_last))
        return logits.float().numpy(), pooled.float().numpy()

    return run


def cosine(first: Array, second: Array) -> float:
    """Compare two rows of features."""
    return float((first @ second.T).item() / np.linalg.norm(first) / np.linalg.norm(second))


def main() -> None:
    """Measure, print and write ``benchmarks/results/backbone.json``."""
    torch.set_num_threads(1)
    (film,) = SAMPLE.glob("*.mp4")
    batches, due_seconds = [], 0.0
    for frame in decode_frames(film):
        if frame.pts_seconds >= due_seconds:
            batches.append(network_input(frame.picture(640)))
            due_seconds += LOOK_SECONDS
    runs = variants()
    expected = [runs["torch, channels last"](batch) for batch in batches]
    report = {}
    spent: dict[str, list[float]] = {name: [] for name in runs}
    results: dict[str, list[tuple[Array, Array]]] = {name: [] for name in runs}
    for batch in [*batches[:NUM_WARM], *batches]:
        for name, run in runs.items():
            before = time.process_time()
            results[name].append(run(batch))
            spent[name].append(time.process_time() - before)
    for name in runs:
        pairs = list(zip(results[name][NUM_WARM:], expected, strict=True))
        report[name] = {
            "milliseconds": round(1000 * float(np.median(spent[name][NUM_WARM:])), 1),
            "least_cosine": round(min(cosine(is_[1], was[1]) for is_, was in pairs), 7),
            "same_first_label": float(np.mean([a[0].argmax() == b[0].argmax() for a, b in pairs])),
        }
        print(name, report[name])
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
