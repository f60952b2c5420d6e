"""A rebuilt submission against its assignment: runs the student's cells, grades each question in its place.

A question is judged where its grade cell stands, as nbgrader would, so that a later cell cannot spoil an
earlier answer. One that found nothing to judge there is looked at again after the last cell. What is told of it all is
for `disclosure` to say.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import dataclasses
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.errors import AnswerError, GraderError, SessionLost
from autograder.grading import disclosure
from autograder.grading.question_grader import Report, grade, without_answer
from autograder.notebooks.images import PNG_SIGNATURE
from autograder.notebooks.stamp import NAMESPACE, cell_metadata, question_of
from autograder.questions.question import Question
from autograder.questions.variants import Owner, VariantChoice
from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import Need
from autograder.sandbox.session import CellResult, HungCode, KernelSession, Profile, open_session
from autograder.sandbox.wire import system_call_hint
from autograder.text import Text

LOST_SESSIONS = 3
NOBODY = Owner("")  # of a notebook of our own
NOT_HERE = ("ModuleNotFoundError", "ImportError", "UsageError")  # what a student has and the grader has not
MAX_PNG = 1_000_000
MAX_OUTPUTS = 5_000_000
"""Bytes of all outputs of a notebook."""
LEFT_OUT = Text(
    ko="(노트북의 출력이 너무 많아서 여기부터는 남기지 않았습니다.)",
    en="(The notebook's outputs are too large; what follows is left out.)",
)
# a terminal's colours and commands: what turns them into HTML takes time with the square of their number
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*\x07?|[^\[\]])?")


def profile_of(questions: Sequence[Question]) -> Profile:
    """`tensorflow` where a question needs it; counting is graded with stand-ins."""
    return "tensorflow" if any(question.needs_tensorflow for question in questions) else "counting"


def grade_notebook(
    notebook: NotebookNode,
    questions: Sequence[Question],
    *,
    seed: int,
    data_folder: Path | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    profile: Profile | None = None,
    need: Need = "required",
    owner: Owner = NOBODY,
    watched: str = "",
    usual: Callable[[], Shown] = frozenset,
) -> dict[str, Report]:
    """Reports by question id; outputs of the student's cells are put into `notebook`, seal and fit into its metadata.

    notebook: rebuilt by `intake`. data_folder: where the assignment's data files are; copied for the kernel.
    everything: of a notebook of our own, also run the public tests and the last cell, which no answer needs; nothing in
        it is held back.
    profile: of the whole assignment, where `questions` are a part of it.
    need: what must keep student code in. owner: who handed it in.
    watched: the question whose report is to hold what was asked, for staff; nothing is held back then.
    usual: gives what `shown_by_release` does; asked where a cell showed something after hidden inputs were asked.
    Raises GraderError where the fault is ours.
    """
    profile = profile or profile_of(questions)
    judge = partial(
        _judged_in_a_session,
        profile=profile,
        data_folder=data_folder,
        need=need,
        owner=owner,
        everything=everything,
    )
    judged = judge(notebook, questions, seed=seed, limits=limits or Limits(), watched=watched)
    if everything or watched:
        return _with_failures(judged.reports, judged.failures)
    rehearsed = None
    doubtful, shows_more = judged.doubtful, judged.shows_more(notebook, usual)
    if profile == "counting" and not judged.over and (doubtful or shows_more or judged.late_failures):
        again = copy.deepcopy(notebook)
        left = dataclasses.replace(limits or Limits(), session=judged.seconds_left)
        asked = [question for question in questions if question.id in with_followed(questions, doubtful)]
        with contextlib.suppress(SessionLost):
            rehearsed = judge(
                again, asked, seed=disclosure.PUBLIC_SEED, limits=left, left_out=judged.stopped, spared=judged.hung
            )  # fmt: skip
    if rehearsed is not None:
        for place in judged.ran - judged.stopped - rehearsed.stopped:
            notebook.cells[place].outputs = again.cells[place].outputs
        for place in judged.late & rehearsed.stopped:
            disclosure.withhold(notebook, [place], _edition(notebook), disclosure.NOT_AGAIN)
    elif shows_more:
        disclosure.withhold(notebook, judged.late, _edition(notebook))
    return _disclosed(judged, rehearsed, models=profile != "counting")


@dataclass
class Judged:
    """What a session found; places are those of cells in the notebook."""

    reports: dict[str, Report] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)
    """Questions that were judged before the first hidden input was asked."""
    failures: dict[str, Text] = field(default_factory=dict)
    """Why the cells of answers stopped."""
    late_failures: set[str] = field(default_factory=set)
    """Of them those after the first hidden input was asked, and told by the kernel."""
    ran: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    """Cells that ran after the first hidden input was asked."""
    stopped: set[int] = field(default_factory=set)
    """Cells that took the kernel with them."""
    seconds_left: float = 0.0
    """Of what the whole submission may take."""
    over: bool = False
    """Whether the notebook used up its time, or its kernels."""
    hung: HungCode = field(default_factory=HungCode)

    @property
    def doubtful(self) -> set[str]:
        """The questions of which there is something to tell that could hold a hidden input."""
        return {
            name
            for name, report in self.reports.items()
            if name not in self.clean and name not in self.hung.answers and disclosure.needs_rehearsal(report)
        }

    def shows_more(self, notebook: NotebookNode, usual: Callable[[], Shown]) -> bool:
        """Whether a cell showed what not everybody's does, after the first hidden input was asked."""
        shown = _shown_by(notebook.cells[place] for place in self.late)
        return bool(shown) and not shown <= usual()


Shown = frozenset[tuple[str, str]]
"""Texts of cells with what they showed."""


def shown_by_release(
    release: NotebookNode, *, profile: Profile, data_folder: Path, limits: Limits, need: Need
) -> Shown:
    """What the cells of a released notebook show where nobody has answered yet."""
    notebook = copy.deepcopy(release)
    judged = _judged_in_a_session(
        notebook, [], profile=profile, data_folder=data_folder, limits=limits, need=need, seed=0, owner=NOBODY,
        everything=False,
    )  # fmt: skip
    return _shown_by(notebook.cells[place] for place in judged.ran)


def _shown_by(cells: Iterable[NotebookNode]) -> Shown:
    return frozenset(
        (cell.source, json.dumps(cell.outputs, sort_keys=True)) for cell in cells if cell.outputs
    )


def _judged_in_a_session(
    notebook: NotebookNode,
    questions: Sequence[Question],
    *,
    profile: Profile,
    data_folder: Path | None,
    limits: Limits,
    need: Need,
    seed: int,
    owner: Owner,
    everything: bool,
    watched: str = "",
    left_out: Collection[int] = (),
    spared: HungCode | None = None,
) -> Judged:
    """What a session of its own finds; outputs, seal and fit are put into the notebook.

    Raises SessionLost where one after the other is lost.
    """
    for _ in range(LOST_SESSIONS):
        with (
            contextlib.suppress(SessionLost),
            open_session(profile, data_folder, limits=limits, need=need, skip=spared) as session,
        ):
            judged = judge(
                notebook, questions, session, seed=seed, everything=everything, owner=owner, watched=watched,
                left_out=left_out,
            )  # fmt: skip
            mine = notebook.metadata.setdefault(NAMESPACE, {})
            mine["seal"] = session.seal
            if session.fit.mode:
                mine["fit"] = [session.fit.mode, session.fit.detail]
            judged.seconds_left, judged.over, judged.hung = (
                session.seconds_left,
                session.exhausted,
                session.hung,
            )
            return judged
    raise SessionLost(f"{LOST_SESSIONS} times in a row the process that kernels come from has ended")


def judge(
    notebook: NotebookNode,
    questions: Sequence[Question],
    session: KernelSession,
    *,
    seed: int,
    everything: bool = False,
    owner: Owner = NOBODY,
    watched: str = "",
    left_out: Collection[int] = (),
) -> Judged:
    """Run the cells of a notebook in a session and judge each question; see `grade_notebook`.

    left_out: places of cells that are not run.
    """
    by_id = {question.id: question for question in questions}
    found = Judged()
    chosen = VariantChoice(owner.course)
    room, asked = MAX_OUTPUTS, False

    def graded(name: str) -> Report:
        return _grade(by_id[name], session, seed, chosen, owner, found.reports, shown=name == watched)

    for place, cell in enumerate(notebook.cells):
        name = question_of(cell)
        if name in by_id:
            asked = asked or not by_id[name].is_number
            found.reports[name] = graded(name)
            found.clean |= set() if asked else {name}
        elif cell.cell_type == "code" and _is_run(cell, everything=everything) and place not in left_out:
            result = _run(cell, session)
            room = _cut(cell, room, _edition(notebook))
            found.ran.add(place)
            found.late |= {place} if asked else set()
            found.stopped |= {place} if result.stopped else set()
            answers = cell_metadata(cell).get("question")
            if result.error and answers and cell_metadata(cell).get("part") == "answer":
                found.failures[answers] = _cell_failed(f"{result.error}: {result.detail}".removesuffix(": "))
                found.late_failures |= {answers} if asked and not result.stopped else set()
            if cell_metadata(cell).get("part") == "student":
                chosen = owner.choose_variant(_written_id(session))
                if asked:  # the id may be a hidden input by now
                    chosen = dataclasses.replace(chosen, claimed=bool(chosen.claimed) * "?")
                notebook.metadata.setdefault(NAMESPACE, {})["claim"] = [chosen.claim, chosen.claimed]
    for name, report in found.reports.items():
        if report.fault in ("missing", "raised"):
            found.reports[name] = graded(name)
            found.clean -= {name} if asked else set()
    for name, report in found.reports.items():
        if not report.right and _may_follow(by_id[name], found.reports):
            # what it follows may have been judged after it
            again = graded(name)
            if again.score > report.score:
                found.reports[name] = again
                found.clean -= {name} if asked else set()
    missing = [question.id for question in questions if question.id not in found.reports]
    if missing:
        raise GraderError(f"the released notebook has no grade cell for {', '.join(missing)}; build it again")
    return found


def _disclosed(judged: Judged, rehearsed: Judged | None, *, models: bool) -> dict[str, Report]:
    """The reports, with what may be told of them; see `disclosure`."""
    reports = {
        name: report
        if name in judged.clean
        else disclosure.disclosed(
            report, None if rehearsed is None else rehearsed.reports.get(name), models=models
        )
        for name, report in judged.reports.items()
    }
    told = {} if rehearsed is None or rehearsed.over else rehearsed.failures
    failures = {
        name: told.get(name, disclosure.CELL_RAISED) if name in judged.late_failures else text
        for name, text in judged.failures.items()
    }
    return _with_failures(reports, failures)


def _with_failures(reports: Mapping[str, Report], failures: Mapping[str, Text]) -> dict[str, Report]:
    """The reports, each with why its answer was lost, where that is known."""
    lost = {name: text for name, text in failures.items() if name in reports and reports[name].fault}
    return add_notes(reports, lost)


def with_followed(questions: Sequence[Question], names: Collection[str]) -> set[str]:
    """Some questions with all that they follow."""
    found, wider = set[str](), set(names)
    while wider - found:
        found = wider
        wider = found.union(*(one.formulas for one in questions if one.id in found))
    return found


def _may_follow(question: Question, reports: Mapping[str, Report]) -> bool:
    """Whether a wrong answer may follow from another wrong one."""
    return any(name in reports and not reports[name].right for name in question.formulas)


def _grade(
    question: Question,
    session: KernelSession,
    seed: int,
    chosen: VariantChoice,
    owner: Owner,
    earlier: Mapping[str, Report],
    *,
    shown: bool,
) -> Report:
    """The report of a question; without a known id in the notebook the owner's own numbers are as good."""
    report = grade(question, session, seed=seed, chosen=chosen, earlier=earlier, shown=shown)
    if question.is_number and report.score < report.points and chosen.claim in ("none", "nobody's"):
        by_own = grade(question, session, seed=seed, chosen=owner.own, earlier=earlier, shown=shown)
        return by_own if by_own.score > report.score else report
    return report


def _written_id(session: KernelSession) -> str:
    """The id in the notebook, as a text: the notebook shows the numbers of that; empty where there is none."""
    try:
        written = session.get("student_id")
    except AnswerError:
        return ""
    while isinstance(written, (tuple, list)) and len(written) == 1:  # a comma too many
        written = written[0]
    return str(written) if written is None or isinstance(written, (str, int, float, np.generic)) else ""


def refused(questions: Sequence[Question], reason: Text) -> dict[str, Report]:
    """Reports of a submission that could not be read."""
    return {question.id: without_answer(question, reason) for question in questions}


def add_notes(reports: Mapping[str, Report], notes: Mapping[str, Text]) -> dict[str, Report]:
    """The reports, each with what is to be told of how its answer was found."""
    return {
        name: dataclasses.replace(report, notes=(*report.notes, notes[name])) if name in notes else report
        for name, report in reports.items()
    }


def _is_run(cell: NotebookNode, *, everything: bool) -> bool:
    """Whether an answer may need what a cell defines, or everything but demonstrations is run."""
    needed = everything or cell_metadata(cell).get("part") in (None, "answer", "student")
    return needed and not cell_metadata(cell).get("demonstration")


def _run(cell: NotebookNode, session: KernelSession) -> CellResult:
    result = session.run(cell.source)
    cell.outputs = [clean for output in result.outputs if (clean := _clean(output)) is not None]
    cell.execution_count = None
    if result.used_stub_modules or result.error in NOT_HERE:
        session.run_without_stub_modules(cell.source)
    return result


def _cut(cell: NotebookNode, room: int, language: str) -> int:
    """Leave out the outputs of a cell that the notebook has no room for; returns the room that is left."""
    for place, output in enumerate(cell.outputs):
        size = len(json.dumps(output))
        if size > room:
            text = LEFT_OUT.in_language(language) + "\n"
            cell.outputs = [*cell.outputs[:place], nbformat.v4.new_output("stream", name="stdout", text=text)]
            return 0
        room -= size
    return room


def _cell_failed(error: str) -> Text:
    told = system_call_hint(error)
    return Text(
        ko=f"답 칸을 실행하다가 멈추었습니다: {error}{told.ko}",
        en=f"running the answer cell stopped: {error}{told.en}",
    )


def _edition(notebook: NotebookNode) -> str:
    return str(notebook.metadata.get(NAMESPACE, {}).get("edition", "en"))


def _clean(output: NotebookNode) -> NotebookNode | None:
    """An output with its plain text and checked PNG alone: nothing a browser would run."""
    if output.output_type == "stream":
        output.text = _writable(output.text)
        return output
    if output.output_type == "error":
        output.ename, output.evalue = _writable(output.ename), _writable(output.evalue)
        output.traceback = [_writable(line) for line in output.traceback]
        return output
    data: dict[str, Any] = {}
    text, image = output.data.get("text/plain"), output.data.get("image/png")
    if isinstance(text, str):
        data["text/plain"] = _writable(text)
    if isinstance(image, str) and len(image) < MAX_PNG and _is_png(image):
        data["image/png"] = image
    output.data = data
    output.metadata = {}
    return output if data else None


def _writable(text: object) -> str:
    """A text that can be written to a file, without escape codes: a kernel may send half a character."""
    return ESCAPES.sub("", str(text).encode("utf-8", "replace").decode("utf-8"))


def _is_png(image: str) -> bool:
    try:
        return base64.b64decode(image)[:8] == PNG_SIGNATURE
    except ValueError:
        return False
