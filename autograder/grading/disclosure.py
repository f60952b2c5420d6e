"""Decide what a page may show of answers that were called with hidden inputs: nothing that could repeat one of them.

Once an answer was called, everything its kernel returns may contain the inputs: outputs, errors, the shape of a wrong
value, the coefficients of a wrong formula. From that kernel a page shows only points, outcomes and known
misconceptions. Everything else comes from a rehearsal: a second kernel that runs the same cells, except those that hung
or died before, and is called with public inputs only. Answers that would train models again are not rehearsed, unless
they raised an error; a rehearsal that is cut short shows nothing. The page then shows less.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import nbformat
from nbformat import NotebookNode

from autograder.grading.report import CheckResult, Report
from autograder.i18n import _
from autograder.text import Text

PUBLIC_SEED = 0
"""Seed of the inputs of a rehearsal, which are not secret."""
WITHHELD = _("(Outputs from here on are left out: they could show the inputs that answers are graded on.)")
NOT_AGAIN = _(
    "(The outputs of this cell are left out: it takes too long, or ends the kernel, to be run a second time.)"
)
DIFFERS = _(
    "it behaves differently on hidden inputs, so no more can be told; look for what depends on "
    "particular values of the arguments, or on how often it is called"
)
RAISED = _("running the answer raised an error; run the example cell below the question to see which")
NO_DATA = _("the answer did not give back a value that can be judged")
NOT_RIGHT = _("what came back is not right")
CELL_RAISED = _(
    "running the answer cell stopped with an error; restart the kernel and run all cells to see which"
)
NO_MODEL = _("a Keras model should come back, but what came back is of the type {kind}")
NO_RETURN = _("a Keras model should come back, but None came back (is a `return` missing?)")
COMMON_KINDS = re.compile(
    r"it is a (History|list|tuple|dict|str|int|float|bool|ndarray|type|function|EagerTensor), not a Keras model$|"
    r"it is None, not a Keras model"
)
"""Types that an answer returns by mistake. Any other name could have been chosen to reveal a hidden input."""
LONG_NUMBER = re.compile(r"\d{5}")


def needs_rehearsal(report: Report) -> bool:
    """Return whether the report contains anything that may quote what the answer returned."""
    return bool(report.computed) or any(check.quotes for check in report.checks)


def disclose(report: Report, rehearsed: Report | None, *, models: bool = False) -> Report:
    """Return the report without anything that could contain a hidden input.

    rehearsed: the report of the same answer on public inputs, or None if there was no rehearsal. A rehearsal that was
        cut short is ignored.
    models: whether answers are models, so that the shapes of returned values are shown in any case.
    """
    if rehearsed is not None and _was_cut_short(rehearsed):
        rehearsed = None
    public = {} if rehearsed is None else {check.name: check for check in rehearsed.checks}
    checks = tuple(
        replace(check, message=_message(check, public.get(check.name), models=models), quotes="")
        if check.quotes
        else check
        for check in report.checks
    )
    computed = rehearsed.computed if rehearsed is not None and report.computed else ()
    counterexample = None if rehearsed is None else rehearsed.counterexample
    return replace(report, checks=checks, computed=computed, counterexample=counterexample)


def _was_cut_short(rehearsed: Report) -> bool:
    """Return whether a check failed for an external reason, such as a time limit or a lost kernel."""
    return any(check.outcome == "errored" and not check.quotes for check in rehearsed.checks)


def _message(check: CheckResult, rehearsed: CheckResult | None, *, models: bool) -> Text:
    if rehearsed is not None:
        return rehearsed.message if rehearsed.outcome == check.outcome else DIFFERS
    if check.quotes != "value":
        kind = COMMON_KINDS.search(check.message.en) if models and check.quotes == "type" else None
        if kind is not None:
            return NO_MODEL.format(kind=kind[1]) if kind[1] else NO_RETURN
        return RAISED if check.quotes == "error" else NO_DATA
    # the message is the author's, with returned sizes in it; an honest answer's sizes are small
    has_long_number = any(map(LONG_NUMBER.search, check.message.to_dict().values()))
    return check.message if models and not has_long_number else NOT_RIGHT


def withhold(
    notebook: NotebookNode, indices: Collection[int], language: str, reason: Text = WITHHELD
) -> None:
    """Remove the outputs of some cells, and say so in place of the first of them."""
    text = reason.in_language(language) + "\n"
    with_outputs = [index for index in sorted(indices) if notebook.cells[index].outputs]
    for index in with_outputs:
        notebook.cells[index].outputs = []
    if with_outputs:
        notebook.cells[with_outputs[0]].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
