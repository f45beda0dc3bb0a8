"""Benchmarks are run by hand and seldom; what they import must exist all the same."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
OURS = {"store", "indexer", "retriever", "reasoner", "cinedex", "benchmarks"}


@pytest.mark.parametrize("path", sorted(BENCHMARKS.rglob("*.py")), ids=lambda path: path.stem)
def test_what_a_benchmark_imports_of_ours_exists(path: Path) -> None:
    imports = [
        (node.module or "", alias.name)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    for module, name in imports:
        root = module.split(".")[0]
        if root == "benchmarks":
            assert find_spec(module) is not None
        elif root in OURS:
            assert hasattr(import_module(module), name) or find_spec(f"{module}.{name}")
