"""The cards of a feedback page: a question's score, diagnosis and answer, in the language of the submitted edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from autograder.diagnosis.misconceptions import TOGETHER
from autograder.grading.report import PRECISION, CheckResult, Report, from_dict
from autograder.i18n import _
from autograder.notebooks.cells import (
    NAMESPACE,
    cell_metadata,
    grade_id,
    is_solution,
    whole_text,
)
from autograder.notebooks.essays import is_essay, is_task
from autograder.notebooks.headings import Place, headings, plain, sections
from autograder.notebooks.images import decode_png
from autograder.text import Text

CardState = Literal[
    "right",
    "carried",
    "part",
    "wrong",
    "errored",
    "too_easy",
    "unanswered",
    "waiting",
    "ungraded",
    "full_marks",
    "not_counted",
]
STATES: Mapping[CardState, Text] = {
    "right": _("Right"),
    "carried": _("Carried over"),
    "part": _("Partly right"),
    "wrong": _("Wrong"),
    "errored": _("Did not run"),
    "too_easy": _("Not carried over"),
    "unanswered": _("Not answered"),
    "waiting": _("To be graded by your teacher"),
    "ungraded": _("Not graded yet"),
    "full_marks": _("Full marks"),
    "not_counted": _("Not counted"),
}
SYMBOLS: Mapping[CardState, str] = {
    "right": "✔",
    "carried": "↪",
    "part": "◐",
    "wrong": "✘",
    "errored": "!",
    "too_easy": "⊘",
    "unanswered": "○",
    "waiting": "…",
    "ungraded": "?",
    "full_marks": "★",
    "not_counted": "–",
}
NO_RESPONSE = "No response."
"""nbgrader's own comment on a cell that was left as released."""
MAX_OUTPUT = 1_500
"""Characters of a cell's text output that are shown."""


@dataclass(frozen=True)
class CellGrade:
    """The score and the comment of a cell in the gradebook."""

    score: float
    points: float
    comment: str = ""
    waiting: bool = False
    """Whether the cell has no score yet."""


@dataclass(frozen=True)
class WrittenAnswer:
    """A cell with something that the student wrote, and what it printed and drew when it was run."""

    source: str
    is_prose: bool = False
    printed: str = ""
    plots: tuple[str, ...] = ()
    """PNG files in base64."""
    answers: str = ""
    """The question that the cell answers; empty for any other cell."""


@dataclass(frozen=True)
class Card:
    """The feedback on one question."""

    name: str
    title: str
    points: float
    score: float | None
    """None if the question has no score yet."""
    report: Report | None = None
    """None for a cell that nbgrader or a person graded."""
    written: WrittenAnswer | None = None
    comment: str = ""
    """A teacher's."""
    solution: str = ""
    """The worked solution as code; empty unless it may be shown."""
    reread: tuple[str, ...] = ()
    """One or two sections of the notebook that explain what went wrong, each with its headings from the outer to the
    inner."""
    waiting: bool = False
    untouched: bool = False
    """Whether the student left the answer cell unchanged."""

    @property
    def graded(self) -> float | None:
        """The automatic score, if a teacher gave another one."""
        report = self.report
        if report is None or self.score is None or report.ungraded or abs(report.score - self.score) < 1e-4:
            return None
        return report.score

    @cached_property
    def state(self) -> CardState:
        """The state of the question in a word."""
        if self.waiting:
            return "waiting"
        if self.score is None:
            return "ungraded"
        report = self.report
        if report is None or self.graded is not None:
            if not self.score and self.untouched:
                return "unanswered"
            return "right" if self.score >= self.points else "part" if self.score else "wrong"
        if report.marking:
            return "full_marks" if report.marking == "full marks" else "not_counted"
        if report.score >= report.points and (report.right or report.points):
            return "right" if report.right else "carried"
        if report.score:
            return "part"
        if report.unanswered or (report.fault == "missing" and self.untouched):
            return "unanswered"
        outcomes = {check.outcome for check in report.checks} - {"blocked"}
        if not outcomes and any(check.too_easy for check in report.checks):
            return "too_easy"
        return "errored" if outcomes == {"errored"} else "wrong"

    @property
    def is_wrong(self) -> bool:
        """Whether there is a mistake in the answer itself, and not only in one that it follows."""
        checks = () if self.report is None else self.report.checks
        wrong = any(check.outcome in ("failed", "errored") for check in checks)
        return wrong and self.state not in ("right", "carried")

    @property
    def is_folded(self) -> bool:
        """Return whether the card is folded to one line: full points, no comment, no override, no correction."""
        if self.report is not None and self.report.corrections:
            return False
        return self.state in ("right", "carried") and not self.comment and self.graded is None

    @property
    def is_one_check(self) -> bool:
        """Whether there is one check, named like the question, as for nbgrader's own tests."""
        report = self.report
        return report is not None and len(report.checks) == 1 and report.checks[0].text == report.title

    @property
    def is_quoted(self) -> bool:
        """Whether the message of a check shows the answer to a number question already."""
        report = self.report
        counterexample = None if report is None else report.counterexample
        return (
            report is not None
            and counterexample is not None
            and any(counterexample.value in str(check.message) for check in report.checks)
        )

    @property
    def are_together(self) -> bool:
        """Whether the named misconceptions explain the answer together, as the text of the first says."""
        named = () if self.report is None else self.report.misconceptions
        return bool(named) and named[0].text.en.startswith(TOGETHER.en)

    @property
    def lost(self) -> tuple[Text, ...]:
        """The notes that say why there was no answer to judge, which come before anything else."""
        report = self.report
        return report.notes if report is not None and report.fault == "missing" and not report.score else ()

    @property
    def messages(self) -> dict[str, CheckResult]:
        """The checks of the report whose message is not one of an earlier check, by name."""
        checks = () if self.report is None else self.report.checks
        first: dict[Text, CheckResult] = {}
        for check in checks:
            first.setdefault(check.message, check)
        return {check.name: check for check in first.values() if check is not self.first_message}

    @property
    def first_message(self) -> CheckResult | None:
        """The check whose message says what is wrong, where no mistake is named, or why nothing is carried over."""
        report = self.report
        if report is None or report.misconceptions or report.computed:
            return None
        outcomes = ("blocked",) if self.state == "too_easy" else ("failed", "errored")
        return next(
            (check for check in report.checks if check.outcome in outcomes and str(check.message)), None
        )


def cards(
    notebook: Mapping[str, Any],
    language: str,
    grades: Mapping[str, CellGrade],
    *,
    solutions: Mapping[str, str],
) -> list[Card]:
    """Return a card for each graded cell of a graded notebook, in its order.

    grades: by grade id; a cell without one has the score of its report. solutions: worked solutions to show.
    """
    card_list = []
    answer: Mapping[str, Any] | None = None
    untouched = notebook["metadata"].get(NAMESPACE, {}).get("untouched", ())
    answers = {grade_id(cell): cell for cell in notebook["cells"] if is_solution(cell)}
    places = sections(notebook["cells"], language)
    place = Place()
    for cell in notebook["cells"]:
        place.move(cell)
        if is_solution(cell):
            answer = cell
        data, name = cell_metadata(cell).get("report"), grade_id(cell)
        marks = cell.get("metadata", {}).get("nbgrader", {})
        if data is not None:
            report = from_dict(data)
            answered_in = answers.get(report.question, answer)
            card = _of_report(report, cell, answered_in, language, grades, solutions)
            # a notebook with nbgrader's own tests explains a topic in the section that asks about it
            otherwise = place.reread if cell_metadata(cell).get("question") else place.here
            reread = sections_to_reread(report, language, places, otherwise=otherwise)
            card_list.append(replace(card, reread=reread, untouched=card.name in untouched))
        elif name and (marks.get("grade") or is_task(cell)):
            answered_in = cell if is_essay(cell) else answer
            card_list.append(_of_nbgrader(cell, answered_in, grades, place))
    return card_list


def sections_to_reread(
    report: Report, language: str, places: Mapping[str, str] = MappingProxyType({}), *, otherwise: str = ""
) -> tuple[str, ...]:
    """Return the sections of the recognized misconceptions, at most two, else that of the question.

    places: where each heading stands. otherwise: what stands for a section that the author has not named.
    """
    named = [misconception.section for misconception in report.misconceptions] or [report.section]
    texts = [plain(section.in_language(language)) for section in named]
    reread = [places.get(text, text) if text else otherwise for text in texts]
    return tuple(filter(None, dict.fromkeys(reread)))[:2]


def title_of(notebook: Mapping[str, Any], assignment: str) -> str:
    """Return the first heading of a notebook, which is its title, or the assignment's name."""
    for cell in notebook["cells"]:
        if not cell_metadata(cell).get("own"):
            for level, heading in headings(cell):
                return heading if level == 1 else assignment
    return assignment


def written(notebook: Mapping[str, Any]) -> Iterator[WrittenAnswer]:
    """Yield what a student wrote into a graded notebook, in order: the answers, and cells of the student's own."""
    for cell in notebook["cells"]:
        if is_solution(cell) or (cell_metadata(cell).get("own") and not cell_metadata(cell).get("ours")):
            yield _written(cell)


def all_cells(notebook: Mapping[str, Any]) -> Iterator[WrittenAnswer]:
    """Yield every cell of a notebook that is not empty, in order."""
    for cell in notebook["cells"]:
        if whole_text(cell["source"]).strip():
            yield _written(cell)


def _of_report(
    report: Report,
    cell: Mapping[str, Any],
    answer: Mapping[str, Any] | None,
    language: str,
    grades: Mapping[str, CellGrade],
    solutions: Mapping[str, str],
) -> Card:
    grade = grades.get(grade_id(cell))
    comment = grades.get(report.question if answer is None else grade_id(answer), CellGrade(0, 0)).comment
    score = report.score if grade is None else grade.score
    report = report.as_scored(score)
    overridden = grade is not None and not grade.waiting
    return Card(
        name=report.question,
        title=report.title.in_language(language),
        points=report.points,
        score=None if report.ungraded and not overridden else round(score, PRECISION),
        report=report,
        written=None if answer is None else _written(answer, errors=False),
        comment="" if comment.strip() == NO_RESPONSE else comment.strip(),
        solution=solutions.get(report.question, ""),
    )


def _of_nbgrader(
    cell: Mapping[str, Any], answer: Mapping[str, Any] | None, grades: Mapping[str, CellGrade], place: Place
) -> Card:
    """Return the card of a cell that a person or a test cell of nbgrader's own graded."""
    name = grade_id(cell)
    grade = grades.get(name, CellGrade(0, float(cell["metadata"]["nbgrader"].get("points") or 0)))
    comments = [grade.comment, *([] if answer is None else [grades.get(grade_id(answer), grade).comment])]
    written_comments = [comment for comment in dict.fromkeys(map(str.strip, comments)) if comment]
    writing = None if is_task(cell) or answer is None else _written(answer)
    if writing is not None and answer is not cell:
        writing = WrittenAnswer(
            writing.source, writing.is_prose, "\n".join(filter(None, (writing.printed, _printed(cell))))
        )
    return Card(
        name=name,
        title=place.heading or name,
        points=grade.points,
        score=None if grade.waiting else round(grade.score, PRECISION),
        written=writing,
        comment="\n\n".join(comment for comment in written_comments if comment != NO_RESPONSE),
        waiting=grade.waiting,
        untouched=NO_RESPONSE in written_comments,
    )


def _written(cell: Mapping[str, Any], *, errors: bool = True) -> WrittenAnswer:
    """Return what is in a cell. errors: also what it raised, which a report tells better."""
    return WrittenAnswer(
        source=whole_text(cell["source"]).strip("\n"),
        is_prose=cell["cell_type"] != "code",
        printed=_printed(cell, errors=errors),
        plots=tuple(_plots(cell)),
        answers=grade_id(cell) if is_solution(cell) else "",
    )


def _printed(cell: Mapping[str, Any], *, errors: bool = True) -> str:
    """Return the text output of a cell, cut to a length that a page can show."""
    texts = []
    for output in cell.get("outputs", ()):
        kind, data = output["output_type"], output.get("data", {})
        if kind == "stream":
            texts.append(whole_text(output["text"]).rstrip("\n"))
        elif kind == "error" and errors:
            texts.append(f"{output['ename']}: {output['evalue']}")
        elif "image/png" not in data and "text/html" not in data:
            texts.append(whole_text(data.get("text/plain", "")))
    text = "\n".join(filter(None, texts))
    return text if len(text) <= MAX_OUTPUT else text[:MAX_OUTPUT] + " …"


def _plots(cell: Mapping[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        image = output.get("data", {}).get("image/png")
        if image and decode_png(image):
            yield whole_text(image).replace("\n", "")
