"""A course: the folder with `nbgrader_config.py`, and its settings."""

from __future__ import annotations

import contextlib
import copy
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traitlets import Dict, Enum, List, TraitError, Unicode
from traitlets.config import Config, Configurable, PyFileConfigLoader

from autograder.errors import CourseError, QuestionError
from autograder.files import visible_files
from autograder.i18n import _, moment_text
from autograder.questions.loader import load_assignment, load_readable
from autograder.questions.question import Question, profile_of
from autograder.sandbox.limits import Limits
from autograder.settings import CONFIG_FILE, check_hooks
from autograder.text import Text, are_languages

if TYPE_CHECKING:
    from autograder.sandbox.session import Profile

Tells = Literal["score", "diagnosis", "solution"]
ANSWERS, DEMO_CLASS = "answers", "demo_class.toml"
"""The answer banks and the demo class of an assignment, in its folder of `solutions/`."""
NOT_FOR_GRADING = (ANSWERS, DEMO_CLASS)


@dataclass(frozen=True)
class SubmissionId:
    """The student and assignment that identify a submission."""

    student: str
    assignment: str


class CourseSettings(Configurable):  # type: ignore[misc]
    """The settings of a course in `nbgrader_config.py`, in addition to nbgrader's own."""

    languages = List(
        Unicode(),
        ["en"],
        help="Languages of every text of the course, as tags such as 'en' or 'pt-BR'; the first is the default.",
    ).tag(config=True)

    graded_with = Dict(
        help="Package versions that the course is graded with, shown in the last cell of a notebook."
    ).tag(config=True)

    feedback = Dict(
        help="Level of detail of the feedback, by assignment: 'score', 'diagnosis' (the default) or 'solution', which "
        "adds the worked solution once the assignment has closed."
    ).tag(config=True)

    seal = Enum(
        ("required", "preferred", "none"),
        "required",
        help="'required': student code runs sealed or not at all. 'preferred': it runs with the operator's own rights "
        "if no seal works. 'none': it always does, as with `autograder grade --unsealed`; only for trusted "
        "submissions.",
    ).tag(config=True)

    fit = Enum(
        ("fast", "stock"),
        "fast",
        help="How models are trained while grading. 'fast': simple calls use a single data iterator, which gives the "
        "same result to the last bit, as a self-test checks first. 'stock': Keras's own fit, as with `autograder "
        "grade --stock-fit`.",
    ).tag(config=True)

    limits = Dict(
        help="Time limits of student code in seconds: 'cell' (60), 'call' of an answer (20), 'training' (300) of a "
        "model, 'session' (1800) for the whole notebook. Limits that are not named keep their default."
    ).tag(config=True)

    attempts = Dict(
        help="Maximum number of graded submissions per student at Gradescope, by assignment; unlimited if not named. "
        "Further submissions keep the best score so far."
    ).tag(config=True)

    roster = Unicode(
        "roster.csv",
        help="CSV file with the identifiers of each student, one line per student. Optional.",
    ).tag(config=True)

    groups = Unicode(
        "groups.csv",
        help="CSV file of groups that submit together, with the columns assignment, group and student_id.",
    ).tag(config=True)

    scores_hidden_until = Dict(
        help="Times, by assignment, until which students see neither scores nor feedback, as ISO 8601 dates and times "
        "with an offset. See docs/course.md for what this covers."
    ).tag(config=True)

    timezone = Unicode(
        "UTC", help="Time zone of the course, such as 'Asia/Seoul', for times without an offset."
    ).tag(config=True)

    due = Dict(
        help="Due dates by assignment, as ISO 8601 dates and times with an offset. They are written to the gradebook "
        "for nbgrader's late policy. Assignments that are not named keep the gradebook's own."
    ).tag(config=True)

    own_numbers = Enum(
        ("expected", "strict"),
        "expected",
        help="Whose variant counts in number questions. 'expected': a notebook without an id, or with an unknown one, "
        "is graded on the numbers that it showed, and staff are notified. 'strict': only the student's own numbers "
        "earn points, as the notebooks say once they are built again.",
    ).tag(config=True)

    other_ids = Dict(
        value_trait=List(Unicode()),
        help="Other ids that a student may write into a notebook, by student id. Each draws other numbers in number "
        "questions, for example for a second try.",
    ).tag(config=True)

    not_handed_in = Enum(
        ("zero", "blank"), "zero", help="Score, in files for an LMS, of students without a submission."
    ).tag(config=True)

    graders = List(
        Unicode(),
        help="Who grades by hand, by names of your choice. The students of the course are divided among them: "
        "question_scores.csv names the grader of each manually graded cell.",
    ).tag(config=True)

    scheduler = Unicode(
        "",
        help="Scheduler address of a Dask cluster to grade on, such as 'tcp://10.0.0.1:8786'. If empty, this machine "
        "grades. See docs/cluster.md.",
    ).tag(config=True)

    closes = Dict(help="Closing times by assignment, as ISO 8601 dates and times with an offset.").tag(
        config=True
    )


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
        try:
            config = PyFileConfigLoader(CONFIG_FILE, str(folder)).load_config()
        except Exception as error:
            raise CourseError(
                _("{path} cannot be read: {error}", path=folder / CONFIG_FILE, error=error)
            ) from error
        check_hooks(config, folder / CONFIG_FILE)
        return cls(folder, config)

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
        places = sorted(
            {*self.assignments, *(path.parent.name for path in self.root.glob("source/*/*.ipynb"))}
        )
        for setting in ("feedback", "closes", "due", "attempts", "scores_hidden_until"):
            for name in getattr(settings, setting):
                if name not in places:
                    raise CourseError(
                        _(
                            "{file}: {setting}: {problem}",
                            file=self.root / CONFIG_FILE,
                            setting=setting,
                            problem=unknown("assignment", name, places),
                        )
                    )
        for name in places:
            assignment = self.assignment(name)
            assignment.feedback_tells(now)
            _read = assignment.due, assignment.closes, assignment.attempts, assignment.hidden_until(now)
        _limits = self.limits, self.zone

    @cached_property
    def limits(self) -> Limits:
        """The time limits of student code. Raises CourseError for a malformed setting."""
        limits = dict(self.settings.limits)
        known = {field.name for field in fields(Limits)}
        if set(limits) - known or not all(
            isinstance(value, (int, float)) and value > 0 for value in limits.values()
        ):
            raise CourseError(
                _(
                    "{file}: limits are {limits}; expected seconds above 0 for some of {names}",
                    file=self.root / CONFIG_FILE,
                    limits=limits,
                    names=", ".join(sorted(known)),
                )
            )
        return Limits(**limits)

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

    @property
    def reports(self) -> Path:
        """The folder of the reports for instructors."""
        return self.root / "reports"

    @property
    def assignments(self) -> list[str]:
        """The names of the assignments, which are the folders of `solutions/` with question files."""
        return sorted({path.parent.name for path in (self.root / "solutions").glob("*/[!_]*.py")})

    def submitted_folder(self, submission: SubmissionId) -> Path:
        """Return the folder of a submission."""
        return self.submitted / submission.student / submission.assignment

    def graded_path(self, submission: SubmissionId) -> Path:
        """Return the path of a submission's graded notebook."""
        folder = self.autograded / submission.student / submission.assignment
        return folder / f"{submission.assignment}.ipynb"

    def feedback_path(self, submission: SubmissionId) -> Path:
        """Return the path of a submission's feedback page."""
        folder = self.feedback / submission.student / submission.assignment
        return folder / f"{submission.assignment}.html"

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


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course: its question files, its notebooks, and its settings.

    Questions are loaded once, and again when a file has changed, so an instance is never out of date.
    """

    course: Course
    name: str

    @property
    def folder(self) -> Path:
        """The folder of the question files."""
        return self.course.root / "solutions" / self.name

    @property
    def questions(self) -> list[Question]:
        """The questions. Raises QuestionError for the first file that cannot be loaded."""
        return load_assignment(self.folder, self.course.languages)

    @property
    def readable_questions(self) -> list[Question]:
        """The questions whose files can be loaded."""
        return load_readable(self.folder, self.course.languages)[0]

    @property
    def unreadable_questions(self) -> Mapping[str, QuestionError]:
        """The error of each question whose file cannot be loaded, by its id."""
        return load_readable(self.folder, self.course.languages)[1]

    @property
    def question_files(self) -> Iterator[Path]:
        """The files that grading reads: questions, shared code, pools and data.

        Answer banks and the demo class are left out: they never leave the course and change no grade.
        """
        for path in visible_files(self.folder):
            if path.relative_to(self.folder).parts[0] not in NOT_FOR_GRADING:
                yield path

    @property
    def profile(self) -> Profile:
        """The kind of kernel that grades it: `tensorflow` if a readable question needs that, else `counting`."""
        return profile_of(self.readable_questions)

    @property
    def bonus_points(self) -> float:
        """The points of the readable bonus questions, which come on top of the maximum score."""
        return sum(question.points for question in self.readable_questions if question.bonus)

    @property
    def source(self) -> Path:
        """The path of the source notebook."""
        return self.course.root / "source" / self.name / f"{self.name}.ipynb"

    def release(self, language: str = "") -> Path:
        """Return the path of the released notebook in one language, by default the course's first."""
        language = language or self.course.languages[0]
        return self.course.root / "release" / language / self.name / f"{self.name}.ipynb"

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

    def feedback_tells(self, now: datetime) -> Tells:
        """Return the level of detail of feedback at `now`. Raises CourseError for an unknown level."""
        tells: Tells = self.course.settings.feedback.get(self.name, "diagnosis")
        if tells not in ("score", "diagnosis", "solution"):
            raise CourseError(
                _(
                    "{file}: feedback of {assignment} is {tells}; expected 'score', 'diagnosis' or 'solution'",
                    file=self.course.root / CONFIG_FILE,
                    assignment=self.name,
                    tells=repr(tells),
                )
            )
        if tells == "solution" and (self.closes is None or now < self.closes):
            return "diagnosis"
        return tells


def folder_of_course() -> Path | None:
    """Return the current folder or its nearest parent that has a course's config, or None."""
    start = Path.cwd().resolve()
    return next((path for path in (start, *start.parents) if (path / CONFIG_FILE).is_file()), None)


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """Return the message for an unknown name, with suggestions."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known) or 'none yet'}"
    return f"no {what} {name!r}; {hint}"
