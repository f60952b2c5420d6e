"""A course: the folder with `nbgrader_config.py`, and its settings."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traitlets import TraitError
from traitlets.config import Config, JSONFileConfigLoader, PyFileConfigLoader

from autograder.assignment import QUESTION_FILES, Assignment
from autograder.course_settings import CourseSettings
from autograder.errors import CourseError
from autograder.graded_cells import graded_cells
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE, check_hooks, is_sealed_only
from autograder.sandbox.limits import Limits
from autograder.suggestions import unknown
from autograder.text import are_languages, some_of

DEMO_MARK = ".autograder-demo"
"""The file by which a folder is known as a demonstration, which may be made again."""
SetAside = Literal["refused", "replaced", "collected"]
"""Folders in `build/` with files of students."""


@dataclass(frozen=True)
class SubmissionId:
    """The student and assignment that identify a submission, or one of its notebooks."""

    student: str
    assignment: str
    part: str = ""
    """The name of the notebook, where an assignment has notebooks of any names; see `notebook`."""

    @property
    def notebook(self) -> str:
        """The name of the notebook, without suffix: by default that of the assignment."""
        return self.part or self.assignment

    def full_name(self, name: str) -> str:
        """Return the name of a cell, after that of its notebook unless this is named like the assignment."""
        return name if self.notebook == self.assignment else f"{self.notebook}/{name}"

    @property
    def whole(self) -> SubmissionId:
        """The submission with all its notebooks."""
        return replace(self, part="")


@dataclass(frozen=True)
class Course:
    """The course in `root`, with the settings of its `nbgrader_config.py`."""

    root: Path
    config: Config

    @classmethod
    def open(cls, root: Path | None = None) -> Course:
        """Open the course in `root`, or in the current folder or its nearest parent with a course.

        Raises CourseError if there is none, if its settings cannot be read, or if nbgrader would grade without this
        package; see `check_hooks`.
        """
        folder = folder_of_course() if root is None else root.resolve()
        if folder is None or not (folder / CONFIG_FILE).is_file():
            raise CourseError(
                _(
                    "no course here: expected {file} in {folder} or above it; change to the course's folder and "
                    "run the command again, or make a course with `autograder init my_course`",
                    file=CONFIG_FILE,
                    folder=folder or Path.cwd(),
                )
            )
        course = cls.unchecked(folder)
        check_hooks(course.config, folder / CONFIG_FILE)
        return course

    @classmethod
    def unchecked(cls, root: Path) -> Course:
        """Return the course in `root`, whether or not nbgrader would grade with this package.

        Raises CourseError if its settings cannot be read.
        """
        config, path = Config(), root / CONFIG_FILE
        try:
            if path.is_file():
                config = PyFileConfigLoader(path.name, str(root)).load_config()
            path = path.with_suffix(".json")
            if path.is_file():  # nbgrader reads it, too, and it stands above the other
                config.merge(JSONFileConfigLoader(path.name, str(root)).load_config())
        except Exception as error:
            raise CourseError(_("{path} cannot be read: {error}", path=path, error=error)) from error
        return cls(root, config)

    def with_settings(self, **values: Any) -> Course:
        """Return the same course with other values for some settings, such as `seal="none"`."""
        config = copy.deepcopy(self.config)
        config.CourseSettings.update(values)
        return replace(self, config=config)

    @cached_property
    def settings(self) -> CourseSettings:
        """The settings of the autograder. Raises CourseError for a malformed or unknown one."""
        names = CourseSettings.class_trait_names(config=True)
        for name in self.config.get("CourseSettings", {}):
            if name not in names:
                raise CourseError(
                    _(
                        "{file}: c.CourseSettings: {problem}",
                        file=self.root / CONFIG_FILE,
                        problem=unknown("setting", name, names),
                    )
                )
        try:
            settings = CourseSettings(config=self.config)
        except TraitError as error:
            raise CourseError(_("{file}: {error}", file=self.root / CONFIG_FILE, error=error)) from error
        if not are_languages(settings.languages):
            raise CourseError(
                _(
                    "{file}: languages are {languages}; expected different language tags, such as ['en'] or "
                    "['pt-BR', 'en']",
                    file=self.root / CONFIG_FILE,
                    languages=settings.languages,
                )
            )
        first = f"release/{settings.languages[0]}"
        if self.is_released_by_nbgrader:
            return settings
        if self.config.CourseDirectory.get("release_directory") != first:
            raise CourseError(
                _(
                    "{file}: nbgrader would release into a folder other than {first}; give the languages in "
                    "`configure(c, ...)`, and remove lines that set c.CourseSettings.languages or "
                    "c.CourseDirectory.release_directory",
                    file=self.root / CONFIG_FILE,
                    first=first,
                )
            )
        return settings

    def check_settings(self) -> None:
        """Check every setting of the autograder. Raises CourseError for the first wrong one."""
        settings, now = self.settings, datetime.now(UTC)
        assignments = sorted(
            {*self.assignments, *(path.parent.name for path in self.root.glob("source/*/*.ipynb"))}
        )
        for setting in (
            "feedback",
            "closes",
            "due",
            "attempts",
            "scores_hidden_until",
            "questions_until",
            "finished",
        ):
            for name in getattr(settings, setting):
                if name not in assignments:
                    raise CourseError(
                        _(
                            "{file}: {setting}: {problem}",
                            file=self.root / CONFIG_FILE,
                            setting=setting,
                            problem=unknown("assignment", name, assignments),
                        )
                    )
        for name in assignments:
            self.assignment(name).check_settings(now)
        for setting in ("limits", "zone"):  # each raises an error for a wrong value
            getattr(self, setting)

    @cached_property
    def limits(self) -> Limits:
        """The time limits of student code. Raises CourseError for a malformed setting."""
        limits = dict(self.settings.limits)
        names = {field.name for field in fields(Limits)}
        if set(limits) - names or not all(
            isinstance(value, (int, float)) and value > 0 for value in limits.values()
        ):
            raise CourseError(
                _(
                    "{file}: limits are {limits}; expected seconds above 0 for some of {names}",
                    file=self.root / CONFIG_FILE,
                    limits=limits,
                    names=", ".join(sorted(names)),
                )
            )
        return Limits(**limits)

    @property
    def config_files(self) -> dict[str, Path]:
        """The files of the course's configuration that are there, by name."""
        path = self.root / CONFIG_FILE
        return {file.name: file for file in (path, path.with_suffix(".json")) if file.is_file()}

    @property
    def id(self) -> str:
        """nbgrader's course id, which may be empty."""
        return str(self.config.CourseDirectory.get("course_id", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of every text of the course, the default one first."""
        return tuple(self.settings.languages)

    @property
    def gradebook_url(self) -> str:
        """nbgrader's database URL."""
        url = self.config.CourseDirectory.get("db_url", "")
        return str(url) or f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def gradebook_file(self) -> Path | None:
        """The path of an SQLite gradebook, which need not exist; None if the gradebook is in another database."""
        prefix = "sqlite:///"
        url = self.gradebook_url
        return Path(url.removeprefix(prefix)) if url.startswith(prefix) else None

    def folder_of(self, step: Literal["source", "release"]) -> Path:
        """Return nbgrader's folder of the sources, or of what is released."""
        return self.root / str(self.config.CourseDirectory.get(f"{step}_directory", step))

    @property
    def is_released_by_nbgrader(self) -> bool:
        """Whether the course is nbgrader's own, of which this package only grades submissions; see `seal_grading`."""
        return is_sealed_only(self.config)

    @property
    def submitted(self) -> Path:
        """The folder of submissions. It may be a symbolic link, but nothing below it may."""
        return self.root / str(self.config.CourseDirectory.get("submitted_directory", "submitted"))

    @property
    def autograded(self) -> Path:
        """The folder of graded notebooks."""
        return self.root / str(self.config.CourseDirectory.get("autograded_directory", "autograded"))

    @property
    def feedback(self) -> Path:
        """The folder of feedback pages."""
        return self.root / str(self.config.CourseDirectory.get("feedback_directory", "feedback"))

    @property
    def student_folders(self) -> tuple[Path, ...]:
        """The folders with one folder per student, wherever the configuration puts them."""
        return self.submitted, self.autograded, self.feedback

    def set_aside(self, name: SetAside) -> Path:
        """Return the folder of files of students that were refused or replaced, or are being collected."""
        return self.root / "build" / name

    @property
    def is_demo(self) -> bool:
        """Whether the course is one of `autograder demo`, in which each student has one assignment."""
        return (self.root / DEMO_MARK).is_file()

    @property
    def reports(self) -> Path:
        """The folder of the reports for instructors."""
        return self.root / "reports"

    @property
    def assignments(self) -> list[str]:
        """The names of the assignments: with question files in `solutions/`, or with tests of nbgrader's own.

        In a course that nbgrader releases, every folder of sources is one.
        """
        sources = [*self.folder_of("source").glob("*/*.ipynb")]
        if self.is_released_by_nbgrader:
            return sorted({path.parent.name for path in sources})
        with_questions = (self.root / "solutions").glob(f"*/{QUESTION_FILES}")
        with_tests = (path for path in sources if graded_cells(path).has_tests)
        return sorted({path.parent.name for path in (*with_questions, *with_tests)})

    def submission(self, student: str, assignment: str) -> SubmissionId:
        """Return the id of a submission with its one notebook, as the web tool takes it.

        Raises CourseError if the assignment has several notebooks, or none.
        """
        definition = self.assignment(assignment)
        if definition.is_built:
            return SubmissionId(student, assignment)
        names = definition.notebooks
        if len(names) != 1:
            raise CourseError(
                _(
                    "{assignment} has {number} notebooks ({names}), and the web tool takes assignments with one: "
                    "collect its submissions in another way",
                    assignment=assignment,
                    number=len(names),
                    names=some_of(names) or "-",
                )
            )
        return SubmissionId(student, assignment, names[0])

    def submitted_folder(self, submission: SubmissionId) -> Path:
        """Return the folder of a submission."""
        return self.submitted / submission.student / submission.assignment

    def graded_path(self, submission: SubmissionId) -> Path:
        """Return the path of a submission's graded notebook."""
        folder = self.autograded / submission.student / submission.assignment
        return folder / f"{submission.notebook}.ipynb"

    def feedback_path(self, submission: SubmissionId) -> Path:
        """Return the path of a submission's feedback page."""
        folder = self.feedback / submission.student / submission.assignment
        return folder / f"{submission.notebook}.html"

    def feedback_pages(self, submission: SubmissionId) -> dict[str, Path]:
        """Return the feedback pages of a submission that are there, by the names under which students get them."""
        pages = {}
        for notebook in self.assignment(submission.assignment).notebooks:
            part = replace(submission, part=notebook)
            name = "-".join(dict.fromkeys((submission.assignment, notebook)))
            if (path := self.feedback_path(part)).is_file():
                pages[f"{name}-feedback.html"] = path
        return pages

    def assignment(self, name: str) -> Assignment:
        """Return an assignment, which need not exist; see `check_assignment`."""
        return Assignment(self, name)

    def check_assignment(self, name: str) -> str:
        """Return `name`. Raises CourseError, with suggestions, if the course has no such assignment."""
        if name not in self.assignments:
            raise CourseError(unknown("assignment", name, self.assignments))
        return name

    def hidden_assignments(self, now: datetime) -> list[str]:
        """Return the assignments of which students may not see scores at `now`.

        Raises CourseError for a malformed time.
        """
        return [name for name in self.settings.scores_hidden_until if self.assignment(name).hidden_until(now)]

    @property
    def pictures(self) -> Path:
        """The folder of the images that source notebooks link to."""
        return self.root / "source" / "pictures"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the course. Raises CourseError for an unknown one."""
        try:
            return ZoneInfo(self.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CourseError(
                _(
                    "{file}: timezone is {timezone}; expected one such as 'Asia/Seoul'",
                    file=self.root / CONFIG_FILE,
                    timezone=repr(self.settings.timezone),
                )
            ) from error


def folder_of_course() -> Path | None:
    """Return the current folder or its nearest parent that has a course's config, or None if there is none.

    Raises CourseError if that lies inside another course: a config is a program, and a student may have handed it in.
    """
    for start in _current_folders():
        with_config = (path for path in (start, *start.parents) if os.path.lexists(path / CONFIG_FILE))
        nearest = next(with_config, None)
        if nearest is not None and (outer := course_around(nearest)) is not None:
            raise CourseError(
                _(
                    "{file} in {folder} was not read: this folder lies inside the course {course}, so the "
                    "file may be a student's. Change to {course}; a course of your own has to lie outside "
                    "every other course",
                    file=CONFIG_FILE,
                    folder=nearest,
                    course=outer,
                )
            )
    start = Path.cwd().resolve()
    return next((path for path in (start, *start.parents) if (path / CONFIG_FILE).is_file()), None)


def course_around(folder: Path) -> Path | None:
    """Return the course in which a folder lies that may hold files of students; None if there is none."""
    return next(
        (outer for outer in folder.parents if _is_course(outer) and not _is_demo(folder, outer)), None
    )


def _is_course(folder: Path) -> bool:
    """Return whether a folder has a course's config and anything of a course."""
    return (folder / CONFIG_FILE).is_file() and any(
        (folder / name).is_dir() for name in ("source", "solutions")
    )


def _is_demo(folder: Path, course: Path) -> bool:
    """Return whether a folder is a class that `autograder demo` made below `build/` of a course."""
    build, *below = folder.relative_to(course).parts
    return build == "build" and (folder / DEMO_MARK).is_file() and not {*below[:1]} & {*get_args(SetAside)}


def _current_folders() -> Iterator[Path]:
    """Yield the current folder by its real path and by the path of the shell, on which links are kept."""
    yield Path.cwd().resolve()
    named = Path(os.environ.get("PWD", ""))
    if named.is_absolute() and named.exists() and named.samefile(Path.cwd()):
        yield named
