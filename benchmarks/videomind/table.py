"""The figures as tables for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.videomind.ledger import Count, Part

GIBIBYTE = 1 << 30
HEADER = """# The chain on pixels: seconds and memory

`python -m benchmarks.videomind` writes this. The weights are random, of the shape named below;
every role writes a set number of tokens, the same in all procedures. The reference procedure keeps
no features, shows the planner the whole film and verifies one candidate at a time; ours shows the
planner no picture, for it is not known yet which video is meant. No procedure shares the
verifier's zoomed pictures, and within one question no two roles see the same pictures equally
sharply: what is kept serves the next question on the same windows.
"""
COLUMNS = ("tensor", "loaded", "peak")
KINDS = {
    "base": "the base model alone",
    "one": "one base model with four roles",
    "asked": "the same, one chain run",
    "four": "four models, one for each role",
}


def write_table(figures: Mapping[str, Any]) -> str:
    """Write all figures."""
    machine, chain = figures["machine"], figures["chain"]
    lines = [
        HEADER,
        f"{figures['shape']}, {figures['precision']}, on {machine['device']}; "
        f"{figures['film']['seconds']:.0f} seconds of film ({figures['film']['name']}), "
        f"{figures['repetitions']} runs of each, medians.\n",
        *_chain_lines(chain),
        "",
        *(
            f"- {ratio:.2f} times as fast as {name}"
            for name, ratio in chain["times_faster"].items()
        ),
        f"- bar: {chain['bar']:.1f} times as fast as the reference procedure: "
        f"{_verdict(chain, figures)}",
        "- largest difference between ours and the reference procedure: "
        + ", ".join(f"{name} {value:.2g}" for name, value in chain["largest_difference"].items()),
    ]
    for name, procedure in chain["procedures"].items():
        lines += ["", f"## {name}", "", *_role_lines(procedure["roles"])]
    return "\n".join([*lines, "", *_memory_lines(figures)]) + "\n"


def _chain_lines(chain: Mapping[str, Any]) -> Iterable[str]:
    yield from _head("procedure", "chain, s", "least", "most", *(f"{p}, s" for p in Part), *Count)
    for name, one in chain["procedures"].items():
        roles = one["roles"].values()
        parts = [sum(role["parts"][part] for role in roles) for part in Part]
        seconds = [one[f"{kind}_seconds"] for kind in ("chain", "least", "most")]
        yield _row(name, *seconds, *parts, *(one["totals"][count] for count in Count))


def _role_lines(roles: Mapping[str, Any]) -> Iterable[str]:
    yield from _head("role", "all, s", *(f"{part}, s" for part in Part), *Count)
    for role, one in roles.items():
        counts = [one["counts"][count] for count in Count]
        yield _row(role, one["seconds"], *(one["parts"][part] for part in Part), *counts)


def _memory_lines(figures: Mapping[str, Any]) -> Iterable[str]:
    memory = figures["memory"]
    yield f"## Memory ({memory['device']})\n"
    yield from _head("what", "tensors, GiB", "loaded, GiB", "peak, GiB")
    for kind, name in KINDS.items():
        held = memory["held"][kind]
        yield _row(name, *(_gibibytes(held[f"{each}_bytes"]) for each in COLUMNS))
    adapters = memory["adapter_bytes"]
    yield _row("tensors of the adapters and the decoder", _gibibytes(adapters), "", "")
    yield ""
    yield "One base with four roles, for each byte of the base and the adapters' tensors:\n"
    for kind, ratio in memory["to_base_and_adapters"].items():
        yield f"- {kind}: {ratio:.3f}"
    yield f"- bar, of what is loaded: {memory['bar']:.2f}: {_verdict(memory, figures)}"
    if memory["to_four"] is not None:
        yield f"- loaded, for each byte of four models: {memory['to_four']:.3f}"


def _verdict(judged: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    if not figures["is_judged"]:
        return "not judged but on a GPU at the real shape"
    return "met" if judged["is_within_bar"] else "missed"


def _gibibytes(count: int | None) -> str:
    return "does not fit" if count is None else f"{count / GIBIBYTE:.3f}"


def _head(*cells: str) -> tuple[str, str]:
    return _row(*cells), "|---" + "|---:" * (len(cells) - 1) + "|"


def _row(*cells: object) -> str:
    written = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return f"| {' | '.join(written)} |"
