"""Exercises that grade themselves: author once, release without answers, grade outside the student's kernel.

What a question file and `nbgrader_config.py` need is named here; see `autograder new` for a template.
"""

from autograder.errors import AnswerError, Fail
from autograder.nbgrader_hooks import configure, seal_grading
from autograder.questions import expect, models, recurrent
from autograder.questions.exam import ExamQuestion
from autograder.questions.question import Case, Check, Misconception, Question, Term
from autograder.sandbox.inside.codec import Layers
from autograder.text import Text

__all__ = [
    "AnswerError", "Case", "Check", "ExamQuestion", "Fail", "Layers", "Misconception", "Question", "Term", "Text",
    "configure", "expect", "models", "recurrent", "seal_grading",
]  # fmt: skip
__version__ = "0.1.0"
