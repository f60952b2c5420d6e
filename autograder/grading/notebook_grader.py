"""Grade a rebuilt submission: run the student's cells and grade each question at its grade cell.

The cells run twice. The public run, whose answers are called with public inputs, comes first and ends before hidden
inputs are drawn: all that a page shows of outputs, errors and values is its. The judged run decides the scores; see
`disclosure` for what a page shows of it.

In each run, a question is graded at the position of its grade cell, as in nbgrader, so that a later cell cannot spoil
an earlier answer. If there is nothing to judge there, the question is graded again after the last cell.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import itertools
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.errors import TOO_SLOW, AnswerError, GraderError, SessionLost
from autograder.grading import disclosure
from autograder.grading.draws import Draw, SharedDraws, UnfitDraws, fit_draw
from autograder.grading.failing_cases import FailingCases, failing_cases
from autograder.grading.machine_faults import faults_of_machine
from autograder.grading.question_grader import grade, without_answer
from autograder.grading.report import ExampleResult, Report
from autograder.i18n import _, ngettext
from autograder.notebooks.cells import NAMESPACE, cell_metadata, is_test, question_of, runs_when_graded
from autograder.notebooks.images import PNG_SIGNATURE
from autograder.notebooks.self_check import example_guard
from autograder.questions.question import Pool, Question
from autograder.questions.variants import Owner, VariantChoice
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.kernel import CellResult
from autograder.sandbox.limits import Limits
from autograder.sandbox.profiles import KERNEL_PROFILES, Profile
from autograder.sandbox.seal import Need
from autograder.sandbox.session import HungCode, KernelSession, open_session
from autograder.sandbox.wire import localized, system_call_hint
from autograder.text import Text

LOST_SESSIONS = 3
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
    draws: Mapping[str, Draw] = field(default_factory=dict)
    """The hidden inputs by question id, drawn by `grade_notebook`."""
    pools: Mapping[str, Sequence[Pool | None]] = field(default_factory=dict)
    """The pools whose numbers count, by name, if earlier releases had others: the one that the notebook shows first.
    None is the question's own."""
    public_draws: SharedDraws = field(default_factory=partial(SharedDraws, disclosure.PUBLIC_SEED))
    """Those of public runs, to be shared by all submissions."""
    is_public: bool = False
    """For the public run: no answer trains a model, and the visible examples of wrong answers are run, too."""
    promised_modules: Collection[str] = ()
    """Modules whose absence from this machine is no fault of an answer; see `graded_imports`."""
    run_all: bool = False
    """For a notebook of our own: also run the public tests and the last cell, which no answer needs, and withhold
    nothing."""

    @property
    def keeps_failing_cases(self) -> bool:
        """Return whether the run keeps failing cases: only that which decides the score of a student's notebook."""
        return not (self.is_public or self.run_all or self.record_cases)


@dataclass(frozen=True)
class GradedQuestions:
    """The graded questions of a notebook, or nbgrader's own tests in it."""

    reports: dict[str, Report]
    failing: dict[str, FailingCases] = field(default_factory=dict, repr=False)
    """By question, for staff alone; none for a notebook of our own."""


def grade_notebook(
    notebook: NotebookNode,
    questions: Sequence[Question],
    grading: GradingOptions,
    kernels: KernelOptions,
) -> GradedQuestions:
    """Grade a notebook and return the reports by question id, and the failing cases.

    The outputs of the student's cells are written into `notebook`, the seal and the training mode into its metadata.

    notebook: a notebook made by `submissions.rebuild`.
    Raises GraderError if the fault is ours.
    """
    if grading.run_all or grading.record_cases:
        fit, draws, unfit = _draw(questions, grading.seed)
        judged = _grade_in_session(notebook, fit, replace(grading, draws=draws), kernels)
        reports = _with_failures(judged.reports, judged.failures)
        if not grading.run_all:
            reports |= _lacking(notebook, reports, [judged], grading, kernels)
        return GradedQuestions(reports | unfit)
    fit, draws, _unfit = _draw(questions, grading.public_draws)
    public_grading = replace(grading, draws=draws, is_public=True)
    public = _grade_in_session(notebook, fit, public_grading, kernels)
    fit, draws, unfit = _draw(questions, grading.seed)
    judged_grading = replace(grading, draws=draws)
    judged = _grade_in_session(copy.deepcopy(notebook), fit, judged_grading, kernels, public=public)
    models = {question.id for question in questions if question.needs_tensorflow}
    reports = {
        name: disclosure.disclose(report, public.reports.get(name), models=name in models)
        for name, report in judged.reports.items()
    }
    for name, example in public.examples.items():
        if _gave_wrong_values(reports[name]):
            reports[name] = replace(reports[name], example=example)
    reports = _with_failures(reports, public.failures)
    reports |= _lacking(notebook, reports, [judged, public], grading, kernels) | unfit
    return GradedQuestions(reports, judged.failing)


def _lacking(
    notebook: NotebookNode,
    reports: Mapping[str, Report],
    runs: Sequence[SessionResult],
    grading: GradingOptions,
    kernels: KernelOptions,
) -> dict[str, Report]:
    """Return the reports of the questions for which this machine lacks something: not graded, or with a note.

    runs: the judged one first.
    """
    errors = {
        name: [check.message.en for run in runs if name in run.reports for check in run.reports[name].checks]
        for name in reports
    }
    ungraded, notes = faults_of_machine(
        notebook, runs[0].reports, errors=errors, folder=kernels.data_folder,
        stub_modules=KERNEL_PROFILES[kernels.profile].stub_modules, promised=grading.promised_modules,
    )  # fmt: skip
    noted = add_notes({name: reports[name] for name in notes}, notes)
    return noted | {
        name: Report.not_graded(name, reports[name].title, reports[name].points, fault)
        for name, fault in ungraded.items()
    }


def _draw(
    questions: Sequence[Question], source: int | SharedDraws
) -> tuple[list[Question], dict[str, Draw], dict[str, Report]]:
    """Draw the inputs of each question, and return the questions with a fit draw, the draws, and the other reports.

    source: a seed, or the public draws.
    """
    draws, unfit = {}, {}
    for question in questions:
        if question.is_number:
            continue
        try:
            draws[question.id] = (
                fit_draw(question, source) if isinstance(source, int) else source.of(question)
            )
        except UnfitDraws as error:
            unfit[question.id] = Report.not_graded(
                question.id, question.title, question.points, error.message
            )
    return [question for question in questions if question.id not in unfit], draws, unfit


@dataclass
class SessionResult:
    """The results of one session."""

    reports: dict[str, Report] = field(default_factory=dict)
    failing: dict[str, FailingCases] = field(default_factory=dict)
    """The failing cases of the reports; none in a public run, or for a notebook of our own."""
    failures: dict[str, Text] = field(default_factory=dict)
    """Why answer cells stopped, by question id."""
    variant: VariantChoice | None = None
    """The variant that the notebook's id selects, once the cell that sets it has run."""
    hung: HungCode = field(default_factory=HungCode)
    examples: dict[str, ExampleResult] = field(default_factory=dict)
    """Whether the visible examples of wrong answers passed, if they were run."""


def _grade_in_session(
    notebook: NotebookNode,
    questions: Sequence[Question],
    grading: GradingOptions,
    kernels: KernelOptions,
    *,
    public: SessionResult | None = None,
) -> SessionResult:
    """Grade a notebook in a session of its own; writes outputs and seal into the notebook.

    public: the results of the public run, before the judged one.
    Raises SessionLost if several sessions in a row are lost.
    """
    for _attempt in range(LOST_SESSIONS):
        with (
            contextlib.suppress(SessionLost),
            open_session(
                kernels.profile, kernels.data_folder, limits=kernels.limits, need=kernels.need,
                hung_before=public.hung if public else None, pool=kernels.pool,
            ) as session,
        ):  # fmt: skip
            result = grade_cells(
                notebook, questions, session, grading, variant=public.variant if public else None
            )
            notebook.metadata.setdefault(NAMESPACE, {})["seal"] = session.seal
            result.hung = session.hung
            return result
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
    variant: VariantChoice | None = None,
) -> SessionResult:
    """Run the cells of a notebook in a session and grade each question; see `grade_notebook`.

    variant: that of the public run, in which the notebook's id was read.
    """
    by_id = {question.id: question for question in questions}
    result = SessionResult(variant=variant)
    room = MAX_OUTPUTS
    judged = Counter[str]()

    def graded(name: str) -> tuple[Report, FailingCases]:
        question, chosen = by_id[name], result.variant or VariantChoice(grading.owner.course)
        draw = grading.draws.get(name)
        if draw is not None and judged[name] and not grading.is_public:
            # the answer may remember what it was called with
            draw = fit_draw(question, grading.seed, judged[name])
        judged[name] += 1
        trains = grading.is_public and question.needs_tensorflow
        with session.training_stopped() if trains else contextlib.nullcontext():
            report = _grade(question, session, grading, draw, chosen, result.reports)
        if question.id == grading.record_cases:
            return report, FailingCases()
        return replace(report, cases=()), _failing_cases(question, report)

    for cell in notebook.cells:
        name = question_of(cell)
        if name in by_id and not is_test(cell):
            result.reports[name], result.failing[name] = graded(name)
        elif _is_run(cell, run_all=grading.run_all):
            ran = run_cell(cell, session)
            room = _cut(cell, room, _edition(notebook))
            answers = cell_metadata(cell).get("question")
            if ran.error and answers and cell_metadata(cell).get("part") == "answer":
                result.failures[answers] = cell_failed(f"{ran.error}: {ran.detail}".removesuffix(": "))
            if cell_metadata(cell).get("part") == "student" and result.variant is None:
                result.variant = grading.owner.choose_variant(_written_id(session))
                claim = [result.variant.claim, result.variant.claimed]
                notebook.metadata.setdefault(NAMESPACE, {})["claim"] = claim
    for name, report in result.reports.items():
        if report.fault in ("missing", "raised"):
            result.reports[name], result.failing[name] = graded(name)
    for name, report in result.reports.items():
        if not report.right and report.fault not in TOO_SLOW and _may_follow(by_id[name], result.reports):
            # a question that it follows may have been graded after it
            again, failing = graded(name)
            if (again.score, again.at_stake) > (report.score, report.at_stake):
                result.reports[name], result.failing[name] = again, failing
    missing = [question.id for question in questions if question.id not in result.reports]
    if missing:
        raise GraderError(
            _(
                "the released notebook has no grade cell for {questions}; run `autograder build`",
                questions=", ".join(missing),
            )
        )
    if grading.is_public:
        result.reports = _public_reports(questions, result.reports)
        result.examples = _run_examples(notebook, result.reports, session)
    return result


def _failing_cases(question: Question, report: Report) -> FailingCases:
    """Return the failing cases of a report; none if it has no record of its cases, or if they cannot be rendered."""
    if report.right or not report.cases:
        return FailingCases()
    try:
        return failing_cases(question, report)
    except Exception:  # of whatever kind: they are for staff, and must not cost a grade
        return FailingCases()


def _public_reports(questions: Sequence[Question], reports: Mapping[str, Report]) -> dict[str, Report]:
    """Return the reports of a public run, in which no model was trained, without those that this may have changed."""
    trained = {question.id for question in questions if question.needs_tensorflow}
    return {
        question.id: reports[question.id]
        for question in questions
        if (question.id not in trained and trained.isdisjoint(question.followed_names))
        or reports[question.id].fault == "raised"
    }


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
            and _gave_wrong_values(reports[name])
            and name not in session.hung.answers
        ):
            # the tools of the notebook are not run here
            error = session.run(cell.source.removeprefix(example_guard(name))).error
            if session.exhausted:
                break
            examples[name] = "failed" if error else "passed"
    return examples


def _gave_wrong_values(report: Report) -> bool:
    """Return whether there is an answer that failed a check, other than by following from another one."""
    failed = any(check.outcome in ("failed", "errored") for check in report.checks)
    return failed and report.fault != "missing"


def _with_failures(reports: Mapping[str, Report], failures: Mapping[str, Text]) -> dict[str, Report]:
    """Return the reports, adding why an answer was lost where that is known."""
    lost = {name: text for name, text in failures.items() if name in reports and reports[name].fault}
    return add_notes(reports, lost)


def _may_follow(question: Question, reports: Mapping[str, Report]) -> bool:
    """Return whether a wrong answer may follow from another one that does not give what the reference gives."""
    return any(
        name in reports and (not reports[name].right or reports[name].other)
        for name in question.followed_names
    )


def _grade(
    question: Question,
    session: KernelSession,
    grading: GradingOptions,
    draw: Draw | None,
    variant: VariantChoice,
    earlier: Mapping[str, Report],
) -> Report:
    """Return the report of a question; without a known id in the notebook the owner's variant is accepted as well.

    The numbers that an earlier release gave are accepted, too.
    """
    graded = partial(
        grade,
        question,
        session,
        draw=draw,
        earlier=earlier,
        untouched=question.id in grading.untouched,
        record_cases=grading.keeps_failing_cases or question.id == grading.record_cases,
    )
    if question.pool is None:
        return graded(variant=variant)
    choices = [variant, *([grading.owner.own] if variant.claim in ("none", "nobody's") else [])]
    names = sorted(question.pool.names)
    counting = grading.pools.get(question.pool.name, [None])
    pools = [pool for pool in counting if pool is None or sorted(pool.names) == names]
    reports = [graded(variant=replace(variant, pool=pools[0]))]
    for choice, pool in list(itertools.product(choices, pools))[1:]:
        if reports[0].score == question.rubric_points:
            break
        with contextlib.suppress(GraderError) if pool else contextlib.nullcontext():
            reports.append(graded(variant=replace(choice, pool=pool)))
        reports.sort(key=lambda report: -report.score)
    return reports[0]


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
        name: replace(report, notes=(*report.notes, notes[name])) if name in notes else report
        for name, report in reports.items()
    }


def _is_run(cell: NotebookNode, *, run_all: bool) -> bool:
    """Return whether to run a cell: an answer may need what it defines, or everything but demonstrations is run."""
    is_code = cell.cell_type == "code" and not cell_metadata(cell).get("demonstration")
    return runs_when_graded(cell) or (run_all and is_code)


def run_cell(cell: NotebookNode, session: KernelSession) -> CellResult:
    """Run a cell of a notebook and write what it shows, cleaned, into the cell."""
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


def cell_failed(error: str) -> Text:
    """Return how an answer cell stopped. error: its type and text."""
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
