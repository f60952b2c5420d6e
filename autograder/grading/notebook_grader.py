"""Grade a rebuilt submission: run the student's cells and grade each question at its grade cell.

A question is graded at the position of its grade cell, as in nbgrader, so that a later cell cannot spoil an earlier
answer. If there is nothing to judge there, the question is graded again after the last cell. `disclosure` decides what
the student may be shown of the results.
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
from autograder.grading.question_grader import grade, without_answer
from autograder.grading.report import ExampleResult, Report
from autograder.i18n import _, ngettext
from autograder.notebooks.cells import NAMESPACE, cell_metadata, question_of
from autograder.notebooks.images import PNG_SIGNATURE
from autograder.notebooks.self_check import example_guard
from autograder.questions.question import Question
from autograder.questions.variants import Owner, VariantChoice
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.kernel import CellResult
from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import Need
from autograder.sandbox.session import HungCode, KernelSession, Profile, open_session
from autograder.sandbox.wire import localized, system_call_hint
from autograder.text import Text

LOST_SESSIONS = 3
REHEARSAL_SECONDS = 60.0
"""Time limit of the rehearsal of a notebook that may train models."""
NO_OWNER = Owner("")  # owner of a notebook of our own
NOT_HERE = ("ModuleNotFoundError", "ImportError", "UsageError")  # the grader lacks what the student has
MAX_PNG = 1_000_000
MAX_OUTPUTS = 5_000_000
"""Maximum size of all outputs of a notebook, in bytes."""
LEFT_OUT = _("(The notebook's outputs are too large; what follows is left out.)")
# terminal colors and commands: converting them to HTML takes time quadratic in their number
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*\x07?|[^\[\]])?")
KERNEL_FILE = re.compile(r"\([^()\s]+, (line \d+)\)$")
"""The place of a syntax error; its file name exists only in the kernel."""


@dataclass(frozen=True)
class KernelOptions:
    """How the kernels for a notebook are opened; see `open_session`."""

    profile: Profile
    """That of the whole assignment, also where only a part of its questions is graded."""
    data_folder: Path | None = None
    """The folder of the assignment's data files, copied for the kernel."""
    limits: Limits = field(default_factory=Limits)
    need: Need = "required"
    pool: ForkServerPool | None = None


@dataclass(frozen=True)
class GradingOptions:
    """How the questions of a notebook are graded."""

    seed: int
    """Of the hidden inputs."""
    owner: Owner = NO_OWNER
    """The student who submitted the notebook."""
    untouched: Collection[str] = ()
    """Ids of the questions whose answer cell is as released."""
    record_cases: str = ""
    """Id of the question whose report includes every case, for staff; nothing is withheld then."""
    run_all: bool = False
    """For a notebook of our own: also run the public tests and the last cell, which no answer needs, and withhold
    nothing."""


def grade_notebook(
    notebook: NotebookNode,
    questions: Sequence[Question],
    grading: GradingOptions,
    kernels: KernelOptions,
    *,
    public_outputs: Callable[[], CellOutputs] = frozenset,
) -> dict[str, Report]:
    """Grade a notebook and return the reports by question id.

    The outputs of the student's cells are written into `notebook`, the seal and the training mode into its metadata.

    notebook: a notebook made by `submissions.rebuild`.
    public_outputs: returns the outputs of the release; called if a cell has outputs after the first hidden input.
    Raises GraderError if the fault is ours.
    """
    judged = _grade_in_session(notebook, questions, grading, kernels)
    if grading.run_all or grading.record_cases:
        return _with_failures(judged.reports, judged.failures)
    rehearsed = None
    models = kernels.profile != "counting"
    doubtful, shows_more = judged.doubtful, judged.shows_more(notebook, public_outputs)
    longest = judged.seconds_left
    if models:
        doubtful &= _without_training(questions, judged.reports)
        longest = min(longest, REHEARSAL_SECONDS)
    worthwhile = doubtful or judged.late_failures or (shows_more and not models)
    if worthwhile and not judged.over:
        again = copy.deepcopy(notebook)
        repeated = [question for question in questions if question.id in with_followed(questions, doubtful)]
        with contextlib.suppress(SessionLost):
            rehearsed = _grade_in_session(
                again,
                repeated,
                dataclasses.replace(grading, seed=disclosure.PUBLIC_SEED),
                dataclasses.replace(kernels, limits=dataclasses.replace(kernels.limits, session=longest)),
                left_out=judged.stopped,
                spared=judged.hung,
                run_examples=True,
            )
    if rehearsed is not None:
        for index in judged.ran - judged.stopped - rehearsed.stopped:
            notebook.cells[index].outputs = again.cells[index].outputs
        for index in judged.late & rehearsed.stopped:
            disclosure.withhold(notebook, [index], _edition(notebook), disclosure.NOT_AGAIN)
    elif shows_more:
        disclosure.withhold(notebook, judged.late, _edition(notebook))
    return _disclosed(judged, rehearsed, models=models)


@dataclass
class SessionResult:
    """The results of one session. Cells are identified by their indices in the notebook."""

    reports: dict[str, Report] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)
    """Questions that were graded before the first hidden input was used."""
    failures: dict[str, Text] = field(default_factory=dict)
    """Why answer cells stopped, by question id."""
    late_failures: set[str] = field(default_factory=set)
    """Those of `failures` that the kernel reported after the first hidden input was used."""
    ran: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    """Cells that ran after the first hidden input was used."""
    stopped: set[int] = field(default_factory=set)
    """Cells that ended the kernel."""
    seconds_left: float = 0.0
    """Rest of the time limit of the whole submission."""
    over: bool = False
    """Whether the notebook used up its time or its kernels."""
    hung: HungCode = field(default_factory=HungCode)
    examples: dict[str, ExampleResult] = field(default_factory=dict)
    """Whether the visible examples of wrong answers passed, if they were run."""

    @property
    def doubtful(self) -> set[str]:
        """Questions whose feedback could quote a hidden input."""
        return {
            name
            for name, report in self.reports.items()
            if name not in self.clean and name not in self.hung.answers and disclosure.needs_rehearsal(report)
        }

    def shows_more(self, notebook: NotebookNode, public_outputs: Callable[[], CellOutputs]) -> bool:
        """Return whether a cell's output after the first hidden input differs from that of the untouched release."""
        outputs = _shown_by(notebook.cells[index] for index in self.late)
        return bool(outputs) and not outputs <= public_outputs()


CellOutputs = frozenset[tuple[str, str]]
"""Sources of cells with their outputs."""


def release_outputs(release: NotebookNode, kernels: KernelOptions) -> CellOutputs:
    """Return the outputs of the cells of a released notebook that nobody has answered yet."""
    notebook = copy.deepcopy(release)
    judged = _grade_in_session(notebook, [], GradingOptions(seed=0), kernels)
    return _shown_by(notebook.cells[index] for index in judged.ran)


def _shown_by(cells: Iterable[NotebookNode]) -> CellOutputs:
    return frozenset(
        (cell.source, json.dumps(cell.outputs, sort_keys=True)) for cell in cells if cell.outputs
    )


def _grade_in_session(
    notebook: NotebookNode,
    questions: Sequence[Question],
    grading: GradingOptions,
    kernels: KernelOptions,
    *,
    left_out: Collection[int] = (),
    spared: HungCode | None = None,
    run_examples: bool = False,
) -> SessionResult:
    """Grade a notebook in a session of its own; writes outputs and seal into the notebook.

    left_out: indices of cells that are not run. spared: code that is not run again.
    Raises SessionLost if several sessions in a row are lost.
    """
    for _attempt in range(LOST_SESSIONS):
        with (
            contextlib.suppress(SessionLost),
            open_session(
                kernels.profile, kernels.data_folder, limits=kernels.limits, need=kernels.need, skip=spared,
                pool=kernels.pool,
            ) as session,
        ):  # fmt: skip
            judged = grade_cells(notebook, questions, session, grading, left_out=left_out)
            if run_examples:
                judged.examples = _run_examples(notebook, judged.reports, session)
            mine = notebook.metadata.setdefault(NAMESPACE, {})
            mine["seal"] = session.seal
            judged.seconds_left, judged.over, judged.hung = (
                session.seconds_left,
                session.exhausted,
                session.hung,
            )
            return judged
    raise SessionLost(
        ngettext(
            "the fork server ended {n} time in a row",
            "the fork server ended {n} times in a row",
            LOST_SESSIONS,
        )
    )


def grade_cells(
    notebook: NotebookNode,
    questions: Sequence[Question],
    session: KernelSession,
    grading: GradingOptions,
    *,
    left_out: Collection[int] = (),
) -> SessionResult:
    """Run the cells of a notebook in a session and grade each question; see `grade_notebook`.

    left_out: indices of cells that are not run.
    """
    by_id = {question.id: question for question in questions}
    result = SessionResult()
    variant = VariantChoice(grading.owner.course)
    room, inputs_used = MAX_OUTPUTS, False

    def graded(name: str) -> Report:
        return _grade(by_id[name], session, grading, variant, result.reports)

    for index, cell in enumerate(notebook.cells):
        name = question_of(cell)
        if name in by_id:
            inputs_used = inputs_used or not by_id[name].is_number
            result.reports[name] = graded(name)
            result.clean |= set() if inputs_used else {name}
        elif cell.cell_type == "code" and _is_run(cell, run_all=grading.run_all) and index not in left_out:
            ran = _run(cell, session)
            room = _cut(cell, room, _edition(notebook))
            result.ran.add(index)
            result.late |= {index} if inputs_used else set()
            result.stopped |= {index} if ran.stopped else set()
            answers = cell_metadata(cell).get("question")
            if ran.error and answers and cell_metadata(cell).get("part") == "answer":
                result.failures[answers] = _cell_failed(f"{ran.error}: {ran.detail}".removesuffix(": "))
                result.late_failures |= {answers} if inputs_used and not ran.stopped else set()
            if cell_metadata(cell).get("part") == "student":
                variant = grading.owner.choose_variant(_written_id(session))
                if inputs_used:  # the id could be a hidden input by now
                    variant = dataclasses.replace(variant, claimed="?" if variant.claimed else "")
                notebook.metadata.setdefault(NAMESPACE, {})["claim"] = [variant.claim, variant.claimed]
    for name, report in result.reports.items():
        if report.fault in ("missing", "raised"):
            result.reports[name] = graded(name)
            result.clean -= {name} if inputs_used else set()
    for name, report in result.reports.items():
        if not report.right and name not in session.hung.answers and _may_follow(by_id[name], result.reports):
            # a question that it follows may have been graded after it
            again = graded(name)
            if (again.score, again.at_stake) > (report.score, report.at_stake):
                result.reports[name] = again
                result.clean -= {name} if inputs_used else set()
    missing = [question.id for question in questions if question.id not in result.reports]
    if missing:
        raise GraderError(
            _(
                "the released notebook has no grade cell for {questions}; run `autograder build`",
                questions=", ".join(missing),
            )
        )
    return result


def _run_examples(
    notebook: NotebookNode, reports: Mapping[str, Report], session: KernelSession
) -> dict[str, ExampleResult]:
    """Run the visible examples of the answers that are wrong. An answer that hung has none that ended."""
    examples: dict[str, ExampleResult] = {}
    for cell in notebook.cells:
        name, part = cell_metadata(cell).get("question", ""), cell_metadata(cell).get("part")
        if (
            part == "example"
            and name in reports
            and not reports[name].right
            and name not in session.hung.answers
        ):
            # the tools of the notebook are not run here
            error = session.run(cell.source.removeprefix(example_guard(name))).error
            if session.exhausted:
                break
            examples[name] = "failed" if error else "passed"
    return examples


def _disclosed(judged: SessionResult, rehearsed: SessionResult | None, *, models: bool) -> dict[str, Report]:
    """Return the reports reduced to what students may see; see `disclosure`."""
    reports = {
        name: report
        if name in judged.clean
        else disclosure.disclose(
            report, None if rehearsed is None else rehearsed.reports.get(name), models=models
        )
        for name, report in judged.reports.items()
    }
    for name, example in ({} if rehearsed is None else rehearsed.examples).items():
        if name in reports and not reports[name].right:
            reports[name] = dataclasses.replace(reports[name], example=example)
    rehearsed_failures = {} if rehearsed is None or rehearsed.over else rehearsed.failures
    failures = {
        name: rehearsed_failures.get(name, disclosure.CELL_RAISED) if name in judged.late_failures else text
        for name, text in judged.failures.items()
    }
    return _with_failures(reports, failures)


def _with_failures(reports: Mapping[str, Report], failures: Mapping[str, Text]) -> dict[str, Report]:
    """Return the reports, adding why an answer was lost where that is known."""
    lost = {name: text for name, text in failures.items() if name in reports and reports[name].fault}
    return add_notes(reports, lost)


def _without_training(questions: Sequence[Question], reports: Mapping[str, Report]) -> set[str]:
    """Return the ids of the questions whose answers train no model when they are called again."""
    return {
        question.id
        for question in questions
        if not question.needs_tensorflow or reports[question.id].fault == "raised"
    }


def with_followed(questions: Sequence[Question], names: Collection[str]) -> set[str]:
    """Return the ids of some questions and of all questions that these follow."""
    ids, wider = set[str](), set(names)
    while wider - ids:
        ids = wider
        wider = ids.union(*(question.followed_names for question in questions if question.id in ids))
    return ids


def _may_follow(question: Question, reports: Mapping[str, Report]) -> bool:
    """Return whether a wrong answer may follow from another wrong one."""
    return any(name in reports and not reports[name].right for name in question.followed_names)


def _grade(
    question: Question,
    session: KernelSession,
    grading: GradingOptions,
    variant: VariantChoice,
    earlier: Mapping[str, Report],
) -> Report:
    """Return the report of a question; without a known id in the notebook the owner's variant is accepted as well."""
    judge = partial(
        grade,
        question,
        session,
        seed=grading.seed,
        earlier=earlier,
        untouched=question.id in grading.untouched,
        record_cases=question.id == grading.record_cases,
    )
    report = judge(variant=variant)
    if question.is_number and report.score < report.points and variant.claim in ("none", "nobody's"):
        by_own = judge(variant=grading.owner.own)
        return by_own if by_own.score > report.score else report
    return report


def _written_id(session: KernelSession) -> str:
    """Return the student id that the notebook sets, which selects the numbers it shows; empty if there is none."""
    try:
        written = session.get("student_id")
    except AnswerError:
        return ""
    while isinstance(written, (tuple, list)) and len(written) == 1:  # a stray comma makes a tuple
        written = written[0]
    return str(written) if written is None or isinstance(written, (str, int, float, np.generic)) else ""


def unreadable_reports(questions: Sequence[Question], reason: Text) -> dict[str, Report]:
    """Return the reports of a submission that cannot be read."""
    return {question.id: without_answer(question, reason) for question in questions}


def add_notes(reports: Mapping[str, Report], notes: Mapping[str, Text]) -> dict[str, Report]:
    """Return the reports, adding notes by question id."""
    return {
        name: dataclasses.replace(report, notes=(*report.notes, notes[name])) if name in notes else report
        for name, report in reports.items()
    }


def _is_run(cell: NotebookNode, *, run_all: bool) -> bool:
    """Return whether to run a cell: an answer may need what it defines, or everything but demonstrations is run."""
    needed = run_all or cell_metadata(cell).get("part") in (None, "answer", "student")
    return needed and not cell_metadata(cell).get("demonstration")


def _run(cell: NotebookNode, session: KernelSession) -> CellResult:
    result = session.run(cell.source)
    cell.outputs = [clean for output in result.outputs if (clean := _clean(output)) is not None]
    cell.execution_count = None
    if result.used_stub_modules or result.error in NOT_HERE:
        session.run_without_stub_modules(cell.source)
    return result


def _cut(cell: NotebookNode, room: int, language: str) -> int:
    """Drop the outputs of a cell that exceed the remaining size, and return what remains of it."""
    for index, output in enumerate(cell.outputs):
        size = len(json.dumps(output))
        if size > room:
            text = LEFT_OUT.in_language(language) + "\n"
            cell.outputs = [*cell.outputs[:index], nbformat.v4.new_output("stream", name="stdout", text=text)]
            return 0
        room -= size
    return room


def _cell_failed(error: str) -> Text:
    error = KERNEL_FILE.sub(r"(\1)", error)
    note = system_call_hint(error)
    return _("running the answer cell stopped: {error}{note}", error=localized(error), note=note)


def _edition(notebook: NotebookNode) -> str:
    return str(notebook.metadata.get(NAMESPACE, {}).get("edition", "en"))


def _clean(output: NotebookNode) -> NotebookNode | None:
    """Reduce an output to its plain text and checked PNG, so that a browser has nothing to run."""
    if output.output_type == "stream":
        output.text = _writable(output.text)
        return output
    if output.output_type == "error":
        output.ename = _writable(output.ename)
        output.evalue = KERNEL_FILE.sub(r"(\1)", _writable(output.evalue))
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
    """Return text without escape codes that can be written to a file: a kernel may send lone surrogates."""
    return ESCAPES.sub("", str(text).encode("utf-8", "replace").decode("utf-8"))


def _is_png(image: str) -> bool:
    try:
        return base64.b64decode(image)[:8] == PNG_SIGNATURE
    except ValueError:
        return False
