"""The words of the feedback page."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.i18n import _, pgettext
from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "kind": _("Feedback"),
    "skip": _("Skip to the feedback on each question"),
    "score": _("Score"),
    "handed_in": _("Handed in"),
    "late": _("Late penalty"),
    "attempt": _("Attempt"),
    "overview": _("Questions"),
    "not_graded": _("Not graded yet. Your answer is kept; its score and feedback will stand here."),
    "waiting": _("Your teacher reads and grades this answer. The score above does not include it yet."),
    "teacher": pgettext("of the reader", "teacher"),
    "comment": _("Your teacher’s comment"),
    "mistakes": _("What seems to have happened"),
    "computed": _("What the function computes"),
    "one_of": _("One or more of these seem to have happened."),
    "credit": _("Partial credit"),
    "credited": _("For the mistake named above."),
    "nearer": _("The answer is as near to the right one as a known mistake that earns as much."),
    "numbers": _("Your numbers"),
    "your_answer": _("Your answer"),
    "try": _("See for yourself"),
    "yours": _("yours returns"),
    "example": _("The visible example"),
    "example_passed": _("passes. The answer is wrong for other inputs."),
    "example_failed": _("fails. Run the example cell to see where."),
    "reread": _("Read again"),
    "section": _("the section “{heading}” in the notebook"),
    "sections": _("the sections “{first}” and “{second}” in the notebook"),
    "notes": _("Please note"),
    "checks": _("Checks"),
    "code": _("Your code"),
    "answer": _("What you handed in"),
    "printed": _("Output"),
    "plot": _("A plot drawn by your notebook"),
    "nothing": _("Nothing."),
    "solution": _("Worked solution"),
    "only_scores": _("This assignment shows scores only."),
    "hidden_inputs": _("Hidden inputs are new for each version of your notebook."),
    "handed_in_all": _("Everything you wrote in the notebook"),
    "handed_in_note": _("In the order of the notebook. Answers stand with the feedback on their question."),
    "answer_to": pgettext("of a student", "Answer"),
    "back": _("Back to the student"),
    "as_handed_in": _("The notebook as handed in"),
    "as_handed_in_note": _("Outputs are those that the file has; nothing was run for this page."),
    "empty": _("Nothing is written in this notebook."),
    "top": _("Back to the top"),
}
STAFF_WORDS: Mapping[str, Text] = {
    "not_graded": _("Not graded yet."),
    "waiting": _("A person reads and grades this answer. The score does not include it yet."),
    "teacher": _("teacher"),
    "comment": _("Comment for the student"),
    "numbers": _("The student’s numbers"),
    "your_answer": _("The student’s answer"),
    "yours": _("the student’s function returns"),
    "code": _("The student’s code"),
    "answer": _("What the student wrote"),
}
"""The words that differ where staff read about a student."""
