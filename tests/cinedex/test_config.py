from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cinedex.cli.app import app
from cinedex.config import Settings, load_settings
from store.errors import ConfigError


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("here", "library", "user")}
    monkeypatch.setenv("XDG_CONFIG_HOME", str(found["user"]))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for path in found.values():
        path.mkdir()
    (found["user"] / "cinedex").mkdir()
    return found


def load(
    folders: dict[str, Path], environment: dict[str, str] | None = None, **flags: Any
) -> Settings:
    return load_settings(flags, environment=environment or {}, folder=folders["here"])


def test_defaults(folders: dict[str, Path], tmp_path: Path) -> None:
    settings = load(folders)
    assert settings.library == tmp_path / "data" / "cinedex" / "library"
    assert settings.cache == tmp_path / "cache" / "cinedex"
    assert (settings.profile, settings.offline, settings.speech, settings.search_k) == (
        "pocket",
        False,
        "gaps",
        5,
    )
    assert settings.origin("search_k") == "default"


def test_each_layer_beats_the_one_below(folders: dict[str, Path]) -> None:
    user = folders["user"] / "cinedex" / "cinedex.toml"
    in_library = folders["library"] / "cinedex.toml"
    here = folders["here"] / "cinedex.toml"
    environment = {"CINEDEX_LIBRARY": str(folders["library"])}

    user.write_text("search_k = 2")
    assert (load(folders, environment).search_k, load(folders, environment).origin("search_k")) == (
        2,
        str(user),
    )
    in_library.write_text("search_k = 3")
    assert load(folders, environment).origin("search_k") == str(in_library)
    here.write_text("search_k = 4")
    assert load(folders, environment).search_k == 4
    environment["CINEDEX_SEARCH_K"] = "6"
    assert load(folders, environment).origin("search_k") == "CINEDEX_SEARCH_K"
    settings = load(folders, environment, search_k=7)
    assert (settings.search_k, settings.origin("search_k")) == (7, "--search-k")


def test_a_flag_that_was_not_given_decides_nothing(folders: dict[str, Path]) -> None:
    assert load(folders, {"CINEDEX_SPEECH": "no"}, speech=None).speech == "off"


@pytest.mark.parametrize(
    ("environment", "offline", "origin"),
    [
        ({"HF_HUB_OFFLINE": "1"}, True, "HF_HUB_OFFLINE"),
        ({"CINEDEX_OFFLINE": "yes"}, True, "CINEDEX_OFFLINE"),
        ({"HF_HUB_OFFLINE": "1", "CINEDEX_OFFLINE": "0"}, True, "HF_HUB_OFFLINE"),
        ({"HF_HUB_OFFLINE": "0"}, False, "default"),
    ],
)
def test_any_word_for_offline_counts(
    folders: dict[str, Path], environment: dict[str, str], offline: bool, origin: str
) -> None:
    settings = load(folders, environment)
    assert (settings.offline, settings.origin("offline")) == (offline, origin)


def test_paths_in_a_file_start_from_its_folder(folders: dict[str, Path]) -> None:
    (folders["user"] / "cinedex" / "cinedex.toml").write_text('library = "films"')
    assert load(folders).library == folders["user"] / "cinedex" / "films"


@pytest.mark.parametrize("name", ["libary", "CINEDEX_LIBARY"])
def test_an_unknown_key_lists_the_known(folders: dict[str, Path], name: str) -> None:
    environment = {name: "x"}
    if not name.isupper():
        environment = {}
        (folders["here"] / "cinedex.toml").write_text('libary = "x"')
    with pytest.raises(ConfigError, match=r"unknown setting `libary`; known are library, cache"):
        load(folders, environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", "0"),
        ("threads", "many"),
        ("search_k", "-1"),
        ("speech", "maybe"),
        ("language", "English"),
        ("library", ""),
        ("profile", ""),
    ],
)
def test_a_value_out_of_range_is_named(folders: dict[str, Path], name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load(folders, {f"CINEDEX_{name.upper()}": value})


def test_a_file_that_is_no_toml_is_named(folders: dict[str, Path]) -> None:
    (folders["here"] / "cinedex.toml").write_text("search_k: 4")
    with pytest.raises(ConfigError, match=r"cinedex\.toml"):
        load(folders)


def test_a_library_cannot_name_another_library(folders: dict[str, Path]) -> None:
    (folders["library"] / "cinedex.toml").write_text('library = "elsewhere"')
    with pytest.raises(ConfigError, match="inside a library"):
        load(folders, {"CINEDEX_LIBRARY": str(folders["library"])})


def test_variables_of_tests_are_no_settings(folders: dict[str, Path]) -> None:
    assert load(folders, {"CINEDEX_REQUIRE": "weights", "CINEDEX_FOOTAGE": "x"}) == load(folders)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], (30.0, True)),
        (["--speech-gap-seconds", "5"], (5.0, True)),
        (["--speech-gap-seconds", "0", "--no-screen-text"], (0.0, False)),
        (["--screen-text"], (30.0, True)),
    ],
)
@pytest.mark.parametrize("command", ["index", "watch"])
def test_index_and_watch_take_gaps_and_screen_text_as_flags(
    command: str,
    flags: list[str],
    expected: tuple[float, bool],
    folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, Any]] = []

    def open_with(*_: Any, **flags: Any) -> None:
        told.append({name: flag for name, flag in flags.items() if name != "create"})
        raise ConfigError("far enough")

    monkeypatch.setattr(f"cinedex.cli.{command}.open_with", open_with)
    CliRunner().invoke(app, [command, str(folders["here"]), *flags])
    settings = load(folders, **told[0])
    assert (settings.speech_gap_seconds, settings.screen_text) == expected
