"""What worker processes are made of: each opens the library and loads the models for itself.

Everything here is picklable, and nothing heavy is imported before a worker asks for it.
"""

import glob
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cinedex.config import Settings, load_settings
from store.errors import ConfigError
from store.layout import Layout, LibrarySettings
from store.library import Library

if TYPE_CHECKING:
    from cinedex.compose import Composition
    from indexer.cluster import ClusterIndexer
    from indexer.parallel import ParallelIndexer
    from indexer.part_actor import PartDoer
    from indexer.pipeline import Indexer

NEEDS_SERVER = (
    "workers on other machines cannot share a catalogue in a file; make a library whose catalogue "
    "is in PostgreSQL: `cinedex --library NEW create --catalogue postgresql://user@host/name`, and "
    "`export-library` and `import-library` take along what is in {root}"
)


@dataclass(frozen=True, slots=True)
class LocalIndexer:
    """Makes the indexer of a process of this machine.

    Attributes:
        root: The library's directory.
        settings: Those of the whole run.
        num_jobs: Processes that share the cores.
    """

    root: Path
    settings: Settings
    num_jobs: int

    def __call__(self) -> "Indexer":
        """Open the library and make an indexer."""
        from cinedex.compose import Composition

        threads = max(1, self.settings.threads // self.num_jobs)
        settings = replace(self.settings, threads=threads)
        return Composition(Library.open(self.root), settings).indexer()


@dataclass(frozen=True, slots=True)
class ClusterDoer:
    """Makes what does parts in a worker of a cluster.

    Attributes:
        catalogue: Where the library's catalogue is.
        settings: Of the machine that leads the run; the cache is the worker's own.
        threads: Cores of each worker.
    """

    catalogue: LibrarySettings
    settings: Settings
    threads: int = 1

    def __call__(self) -> "PartDoer":
        """Open the catalogue and make a doer."""
        from cinedex.compose import Composition
        from indexer.parts import PartWorker

        cache = load_settings().cache
        scratch = own_folder(cache / "workers")
        library = Library.create(scratch / "library", settings=self.catalogue)
        settings = replace(self.settings, cache=cache, threads=self.threads)
        indexer = Composition(library, settings).indexer()
        return PartWorker(library, indexer.models, indexer.options, scratch)


def in_processes(root: Path, settings: Settings, num_jobs: int) -> "ParallelIndexer":
    """Return what indexes with several processes of this machine."""
    from indexer.parallel import ParallelIndexer

    return ParallelIndexer(LocalIndexer(root, settings, num_jobs), num_jobs)


@contextmanager
def on_cluster(
    composition: "Composition", library: Library, settings: Settings, address: str
) -> Iterator["ClusterIndexer"]:
    """Give what indexes with the workers of a Ray cluster.

    Args:
        composition: Of this process.
        library: Its catalogue is in PostgreSQL, under a host name that every node knows.
        settings: Of the run.
        address: Of the cluster's head, as ``host:port``, or ``auto``.

    Raises:
        ConfigError: The library's catalogue is in a file, or Ray is not installed.
        ClusterError: The cluster cannot be reached.
    """
    from indexer.cluster import ClusterIndexer
    from indexer.ray_crew import RayCrew

    catalogue = Layout(library.root).require()
    if catalogue.catalogue is None:
        raise ConfigError(NEEDS_SERVER.format(root=library.root))
    here = composition.indexer()
    with (
        tempfile.TemporaryDirectory(prefix="cinedex-media-") as scratch,
        RayCrew(address, ClusterDoer(catalogue, settings)) as crew,
    ):
        yield ClusterIndexer(library, here.models, here.options, crew, Path(scratch))


def own_folder(folder: Path) -> Path:
    """Make a folder for this process, and remove those of processes of this machine that died.

    Args:
        folder: Where such folders lie; machines may share it.
    """
    host = f"{socket.gethostname()}-"
    for left in folder.glob(f"{glob.escape(host)}*"):
        pid = left.name.removeprefix(host)
        if pid.isdecimal() and (int(pid) == os.getpid() or not _runs(int(pid))):
            shutil.rmtree(left, ignore_errors=True)
    own = folder / f"{host}{os.getpid()}"
    own.mkdir(parents=True)
    return own


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another account's
        return True
    return True
