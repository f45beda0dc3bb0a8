"""Measure the chain on pixels: seconds of each role, and memory, at the shape of VideoMind-2B.

    python -m benchmarks.videomind [--shape 2b|tiny] [--video FILE] [--results FILE]

The weights are random, so that no hub is needed: what is measured is cost, not answers. The film
is thirty minutes of computed pictures at 640x360 of which three moments were found; with
``--video`` it is a file, and decoding counts.

On a machine with a GPU and a bare Python 3.11 or later, in the root of the repository:

    pip install torch 'transformers>=5' 'peft>=0.21' safetensors tokenizers numpy
    python -m benchmarks.videomind

``--video`` needs the package itself (``pip install -e .``). The checkpoint takes 6.5 GB under
``--scratch``. Figures are kept in ``benchmarks/results/videomind.json`` and ``videomind.md``; those
of the tiny shape only where ``--results`` says, since they bear on no bar: the tiny shape shows, on
a CPU and within a minute, that everything runs. ``make bench`` leaves this benchmark out: without
a GPU the real shape takes hours, and the tests run the tiny one.
"""

import argparse
import json
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from benchmarks.run import RESULTS, machine
from benchmarks.videomind.checkpoint import build_checkpoint
from benchmarks.videomind.film import Film, made_up_film, real_film
from benchmarks.videomind.measuring import figures, measure_chains
from benchmarks.videomind.memory import measure_memory
from benchmarks.videomind.shape import SHAPES
from benchmarks.videomind.table import write_table
from reasoner.videomind.backend import load_videomind

REPETITIONS = 5
JUDGED_SHAPE = "2b"
"""The shape that the bars are set for, on a GPU."""
PACKAGES = ("torch", "transformers", "peft")


def main() -> None:
    """Measure, print and keep."""
    arguments = _arguments()
    film = made_up_film() if arguments.video is None else real_film(arguments.video)
    with tempfile.TemporaryDirectory(prefix="cinedex-bench-", dir=arguments.scratch) as folder:
        measured = measure(Path(folder), arguments.shape, film, arguments.repetitions)
    table = write_table(measured)
    print(table)
    if arguments.results is not None:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
        arguments.results.with_suffix(".md").write_text(table, "utf-8")


def measure(scratch: Path, shape: str, film: Film, repetitions: int) -> dict[str, Any]:
    """Write a checkpoint, load it and measure.

    Args:
        scratch: Where the checkpoint is put.
        shape: Name of one of ``SHAPES``.
        film: That is asked about.
        repetitions: Runs of each procedure after the first, which does not count.
    """
    started = time.perf_counter()
    print(f"writing a checkpoint of the {shape} shape", flush=True)
    checkpoint = build_checkpoint(scratch / "checkpoint", SHAPES[shape])
    written = time.perf_counter()
    print(f"written in {written - started:.1f} s; measuring memory", flush=True)
    memory = measure_memory(checkpoint)
    before = time.perf_counter()
    loaded = load_videomind(checkpoint, film.frames)
    load_seconds = time.perf_counter() - before
    print(f"loaded in {load_seconds:.1f} s; measuring chains", flush=True)
    backbone = loaded.model.backbone
    is_judged = shape == JUDGED_SHAPE and backbone.device.type == "cuda"
    return {
        "machine": machine() | _device(backbone.device),
        "shape": shape,
        "is_judged": is_judged,
        "precision": str(backbone.dtype).removeprefix("torch."),
        "film": {"name": film.video.title, "seconds": film.video.duration_seconds},
        "repetitions": repetitions,
        "write_seconds": written - started,
        "load_seconds": load_seconds,
        "chain": figures(measure_chains(loaded, film, repetitions)),
        "memory": memory,
    }


def _device(device: torch.device) -> dict[str, Any]:
    is_gpu = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if is_gpu else "a CPU",
        "threads": torch.get_num_threads(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What does the chain on pixels cost?")
    parser.add_argument("--shape", choices=SHAPES, default=JUDGED_SHAPE)
    parser.add_argument("--video", type=Path, help="a film in place of the computed one")
    parser.add_argument("--results", type=Path, help="a file for the figures; .md lies beside it")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--scratch", type=Path, help="where the checkpoint is put meanwhile")
    arguments = parser.parse_args()
    if arguments.results is None and arguments.shape == JUDGED_SHAPE:
        arguments.results = RESULTS / "videomind.json"
    return arguments


if __name__ == "__main__":
    main()
