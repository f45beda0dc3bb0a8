import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cinedex.cli.app import app
from tests.postgresql import Server


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "library"


def create(root: Path, *arguments: str) -> tuple[int, str, str]:
    finished = CliRunner().invoke(app, ["create", "--library", str(root), *arguments])
    return finished.exit_code, finished.stdout, finished.stderr


def test_a_library_is_made_once(root: Path) -> None:
    code, said, told = create(root)
    assert (code, said) == (0, "")
    assert told.startswith(f"a library is at {root}; catalogue: {root}/catalogue.sqlite")
    code, said, _ = create(root, "--json")
    assert code == 0
    assert json.loads(said) == {
        "library": str(root),
        "catalogue": f"{root}/catalogue.sqlite",
        "vectors": "files",
    }
    assert "catalogue" not in (root / "library.toml").read_text().partition("\n")[2]


def test_other_settings_than_those_of_the_library_there_are_refused(root: Path) -> None:
    create(root)
    code, _, told = create(root, "--catalogue", "postgresql://me:secret@127.0.0.1/films")
    assert code == 2
    assert "library.toml" in told
    assert "secret" not in told


def test_a_library_in_postgresql_is_opened_by_other_commands(root: Path, pgvector: Server) -> None:
    url = pgvector.new_database()
    code, said, _ = create(root, "--catalogue", url, "--vectors", "pgvector", "--json")
    assert code == 0
    assert json.loads(said)["catalogue"] == url
    assert json.loads(said)["vectors"] == "pgvector"
    listed = CliRunner().invoke(app, ["list", "--library", str(root), "--json"])
    assert listed.exit_code == 0
    assert json.loads(listed.stdout)["videos"] == []


def test_a_password_in_the_url_is_not_said(root: Path, pgvector: Server) -> None:
    url = pgvector.new_database().replace("cinedex@", "cinedex:secret@")
    code, said, told = create(root, "--catalogue", url)
    assert code == 0
    assert "secret" not in said + told
