"""The answer bank: answers to a question as students write them, and what each deserves.

They are data files of the course, `tests/answers/<question>/right.toml` and `wrong.toml`, apart from the
question files, and an instructor can add to them. Attacks on any question come with the package.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import CourseError, GraderError
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, Profile, open_session
from autograder.verification.laws import run_setup
from autograder.verification.nearness import unfair_pairs

ENOUGH_RIGHT, ENOUGH_WRONG = 20, 30
LIMITS = Limits(call=10)
OF_ATTACKS = Limits(cell=10, call=1, training=10)
BEGIN = "_ours = set(globals()) | {'_ours'}"
CLEAN = (
    "for _name in set(globals()) - _ours:\n    if not _name.startswith('_'):\n        del globals()[_name]"
)


@dataclass(frozen=True)
class Answer:
    """The text of an answer cell, and what it deserves."""

    note: str
    source: str
    score: float | None = None
    """Points; None for a right answer, which deserves all."""
    mistakes: Sequence[str] | None = None
    """Exactly the misconceptions to be named; None where it does not matter."""


@dataclass(frozen=True)
class Bank:
    """The answers to one question."""

    right: tuple[Answer, ...] = ()
    wrong: tuple[Answer, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether a function question can be released on them."""
        return len(self.right) >= ENOUGH_RIGHT and len(self.wrong) >= ENOUGH_WRONG


def read_bank(course: Path, question: Question) -> Bank:
    """The bank of a question; empty where there is none. Raises CourseError where a file cannot be read."""
    folder = course / "tests" / "answers" / question.id
    return Bank(_read(folder / "right.toml"), _read(folder / "wrong.toml", scored=True))


def is_draft(course: Path, question: Question) -> bool:
    """Whether the answers to a function question are still to be written.

    A number question has no bank: its wrong answers are the known mistakes in every variant.
    """
    return not question.is_number and not read_bank(course, question).is_enough


def read_attacks() -> tuple[Answer, ...]:
    """Answers that try to be paid for nothing; `{name}` stands for the question's."""
    return _read(Path(__file__).parent / "attacks.toml")


def _read(path: Path, *, scored: bool = False) -> tuple[Answer, ...]:
    if not path.exists():
        return ()
    try:
        answers = tuple(Answer(**one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["answer"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path}: {type(error).__name__}: {error}; expected [[answer]] tables with note and source, "
            "and in wrong.toml a score"
        ) from error
    notes = [answer.note for answer in answers]
    for answer in answers:
        if notes.count(answer.note) > 1:
            raise CourseError(f"{path}: two answers are called {answer.note!r}; give each a note of its own")
        if scored and answer.score is None:
            raise CourseError(f"{path}: {answer.note!r} has no score; say how many points it deserves")
    return answers


def wrongly_judged_right(
    question: Question, answers: Sequence[Answer], setup: Sequence[NotebookNode], seeds: Sequence[int]
) -> Iterator[str]:
    """Right answers that do not get all points, or to which a mistake is named."""
    for answer, report in _judged(question, answers, setup, seeds):
        if report.score != question.points or report.misconceptions or report.computed:
            yield f"{question.id}: the right answer {answer.note!r} {_told(report)}"


def wrongly_judged_wrong(
    question: Question, answers: Sequence[Answer], setup: Sequence[NotebookNode], seeds: Sequence[int]
) -> Iterator[str]:
    """Wrong answers that get other points than they deserve, of which other mistakes are named, or that earn more than
    a nearer one.
    """
    judged: dict[str, Report] = {}
    for answer, report in _judged(question, answers, setup, seeds):
        if not question.needs_tensorflow:
            judged.setdefault(answer.note, report)
        named = sorted(known.name for known in report.misconceptions)
        wanted = answer.mistakes
        if report.score != answer.score or (wanted is not None and named != sorted(wanted)):
            deserved = f"{answer.score:g}" + (f" ({', '.join(wanted)})" if wanted else "")
            yield f"{question.id}: the wrong answer {answer.note!r} deserves {deserved}; it {_told(report)}"
    for nearer, farther in unfair_pairs([*judged.items()]):
        yield f"{question.id}: the wrong answer {nearer!r} is nearer to the right one than {farther!r} and earns less"


def successful_attacks(question: Question, profile: Profile) -> Iterator[str]:
    """Attacks that are paid, or that keep the grader from its work. Each has a kernel of its own."""
    for attack in read_attacks():
        try:
            with open_session(profile, limits=OF_ATTACKS, need="preferred") as session:
                session.run(attack.source.replace("{name}", question.id))
                report = grade(question, session)
        except GraderError as error:
            yield f"{question.id}: the attack {attack.note!r} stopped the grader: {error}"
            continue
        if report.score > 0:
            yield f"{question.id}: the attack {attack.note!r} {_told(report)}"


def _judged(
    question: Question, answers: Sequence[Answer], setup: Sequence[NotebookNode], seeds: Sequence[int]
) -> Iterator[tuple[Answer, Report]]:
    """Each answer with its report for each seed. Answers share a kernel until one of them ends it.

    An answer may define a wrong function that the question follows.
    """
    profile: Profile = "tensorflow" if question.needs_tensorflow else "counting"
    followed = [load_question(Path(question.path).with_name(f"{name}.py"), ()) for name in question.formulas]
    waiting = list(answers)
    while waiting:
        with _opened(profile, setup) as session:
            session.run(BEGIN)
            fault = None
            while waiting and fault not in ("died", "timed out"):
                answer = waiting.pop(0)
                session.run(CLEAN)
                session.run(answer.source)
                for seed in seeds:
                    earlier = {one.id: grade(one, session, seed=seed) for one in followed}
                    report = grade(question, session, seed=seed, earlier=earlier, record_cases=True)
                    fault = report.fault
                    yield answer, report
                    if fault in (
                        "died",
                        "timed out",
                    ):  # each time it costs the same limit, or the same kernel
                        break


@contextlib.contextmanager
def _opened(profile: Profile, setup: Sequence[NotebookNode]) -> Iterator[KernelSession]:
    with open_session(profile, limits=LIMITS, need="preferred") as session:
        run_setup(session, setup)
        yield session


def _told(report: Report) -> str:
    found = [
        f"{check.name} {check.outcome}: {check.message.en}"
        for check in report.checks
        if check.outcome != "passed"
    ]
    named = [f"named {known.name}" for known in report.misconceptions]
    return f"gets {report.score:g} of {report.points:g}; " + "; ".join(
        [*found, *named, *(t.en for t in report.computed)]
    )
