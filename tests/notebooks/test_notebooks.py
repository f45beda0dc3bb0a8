"""The notebooks run from top to bottom on the sample film, and are kept without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
MAX_SECONDS = 600


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_stripped(name):
    for cell in nbformat.read(NOTEBOOKS / name, as_version=4).cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


@pytest.mark.weights
@pytest.mark.usefixtures("sample_film")
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs(name):
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    client = NotebookClient(
        notebook, timeout=MAX_SECONDS, resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    client.execute()
    shown = [out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", ())]
    assert any(kind in data for data in shown for kind in ("image/jpeg", "image/png", "text/html"))
