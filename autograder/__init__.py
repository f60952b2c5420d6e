"""Exercises that grade themselves: author once, release without answers, grade outside the student's kernel.

What a question file needs is named here; see `autograder new` for a template.
"""

from autograder import expect
from autograder.errors import Fail
from autograder.question import Case, Check, Misconception, Question, Term
from autograder.sandbox.inside.codec import Layers
from autograder.text import Text

__all__ = ["Case", "Check", "Fail", "Layers", "Misconception", "Question", "Term", "Text", "expect"]
__version__ = "0.1.0"
