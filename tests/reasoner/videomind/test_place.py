import re
import sys
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import errors

from reasoner.videomind.checkpoints.place import locate
from store.errors import InputError, WeightsMissingError

CLIENT: Any = sys.modules[errors.HfHubHTTPError.__mro__[1].__module__.partition(".")[0]]
"""The package that the hub's library speaks HTTP with; it depends on its version."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert locate(str(tmp_path)) == tmp_path


def test_a_folder_may_be_told_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    assert locate("~/models") == tmp_path / "models"
    with pytest.raises(InputError, match="no folder ~nobody-of-this-name/models"):
        locate("~nobody-of-this-name/models")


def test_a_checkpoint_that_was_fetched_before_is_found_offline(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--owner--name" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    assert locate(f"owner/name@{COMMIT}", tmp_path, offline=True) == snapshot


def test_what_was_not_fetched_is_missing_offline(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match=r"owner/name@0123.*name the folder") as told:
        locate(f"owner/name@{COMMIT}", tmp_path, offline=True)
    assert "disabled); run `cinedex models pull` without --offline, or" in str(told.value)
    assert not {"local_files_only", "HF_HUB_OFFLINE"} & set(re.findall(r"\w+", str(told.value)))


@pytest.mark.parametrize("place", ["owner/name", "owner/name@main", "owner/name@abc123"])
def test_a_revision_that_can_move_is_refused(place: str) -> None:
    with pytest.raises(InputError, match="all 40 digits"):
        locate(place)


@pytest.mark.parametrize(
    "error",
    [
        CLIENT.RemoteProtocolError("peer closed connection without sending complete message body"),
        CLIENT.ConnectTimeout("timed out"),
        errors.XetDownloadError("the transfer broke off"),
        RuntimeError("Data processing error: I/O error"),  # as hf_xet says it
        OSError(28, "No space left on device"),
    ],
)
def test_a_download_that_breaks_off_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks_off(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("huggingface_hub.snapshot_download", breaks_off)
    with pytest.raises(WeightsMissingError) as told:
        locate(f"owner/name@{COMMIT}", tmp_path)
    assert f"could not be fetched ({error}); try again" in str(told.value)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        locate(str(tmp_path / "nothing" / "here"))
