"""Groups the answers to a question by what they do: answers that fail alike are in one group."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.diagnosis.formula_text import recovered_formula
from autograder.grading.report import CheckResult, Report
from autograder.i18n import _
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.text import Text

BehaviourKind = Literal["right", "carried", "too_easy", "named", "formula", "alike", "error", "missing"]
"""Right; right by the student's own wrong formula; right by one that makes the question easier; a named misconception;
a recovered formula without a name; another wrong behaviour; the answer raised an error or did not end; there is no
answer."""

TITLES: Mapping[str, Text] = {
    "right": _("Right"),
    "carried": _("Carried over from the student's own earlier answer"),
    "too_easy": _("Not carried over: the student's own earlier answer makes the question easier"),
    "missing": _("No answer"),
}
OTHER_NUMBER = _("A number that no named misconception gives")
GOT_NUMBER = re.compile(r"got (-?\d+),")
"""The message on a wrong number begins like this."""
COUNT = re.compile(r"\s*\(\d+ of the \d+ inputs tried\)|\s*\(시험한 입력 \d+개 가운데 \d+개\)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Sample:
    """A text of code and everyone who submitted it."""

    code: str
    students: tuple[Student, ...]


@dataclass(frozen=True)
class Behaviour:
    """Answers to one question that do the same."""

    kind: BehaviourKind
    title: Text
    report: Report
    """The report of one of them."""
    members: tuple[tuple[Student, Answer], ...]

    @property
    def students(self) -> tuple[Student, ...]:
        """Everyone whose answer does this."""
        return tuple(student for student, _ in self.members)

    @property
    def formula(self) -> str:
        """The recovered formula; empty if there is none."""
        return recovered_formula(self.report.computed)

    @property
    def samples(self) -> list[Sample]:
        """The different codes, the most frequent first; spaces at the ends of lines make no difference."""
        codes: dict[str, list[Student]] = {}
        for student, answer in self.members:
            codes.setdefault(tidy(answer.code), []).append(student)
        ordered = sorted(codes.items(), key=lambda item: (-len(item[1]), len(item[0])))
        return [Sample(code, tuple(students)) for code, students in ordered]


Groups = Mapping[str, Sequence[Behaviour]]
"""The groups of answers, by question."""


def tidy(code: str) -> str:
    """Return code without empty lines around it and spaces at the ends of its lines."""
    return "\n".join(line.rstrip() for line in code.strip("\n").expandtabs(4).splitlines())


def group_answers(results: ClassResults, item: Item) -> list[Behaviour]:
    """Return the answers to a question in groups that do the same: right ones first, then the largest first."""
    groups: dict[tuple[object, ...], list[tuple[Student, Answer]]] = {}
    for student, answer in results.answers_to(item.id):
        groups.setdefault(_key(answer.report), []).append((student, answer))
    behaviours = [_behaviour(members) for members in groups.values()]
    first = {"right": 0, "carried": 1, "too_easy": 2, "missing": 4}
    return sorted(
        behaviours, key=lambda group: (first.get(group.kind, 3), -len(group.members), str(group.title))
    )


def group_all(results: ClassResults) -> Groups:
    """Return the answers to every question in groups, by question; manually graded cells have none."""
    return {item.id: group_answers(results, item) for item in results.items}


def kind_of(report: Report) -> BehaviourKind:
    """Return the kind of behaviour that a report shows."""
    outcomes = {check.outcome for check in report.checks}
    if outcomes <= {"passed"}:
        return "right"
    if outcomes <= {"passed", "carried"}:
        return "carried"
    if outcomes <= {"passed", "carried", "blocked"}:
        return "too_easy"
    if report.misconceptions:
        return "named"
    if report.fault == "missing":
        return "missing"
    if recovered_formula(report.computed):
        return "formula"
    return "error" if _first(report).outcome == "errored" else "alike"


def _key(report: Report) -> tuple[object, ...]:
    """Return what two reports have in common if their answers do the same."""
    kind = kind_of(report)
    outcomes = tuple((check.name, check.outcome) for check in report.checks)
    if kind in ("right", "missing"):
        return (kind,)
    if kind in ("carried", "too_easy"):
        return (kind, outcomes)
    if kind == "named":
        return (kind, outcomes, tuple(misconception.name for misconception in report.misconceptions))
    if kind == "formula":
        return (kind, str(report.computed[0]))
    # messages quote numbers that differ with a student's hidden inputs and variant
    message = NUMBER.sub("#", COUNT.sub("", str(_first(report).message)))
    return (kind, outcomes, message, tuple(NUMBER.sub("#", str(text)) for text in report.computed))


def _behaviour(members: Sequence[tuple[Student, Answer]]) -> Behaviour:
    report = members[0][1].report
    kind = kind_of(report)
    return Behaviour(kind, _title(report, kind), report, tuple(members))


def _title(report: Report, kind: BehaviourKind) -> Text:
    if kind in TITLES:
        return TITLES[kind]
    if kind == "named":
        return report.misconceptions[0].text
    if kind == "formula":
        return _("Unlisted formula: {formula}", formula=recovered_formula(report.computed))
    message = _first(report).message
    if GOT_NUMBER.match(str(message)):
        return OTHER_NUMBER
    observed = report.computed[0] if report.computed else Text()
    text = observed if str(observed) else message
    return text.map(_general)


def _general(text: str) -> str:
    """Return a message without its count of inputs, as a sentence."""
    text = COUNT.sub("", text)
    return text[:1].upper() + text[1:]


def _first(report: Report) -> CheckResult:
    """Return the first check that failed or did not run; the first one if there is none."""
    wrong = [check for check in report.checks if check.outcome in ("failed", "errored")]
    return (wrong or list(report.checks))[0]
