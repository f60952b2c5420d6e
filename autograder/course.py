"""A course: the folder with `nbgrader_config.py`, and what its settings say."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traitlets import Dict, Enum, List, TraitError, Unicode
from traitlets.config import Config, Configurable, PyFileConfigLoader

from autograder.errors import CourseError, QuestionError
from autograder.questions.loader import load_assignment, load_readable
from autograder.questions.question import Question
from autograder.sandbox.limits import Limits
from autograder.settings import CONFIG_FILE, check_hooks
from autograder.text import LANGUAGES

Tells = Literal["score", "diagnosis", "solution"]


@dataclass(frozen=True)
class SubmissionId:
    """A submission: whose it is, and to which assignment."""

    student: str
    assignment: str


class CourseSettings(Configurable):  # type: ignore[misc]
    """The settings of a course beside nbgrader's own, in `nbgrader_config.py`."""

    languages = List(
        Unicode(),
        ["ko", "en"],
        help="Languages that every text of the course exists in; the first is the default.",
    ).tag(config=True)

    graded_with = Dict(
        help="Versions the course is graded with, by package, as the last cell of a notebook shows them."
    ).tag(config=True)

    feedback = Dict(
        help="What feedback tells, by assignment: 'score', 'diagnosis' (the default) or 'solution', which adds "
        "the worked solution once the assignment has closed."
    ).tag(config=True)

    seal = Enum(
        ("required", "preferred", "none"),
        "required",
        help="'required': student code runs sealed or not at all. 'preferred': with the operator's own rights where "
        "no seal holds. 'none': always so, as `autograder grade --unsealed` does; only for submissions one trusts.",
    ).tag(config=True)

    fit = Enum(
        ("fast", "stock"),
        "fast",
        help="How models are trained while grading. 'fast': the plain case with one data iterator, which gives the "
        "same to the last bit, once a self-test has shown so. 'stock': Keras's own fit, as `autograder grade "
        "--stock-fit` does.",
    ).tag(config=True)

    limits = Dict(
        help="Seconds that student code may take: 'cell' (60), 'call' of an answer (20), 'training' (300) of a "
        "model, 'session' (1800) for the whole notebook. What is not named keeps its default."
    ).tag(config=True)

    attempts = Dict(
        help="How many submissions of a student are graded at Gradescope, by assignment; any number where none is "
        "named. Of one beyond them the best score so far is kept."
    ).tag(config=True)

    roster = Unicode(
        "roster.csv",
        help="Who is who: a CSV file with a line for each student. A course may do without.",
    ).tag(config=True)

    groups = Unicode(
        "groups.csv",
        help="Who handed in together: a CSV file with the columns assignment, group and student_id.",
    ).tag(config=True)

    timezone = Unicode(
        "UTC", help="Where the course takes place, such as 'Asia/Seoul': the zone of times that tell none."
    ).tag(config=True)

    due = Dict(
        help="When an assignment is due, by assignment: an ISO date and time with its offset. It goes into the "
        "gradebook, for nbgrader's late policy; what is not named keeps the gradebook's own."
    ).tag(config=True)

    own_numbers = Enum(
        ("expected", "strict"),
        "expected",
        help="Whose numbers count in number questions. 'expected': a notebook without an id, or with that of nobody "
        "known, is judged on the numbers that it showed, and staff are told. 'strict': a student's own numbers alone "
        "are paid; the notebooks say so once they are built again.",
    ).tag(config=True)

    not_handed_in = Enum(
        ("zero", "blank"), "zero", help="What files for an LMS say of who handed in nothing."
    ).tag(config=True)

    scheduler = Unicode(
        "",
        help="Address of the scheduler of a Dask cluster that submissions are graded on, such as "
        "'tcp://10.0.0.1:8786'. Where it is empty they are graded on this machine. See docs/cluster.md.",
    ).tag(config=True)

    closes = Dict(help="When an assignment closes, by assignment: an ISO date and time with its offset.").tag(
        config=True
    )


@dataclass(frozen=True)
class Course:
    """The course in `root`, with the settings of its `nbgrader_config.py`."""

    root: Path
    config: Config

    @classmethod
    def open(cls, root: Path | None = None) -> Course:
        """The course in `root`, or in the current folder or the nearest one above it.

        Raises CourseError where there is none, where its settings cannot be read, or where nbgrader would grade
        without the autograder: see `check_hooks`.
        """
        folder = folder_of_course() if root is None else root.resolve()
        if folder is None or not (folder / CONFIG_FILE).is_file():
            raise CourseError(
                f"no course here: expected {CONFIG_FILE} in {folder or Path.cwd()} or above it; "
                "change to the course's folder and run the command again"
            )
        try:
            config = PyFileConfigLoader(CONFIG_FILE, str(folder)).load_config()
        except Exception as error:
            raise CourseError(f"{folder / CONFIG_FILE} cannot be read: {error}") from error
        check_hooks(config, folder / CONFIG_FILE)
        return cls(folder, config)

    @cached_property
    def settings(self) -> CourseSettings:
        """The settings of the autograder. Raises CourseError for a malformed or unknown one."""
        names = CourseSettings.class_trait_names(config=True)
        for name in self.config.get("CourseSettings", {}):
            if name not in names:
                raise CourseError(
                    f"{self.root / CONFIG_FILE}: c.CourseSettings: {unknown('setting', name, names)}"
                )
        try:
            settings = CourseSettings(config=self.config)
        except TraitError as error:
            raise CourseError(f"{self.root / CONFIG_FILE}: {error}") from error
        if not settings.languages or set(settings.languages) - set(LANGUAGES):
            raise CourseError(
                f"{self.root / CONFIG_FILE}: languages {settings.languages}; known are {list(LANGUAGES)}"
            )
        first = f"release/{settings.languages[0]}"
        if self.config.CourseDirectory.get("release_directory") != first:
            raise CourseError(
                f"{self.root / CONFIG_FILE}: nbgrader would release into another folder than {first}; give the "
                "languages in `configure(c, ...)`, and remove lines that set c.CourseSettings.languages or "
                "c.CourseDirectory.release_directory"
            )
        return settings

    def check_settings(self) -> None:
        """Check every setting of the autograder. Raises CourseError for the first wrong one."""
        settings, now = self.settings, datetime.now(UTC)
        places = sorted(
            {*self.assignments, *(path.parent.name for path in self.root.glob("source/*/*.ipynb"))}
        )
        for setting in ("feedback", "closes", "due", "attempts"):
            for name in getattr(settings, setting):
                if name not in places:
                    raise CourseError(
                        f"{self.root / CONFIG_FILE}: {setting}: {unknown('assignment', name, places)}"
                    )
        for name in places:
            self.feedback_tells(name, now)
            self.due(name)
            self.closes(name)
            self.attempts(name)
        _ = self.limits, self.zone

    @cached_property
    def limits(self) -> Limits:
        """How long student code may take. Raises CourseError where the setting is malformed."""
        given = dict(self.settings.limits)
        known = {field.name for field in fields(Limits)}
        if set(given) - known or not all(
            isinstance(value, (int, float)) and value > 0 for value in given.values()
        ):
            raise CourseError(
                f"{self.root / CONFIG_FILE}: limits are {given}; expected seconds above 0 for some of "
                f"{', '.join(sorted(known))}"
            )
        return Limits(**given)

    @property
    def id(self) -> str:
        """nbgrader's course id; may be empty."""
        return str(self.config.CourseDirectory.get("course_id", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that every text of the course exists in, the default one first."""
        return tuple(self.settings.languages)

    @property
    def gradebook_url(self) -> str:
        """nbgrader's database URL."""
        url = self.config.CourseDirectory.get("db_url", "")
        return str(url) or f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def submitted(self) -> Path:
        """The folder of submissions; it may be a link itself, what lies below it may not."""
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
    def assignments(self) -> list[str]:
        """Names of the assignments: the folders of `solutions/` that hold question files."""
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

    def check_assignment(self, name: str) -> str:
        """`name`, or CourseError with the near names where the course has no such assignment."""
        if name not in self.assignments:
            raise CourseError(unknown("assignment", name, self.assignments))
        return name

    def questions(self, assignment: str) -> list[Question]:
        """The questions of an assignment. Raises QuestionError."""
        return load_assignment(self.root / "solutions" / assignment, self.languages)

    def readable_questions(self, assignment: str) -> list[Question]:
        """Return the questions of an assignment whose files can be loaded."""
        return load_readable(self.root / "solutions" / assignment, self.languages)[0]

    def unreadable_questions(self, assignment: str) -> Mapping[str, QuestionError]:
        """Return the error of each question of an assignment whose file cannot be loaded, by its id."""
        return load_readable(self.root / "solutions" / assignment, self.languages)[1]

    @property
    def pictures(self) -> Path:
        """The folder of the pictures that source notebooks link to."""
        return self.root / "source" / "pictures"

    def source(self, assignment: str) -> Path:
        """The source notebook of an assignment."""
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def release(self, assignment: str, language: str) -> Path:
        """The released notebook of an assignment in one language."""
        return self.root / "release" / language / assignment / f"{assignment}.ipynb"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the course. Raises CourseError where the setting is none."""
        try:
            return ZoneInfo(self.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CourseError(
                f"{self.root / CONFIG_FILE}: timezone is {self.settings.timezone!r}; expected one such as 'Asia/Seoul'"
            ) from error

    def due(self, assignment: str) -> datetime | None:
        """Return when an assignment is due, or None where it is not set. Raises CourseError for a malformed time."""
        text = self.settings.due.get(assignment)
        return None if text is None else _moment(self.root / CONFIG_FILE, str(text))

    def closes(self, assignment: str) -> datetime | None:
        """Return when an assignment closes, or None where it is not set. Raises CourseError for a malformed time."""
        text = self.settings.closes.get(assignment)
        return None if text is None else _moment(self.root / CONFIG_FILE, str(text))

    def attempts(self, assignment: str) -> int | None:
        """How many attempts are graded; None for any number. Raises CourseError where the setting is no number."""
        allowed = self.settings.attempts.get(assignment)
        if allowed is not None and (type(allowed) is not int or allowed < 1):
            raise CourseError(
                f"{self.root / CONFIG_FILE}: attempts of {assignment} is {allowed!r}; expected a whole number from 1"
            )
        return allowed

    def feedback_tells(self, assignment: str, now: datetime) -> Tells:
        """What feedback may tell at `now`. Raises CourseError where the setting is none of the three."""
        tells: Any = self.settings.feedback.get(assignment, "diagnosis")
        if tells not in ("score", "diagnosis", "solution"):
            raise CourseError(
                f"{self.root / CONFIG_FILE}: feedback of {assignment} is {tells!r}; "
                "it may be 'score', 'diagnosis' or 'solution'"
            )
        if tells == "solution":
            closes = self.closes(assignment)
            if closes is None or now < closes:
                return "diagnosis"
        return "score" if tells == "score" else "diagnosis" if tells == "diagnosis" else "solution"


def folder_of_course() -> Path | None:
    """Return the current folder or the nearest one above it that holds a course's config; None where none does."""
    start = Path.cwd().resolve()
    return next((one for one in (start, *start.parents) if (one / CONFIG_FILE).is_file()), None)


def _moment(path: Path, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CourseError(f"{path}: {text!r} is no ISO date and time") from None
    if moment.tzinfo is None:
        raise CourseError(f"{path}: {text!r} lacks its offset, as in 2027-03-31T23:59+09:00")
    return moment


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The sentence for a name that is not known, with the near ones."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known) or 'none yet'}"
    return f"no {what} {name!r}; {hint}"
