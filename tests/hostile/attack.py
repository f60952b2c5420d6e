"""What an attack is: a notebook that does not know the answers, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]

MARKER = "PWNED"
"""Stands in every script that an attack hopes to run in a reader's browser."""

RIGHT: Mapping[str, Mapping[str, str]] = {
    "gru_parameters": {
        "g1": "g1 = 3 * 25 * (12 + 25 + 1)",
        "g2": "g2 = 3 * 30 * (25 + 30 + 1)",
        "g3": "g3 = 50 * (30 + 1)",
        "gru_params": "def gru_params(d, u, reset_after=True):\n    return 3 * u * (d + u + 1 + bool(reset_after))",
        "gru_weight_shapes": "def gru_weight_shapes(d, u, reset_after):\n"
        "    return [(d, 3 * u), (u, 3 * u), (2, 3 * u) if reset_after else (3 * u,)]",
        "bilstm_params": "def bilstm_params(d, u):\n    return 8 * u * (d + u + 1)",
        "bilstm_tagger_params": "def bilstm_tagger_params(d, u, tags, merge_mode='concat'):\n"
        "    read = u * (1 + (merge_mode == 'concat'))\n    return 8 * u * (d + u + 1) + tags * read + tags",
        "embedding_lstm_params": "def embedding_lstm_params(words, d, u, mask_zero=True):\n"
        "    return words * d + 4 * u * (d + u + 1)",
    },
    "lstm_parameters": {
        "layer2": "layer2 = 4 * 30 * (20 + 30 + 1)",
        "layer3": "layer3 = 50 * (30 + 1)",
        "p1": "p1 = 4 * 20 * (12 + 20 + 1)",
        "p2_dense": "p2_dense = 50 * (24 + 1)",
        "lstm_params": "def lstm_params(d, u):\n    return 4 * u * (d + u + 1)",
        "dense_params": "def dense_params(d, u):\n    return (d + 1) * u",
        "stacked_params": "def stacked_params(d, lstm_units, dense_units):\n    found = []\n"
        "    for u in lstm_units:\n        found.append(4 * u * (d + u + 1))\n        d = u\n"
        "    return [*found, (d + 1) * dense_units]",
        "lstm_rnn_ratio": "def lstm_rnn_ratio(d, u, tags):\n    rnn, top = u * (d + u + 1), tags * (u + 1)\n"
        "    return 4, (4 * rnn + top) / (rnn + top)",
        "keep_first": "def keep_first():\n"
        "    return [[0, 0, 1, 0], [28, 0, 0, 0]], [[-700, 0, 0, 0]], [-14, 18, 0, 18]",
        "max_lstm_units": "def max_lstm_units(d, budget):\n    u = 0\n"
        "    while 4 * (u + 1) * (d + u + 2) <= budget:\n        u += 1\n    return u",
    },
    "tagging": {
        "encode": "def encode(sentences, vocab):\n    rows = [[vocab.index(w) for w in s.split()] for s in sentences]\n"
        "    return np.eye(len(vocab), dtype='float32')[np.array(rows)]",
        "decode_tags": "def decode_tags(probs, idx2tag):\n"
        "    return [''.join(idx2tag[i] for i in row) for row in np.asarray(probs).argmax(-1)]",
    },
}
"""What an honest student without an id hands in, written otherwise than our own answers are."""

POINTS: Mapping[str, Mapping[str, float]] = {
    "gru_parameters": {
        "g1": 0.5, "g2": 1, "g3": 0.5, "gru_params": 4, "gru_weight_shapes": 3,
        "bilstm_params": 1, "bilstm_tagger_params": 2, "embedding_lstm_params": 2,
    },
    "lstm_parameters": {
        "layer2": 1, "layer3": 0.5, "p1": 1, "p2_dense": 0.5,
        "lstm_params": 4, "dense_params": 1, "stacked_params": 4,
        "lstm_rnn_ratio": 2, "max_lstm_units": 4, "keep_first": 2,
    },
    "tagging": {
        "encode": 2, "decode_tags": 3, "build_tagger": 6, "train": 3, "build_gru_stack": 2, "generalise": 4,
        "tag_mixed_order": 7,
    },
}  # fmt: skip

GRU, LSTM, TAGGING = "gru_parameters", "lstm_parameters", "tagging"


@dataclass(frozen=True)
class Attack:
    """One notebook handed in to be graded.

    In every text `@COURSE@`, `@HOME@`, `@PLANTED@`, `@PID@` and `@MARK@` stand for the course's folder, the grader's
    home, a file that everybody may read, the grader's process, and a mark that only this run knows: an attacker may
    know all of it but the secrets.
    """

    id: str
    title: str
    assignment: str = GRU
    answers: Mapping[str, str] = field(default_factory=dict)
    """Source of answer cells, by question; the others are left as they were released."""
    first: str = ""
    """A code cell of the student's own, above all others."""
    last: str = ""
    """One below all others."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files beside the notebook."""
    mutate: Callable[[Notebook], bytes | None] | None = None
    """Edits the notebook that is handed in, or returns the bytes to hand in instead."""
    place: Callable[[Path], None] | None = None
    """Puts something else than a file where the notebook belongs, or beside it."""
    earns: Mapping[str, float] = field(default_factory=dict)
    """What its honest answers are worth: the most it may get."""
    keeps: tuple[str, ...] = ()
    """Honest answers that the attack must not cost their marks."""
    costly: bool = False
    """Whether it takes many seconds to grade; those come with `--full`."""

    @property
    def text(self) -> str:
        """All that the student wrote."""
        return "\n".join([*self.answers.values(), self.first, self.last, *self.files.values()])


def honest(assignment: str, *questions: str) -> dict[str, str]:
    """Right answers to some questions."""
    return {name: RIGHT[assignment][name] for name in questions}


def worth(assignment: str, *questions: str) -> dict[str, float]:
    """What right answers to some questions earn."""
    return {name: POINTS[assignment][name] for name in questions}
