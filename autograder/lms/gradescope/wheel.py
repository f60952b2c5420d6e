"""This package as a wheel, made from what is installed: for a machine that can get it from nowhere else."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.errors import CourseError

DISTRIBUTION = "rnn-course-kit"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
LEFT_OUT = ("__pycache__",)
METADATA = ("METADATA", "entry_points.txt")


def wheel() -> tuple[str, bytes]:
    """Name and bytes of a wheel of the package that runs, in an editable installation as in any other.

    Raises CourseError where the package is not installed: its needs and its entry points are written down there.
    """
    try:
        installed = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise CourseError(
            f"{DISTRIBUTION} is not installed here, so there is nothing to pack; run `pip install .` in its folder"
        ) from None
    stem = f"{DISTRIBUTION.replace('-', '_')}-{installed.version}"
    tag = "py3-none-any"
    files = dict(_package())
    for name in METADATA:
        files[f"{stem}.dist-info/{name}"] = (installed.read_text(name) or "").encode()
    files[f"{stem}.dist-info/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: autograder {installed.version}\nRoot-Is-Purelib: true\nTag: {tag}\n"
    ).encode()
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            add(archive, name, data)
    return f"{stem}-{tag}.whl", written.getvalue()


def add(archive: zipfile.ZipFile, name: str, data: bytes, *, executable: bool = False) -> None:
    """Put a file into an archive, the same bytes whenever it is done."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.create_system = 3  # Unix, wherever this runs: only then is the mode one
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def _package() -> Iterator[tuple[str, bytes]]:
    root = Path(autograder.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and not set(path.parts) & set(LEFT_OUT):
            yield f"{root.name}/{path.relative_to(root).as_posix()}", path.read_bytes()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
