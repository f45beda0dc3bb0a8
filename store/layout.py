"""Where things lie in a library's directory, and what says that it is one."""

import json
import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.errors import ConfigError, LibraryDamagedError, LibraryNewerError, LibraryNotFoundError
from store.files import make_directory, named_file_errors, write_atomically

# Format 1 is a catalogue in SQLite beside its vector files; 2 may keep either elsewhere.
FORMATS = (1, 2)
FILES, PGVECTOR = "files", "pgvector"
_HEADING = "# A cinedex library. The catalogue is the truth; vectors/ can be deleted.\n"


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """What ``library.toml`` says.

    Attributes:
        catalogue: URL of a PostgreSQL database; ``None`` for ``catalogue.sqlite`` in the directory.
        vectors: ``FILES`` in the directory, or ``PGVECTOR`` for the catalogue's own database.

    Raises:
        ConfigError: There is no such vector index, or the catalogue cannot hold it.
    """

    catalogue: str | None = None
    vectors: str = FILES

    def __post_init__(self) -> None:
        if self.vectors not in (FILES, PGVECTOR):
            raise ConfigError(
                f"no vector index {self.vectors!r}; vectors may be {FILES} or {PGVECTOR}"
            )
        if self.vectors == PGVECTOR and self.catalogue is None:
            raise ConfigError(
                f"vectors cannot be kept by {PGVECTOR} beside a catalogue in SQLite; name a "
                f"PostgreSQL database as the catalogue, or keep vectors in {FILES}"
            )


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of the library at ``root``."""

    root: Path

    @property
    def settings(self) -> Path:
        """Says what the directory is; written last when a library is created."""
        return self.root / "library.toml"

    @property
    def calibration(self) -> Path:
        """How far moments are believed, where it was fitted to the library's own marks."""
        return self.root / "calibration.toml"

    @property
    def catalogue(self) -> Path:
        """The SQLite database."""
        return self.root / "catalogue.sqlite"

    @property
    def vectors(self) -> Path:
        """Cache files."""
        return self.root / "vectors"

    @property
    def thumbnails(self) -> Path:
        """JPEG files."""
        return self.root / "thumbnails"

    @property
    def claims(self) -> Path:
        """An empty file; processes that index lock parts of it."""
        return self.root / "claims.lock"

    def is_complete(self) -> bool:
        """Say whether a library was created here to the end."""
        with named_file_errors(self.root):
            return self.settings.is_file()

    def prepare(self, settings: LibrarySettings) -> None:
        """Make the directories and an empty catalogue, for nobody but their owner."""
        with named_file_errors(self.root):
            for folder in (self.root, self.vectors, self.thumbnails):
                make_directory(folder)
            if settings.catalogue is None:
                with suppress(FileExistsError):
                    os.close(os.open(self.catalogue, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def complete(self, settings: LibrarySettings) -> None:
        """Say that the library is one."""
        written = _HEADING + f"format = {1 if settings == LibrarySettings() else 2}\n"
        if settings.catalogue is not None:
            written += f"catalogue = {json.dumps(settings.catalogue)}\n"
        if settings.vectors != LibrarySettings().vectors:
            written += f"vectors = {json.dumps(settings.vectors)}\n"
        with named_file_errors(self.root):
            write_atomically(self.settings, written.encode())

    def drop_unfinished(self) -> None:
        """Delete what processes that were killed had begun to write beside the settings."""
        for pattern in (".library.toml.*", ".probe.*"):
            for path in self.root.glob(pattern):
                with suppress(OSError):
                    path.unlink()

    def require(self) -> LibrarySettings:
        """Check that a library that this code can read is here, and read its settings.

        Raises:
            LibraryNotFoundError: There is none, or its creation never ended.
            LibraryNewerError: Its format is a later one.
            LibraryDamagedError: Its settings or catalogue are gone or unreadable.
        """
        if not self.is_complete():
            raise LibraryNotFoundError(
                f"no library at {self.root}; index a video to make one, or name another place"
            )
        with named_file_errors(self.root):
            content = self.settings.read_bytes()
        try:
            written = tomllib.loads(content.decode())
            number = written.pop("format")
            settings = LibrarySettings(**written) if number in FORMATS else LibrarySettings()
        except (ValueError, LookupError, TypeError) as error:
            raise LibraryDamagedError(
                f"{self.settings} cannot be read ({error}); write 'format = 1' into it, or, where "
                "PostgreSQL holds the catalogue, 'format = 2' and 'catalogue = URL'"
            ) from error
        if number not in FORMATS:
            raise LibraryNewerError(
                f"{self.root} was written by a newer cinedex (format {number}); upgrade cinedex"
            )
        if settings.catalogue is None and not self.catalogue.is_file():
            raise LibraryDamagedError(
                f"{self.catalogue} is missing; restore it from a backup, or delete {self.root}"
            )
        return settings
