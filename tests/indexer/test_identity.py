import os
import re
import subprocess
import sys
from hashlib import blake2b

import numpy as np
import pytest

from indexer.identity import content_id
from store.errors import MediaNotFoundError, MediaUnreadableError

MEBIBYTE = 1024 * 1024


def write(path, content):
    path.write_bytes(content)
    return path


def test_a_small_file_is_hashed_whole_after_its_size(tmp_path):
    expected = blake2b((3).to_bytes(8, "little") + b"abc", digest_size=16).hexdigest()
    assert content_id(write(tmp_path / "a.mp4", b"abc")) == expected


def test_content_counts_and_the_name_does_not(tmp_path):
    first = content_id(write(tmp_path / "a.mp4", b"abc"))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert content_id(write(tmp_path / "b.mkv", b"abc")) == first
    assert content_id(write(tmp_path / "c.mp4", b"abd")) != first


def test_an_empty_file_has_an_id(tmp_path):
    assert len(content_id(write(tmp_path / "a.mp4", b""))) == 32


@pytest.mark.parametrize("position", [0, 4 * MEBIBYTE - 1, 2 * MEBIBYTE + 77])
def test_every_byte_of_four_mebibytes_counts(tmp_path, position):
    content = bytearray(4 * MEBIBYTE)
    first = content_id(write(tmp_path / "a.mp4", content))
    content[position] = 1
    assert content_id(write(tmp_path / "a.mp4", content)) != first


def test_of_a_large_file_the_ends_and_the_size_count(tmp_path):
    content = bytearray(np.random.default_rng(0).bytes(20 * MEBIBYTE))
    first = content_id(write(tmp_path / "a.mp4", content))
    for position in (0, len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= 1
        assert content_id(write(tmp_path / "a.mp4", changed)) != first
    assert content_id(write(tmp_path / "a.mp4", content[:-1])) != first


def test_a_large_file_is_not_read_whole(tmp_path):
    # 100 GiB of nothing: reading it would take minutes.
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * MEBIBYTE)
    assert len(content_id(path)) == 32


def test_a_missing_file(tmp_path):
    with pytest.raises(MediaNotFoundError, match="does not exist"):
        content_id(tmp_path / "gone.mp4")


def test_a_directory(tmp_path):
    with pytest.raises(MediaUnreadableError):
        content_id(tmp_path)


_AS_NOBODY = """
import os, sys
from pathlib import Path
from indexer.identity import content_id
from store.errors import MediaError
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    content_id(Path(sys.argv[1]))
except MediaError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="permission bits are a POSIX notion")
def test_a_file_without_read_permission(tmp_path):
    path = write(tmp_path / "a.mp4", b"abc")
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    path.chmod(0)
    # The super-user reads anything, so another user must try.
    told = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True
    )
    assert told.stdout.startswith(MediaUnreadableError.__name__), told.stderr
