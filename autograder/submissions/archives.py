"""Files as they come: in folders, in archives, or alone. What is in an archive is read in memory, bounded."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath, PurePosixPath

from autograder.errors import CourseError, UnreadableSubmission
from autograder.submissions.safe_read import MAX_FILE, read_bytes

MAX_ARCHIVE, MAX_ENTRIES = 2_000_000_000, 100_000
MAX_STUDENT = 150_000_000  # of one folder of an archive: all of it is held in memory
MAX_HEADER = 1_000_000
EXTENDED = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
NO_NOTEBOOK = "it is no notebook; ask for the .ipynb file"
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, RuntimeError,
    NotImplementedError, ValueError, OSError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class SubmittedFile:
    """One file as it came: where from, when, its bytes, and why it cannot be read where it cannot."""

    name: str
    modified: float
    """When it came: of a file in an archive that lies in a folder, the time of the archive."""
    raw: bytes
    parts: tuple[str, ...]
    """Its folders and its name, within the folder or the archive that is collected."""
    refused: str = ""
    archive: tuple[str, ...] = ()
    """The folders and the name of the archive that it lies in, within the folder that is collected."""
    saved: float = 0.0
    """When it was saved, as its archive tells: who made the archive chose it."""

    @property
    def folder(self) -> str:
        """The outermost folder that it lies in; empty where it lies in none."""
        return self.parts[0] if len(self.parts) > 1 else ""


def files_in(source: Path, owner: Callable[[str], str] = lambda name: "") -> Iterator[SubmittedFile]:
    """Yield the hand-ins in a folder or an archive, or the single notebook. Raises CourseError if `source` is none.

    owner: returns the student whose hand-ins an archive holds, given the archive's name; empty if the name identifies
    nobody, in which case the folders in the archive decide.
    """
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if _is_archive(path) and path.is_file():
                parts = path.relative_to(source).parts
                came = path.stat().st_mtime
                for one in _in_archive(path, parts, owner):
                    yield replace(one, archive=parts, modified=came)
            elif any(part.startswith(".") for part in path.relative_to(source).parts):
                continue
            elif path.suffix.lower() == ".ipynb":
                yield _in_file(path, path.relative_to(source).parts)
            elif path.is_file():
                yield SubmittedFile(str(path), 0.0, b"", path.relative_to(source).parts, NO_NOTEBOOK)
    elif _is_archive(source) and source.is_file():
        yield from _in_archive(source, (source.name,), owner)
    elif source.is_file():
        yield _in_file(source, (source.name,))
    else:
        raise CourseError(f"{source} is no folder, archive (.zip, .tar.gz) or notebook")


def _in_file(path: Path, parts: tuple[str, ...]) -> SubmittedFile:
    try:
        return SubmittedFile(str(path), path.lstat().st_mtime, read_bytes(path), parts)
    except UnreadableSubmission as refusal:
        return SubmittedFile(str(path), 0.0, b"", parts, refusal.reason.en)


@dataclass(frozen=True)
class _Entry:
    """What an archive says of one of its entries; `read` gives its bytes, at most so many."""

    name: str
    plain: bool
    """Whether it is a regular file, not a link or a device."""
    size: int
    modified: float
    read: Callable[[int], bytes]


def _in_archive(path: Path, parts: tuple[str, ...], owner: Callable[[str], str]) -> list[SubmittedFile]:
    """The notebooks in an archive, read in memory: no name in it ever becomes a path of ours.

    parts: where the archive lies. One in a student's folder, or named as a student, is all that student's.
    """
    found: list[SubmittedFile] = []
    total, sizes = 0, Counter[str]()
    above = parts[:-1] or tuple(filter(None, [owner(parts[0])]))
    try:
        for number, entry in enumerate(_zip_entries(path) if _is_zip(path) else _tar_entries(path)):
            total += entry.size
            if total > MAX_ARCHIVE or number >= MAX_ENTRIES:
                reason = (
                    f"it would unpack to more than {MAX_ARCHIVE:,} bytes or {MAX_ENTRIES:,} files; not opened"
                )
                return [SubmittedFile(str(path), 0.0, b"", parts, reason)]
            one = _in_entry(entry, str(path), above)
            if one is not None:
                sizes[one.folder] += len(one.raw)
                if sizes[one.folder] > MAX_STUDENT:
                    one = replace(
                        one, raw=b"", refused=f"it and what lies beside it exceed {MAX_STUDENT:,} bytes"
                    )
                found.append(one)
    except UNREADABLE as error:
        found.append(SubmittedFile(str(path), 0.0, b"", parts, f"the archive cannot be read: {error}"))
    return found


def _in_entry(entry: _Entry, archive: str, above: tuple[str, ...]) -> SubmittedFile | None:
    name = PurePosixPath(entry.name.replace("\\", "/"))
    label, parts = f"{archive}:{entry.name}", (*above, *name.parts)
    if "__MACOSX" in name.parts or name.name.startswith("."):
        return None
    if _is_archive(name):
        return SubmittedFile(label, 0.0, b"", parts, "it is an archive within an archive; unpack it first")
    if name.suffix.lower() != ".ipynb":
        return SubmittedFile(label, 0.0, b"", parts, NO_NOTEBOOK)
    if entry.size > MAX_FILE or not entry.plain:
        return SubmittedFile(label, 0.0, b"", parts, "it is a link, or too big")
    try:
        return SubmittedFile(label, entry.modified, entry.read(MAX_FILE), parts, saved=entry.modified)
    except UNREADABLE as error:
        return SubmittedFile(label, 0.0, b"", parts, f"it cannot be read out of the archive: {error}")


def _is_zip(path: PurePath) -> bool:
    return path.suffix.lower() == ".zip"


def _is_archive(path: PurePath) -> bool:
    return path.name.lower().endswith(ARCHIVES)


def stem_of(archive: str) -> str:
    """The name of an archive without what tells its kind."""
    kind = next((kind for kind in ARCHIVES if archive.lower().endswith(kind)), "")
    return archive[: len(archive) - len(kind)]


def _zip_entries(path: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                plain = not stat.S_ISLNK(entry.external_attr >> 16)
                yield _Entry(
                    entry.filename,
                    plain,
                    entry.file_size,
                    _moment(entry, path),
                    partial(_unzipped, archive, entry),
                )


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(entry) as file:
        return file.read(most)


class _Member(tarfile.TarInfo):
    """An entry of a tar file whose name and attributes are of a reasonable length: `tarfile` reads them as a whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in EXTENDED and self.size > MAX_HEADER:
            raise tarfile.ReadError(f"a name or attribute in it has {self.size:,} bytes")
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


def _tar_entries(path: Path) -> Iterator[_Entry]:
    with tarfile.open(path, tarinfo=_Member) as archive:
        for entry in archive:
            if not entry.isdir():
                # a hard link has no bytes of its own: `isreg` says so
                yield _Entry(
                    entry.name,
                    entry.isreg(),
                    entry.size,
                    float(entry.mtime),
                    partial(_untarred, archive, entry),
                )


def _untarred(archive: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    file = archive.extractfile(entry)
    return file.read(most) if file is not None else b""


def _moment(entry: zipfile.ZipInfo, path: Path) -> float:
    try:
        return datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError):  # some tools write no date
        return path.stat().st_mtime
