import os

import pytest

from store.backends import sqlite
from store.errors import LibraryPlaceError
from store.library import Library
from store.mounts import NETWORK_FILE_SYSTEMS, file_system_of

# As proc(5) shows it; the last two lines mount twice on one point.
TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:30 / /srv/media rw,relatime shared:5 master:1 - nfs4 nas:/media rw,vers=4.2
31 22 0:31 / /srv/my\040films rw - cifs //nas/films rw
32 30 0:32 / /srv/media/local rw - xfs /dev/vdb rw
33 22 0:33 / /mnt rw - ext4 /dev/vdc rw
34 22 0:34 / /mnt rw - fuse.sshfs host: rw
""".strip()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/media/library", "nfs4"),
        ("/srv/mediation", "ext4"),
        ("/srv/my films/x", "cifs"),
        ("/srv/media/local/x", "xfs"),
        ("/mnt/x", "fuse.sshfs"),
        ("/elsewhere", "ext4"),
    ],
)
def test_the_deepest_and_latest_mount_holds_a_path(tmp_path, path, expected):
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    assert file_system_of(tmp_path.__class__(path), table) == expected


def test_nothing_is_known_without_a_mount_table(tmp_path):
    assert file_system_of(tmp_path, tmp_path / "missing") is None


def test_this_machine_names_the_file_system_of_its_files(tmp_path):
    if not os.path.exists("/proc/self/mountinfo"):
        pytest.skip("not Linux")
    found = file_system_of(tmp_path)
    assert found
    assert found not in NETWORK_FILE_SYSTEMS


def test_a_library_on_a_network_share_is_refused_with_a_remedy(tmp_path, monkeypatch):
    Library.create(tmp_path / "library").close()
    monkeypatch.setattr(sqlite, "file_system_of", lambda _path: "nfs4")
    for opener in (Library.open, Library.create):
        with pytest.raises(LibraryPlaceError, match=r"nfs4.*local disk.*PostgreSQL"):
            opener(tmp_path / "library")
