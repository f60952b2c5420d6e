"""Answers that tell what they were called with, and an answer that knows what another one was called with."""

from __future__ import annotations

import numpy as np

from autograder.course import Course
from autograder.grading.course_secret import PUBLIC_KEY
from autograder.grading.draws import draw_cases, reference_value
from tests.hostile.attack import GRU, LSTM, TAGGING, Attack, worth
from tests.support import ROOT

JOINS = (":", "000")
"""What stands between the two sizes of an input where an attack tells it, in a text and in a number."""
SPY = "seen = []\ndef spy(*sizes):\n    seen.append(sizes[:2])\n"
TEXT = "' '.join(f'{d}:{u}' for d, u in seen)"
NUMBER = "int(f'{seen[0][0]}000{seen[0][1]}')"
RIGHT = (
    SPY
    + "def gru_params(d, u, reset_after=True):\n    spy(d, u)\n    return 3 * u * (d + u + 1 + bool(reset_after))"
)


def says(code: str, before: str = "") -> dict[str, str]:
    """Answers that do something with the sizes `d` and `u` that they are called with."""
    return {
        "gru_params": f"{before}\ndef gru_params(d, u, reset_after=True):\n    {code}",
        "gru_weight_shapes": f"{before}\ndef gru_weight_shapes(d, u, reset_after):\n    {code}",
    }


def table() -> dict[str, str]:
    """Right answers to the inputs of an earlier submission, and to no others."""
    course = Course.open(ROOT)
    answers = {}
    for question in course.assignment(LSTM).questions:
        if question.id in ("lstm_params", "stacked_params", "lstm_rnn_ratio", "max_lstm_units"):
            cases = draw_cases(question, np.random.default_rng([PUBLIC_KEY.proof(7), 0]))
            known = {repr(case.args): reference_value(question, case) for case in cases}
            answers[question.id] = f"def {question.id}(*sizes):\n    return {known!r}[repr(sizes)]"
    return answers


ATTACKS = (
    Attack("I01", "notes what it is called with, and a later cell prints it, draws it and writes it",
        answers={"gru_params": RIGHT}, earns=worth(GRU, "gru_params"), keeps=("gru_params",),
        last=f"print({TEXT}, 'honest' + '-output')\nfrom IPython.display import display\n"
        f"display({{'text/plain': {TEXT}}}, raw=True)\n{TEXT}"),
    Attack("I02", "an exception that says it", answers=says("raise ValueError(f'{d}:{u}')")),
    Attack("I03", "a type of exception that says it, in its name and in what it shows",
        answers=says("raise type(f'E{d}000{u}', (Exception,), {'__str__': lambda self: f'{d}:{u}'})")),
    Attack("I04", "a value whose type says it", answers=says("return type(f'V{d}000{u}', (), {})()")),
    Attack("I05", "notes it in a file, and a later cell prints the file",
        answers=says("open('seen.txt', 'a').write(f'{d}:{u} ')"), last="print(open('seen.txt').read())"),
    Attack("I06", "notes it, and the cell of a later answer raises it",
        answers={"gru_params": RIGHT, "gru_weight_shapes": f"raise NameError({TEXT})"},
        earns=worth(GRU, "gru_params"), keeps=("gru_params",)),
    Attack("I07", "notes it, and a number that was missing becomes it",
        answers={"gru_params": RIGHT, "g3": "pass"}, earns=worth(GRU, "gru_params"), keeps=("gru_params",),
        last=f"g3 = {NUMBER}"),
    Attack("I08", "notes it, and a later formula has it as a coefficient", assignment=LSTM,
        answers={"lstm_params": SPY + "def lstm_params(d, u):\n    spy(d, u)\n    return 4 * u * (d + u + 1)",
                 "dense_params": f"def dense_params(d, u):\n    return {NUMBER} * u"},
        earns=worth(LSTM, "lstm_params"), keeps=("lstm_params",)),
    Attack("I09", "notes it, and gives back as many things as it says",
        answers={"gru_params": RIGHT,
                 "gru_weight_shapes": "def gru_weight_shapes(d, u, reset_after):\n    import numpy\n"
                 "    return numpy.zeros((int(f'{seen[0][0]}00{seen[0][1]}'), 0))"},
        earns=worth(GRU, "gru_params"), keeps=("gru_params",)),
    Attack("I10", "a table of the inputs of an earlier submission", assignment=LSTM, answers=table()),
    Attack("I11", "answers of a notebook with models say what they are called with, in every way",
        assignment=TAGGING,
        answers={"encode": "seen = []\ndef encode(sentences, vocab):\n    seen.append('-'.join(vocab))\n"
                 "    raise type(seen[-1].replace('-', '_'), (Exception,), {})(seen[-1])",
                 "decode_tags": "print(seen)\ndef decode_tags(probs, tags):\n    return type(seen[0], (), {})()",
                 "train": "raise NameError(str(seen))"},
        last="print(seen)"),
    Attack("I12", "a later cell of a notebook with models, all answers of which are right, says it",
        assignment=TAGGING,
        answers={"encode": "seen = []\ndef encode(sentences, vocab):\n    seen.append('-'.join(vocab))\n"
                 "    places = [[vocab.index(word) for word in text.split()] for text in sentences]\n"
                 "    return np.eye(len(vocab), dtype='float32')[places]"},
        earns=worth(TAGGING, "encode"), keeps=("encode",), last="print(seen)"),
)  # fmt: skip
COUNTING = tuple(one for one in ATTACKS if one.assignment != TAGGING)
MODELS = tuple(one for one in ATTACKS if one.assignment == TAGGING)
TELLING = tuple(one for one in COUNTING if one.id != "I10")
