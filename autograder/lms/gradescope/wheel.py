"""Build a wheel of this package from its installed files, for a machine that cannot download it."""

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
from autograder.i18n import _

DISTRIBUTION = "rnn-course-kit"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same files give the same bytes
METADATA = ("METADATA", "entry_points.txt")


def wheel() -> tuple[str, bytes]:
    """Return name and bytes of a wheel of the running package, also from an editable installation.

    Raises CourseError if the package is not installed: its metadata lists dependencies and entry points.
    """
    try:
        installed = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise CourseError(
            _(
                "{package} is not installed here, so there is nothing to pack; run `pip install .` in its "
                "folder",
                package=DISTRIBUTION,
            )
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
    """Add a file to an archive reproducibly."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.create_system = 3  # mark entries as made on Unix: otherwise the file mode is ignored
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def _package() -> Iterator[tuple[str, bytes]]:
    root = Path(autograder.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{root.name}/{path.relative_to(root).as_posix()}", path.read_bytes()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
