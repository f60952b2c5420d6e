"""Grades a notebook by nbgrader's own tests."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import replace

from nbformat import NotebookNode

from autograder.grading.failing_cases import MAX_TEXT, FailingCases, FailingCheck, limited
from autograder.grading.notebook_grader import GradedQuestions
from autograder.grading.report import CheckResult, Report
from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, graded_by
from autograder.sandbox.limits import Limits
from autograder.test_cells.plan import Step
from autograder.test_cells.proof import AUTHOR_FAILS, Outcome, Proof
from autograder.test_cells.prove import OpenSessions
from autograder.test_cells.run import NotebookRun
from autograder.text import Text, joined

PRINTED = _("the test printed: {text}")
HIDDEN = _("a hidden test failed")
NO_PART = _("its last line shows no number from 0 to {points}, by which it gives partial credit")
DEFAULT_ID = re.compile(r"cell-[0-9a-f]{8,}")
"""The id of a cell that its author gave none."""
CELL_FILE = re.compile(r"\S*/ipykernel_\d+/\d+\.py:\d+: ")
"""The place of a warning, which is another in each kernel."""
STDERR = _("it wrote to stderr, which nbgrader counts as an error: {message}")


def run_public(
    notebook: NotebookNode, proof: Proof, open_sessions: OpenSessions, limits: Limits
) -> dict[str, Outcome]:
    """Run a rebuilt notebook with the tests that students have, and return their outcomes by id.

    The outputs of the student's cells are written into the notebook. All outputs and messages on a page are of such
    runs, which end before anything hidden is run.
    """
    with open_sessions() as (student, tests):
        run = NotebookRun(
            proof.plan, student, tests, limits,
            together=proof.together, objects=proof.objects, hidden=False,
        )  # fmt: skip
        outcomes = run.outcomes(notebook)
        notebook.metadata.setdefault(NAMESPACE, {})["seal"] = student.seal
    return outcomes


def judge(
    notebook: NotebookNode,
    proof: Proof,
    public: Mapping[str, Outcome],
    open_sessions: OpenSessions,
    limits: Limits,
) -> GradedQuestions:
    """Run hidden tests, and return the reports of all tests by name, with the messages about hidden tests for staff.

    public: of `run_public`.
    """
    plan = proof.plan
    judged = public
    if any(step.has_hidden_tests for step in plan.tests):
        with open_sessions() as (student, tests):
            run = NotebookRun(plan, student, tests, limits, together=proof.together, objects=proof.objects)
            judged = run.outcomes(copy.deepcopy(notebook), tests_only=True)
    reports, failing = {}, {}
    numbers = {step.id: number for number, step in enumerate(plan.tests, 1)}
    for cell in notebook.cells:
        step = plan.step_of(cell)
        if step is not None and step.kind == "test" and step.id in judged:
            title = Text.same(step.id)
            if DEFAULT_ID.fullmatch(step.id):
                title = _("Test {number}", number=numbers[step.id])
            name, outcome = graded_by(cell), judged[step.id]
            report = _report(step, title, public[step.id], outcome, proof)
            reports[name] = replace(report, question=name)
            if outcome.error:
                message = limited(_message(outcome), MAX_TEXT)
                failing[name] = FailingCases((FailingCheck(step.id, message),))
    return GradedQuestions(reports, failing)


def _report(step: Step, title: Text, public: Outcome, judged: Outcome, proof: Proof) -> Report:
    """Return the report of a test."""
    of_author = proof.failing.get(step.id)
    passed, earned, ungraded = not judged.error, judged.earned, judged.ungraded
    if of_author is not None and step.points and (of_author.error or of_author.ungraded):
        ungraded = AUTHOR_FAILS
    elif step.id in proof.partial and passed and ungraded is None:
        # nbgrader gives full points for whatever else is shown
        if judged.shown is None or not 0 <= judged.shown <= step.points:
            ungraded = NO_PART.format(points=f"{step.points:g}")
        else:
            earned = judged.shown
    check = CheckResult(
        step.id, title, "passed" if passed else "failed", step.points,
        message=Text() if passed else _message(public), part=earned if passed else None,
    )  # fmt: skip
    return Report(step.id, title, step.points, (check,), ungraded=ungraded)


def _message(outcome: Outcome) -> Text:
    """Return what is said of a test that failed. outcome: without hidden tests for a student, with them for staff."""
    if outcome.stopped is not None:
        return outcome.stopped
    if outcome.error == "stderr":
        return STDERR.format(message=CELL_FILE.sub("", outcome.message))
    if outcome.error:
        raised = Text.same(f"{outcome.error}: {outcome.message}".removesuffix(": "))
        parts = [part for part in (outcome.answer_failed, raised, outcome.asserted) if part is not None]
        if outcome.asserted is not None and not outcome.message:
            parts.remove(raised)
        if outcome.printed:
            parts.append(PRINTED.format(text=outcome.printed))
        return joined(". ", parts)
    return HIDDEN
