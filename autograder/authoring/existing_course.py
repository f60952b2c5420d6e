"""Makes a course of nbgrader's gradable here, and takes that back: looks first, and changes its config alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course, course_around
from autograder.engine.tested_class import Proofs, prove_assignments
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.grading.given_out import begin_record, remove_record
from autograder.i18n import _
from autograder.nbgrader.gradebook_queries import graded_assignments
from autograder.nbgrader.tested_assignment import PROOFS, TestedAssignment
from autograder.nbgrader_hooks import CONFIG_FILE, SEALED, is_sealed_only, seal_grading
from autograder.text import Text, some_of

RECORD = Path("build", "existing_course.json")
"""File that records the changes, which `--undo` reads."""
BACKUPS = Path("build", "before_autograder")
WRITTEN = ("autograded", "feedback", "reports", "regrades", "grades.csv", "question_scores.csv", "roster.csv")
EMPTY_CONFIG = "c = get_config()\n"
MARK = "# autograder: what follows was added by `autograder init --existing`; `--undo` removes it"


@dataclass(frozen=True)
class ExistingCourse:
    """A course of nbgrader's that is not graded here yet."""

    course: Course
    """With the settings that it would have."""
    config_text: str
    """Its nbgrader_config.py as it is; empty if there is none."""
    graded: tuple[str, ...]
    """Assignments with scores."""

    @property
    def root(self) -> Path:
        """The folder of the course."""
        return self.course.root

    @property
    def assignments(self) -> list[str]:
        """The names of its assignments."""
        return self.course.assignments

    def prove(self, names: Sequence[str], on_progress: Callable[[Text], None]) -> dict[str, Proofs]:
        """Prove the tests of assignments on the author's solutions; writes nothing. See `prove_assignments`."""
        return prove_assignments(self.course, names, on_progress=on_progress, keep=False)

    def lines(self, taken: Sequence[str]) -> str:
        """Return what is added to the config. taken: assignments that are graded here although they have scores."""
        finished = [name for name in self.graded if name not in taken]
        lines = [MARK, "from autograder import seal_grading", "", "seal_grading(c)"]
        if finished:
            lines.append(f"c.CourseSettings.finished = {finished!r}")
        return "\n".join(lines) + "\n"

    def take(self, taken: Sequence[str], found: dict[str, Proofs]) -> Path | None:
        """Write the config, keep what was found of the tests, and return the backup of the gradebook, if there is one.

        Raises CourseError if the config cannot be read with its new lines; it is then as before.
        """
        path = self.root / CONFIG_FILE
        before = self.config_text or EMPTY_CONFIG
        backup = _back_up(self.course)
        record = {
            "config": self.config_text if path.exists() else None,
            "backup": str(backup.relative_to(self.root)) if backup else "",
            "gradebook": _digest(self.course) if backup else "",
        }
        (self.root / RECORD).parent.mkdir(exist_ok=True)
        atomic_write(self.root / RECORD, json.dumps(record, indent=1))
        _write_config(path, before.rstrip("\n") + "\n\n" + self.lines(taken))
        try:
            Course.open(self.root)
        except CourseError:
            undo(self.root)
            raise
        for name, proofs in found.items():
            if not isinstance(proofs, CourseError):
                for notebook, proof in proofs.items():
                    TestedAssignment(self.course, name).keep(notebook, proof)
        begin_record(self.course, freely=taken)
        return backup


def look_at(folder: Path) -> ExistingCourse:
    """Return the course in a folder, which is not changed.

    Raises CourseError if there is none, or several, if it is graded here already, or if it cannot be changed.
    """
    root = folder.resolve()
    config = root / CONFIG_FILE
    sources = [*root.glob("source/*/*.ipynb")]
    has_config = config.is_file() or config.with_suffix(".json").is_file()
    if (outer := course_around(root)) is not None:
        raise CourseError(
            _("{folder} lies inside the course {course}; run the command there", folder=root, course=outer)
        )
    if not has_config and not sources:
        below = sorted(
            {path.parent for path in (*root.glob(f"*/{CONFIG_FILE}"), *root.glob(f"*/*/{CONFIG_FILE}"))}
        )
        if below:
            raise CourseError(
                _(
                    "no course of nbgrader's in {folder}, but below it: {courses}; change to one of them",
                    folder=root,
                    courses=some_of([str(path.relative_to(root)) for path in below]),
                )
            )
        raise CourseError(
            _(
                "no course of nbgrader's in {folder}: expected {file} and source/<assignment>/<notebook>.ipynb",
                folder=root,
                file=CONFIG_FILE,
            )
        )
    if not os.access(root, os.W_OK) or (config.exists() and not os.access(config, os.W_OK)):
        raise CourseError(_("{folder} cannot be changed: no permission to write there", folder=root))
    text = _text_of(config)
    course = Course.unchecked(root)
    if is_sealed_only(course.config):
        raise CourseError(
            _(
                "{folder} is graded here already; `autograder init --existing --undo` takes that back",
                folder=root,
            )
        )
    for section, name in SEALED:
        if name in course.config.get(section, {}):
            raise CourseError(
                _(
                    "{config} sets c.{section}.{name} already, to grade here or in a way of your own; remove "
                    "the line first",
                    config=config,
                    section=section,
                    name=name,
                )
            )
    named = course.config.CourseDirectory.get("root")
    if isinstance(named, str) and Path(named).resolve() != root:
        raise CourseError(
            _(
                "{config} sets c.CourseDirectory.root to {named}, where nbgrader works: run the command there, or "
                "remove the line",
                config=config,
                named=named,
            )
        )
    seal_grading(course.config)
    if not course.assignments:
        raise CourseError(
            _(
                "{folder} has no notebooks; expected {source}/<assignment>/<notebook>.ipynb",
                folder=root,
                source=course.folder_of("source"),
            )
        )
    course.check_settings()
    graded = graded_assignments(course)
    return ExistingCourse(course, text, tuple(name for name in course.assignments if name in graded))


def undo(folder: Path) -> list[Text]:
    """Take back what `ExistingCourse.take` did, and return what a person should know.

    Files that were written here are removed; scores in the gradebook stay, and the one before is kept if they differ.
    Raises CourseError if nothing was changed here.
    """
    root = folder.resolve()
    config, path = root / CONFIG_FILE, root / RECORD
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CourseError(
            _("nothing to undo in {folder}: `autograder init --existing` changed nothing there", folder=root)
        ) from error
    notes: list[Text] = []
    text = _text_of(config)
    before, mark, _lines = text.partition(MARK)
    if not mark:
        notes.append(_("{file} has no lines of ours any more and stays as it is", file=config))
    elif record["config"] is None:
        config.unlink()
    else:
        original = record["config"]
        is_same = before.rstrip("\n") == original.rstrip("\n")
        _write_config(config, original if is_same else before.rstrip("\n") + "\n")
    with contextlib.suppress(CourseError):
        course = Course.unchecked(root)
        if record["backup"] and _digest(course) != record["gradebook"]:
            notes.append(
                _(
                    "{gradebook} has changed since, and stays; as it was before, it is in {backup}",
                    gradebook=course.gradebook_file,
                    backup=root / record["backup"],
                )
            )
        elif record["backup"]:
            (root / record["backup"]).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it also holds the backup of an earlier `init --existing`
                (root / BACKUPS).rmdir()
        remove_record(course)
    shutil.rmtree(root / PROOFS, ignore_errors=True)
    if written := [name for name in WRITTEN if (root / name).exists()]:
        notes.append(_("written by `autograder grade`, and left: {files}", files=", ".join(written)))
    path.unlink()
    with contextlib.suppress(OSError):  # what else is in it is not ours
        path.parent.rmdir()
    return notes


def _write_config(path: Path, text: str) -> None:
    """Write the config with the permissions of the previous one, which other accounts may read."""
    mode = path.stat().st_mode & 0o7777 if path.exists() else None
    atomic_write(path, text)
    if mode is not None:
        path.chmod(mode)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, ValueError) as error:
        raise CourseError(_("{path} cannot be read: {error}", path=path, error=error)) from error


def _back_up(course: Course) -> Path | None:
    """Copy the gradebook, if it is a file, and return the copy."""
    path = course.gradebook_file
    if path is None or not path.is_file():
        return None
    folder = course.root / BACKUPS
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"gradebook-{datetime.now(UTC):%Y%m%d-%H%M%S}.db"
    shutil.copy2(path, target)
    return target


def _digest(course: Course) -> str:
    path = course.gradebook_file
    return hashlib.sha256(path.read_bytes()).hexdigest() if path is not None and path.is_file() else ""
