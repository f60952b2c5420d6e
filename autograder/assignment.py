"""An assignment of a course."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course_settings import FeedbackLevel
from autograder.errors import CourseError, QuestionError
from autograder.files import visible_files
from autograder.graded_cells import graded_cells
from autograder.i18n import _, moment_text
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.questions.exam import asked_from
from autograder.questions.loader import load_assignment, load_readable
from autograder.questions.question import Question, profile_of, total_points
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.sandbox.profiles import Profile

ANSWERS, DEMO_CLASS = "answers", "demo_class.toml"
"""The answer banks and the demo class of an assignment, in its folder of `solutions/`."""
NOT_FOR_GRADING = (ANSWERS, DEMO_CLASS)
QUESTION_FILES = "[!_]*.py"
"""Pattern of the question files in the folder of an assignment."""


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course: its question files, its notebooks, and its settings.

    Questions are loaded once, and again when a file has changed, so an instance is never out of date.
    """

    course: Course
    name: str

    @property
    def has_questions(self) -> bool:
        """Whether it has question files."""
        if self.course.is_released_by_nbgrader:
            return bool(self._marked)
        return any(self.folder.glob(QUESTION_FILES))

    @property
    def is_built(self) -> bool:
        """Whether `autograder build` releases its one notebook, in each language; otherwise, nbgrader releases it."""
        return self.has_questions and not self.course.is_released_by_nbgrader

    @property
    def has_tests(self) -> bool:
        """Whether its sources have tests of nbgrader's own."""
        return any(graded_cells(path).has_tests for path in self.sources.glob("*.ipynb"))

    @property
    def _marked(self) -> frozenset[str]:
        """The ids of the questions in its sources."""
        return frozenset().union(*(graded_cells(path).questions for path in self.sources.glob("*.ipynb")))

    @property
    def _names(self) -> frozenset[str] | None:
        """The names of the files that are questions; None for all.

        Where nbgrader releases the course, other programs may lie in a folder of this name.
        """
        return self._marked if self.course.is_released_by_nbgrader else None

    @property
    def notebooks(self) -> list[str]:
        """The names of its notebooks, without suffix."""
        return [self.name] if self.is_built else sorted(path.stem for path in self.sources.glob("*.ipynb"))

    @property
    def sources(self) -> Path:
        """The folder of its source notebooks."""
        return self.course.folder_of("source") / self.name

    @property
    def folder(self) -> Path:
        """The folder of the question files."""
        return self.course.root / "solutions" / self.name

    @property
    def questions(self) -> list[Question]:
        """The questions. Raises QuestionError for the first file that cannot be loaded."""
        return load_assignment(self.folder, self.course.languages, self._names)

    @property
    def readable_questions(self) -> list[Question]:
        """The questions whose files can be loaded."""
        return load_readable(self.folder, self.course.languages, self._names)[0]

    @property
    def unreadable_questions(self) -> Mapping[str, QuestionError]:
        """The error of each question whose file cannot be loaded, by its id."""
        return load_readable(self.folder, self.course.languages, self._names)[1]

    @property
    def is_strict(self) -> bool:
        """Whether only answers to the student's own numbers earn points: as the settings say, and always in an exam.

        The public numbers of an exam are those of the exercises, whose answers students have seen.
        """
        by_settings = self.course.settings.own_numbers == "strict"
        unreadable = [self.folder / f"{name}.py" for name in self.unreadable_questions]
        return (
            by_settings
            or any(question.is_in_exam for question in self.readable_questions)
            or bool(asked_from([(path, path.read_bytes()) for path in unreadable if path.is_file()]))
        )

    @property
    def question_files(self) -> Iterator[Path]:
        """The files that grading reads: questions, shared code, pools and data, and sources with nbgrader's own tests.

        For a question that an exam asks again, they are also those of its own assignment.

        Answer banks and the demo class are left out: they never leave the course and change no grade.
        """
        if not self.is_built:
            yield from visible_files(self.sources)
        elif self.has_tests:
            yield self.source
        if not self.has_questions:
            return
        own = [(path, path.read_bytes()) for path in self.folder.glob(QUESTION_FILES) if path.is_file()]
        for folder in (self.folder, *asked_from(own)):
            for path in visible_files(folder) if folder.is_dir() else ():
                if path.relative_to(folder).parts[0] not in NOT_FOR_GRADING:
                    yield path

    @property
    def grading_files(self) -> dict[str, Path]:
        """The files that grading it on another machine takes, by their paths in the course.

        These are the question files and the releases with their data. Raises CourseError for one outside the course.
        """
        folders = dict.fromkeys(path.parent for path in self.releases)
        paths = [*self.question_files, *(path for folder in folders for path in visible_files(folder))]
        for path in paths:
            if not path.is_relative_to(self.course.root):
                raise CourseError(
                    _(
                        "{path} lies outside the course folder, so {assignment} is graded on this machine only",
                        path=path,
                        assignment=self.name,
                    )
                )
        return {path.relative_to(self.course.root).as_posix(): path for path in paths}

    @property
    def profile(self) -> Profile:
        """The kind of kernel that grades it: `tensorflow` if a readable question needs that, else `counting`."""
        return profile_of(self.readable_questions)

    @property
    def bonus_points(self) -> float:
        """The points of the readable bonus questions, which come on top of the maximum score."""
        return total_points(question.points for question in self.readable_questions if question.bonus)

    @property
    def source(self) -> Path:
        """The path of the source notebook that is named like the assignment."""
        return self.sources / f"{self.name}.ipynb"

    def release(self, language: str = "", notebook: str = "") -> Path:
        """Return the path of the released notebook in one language, by default the course's first.

        notebook: its name; by default that of the only notebook, or of the assignment. What nbgrader releases is in one
        language.
        """
        if not self.is_built:
            names = self.notebooks
            name = notebook or (names[0] if len(names) == 1 else self.name)
            return self.course.folder_of("release") / self.name / f"{name}.ipynb"
        language = language or self.course.languages[0]
        return self.course.root / "release" / language / self.name / f"{self.name}.ipynb"

    @property
    def releases(self) -> list[Path]:
        """The paths of all its released notebooks, in each language."""
        paths = {
            self.release(language, notebook): None
            for language in self.course.languages
            for notebook in self.notebooks
        }
        return [*paths]

    @property
    def title(self) -> Text:
        """The first heading of the source notebook in each language; the name if there is none."""
        titles: dict[str, str] = {}
        # whatever is wrong with the file: a title must not prevent a launch
        with contextlib.suppress(Exception):
            for cell in json.loads(self.source.read_bytes())["cells"]:
                language = cell["metadata"].get("autograder", {}).get("lang", "")
                first = "".join(cell["source"]).lstrip().partition("\n")[0]
                if cell["cell_type"] == "markdown" and first.startswith("# ") and language:
                    titles.setdefault(language, first.removeprefix("# ").strip())
        return Text(**titles) if any(titles.values()) else Text.same(self.name)

    @property
    def due(self) -> datetime | None:
        """The due date from the settings, or None. Raises CourseError for a malformed time."""
        return self._time("due")

    @property
    def closes(self) -> datetime | None:
        """The closing time from the settings, or None. Raises CourseError for a malformed time."""
        return self._time("closes")

    @property
    def contact(self) -> Text:
        """The contact for questions about scores, with the deadline; empty if the settings name no contact.

        Raises CourseError for a malformed time.
        """
        contact, until = self.course.settings.contact, self._time("questions_until")
        if not contact:
            return Text()
        if until is None:
            return _("Questions about your score: {contact}", contact=contact)
        moment = moment_text(until, self.course.zone)
        return _("Questions about your score, until {moment}: {contact}", moment=moment, contact=contact)

    def hidden_until(self, now: datetime) -> datetime | None:
        """Return the time before which students see no scores, or None if they may see them at `now`.

        Raises CourseError for a malformed time.
        """
        until = self._time("scores_hidden_until")
        return until if until is not None and now < until else None

    def check_shown(self, now: datetime) -> None:
        """Raise CourseError if students may not see scores at `now`."""
        until = self.hidden_until(now)
        if until is not None:
            raise CourseError(
                _(
                    "students see no scores and no feedback of {assignment} before {moment}, so none can be given "
                    "out; to do it earlier, change scores_hidden_until in {file}",
                    assignment=self.name,
                    moment=moment_text(until, self.course.zone),
                    file=CONFIG_FILE,
                )
            )

    def check_settings(self, now: datetime) -> None:
        """Check every setting of the assignment. Raises CourseError for the first wrong one."""
        self.feedback_level(now)
        self.hidden_until(now)
        for setting in ("due", "closes", "contact", "attempts"):  # each raises an error for a wrong value
            getattr(self, setting)

    def _time(self, setting: str) -> datetime | None:
        value = getattr(self.course.settings, setting).get(self.name)
        if value is None:
            return None
        text, where = str(value), f"{self.course.root / CONFIG_FILE}: {setting} of {self.name}"
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise CourseError(
                _("{where}: {text} is not an ISO 8601 date and time", where=where, text=repr(text))
            ) from None
        if moment.tzinfo is None:
            raise CourseError(
                _(
                    "{where}: {text} has no UTC offset; expected one as in 2027-03-31T23:59+09:00",
                    where=where,
                    text=repr(text),
                )
            )
        return moment

    @property
    def attempts(self) -> int | None:
        """The maximum number of graded attempts, or None if unlimited. Raises CourseError for another value."""
        limit = self.course.settings.attempts.get(self.name)
        if limit is not None and (type(limit) is not int or limit < 1):
            raise CourseError(
                _(
                    "{file}: attempts of {assignment} is {limit}; expected a whole number from 1",
                    file=self.course.root / CONFIG_FILE,
                    assignment=self.name,
                    limit=repr(limit),
                )
            )
        return limit

    def feedback_level(self, now: datetime) -> FeedbackLevel:
        """Return the level of detail of feedback at `now`. Raises CourseError for an unknown level."""
        level: FeedbackLevel = self.course.settings.feedback.get(self.name, "diagnosis")
        if level not in ("score", "diagnosis", "solution"):
            raise CourseError(
                _(
                    "{file}: feedback of {assignment} is {level}; expected 'score', 'diagnosis' or 'solution'",
                    file=self.course.root / CONFIG_FILE,
                    assignment=self.name,
                    level=repr(level),
                )
            )
        if level == "solution" and (self.closes is None or now < self.closes):
            return "diagnosis"
        return level
