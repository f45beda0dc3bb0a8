"""Which file system a path lies on, so that a place that breaks locks can be refused.

Read from Linux's mount table; elsewhere nothing is known and nothing is refused.
"""

from pathlib import Path

MOUNT_TABLE = Path("/proc/self/mountinfo")
NETWORK_FILE_SYSTEMS = frozenset(
    ("9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs")
) | frozenset(("gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"))


def file_system_of(path: Path, table: Path = MOUNT_TABLE) -> str | None:
    """Name the file system that holds a path; ``None`` where it cannot be told.

    Args:
        path: It need not exist.
        table: In the format of ``proc(5)``, section mountinfo.
    """
    try:
        lines = table.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = path.resolve()
    best: tuple[int, str] | None = None
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(_unescaped(before.split(" ")[4]))
        # A later mount on the same point hides the earlier one.
        if place.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), after.split(" ")[0])
    return best[1] if best else None


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
