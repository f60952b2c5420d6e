"""Inputs that the statements of the questions allow, drawn apart from the cases of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.questions.question import Case

Rng = np.random.Generator
MOST = 300
WORDS = ["a", "A", "an", "Ann", "ann", "Anna", "loves", "Loves", "love", "is", "this", "John", "Johnson", "x"]


def size(rng: Rng, *, least: int = 1, most: int = 40) -> int:
    """A size: often the least, mostly small, now and then the most."""
    return int(rng.integers(least, rng.choice([least, least + 1, 6, most]) + 1))


def flag(rng: Rng) -> bool:
    return bool(rng.integers(2))


def mode(rng: Rng, *modes: Any) -> Any:
    return modes[rng.integers(len(modes))]


def floats(rng: Rng, *shape: int) -> np.ndarray[Any, Any]:
    return 0.7 * rng.normal(size=shape)


def layer(rng: Rng, reads: int, units: int, gates: int = 4) -> tuple[Any, ...]:
    """The weights of a recurrent layer."""
    return floats(rng, reads, gates * units), floats(rng, units, gates * units), floats(rng, gates * units)


def sizes(*least: int) -> Callable[[Rng], Case]:
    """So many sizes, each with its least value."""
    return lambda rng: Case(*(size(rng, least=one, most=MOST) for one in least))


def budget(rng: Rng) -> Case:
    units, reads = size(rng, most=MOST), size(rng, most=MOST)
    at_the_edge = 4 * units * (reads + units + 1) + int(rng.integers(-1, 2))
    return Case(
        reads, min(mode(rng, at_the_edge, int(rng.integers(0, 10**9 + 1)), int(rng.integers(40))), 10**9)
    )


def stack(rng: Rng) -> Case:
    return Case(size(rng), [size(rng) for _ in range(size(rng, most=6))], size(rng))


def lstm_step(rng: Rng) -> Case:
    batch, reads, units = (size(rng, most=6) for _ in range(3))
    return Case(*(floats(rng, batch, n) for n in (reads, units, units)), *layer(rng, reads, units))


def gru_step(rng: Rng) -> Case:
    batch, reads, units = (size(rng, most=6) for _ in range(3))
    kernel, recurrent_kernel, bias = layer(rng, reads, units, gates=3)
    given = floats(rng, batch, reads), floats(rng, batch, units), kernel, recurrent_kernel
    if flag(rng):
        return Case(*given, bias, False)
    both = floats(rng, 2, 3 * units)
    return Case(*given, both) if flag(rng) else Case(*given, both, True)


def lstm_forward(rng: Rng) -> Case:
    batch, steps, reads, units = (size(rng, most=6) for _ in range(4))
    return Case(floats(rng, batch, steps, reads), *layer(rng, reads, units))


def two_layers(rng: Rng) -> Case:
    batch, reads, lower, upper = (size(rng, most=6) for _ in range(4))
    x = floats(rng, batch, size(rng, least=2, most=6), reads)
    return Case(x, layer(rng, reads, lower), layer(rng, lower, upper))


def gates(rng: Rng) -> Case:
    units = size(rng, most=6)
    return Case(floats(rng, size(rng, most=6), 4 * units), units)


def both_directions(rng: Rng) -> Case:
    units = size(rng, most=6)
    return Case(floats(rng, size(rng, most=6), size(rng, most=6), 2 * units), units)


def states(rng: Rng) -> Case:
    shape = size(rng, most=6), size(rng, most=6)
    return Case([floats(rng, *shape) for _ in range(size(rng, most=6))])


def sequence(rng: Rng) -> Case:
    return Case(floats(rng, *(size(rng, most=6) for _ in range(3))))


def outputs(rng: Rng) -> Case:
    h_seq = floats(rng, *(size(rng, most=6) for _ in range(3)))
    given = h_seq, h_seq[:, -1], floats(rng, *h_seq[:, -1].shape)
    return Case(given if flag(rng) else list(given))


def sentences(rng: Rng) -> Case:
    vocab = [str(word) for word in rng.permutation(WORDS)[: size(rng, most=6)]]
    n_words = size(rng, most=6)
    return Case([" ".join(rng.choice(vocab, n_words)) for _ in range(size(rng, most=6))], vocab)


def probabilities(rng: Rng) -> Case:
    tags = list(rng.permutation(list("SVOCANDx"))[: size(rng, most=6)])
    shape = size(rng, most=6), size(rng, most=6)
    return Case(rng.dirichlet([1.0] * len(tags), shape), [str(tag) for tag in tags])


def with_mode(n_sizes: int, *modes: Any) -> Callable[[Rng], Case]:
    """So many sizes, then a mode, or, where there is a default, none."""

    def draw(rng: Rng) -> Case:
        drawn = [size(rng, most=MOST) for _ in range(n_sizes)]
        return Case(*drawn) if flag(rng) and flag(rng) else Case(*drawn, mode(rng, *modes))

    return draw


ALLOWED: Mapping[str, Callable[[Rng], Case]] = {
    "dense_params": sizes(1, 1),
    "lstm_params": sizes(1, 1),
    "lstm_rnn_ratio": sizes(1, 1, 2),
    "max_lstm_units": budget,
    "stacked_params": stack,
    "bilstm_params": sizes(1, 1),
    "bilstm_tagger_params": with_mode(3, "concat", "sum", "ave", "mul"),
    "embedding_lstm_params": lambda rng: Case(size(rng, least=2), *with_mode(2, True, False)(rng).args),
    "gru_params": with_mode(2, True, False),
    "gru_weight_shapes": lambda rng: Case(size(rng), size(rng), flag(rng)),
    "bi_final": both_directions,
    "bi_shape": lambda rng: Case(
        size(rng), size(rng), size(rng), flag(rng), mode(rng, "concat", "sum", "ave", "mul", None)
    ),
    "gru_outputs": states,
    "last_hidden": sequence,
    "rnn_output_shapes": lambda rng: Case(
        mode(rng, "LSTM", "GRU", "SimpleRNN"), *(size(rng) for _ in range(4)), flag(rng), flag(rng)
    ),
    "split_outputs": outputs,
    "gru_step": gru_step,
    "lstm_forward": lstm_forward,
    "cell_gradients": lstm_forward,
    "lstm_step": lstm_step,
    "split_gates": gates,
    "two_layer_forward": two_layers,
    "decode_tags": probabilities,
    "encode": sentences,
}
"""For each question that needs no TensorFlow: one input that its statement allows, whatever its own cases are."""
