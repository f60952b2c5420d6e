"""A rebuilt submission against its assignment: runs the student's cells, grades each question in its place.

A question is judged where its grade cell stands, as nbgrader would, so that a later cell cannot spoil an
earlier answer. One that found nothing to judge there is looked at again after the last cell.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.errors import AnswerError, GraderError, SessionLost
from autograder.grading import Report, carried_on, grade, without_answer
from autograder.notebook import NAMESPACE, mark, question_of
from autograder.pictures import PNG_SIGNATURE
from autograder.question import Question
from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import Need
from autograder.sandbox.session import CellResult, KernelSession, Profile, open_session
from autograder.text import Text
from autograder.variants import Chosen, Owner

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
) -> dict[str, Report]:
    """Reports by question id; outputs of the student's cells are put into `notebook`, seal and fit into its metadata.

    notebook: rebuilt by `intake`. data_folder: where the assignment's data files are; copied for the kernel.
    everything: also run the public tests and the last cell, which no answer needs.
    profile: of the whole assignment, where `questions` are a part of it.
    need: what must keep student code in. owner: who handed it in.
    watched: the question whose report is to hold what was asked.
    Raises GraderError where the fault is ours.
    """
    profile = profile or profile_of(questions)
    for _ in range(LOST_SESSIONS):
        with (
            contextlib.suppress(SessionLost),
            open_session(profile, data_folder, limits=limits, need=need) as session,
        ):
            reports = judge(
                notebook, questions, session, seed=seed, everything=everything, owner=owner, watched=watched
            )
            mine = notebook.metadata.setdefault(NAMESPACE, {})
            mine["seal"] = session.seal
            if session.fit.way:
                mine["fit"] = [session.fit.way, session.fit.detail]
            return reports
    raise GraderError(f"{LOST_SESSIONS} times in a row the process that kernels come from has ended")


def judge(
    notebook: NotebookNode,
    questions: Sequence[Question],
    session: KernelSession,
    *,
    seed: int,
    everything: bool = False,
    owner: Owner = NOBODY,
    watched: str = "",
) -> dict[str, Report]:
    """Run the cells of a notebook in a session and judge each question; see `grade_notebook`."""
    by_id = {question.id: question for question in questions}
    reports: dict[str, Report] = {}
    lost: dict[str, str] = {}
    chosen = Chosen(owner.course)
    room = MAX_OUTPUTS

    def graded(name: str) -> Report:
        return _grade(by_id[name], session, seed, chosen, owner, shown=name == watched)

    for cell in notebook.cells:
        name = question_of(cell)
        if name in by_id:
            reports[name] = graded(name)
        elif cell.cell_type == "code" and _is_run(cell, everything=everything):
            result = _run(cell, session)
            room = _cut(cell, room, str(notebook.metadata.get(NAMESPACE, {}).get("edition", "en")))
            answers = mark(cell).get("question")
            if result.error and answers and mark(cell).get("part") == "answer":
                lost[answers] = f"{result.error}: {result.detail}".removesuffix(": ")
            if mark(cell).get("part") == "student":
                chosen = owner.settle(_written_id(session))
                notebook.metadata.setdefault(NAMESPACE, {})["claim"] = [chosen.claim, chosen.claimed]
    for name, report in reports.items():
        if report.fault in ("missing", "raised"):
            reports[name] = graded(name)
        if reports[name].fault and name in lost:
            reports[name] = _cell_failed(reports[name], lost[name])
    for name, report in reports.items():
        reports[name] = carried_on(by_id[name], report, reports, chosen)
    missing = [question.id for question in questions if question.id not in reports]
    if missing:
        raise GraderError(f"the released notebook has no grade cell for {', '.join(missing)}; build it again")
    return reports


def _grade(
    question: Question, session: KernelSession, seed: int, chosen: Chosen, owner: Owner, *, shown: bool
) -> Report:
    """The report of a question; without a known id in the notebook the owner's own numbers are as good."""
    report = grade(question, session, seed=seed, chosen=chosen, shown=shown)
    if question.is_number and report.score < report.points and chosen.claim in ("none", "nobody's"):
        by_own = grade(question, session, seed=seed, chosen=owner.own, shown=shown)
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


def with_notes(reports: Mapping[str, Report], notes: Mapping[str, Text]) -> dict[str, Report]:
    """The reports, each with what is to be told of how its answer was found."""
    return {
        name: dataclasses.replace(report, notes=(*report.notes, notes[name])) if name in notes else report
        for name, report in reports.items()
    }


def _is_run(cell: NotebookNode, *, everything: bool) -> bool:
    """Whether an answer may need what a cell defines, or everything but demonstrations is run."""
    needed = everything or mark(cell).get("part") in (None, "answer", "student")
    return needed and not mark(cell).get("demonstration")


def _run(cell: NotebookNode, session: KernelSession) -> CellResult:
    result = session.run(cell.source)
    cell.outputs = [clean for output in result.outputs if (clean := _clean(output)) is not None]
    cell.execution_count = None
    if result.used_stand_ins or result.error in NOT_HERE:
        session.run_without_stand_ins(cell.source)
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


def _cell_failed(report: Report, error: str) -> Report:
    note = Text(
        ko=f"답 칸을 실행하다가 멈추었습니다: {error}", en=f"running the answer cell stopped: {error}"
    )
    return dataclasses.replace(report, notes=(*report.notes, note))


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
