"""The formats by name."""

from collections.abc import Callable, Mapping
from pathlib import Path

from cinedex.datasets.activitynet import read_activitynet
from cinedex.datasets.charades import read_charades
from cinedex.datasets.nextgqa import read_nextgqa
from cinedex.datasets.own import read_own
from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.qvhighlights import read_qvhighlights
from cinedex.datasets.tvqa import read_tvqa, read_tvqa_long
from store.errors import DatasetError, UnknownNameError

READERS: Mapping[str, Callable[[Path], list[DatasetQuery]]] = {
    "qvhighlights": read_qvhighlights,
    "charades": read_charades,
    "activitynet": read_activitynet,
    "nextgqa": read_nextgqa,
    "tvqa": read_tvqa,
    "tvqa-long": read_tvqa_long,
    "own": read_own,
}


def read_dataset(path: Path, format_name: str) -> list[DatasetQuery]:
    """Read all queries of a file.

    Raises:
        UnknownNameError: There is no such format.
        DatasetError: The file, or a line of it, is not in that format, or it holds no query.
    """
    if format_name not in READERS:
        raise UnknownNameError(f"no format {format_name!r}; there are {', '.join(READERS)}")
    queries = READERS[format_name](path)
    if not queries:
        raise DatasetError(f"{path} holds no query; name a file in the format {format_name}")
    return queries
