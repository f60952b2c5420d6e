"""The answer bank: answers to a question as students write them, and the score that each deserves.

The answers are data files of the course, `answers/<question>/right.toml` and `wrong.toml`, beside the
question files; an instructor can extend them. Attacks, which apply to any question, come with the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.assignment import ANSWERS
from autograder.errors import TOO_SLOW, CourseError, GraderError, Starved
from autograder.grading.draws import SharedDraws
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.questions.loader import load_question
from autograder.questions.question import Question, profile_of
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.limits import Limits
from autograder.sandbox.profiles import Profile
from autograder.sandbox.session import open_session
from autograder.text import Text, joined
from autograder.verification.laws import findings_of, run_setup
from autograder.verification.nearness import unfair_between, unfair_pairs

ENOUGH_RIGHT, ENOUGH_WRONG = 20, 30
BANK_LIMITS = Limits(call=10)
ATTACK_LIMITS = Limits(cell=5, call=0.5, training=2)
BEGIN = "_ours = set(globals()) | {'_ours'}"
CLEAN = (
    "for _name in set(globals()) - _ours:\n    if not _name.startswith('_'):\n        del globals()[_name]"
)


@dataclass(frozen=True)
class BankAnswer:
    """The source of an answer cell and the score it deserves."""

    note: str
    source: str
    score: float | None = None
    """Points; None for a right answer, which deserves full points."""
    mistakes: Sequence[str] | None = None
    """Names of exactly the misconceptions to be recognized; None to accept any."""


@dataclass(frozen=True)
class Bank:
    """The answers to one question."""

    right: tuple[BankAnswer, ...] = ()
    wrong: tuple[BankAnswer, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether there are enough answers to release a function question."""
        return len(self.right) >= ENOUGH_RIGHT and len(self.wrong) >= ENOUGH_WRONG


def bank_folder(question: Question) -> Path:
    """Return the folder of a question's bank, `answers/<question>` beside its file."""
    return Path(question.path).parent / ANSWERS / question.id


def read_bank(question: Question) -> Bank:
    """Return the bank of a question, empty if there is none. Raises CourseError if a file cannot be read."""
    folder = bank_folder(question)
    return Bank(_read(folder / "right.toml"), _read(folder / "wrong.toml", scored=True))


def is_draft(question: Question) -> bool:
    """Return whether a function question still lacks answers in its bank.

    A number question has no bank: its wrong answers are the misconceptions in every variant.
    """
    return not question.is_number and not read_bank(question).is_enough


def read_attacks() -> tuple[BankAnswer, ...]:
    """Return answers that try to earn points without solving the question; `{name}` stands for the question's name."""
    return _read(Path(__file__).parent / "attacks.toml")


def _read(path: Path, *, scored: bool = False) -> tuple[BankAnswer, ...]:
    if not path.exists():
        return ()
    try:
        answers = tuple(
            BankAnswer(**table) for table in tomllib.loads(path.read_text(encoding="utf-8"))["answer"]
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise CourseError(
            _(
                "{path}: {kind}: {error}; expected [[answer]] tables with note and source, and a score in "
                "wrong.toml",
                path=path,
                kind=type(error).__name__,
                error=error,
            )
        ) from error
    notes = [answer.note for answer in answers]
    for answer in answers:
        if notes.count(answer.note) > 1:
            raise CourseError(
                _(
                    "{path}: duplicate note {note}; give each answer its own note",
                    path=path,
                    note=repr(answer.note),
                )
            )
        if scored and answer.score is None:
            raise CourseError(
                _(
                    "{path}: {note} has no score; add the points that it deserves",
                    path=path,
                    note=repr(answer.note),
                )
            )
    return answers


def wrongly_judged_right(
    question: Question,
    answers: Sequence[BankAnswer],
    setup: Sequence[NotebookNode],
    seeds: Sequence[int],
    *,
    data: Path | None = None,
    pool: ForkServerPool | None = None,
) -> Iterator[Text]:
    """Yield right answers that do not earn full points, or in which a misconception is recognized."""
    for answer, report in _judged(question, answers, setup, seeds, data=data, pool=pool):
        if report.score != question.rubric_points or report.misconceptions or report.computed:
            yield _(
                "{question}: the right answer {answer} {gets}",
                question=question.id,
                answer=repr(answer.note),
                gets=_gets(report),
            )


def wrongly_judged_wrong(
    question: Question,
    answers: Sequence[BankAnswer],
    setup: Sequence[NotebookNode],
    seeds: Sequence[int],
    *,
    data: Path | None = None,
    pool: ForkServerPool | None = None,
) -> Iterator[Text]:
    """Yield wrong answers with a wrong score or wrong misconceptions, or that earn more than a nearer answer."""
    judged: dict[str, Report] = {}
    for answer, report in _judged(question, answers, setup, seeds, data=data, pool=pool):
        if not question.needs_tensorflow:
            judged.setdefault(answer.note, report)
        named = sorted(misconception.name for misconception in report.misconceptions)
        wanted = answer.mistakes
        assert answer.score is not None
        points = answer.score * question.scale
        is_scored = report.is_scored(points)
        if not is_scored or (wanted is not None and named != sorted(wanted)):
            deserved = f"{points:g}" + (f" ({', '.join(wanted)})" if wanted else "")
            yield _(
                "{question}: the wrong answer {answer} deserves {deserved}; it {gets}",
                question=question.id,
                answer=repr(answer.note),
                deserved=deserved,
                gets=_gets(report),
            )
    for nearer, farther in unfair_pairs([*judged.items()]):
        yield _(
            "{question}: the wrong answer {nearer} is nearer to the reference than {farther} but earns less",
            question=question.id,
            nearer=repr(nearer),
            farther=repr(farther),
        )
    for note, report in judged.items():
        for corrected in unfair_between(question, report):
            yield _(
                "{question}: the wrong answer {answer} earns more than the same with {corrected} corrected",
                question=question.id,
                answer=repr(note),
                corrected=corrected,
            )


def successful_attacks(
    question: Question, profile: Profile, *, pool: ForkServerPool | None = None
) -> Iterator[Text]:
    """Yield attacks that earn points or stop the grader. Each runs in a kernel of its own."""
    for attack in read_attacks():
        try:
            with open_session(profile, limits=ATTACK_LIMITS, need="preferred", pool=pool) as session:
                session.run(attack.source.replace("{name}", question.id))
                report = grade(question, session)
        except Starved:  # it was ended on a busy machine, and earned nothing
            continue
        except GraderError as error:
            yield _(
                "{question}: the attack {attack} stopped the grader: {error}",
                question=question.id,
                attack=repr(attack.note),
                error=error.message,
            )
            continue
        if report.score > 0:
            yield _(
                "{question}: the attack {attack} {gets}",
                question=question.id,
                attack=repr(attack.note),
                gets=_gets(report),
            )


def _judged(
    question: Question,
    answers: Sequence[BankAnswer],
    setup: Sequence[NotebookNode],
    seeds: Sequence[int],
    *,
    data: Path | None = None,
    pool: ForkServerPool | None = None,
) -> Iterator[tuple[BankAnswer, Report]]:
    """Yield each answer with its report for each seed. Answers share a kernel until one of them ends it.

    An answer may also define a wrong version of a function that the question follows. data: the folder of the
    assignment's data files.
    """
    followed = [
        load_question(Path(question.path).with_name(f"{name}.py"), ()) for name in question.followed_names
    ]
    draws = [SharedDraws(seed) for seed in seeds]
    waiting = list(answers)
    while waiting:
        with open_session(
            profile_of([question]), data, limits=BANK_LIMITS, need="preferred", pool=pool
        ) as session:
            run_setup(session, setup)
            session.run(BEGIN)
            fault = None
            while waiting and fault not in TOO_SLOW:
                answer = waiting.pop(0)
                session.run(CLEAN)
                session.run(answer.source)
                for shared in draws:
                    earlier = {one.id: grade(one, session, draw=shared.of(one)) for one in followed}
                    report = grade(
                        question, session, draw=shared.of(question), earlier=earlier, record_cases=True
                    )
                    fault = report.fault
                    yield answer, report
                    if fault in TOO_SLOW:  # each seed would cost the same time limit, or another kernel
                        break


def _gets(report: Report) -> Text:
    return _(
        "gets {score:g} of {points:g}; {findings}",
        score=report.score,
        points=report.points,
        findings=joined("; ", [*findings_of(report), *report.computed]),
    )
