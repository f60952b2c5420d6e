"""Submitted files: from folders, from archives, or single. Archives are read in memory, within size limits."""

from __future__ import annotations

import contextlib
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, NoReturn

from autograder.errors import CourseError, UnreadableSubmission
from autograder.i18n import _
from autograder.submissions.safe_read import (
    MAX_DEPTH,
    MAX_FILE,
    NOT_PLAIN,
    open_regular,
    read_bytes,
    unreadable_reason,
)
from autograder.text import Text

MAX_ARCHIVE, MAX_ENTRIES = 2_000_000_000, 100_000
MAX_STUDENT = 150_000_000  # per folder of an archive, which is held in memory as a whole
MAX_HEADER = 1_000_000
EXTENDED_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
NO_DATE = (1980, 1, 1, 0, 0, 0)
NO_NOTEBOOK = _("it is not a notebook; ask for the .ipynb file")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, RuntimeError,
    NotImplementedError, ValueError, OSError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class SubmittedFile:
    """A submitted file: its origin, its time, its bytes, or the reason why it cannot be read."""

    name: str
    parts: tuple[str, ...]
    """Its folders and its name, relative to the folder or the archive that is collected."""
    refused: Text | None = None
    raw: bytes = b""
    modified: float = 0.0
    """Time of arrival; for a file in an archive inside a folder, the time of the archive."""
    archive: tuple[str, ...] = ()
    """Folders and name of the archive that contains it, relative to the folder that is collected."""
    inside: str = ""
    """Name of the archive that contains it, wherever the archive is; empty for a file in a folder."""
    saved: float = 0.0
    """Modification time given by its archive; whoever made the archive chose it."""

    @property
    def folder(self) -> str:
        """The outermost folder that contains it; empty if there is none."""
        return self.parts[0] if len(self.parts) > 1 else ""


def files_in(source: Path, owner: Callable[[str], str] = lambda name: "") -> Iterator[SubmittedFile]:
    """Yield the submitted files of a folder or an archive, or a single notebook.

    owner: returns the student whose files an archive holds, given the archive's name; empty if the name identifies
    nobody, in which case the folders in the archive decide. Raises CourseError if `source` is none of the three.
    """
    if source.is_dir():
        totals = _Totals()
        for path, problem in sorted(_paths_below(source).items()):
            parts = path.relative_to(source).parts
            if _is_archive(path) and not path.is_dir():
                arrival = path.lstat().st_mtime
                for file in _in_archive(path, parts, owner, totals):
                    yield replace(file, archive=parts, modified=arrival)
            elif any(part.startswith(".") for part in parts):
                continue
            elif problem is not None:
                yield SubmittedFile(str(path), parts, problem)
            elif path.suffix.lower() == ".ipynb":
                yield _within_limit(_in_file(path, parts), totals)
            elif path.is_symlink():
                yield SubmittedFile(str(path), parts, NOT_PLAIN.format(name=path.name))
            elif path.is_file():
                yield SubmittedFile(str(path), parts, NO_NOTEBOOK)
    elif _is_archive(source) and source.exists():
        # a link of the operator's own is followed
        yield from _in_archive(source.resolve(), (source.name,), owner, _Totals())
    elif source.is_file():
        yield _in_file(source, (source.name,))
    else:
        raise CourseError(
            _("{source} is not a folder, an archive (.zip, .tar.gz) or a notebook", source=source)
        )


def _paths_below(folder: Path) -> dict[Path, Text | None]:
    """Return the paths below a folder, of a link only the link, each with the reason if it cannot be looked into."""
    paths: dict[Path, Text | None] = {}
    folders = [(folder, 0)]
    while folders:
        current, depth = folders.pop()
        if depth > MAX_DEPTH:
            paths[current] = _("its folders are nested more than {n} deep", n=MAX_DEPTH)
            continue
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    paths[Path(entry.path)] = None
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((Path(entry.path), depth + 1))
        except OSError as error:
            if current == folder:
                raise
            paths[current] = unreadable_reason(current.name, error)
    return paths


@dataclass
class _Totals:
    """What was read so far, by outermost folder."""

    kept: Counter[str] = field(default_factory=Counter)
    """Bytes of files."""
    unpacked: Counter[str] = field(default_factory=Counter)
    """Bytes of the entries of archives, also of those that are passed over."""
    entries: Counter[str] = field(default_factory=Counter)


def _within_limit(file: SubmittedFile, totals: _Totals) -> SubmittedFile:
    """Return a file, without its bytes if it is one too many. totals: this one is added."""
    owner = file.folder or file.name
    totals.kept[owner] += len(file.raw)
    if totals.kept[owner] <= MAX_STUDENT:
        return file
    return replace(file, raw=b"", refused=_("its folder exceeds {bytes} bytes", bytes=f"{MAX_STUDENT:,}"))


def _in_file(path: Path, parts: tuple[str, ...]) -> SubmittedFile:
    try:
        return SubmittedFile(str(path), parts, modified=path.lstat().st_mtime, raw=read_bytes(path))
    except UnreadableSubmission as refusal:
        return SubmittedFile(str(path), parts, refusal.reason)


@dataclass(frozen=True)
class _Entry:
    """An entry of an archive; `read(limit)` returns at most `limit` of its bytes."""

    name: str
    plain: bool
    """Whether it is a regular file, neither a link nor a device."""
    size: int
    modified: float
    read: Callable[[int], bytes]


def _in_archive(
    path: Path, parts: tuple[str, ...], owner: Callable[[str], str], totals: _Totals
) -> list[SubmittedFile]:
    """Read the files in an archive in memory: no name in it ever becomes a path on disk.

    parts: path of the archive. One in a student's folder, or named after a student, belongs to that student entirely.
    totals: the entries are added; all archives of a student together may unpack to as much as one.
    """
    files: list[SubmittedFile] = []
    above = parts[:-1] or tuple(filter(None, [owner(parts[0])]))
    whose = above[0] if above else path.name
    others = totals.entries[whose] > 0
    try:
        for entry in _zip_entries(path) if _is_zip(path) else _tar_entries(path):
            totals.unpacked[whose] += entry.size
            totals.entries[whose] += 1
            if totals.unpacked[whose] > MAX_ARCHIVE or totals.entries[whose] > MAX_ENTRIES:
                return [SubmittedFile(str(path), parts, _too_large(others=others))]
            file = _in_entry(entry, str(path), above)
            if file is not None:
                files.append(_within_limit(replace(file, inside=parts[-1]), totals))
    except UnreadableSubmission as refusal:
        files.append(SubmittedFile(str(path), parts, refusal.reason))
    except UNREADABLE as error:
        files.append(SubmittedFile(str(path), parts, _("the archive cannot be read: {error}", error=error)))
    return files


def _too_large(*, others: bool) -> Text:
    """Return the reason why an archive is not read. others: whether archives of the same student were read before."""
    limits = {"bytes": f"{MAX_ARCHIVE:,}", "files": f"{MAX_ENTRIES:,}"}
    if others:
        return _(
            "it and the other archives beside it would unpack to more than {bytes} bytes or {files} files; not opened",
            **limits,
        )
    return _("it would unpack to more than {bytes} bytes or {files} files; not opened", **limits)


def _in_entry(entry: _Entry, archive: str, above: tuple[str, ...]) -> SubmittedFile | None:
    name = PurePosixPath(entry.name.replace("\\", "/"))
    label, parts = f"{archive}:{entry.name}", (*above, *name.parts)
    if "__MACOSX" in name.parts or name.name.startswith("."):
        return None
    if _is_archive(name):
        return SubmittedFile(label, parts, _("it is an archive inside an archive; unpack it first"))
    if name.suffix.lower() != ".ipynb":
        return SubmittedFile(label, parts, NO_NOTEBOOK)
    if entry.size > MAX_FILE or not entry.plain:
        return SubmittedFile(label, parts, _("it is a link or too large"))
    try:
        raw = entry.read(MAX_FILE)
        return SubmittedFile(label, parts, raw=raw, modified=entry.modified, saved=entry.modified)
    except UNREADABLE as error:
        return SubmittedFile(label, parts, _("it cannot be read from the archive: {error}", error=error))


def _is_zip(path: PurePath) -> bool:
    return path.suffix.lower() == ".zip"


def _is_archive(path: PurePath) -> bool:
    return path.name.lower().endswith(ARCHIVES)


def stem_of(archive: str) -> str:
    """Return the name of an archive without its extensions."""
    kind = next((kind for kind in ARCHIVES if archive.lower().endswith(kind)), "")
    return archive[: len(archive) - len(kind)]


def _zip_entries(path: Path) -> Iterator[_Entry]:
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                plain = not stat.S_ISLNK(entry.external_attr >> 16)
                yield _Entry(
                    entry.filename,
                    plain,
                    entry.file_size,
                    _saved_time(entry, path),
                    partial(_read_zip_entry, archive, entry),
                )


def _read_zip_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(entry) as file:
        return file.read(limit)


class _Member(tarfile.TarInfo):
    """An entry of a tar file with a bounded name and bounded attributes: `tarfile` reads them into memory whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in EXTENDED_HEADERS and self.size > MAX_HEADER:
            raise tarfile.ReadError(f"a name or attribute in it has {self.size:,} bytes")
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member

    def _refuse_sparse(self, *_given: Any) -> NoReturn:
        """Refuse a file with holes, whose map of them is of any size, and is read into memory whole."""
        raise tarfile.ReadError("a file in it is sparse")

    _proc_sparse = _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_sparse


def _tar_entries(path: Path) -> Iterator[_Entry]:
    with open_regular(path) as file, tarfile.open(fileobj=file, tarinfo=_Member) as archive:
        for entry in archive:
            if not entry.isdir():
                # a hard link has no bytes of its own: `isreg` says so
                yield _Entry(
                    entry.name,
                    entry.isreg(),
                    entry.size,
                    float(entry.mtime),
                    partial(_read_tar_entry, archive, entry),
                )


def _read_tar_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, limit: int) -> bytes:
    file = archive.extractfile(entry)
    return file.read(limit) if file is not None else b""


def _saved_time(entry: zipfile.ZipInfo, path: Path) -> float:
    if entry.date_time != NO_DATE:
        with contextlib.suppress(ValueError, OverflowError):
            return datetime(*entry.date_time).timestamp()
    return path.stat().st_mtime  # some tools write no date
