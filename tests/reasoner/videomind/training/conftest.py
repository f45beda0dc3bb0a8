import pytest

from reasoner.videomind.checkpoints.checkpoint import Checkpoint, open_checkpoint
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

SEED = 11


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """All that the chain needs, tiny and random; not to be written to."""
    folder = tmp_path_factory.mktemp("school") / "tiny"
    return open_checkpoint(build_checkpoint(folder, SEED))
