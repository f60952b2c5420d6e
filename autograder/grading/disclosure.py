"""Decide what a page may show of answers that were called with hidden inputs: nothing that could repeat one of them.

Once an answer was called, everything its kernel returns may contain the inputs: outputs, errors, the shape of a wrong
value, the coefficients of a wrong formula. From that kernel a page shows only points, outcomes and known
misconceptions. Everything else comes from the public run: an earlier kernel that ran the same cells, was called with
public inputs only, and ended before the hidden ones were used. If it is cut short, the page shows less. No answer
trains a model there: of one that does, the page shows the kind and the small sizes of what the judged run returned.
"""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.grading.report import CheckResult, Report
from autograder.i18n import _
from autograder.text import Text

PUBLIC_SEED = 0
"""Seed of the inputs of the public run, which are not secret."""
DIFFERS = _(
    "it behaves differently on hidden inputs, so no more can be told; look for what depends on "
    "particular values of the arguments, or on how often it is called"
)
RAISED = _("running the answer raised an error; run the example cell below the question to see which")
NO_DATA = _("the answer did not give back a value that can be judged")
NOT_RIGHT = _("what came back is not right")
NO_MODEL = _("a Keras model should come back, but what came back is of the type {kind}")
NO_RETURN = _("a Keras model should come back, but None came back (is a `return` missing?)")
COMMON_KINDS = re.compile(
    r"it is a (History|list|tuple|dict|str|int|float|bool|ndarray|type|function|EagerTensor), not a Keras model$|"
    r"it is None, not a Keras model"
)
"""Types that an answer returns by mistake. Any other name could have been chosen to reveal a hidden input."""
LONG_NUMBER = re.compile(r"\d{5}")


def disclose(report: Report, public: Report | None, *, models: bool = False) -> Report:
    """Return the report without anything that could contain a hidden input.

    public: the report of the same answer on public inputs, or None if there is none. One that was cut short is ignored.
    models: whether answers are models, so that the shapes of returned values are shown in any case.
    """
    if public is not None and _was_cut_short(public):
        public = None
    public_checks = {} if public is None else {check.name: check for check in public.checks}
    checks = tuple(
        replace(check, message=_message(check, public_checks.get(check.name), models=models), quotes="")
        if check.quotes
        else check
        for check in report.checks
    )
    computed = public.computed if public is not None and report.computed else ()
    counterexample = None if public is None or report.right else public.counterexample
    return replace(report, checks=checks, computed=computed, counterexample=counterexample)


def _was_cut_short(public: Report) -> bool:
    """Return whether a check failed for an external reason, such as a time limit or a lost kernel."""
    return any(check.outcome == "errored" and not check.quotes for check in public.checks)


def _message(check: CheckResult, public: CheckResult | None, *, models: bool) -> Text:
    if public is not None:
        return public.message if public.outcome == check.outcome else DIFFERS
    if check.quotes != "value":
        kind = COMMON_KINDS.search(check.message.en) if models and check.quotes == "type" else None
        if kind is not None:
            return NO_MODEL.format(kind=kind[1]) if kind[1] else NO_RETURN
        return RAISED if check.quotes == "error" else NO_DATA
    # the message is the author's, with returned sizes in it; an honest answer's sizes are small
    has_long_number = any(map(LONG_NUMBER.search, check.message.to_dict().values()))
    return check.message if models and not has_long_number else NOT_RIGHT
