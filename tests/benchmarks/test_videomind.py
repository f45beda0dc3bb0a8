"""Procedures compared over a tiny model: the same work on both sides, the same answers."""

from math import prod
from pathlib import Path

import pytest
import torch

from benchmarks.videomind.checkpoint import base_config, base_shapes, build_checkpoint
from benchmarks.videomind.film import made_up_film
from benchmarks.videomind.ledger import Count, Ledger, Part
from benchmarks.videomind.measuring import figures, largest_difference
from benchmarks.videomind.memory import KINDS, adapter_bytes, tensor_bytes
from benchmarks.videomind.procedure import (
    FOLLOW_UP,
    OURS,
    PROCEDURES,
    REFERENCE,
    UNSHARED,
    Run,
    ask,
)
from benchmarks.videomind.shape import SHAPES, TARGETS, WHOLE_MODULES
from benchmarks.videomind.tokenizer import build_tokenizer, special_ids
from reasoner.answer import Role
from reasoner.videomind.backend import load_videomind
from reasoner.videomind.checkpoints.adapter import expected_shapes
from reasoner.videomind.checkpoints.adapter_settings import AdapterSettings
from reasoner.videomind.checkpoints.checkpoint import open_checkpoint
from reasoner.videomind.checkpoints.names import EMBEDDINGS, HEAD
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.scores import MAX_CANDIDATES

pytestmark = pytest.mark.usefixtures("one_thread")
ROUNDING = 1e-6
"""In single precision, of a score of a candidate that was read in a batch and alone."""
FLOAT_BYTES = 4
PATCH_PIXELS = 4
"""Of the film: pictures of 128x72, which are seen as coarsely as any."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_checkpoint(tmp_path_factory.mktemp("videomind") / "tiny", SHAPES["tiny"])


@pytest.fixture(scope="module")
def runs(folder: Path, one_thread: None) -> dict[str, tuple[Run, ...]]:
    film = made_up_film(PATCH_PIXELS)
    loaded = load_videomind(folder, film.frames, options=BackboneOptions("cpu", "float32"))
    return {procedure.name: (ask(procedure, loaded, film),) for procedure in PROCEDURES}


def count(run: Run, role: Role, kind: Count) -> int:
    return run.ledger.counts[role, kind]


def test_every_procedure_writes_as_many_tokens(runs: dict[str, tuple[Run, ...]]) -> None:
    for (run,) in runs.values():
        written = {role: count(run, role, Count.NEW_TOKENS) for role in Role}
        assert written == {
            Role.PLANNER: 32,
            Role.GROUNDER: 3 * 32,
            Role.VERIFIER: 0,
            Role.ANSWERER: 64,
        }


def test_what_is_kept_is_not_encoded_again_and_zoomed_pictures_never_are_shared(
    runs: dict[str, tuple[Run, ...]],
) -> None:
    clips = {
        name: [count(run, role, Count.CLIPS) for role in Role] for name, (run,) in runs.items()
    }
    assert clips == {
        OURS.name: [0, 3, MAX_CANDIDATES, 1],
        UNSHARED.name: [0, 3, MAX_CANDIDATES, 1],
        REFERENCE.name: [1, 3, MAX_CANDIDATES, 1],
        FOLLOW_UP.name: [0, 0, MAX_CANDIDATES, 1],
    }
    (reference,) = runs[REFERENCE.name]
    assert count(reference, Role.PLANNER, Count.FRAMES) == 100
    assert count(reference, Role.GROUNDER, Count.FRAMES) == 3 * 30


def test_ours_and_the_reference_procedure_find_the_same(runs: dict[str, tuple[Run, ...]]) -> None:
    (ours,), (reference,), (unshared,) = (
        runs[procedure.name] for procedure in (OURS, REFERENCE, UNSHARED)
    )
    assert len({span.span for span in ours.answer.spans}) == MAX_CANDIDATES
    said = [span.yes_probability or 0.0 for span in ours.answer.spans]
    assert max(said) - min(said) > 10 * ROUNDING
    for other in (reference, unshared):
        differences = largest_difference(ours, other)
        assert differences["edge_seconds"] == 0
        assert differences["confidence"] == 0
        assert differences["yes_probability"] < ROUNDING
        assert other.answer.text == ours.answer.text


def test_a_part_inside_another_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(torch.device("cpu"))
    clock = iter([0.0, 2.0, 5.0, 10.0])
    monkeypatch.setattr(ledger, "now", lambda: next(clock))
    with ledger.timing("grounder", Part.FRAMES), ledger.timing("grounder", Part.VISION):
        pass
    assert ledger.seconds == {("grounder", Part.FRAMES): 7.0, ("grounder", Part.VISION): 3.0}


def test_parts_are_inside_their_role(runs: dict[str, tuple[Run, ...]]) -> None:
    for (run,) in runs.values():
        for role in Role:
            parts = sum(run.ledger.seconds[role, part] for part in Part)
            assert 0 < parts <= run.answer.seconds_by_role[role]


def test_figures_name_both_sides(runs: dict[str, tuple[Run, ...]]) -> None:
    said = figures(runs)
    ours, reference = (said["procedures"][each.name] for each in (OURS, REFERENCE))
    faster = reference["chain_seconds"] / ours["chain_seconds"]
    assert said["times_faster"]["the reference procedure"] == faster
    assert said["is_within_bar"] == (faster >= 2)
    assert said["same_generated_tokens"]
    assert ours["totals"]["generated tokens"] == 192


def test_one_base_with_four_roles_holds_the_base_once(folder: Path) -> None:
    held = {}
    for kind in ("base", "one", "four"):
        before = tensor_bytes()
        kept = KINDS[kind](folder)
        held[kind] = tensor_bytes() - before
        del kept
    adapters = adapter_bytes(open_checkpoint(folder), FLOAT_BYTES)
    assert held["one"] == pytest.approx(held["base"] + adapters, rel=0.1)
    assert held["four"] == pytest.approx(4 * held["base"] + adapters, rel=0.1)


def test_the_real_shape_has_as_many_parameters_as_the_release() -> None:
    shape = SHAPES["2b"]
    tokenizer = build_tokenizer(shape.first_special)
    ids = special_ids(tokenizer)
    assert (ids["im_end"], ids["video_pad"], ids["seg_end"]) == (151645, 151656, 151659)
    shapes = base_shapes(base_config(shape, ids))
    assert sum(map(prod, shapes.values())) == 2_208_985_600
    tied = shapes | {HEAD: shapes[EMBEDDINGS]}
    sizes = {
        role: sum(
            map(prod, expected_shapes(AdapterSettings(64, 64, 0.1, TARGETS, whole), tied).values())
        )
        for role, whole in WHOLE_MODULES.items()
    }
    factors, matrix = 17_432_576, 151_936 * 1536
    assert sizes == {
        "planner": factors,
        "grounder": factors + 2 * matrix,
        "verifier": factors + 2 * matrix,
    }
