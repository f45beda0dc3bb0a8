"""A PostgreSQL server of the tests' own, on loopback, gone with them."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

ACCOUNT = "postgres"  # the server refuses to run as root
DEBIAN = Path("/usr/lib/postgresql")
DEBIAN_EXTENSIONS = Path("/usr/share/postgresql")
FIRST_WITH_HNSW = (0, 5)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # the machine does not lose power during a test
    "max_connections": "60",
    "timezone": "UTC",
}


def programs() -> Path | None:
    """Find the folder of the server's programs, the newest version's first."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(DEBIAN.glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def programs_with_pgvector() -> Path | None:
    """Find the programs of a server that knows HNSW: Debian's, or the ``pgserver`` wheel's."""
    for control in sorted(DEBIAN_EXTENSIONS.glob("*/extension/vector.control"), reverse=True):
        folder = DEBIAN / control.parent.parent.name / "bin"
        version = re.search(r"default_version *= *'(\d+)\.(\d+)", control.read_text())
        is_new = version and tuple(map(int, version.groups())) >= FIRST_WITH_HNSW
        if is_new and (folder / "initdb").exists():
            return folder
    wheel = find_spec("pgserver")
    if wheel is None or wheel.origin is None:
        return None
    folder = Path(wheel.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


# For tests of vectors in files: those of pgvector lie in the database.
WITH_VECTOR_FILES = pytest.mark.parametrize(
    "place", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


class Server:
    """A server that is started when it is made and stopped by ``stop``.

    Args:
        folder_of_programs: With ``initdb`` and ``pg_ctl``.
    """

    def __init__(self, folder_of_programs: Path) -> None:
        self._programs = folder_of_programs
        self._user = ACCOUNT if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="cinedex-postgresql-"))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._data = self.folder / "data"
        self._count = 0
        self.port = _free_port()
        self._run("initdb", "-A", "trust", "-U", "cinedex", "-E", "UTF8", "--no-locale")
        self.start()

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options += f" -p {self.port} -k {self.folder}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """End the server at once, as a crash would for its clients."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user=cinedex dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return list(cursor) if cursor.description else []

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._count += 1
        name = f"library_{self._count}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql://cinedex@127.0.0.1:{self.port}/{name}"

    def cut_connections(self) -> int:
        """End every client's connection, and say how many there were."""
        found = self.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE application_name = 'cinedex'"
        )
        return int(str(found[0][0]))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self._data, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            user=self._user,
            cwd=self.folder,
        )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
