"""The NumPy reference of the layers taught, held to Keras: in this process, and through a real session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.errors import AnswerError
from autograder.questions.recurrent import (
    UnsupportedLayer,
    forward,
    gru,
    lstm,
    simple_rnn,
    weight_shapes,
)
from autograder.sandbox.inside.codec import Handle, Layers
from autograder.sandbox.limits import Limits
from autograder.sandbox.model import Layer, Model, ModelTooLarge
from autograder.sandbox.session import KernelSession, open_session

with_keras = pytest.mark.tensorflow
SINGLE = {"rtol": 1e-5, "atol": 1e-5}  # Keras computes in single precision, the reference in double


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, in this process: the oracle."""
    return pytest.importorskip("keras", reason="Keras is the oracle of these tests")


def drawn(shape: tuple[int, ...], seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def with_drawn_weights(layer: Any, seed: int = 1) -> list[Any]:
    """Give a built layer weights of which none is zero, as biases are at first; in double precision."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(scale=0.3, size=weight.shape) for weight in layer.get_weights()]
    layer.set_weights(weights)
    return [np.asarray(weight, dtype=np.float64) for weight in layer.get_weights()]


def described(*layers: Layer, chain: bool = True) -> Model:
    """A model of these layers, as it comes off the wire."""
    return Model(layers, chain, None, None)


LSTM_SETTINGS = {
    "use_bias": True, "activation": "tanh", "recurrent_activation": "sigmoid", "return_sequences": True,
}  # fmt: skip


def dense(
    kernel: Any, bias: Any = None, activation: str = "linear", *, own: bool = False, kind: str = "Dense"
) -> Layer:
    weights = (np.asarray(kernel),) if bias is None else (np.asarray(kernel), np.asarray(bias))
    return Layer(kind, {"use_bias": bias is not None, "activation": activation}, weights, own=own)


SIZES = [  # units, input_dim, batch, time
    (1, 1, 1, 1),
    (7, 5, 2, 4),
    (3, 10, 1, 6),
    (4, 1, 3, 2),
]


@with_keras
@pytest.mark.parametrize("recurrent_activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "linear", "sigmoid"])
@pytest.mark.parametrize(("units", "input_dim", "batch", "time"), SIZES)
def test_lstm_is_what_keras_computes(
    keras: Any, units: int, input_dim: int, batch: int, time: int, activation: str, recurrent_activation: str
) -> None:
    """Every hidden state and the last cell state agree."""
    layer = keras.layers.LSTM(
        units, activation=activation, recurrent_activation=recurrent_activation,
        return_sequences=True, return_state=True,
    )  # fmt: skip
    x = drawn((batch, time, input_dim))
    layer.build(x.shape)
    weights = with_drawn_weights(layer)
    states, last, cell = (np.asarray(part) for part in layer(x))
    got, got_cell = lstm(x, *weights, activation=activation, recurrent_activation=recurrent_activation)
    np.testing.assert_allclose(got, states, **SINGLE)
    np.testing.assert_allclose(got[:, -1], last, **SINGLE)
    np.testing.assert_allclose(got_cell, cell, **SINGLE)


@with_keras
@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(("units", "input_dim", "batch", "time"), SIZES)
def test_gru_is_what_keras_computes(
    keras: Any, units: int, input_dim: int, batch: int, time: int, activation: str, reset_after: bool
) -> None:
    """Every hidden state agrees, whether the reset gate comes after or before the recurrent kernel."""
    layer = keras.layers.GRU(units, activation=activation, reset_after=reset_after, return_sequences=True)
    x = drawn((batch, time, input_dim))
    layer.build(x.shape)
    weights = with_drawn_weights(layer)
    got = gru(x, *weights, activation=activation, reset_after=reset_after)
    np.testing.assert_allclose(got, np.asarray(layer(x)), **SINGLE)


@with_keras
@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
@pytest.mark.parametrize(("units", "input_dim", "batch", "time"), SIZES)
def test_simple_rnn_is_what_keras_computes(
    keras: Any, units: int, input_dim: int, batch: int, time: int, activation: str
) -> None:
    """Every hidden state agrees."""
    layer = keras.layers.SimpleRNN(units, activation=activation, return_sequences=True)
    x = drawn((batch, time, input_dim))
    layer.build(x.shape)
    weights = with_drawn_weights(layer)
    got = simple_rnn(x, *weights, activation=activation)
    np.testing.assert_allclose(got, np.asarray(layer(x)), **SINGLE)


@with_keras
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize(("units", "input_dim"), [(1, 1), (7, 5), (5, 10), (64, 3)])
def test_weight_shapes_are_those_of_keras(keras: Any, kind: str, units: int, input_dim: int) -> None:
    """Kernel, recurrent kernel and bias, in the order of `get_weights`."""
    layer = getattr(keras.layers, kind)(units)
    layer.build((None, None, input_dim))
    assert weight_shapes(kind, input_dim, units) == [weight.shape for weight in layer.get_weights()]


@with_keras
def test_weight_shapes_of_a_gru_that_resets_first_are_those_of_keras(keras: Any) -> None:
    """Without reset_after a GRU has one row of biases."""
    layer = keras.layers.GRU(7, reset_after=False)
    layer.build((None, None, 5))
    assert weight_shapes("GRU", 5, 7, reset_after=False) == [weight.shape for weight in layer.get_weights()]


@pytest.mark.parametrize(
    ("kind", "reset_after", "expected"),
    [
        ("LSTM", True, [(5, 28), (7, 28), (28,)]),
        ("GRU", True, [(5, 21), (7, 21), (2, 21)]),
        ("GRU", False, [(5, 21), (7, 21), (21,)]),
        ("SimpleRNN", True, [(5, 7), (7, 7), (7,)]),
    ],
)
def test_weight_shapes_by_hand(kind: str, reset_after: bool, expected: list[tuple[int, ...]]) -> None:
    """The shapes for 5 inputs and 7 units, written down."""
    assert weight_shapes(kind, 5, 7, reset_after=reset_after) == expected


def test_one_step_of_an_lstm_by_hand() -> None:
    """With one unit, one input and weights of one: i = f = o = sigmoid(2), the new value tanh(2)."""
    states, cell = lstm(np.ones((1, 1, 1)), np.ones((1, 4)), np.ones((1, 4)), np.ones(4))
    assert cell.item() == pytest.approx(0.8808 * 0.9640, abs=1e-4)
    assert states.item() == pytest.approx(0.8808 * np.tanh(0.8491), abs=1e-4)


def test_large_input_overflows_nowhere() -> None:
    """Gates at their ends compute without a warning, which this suite would raise."""
    x = np.full((1, 2, 1), 1e4)
    for sign in (1.0, -1.0):
        weights = np.full((1, 4), sign)
        assert np.isfinite(lstm(x, weights, weights, np.ones(4))[0]).all()
        assert np.isfinite(gru(x, weights[:, :3], weights[:, :3], np.ones((2, 3)))).all()


class TestForward:
    """What a described model computes, by hand."""

    def test_dense_layers_one_after_the_other(self) -> None:
        """Each layer reads the one before; relu cuts what is negative."""
        model = described(dense([[1.0], [2.0]], [0.5], "relu"), dense([[3.0]]))
        assert forward(model, np.array([[1, 1], [-1, -1]])).tolist() == [[10.5], [0.0]]

    def test_dense_layer_works_at_every_time_step(self) -> None:
        """On three axes a Dense layer is applied to the last one."""
        got = forward(described(dense([[2.0]])), np.array([[[1.0], [2.0]]]))
        assert got.tolist() == [[[2.0], [4.0]]]

    def test_dropout_does_nothing(self) -> None:
        """A model that predicts drops nothing out."""
        layers = (Layer("Dropout", {"rate": 0.9}, ()), Layer("SpatialDropout1D", {"rate": 0.9}, ()))
        assert forward(described(*layers), np.ones((1, 2, 3))).tolist() == np.ones((1, 2, 3)).tolist()

    @pytest.mark.parametrize("kind", ["Softmax", "Activation"])
    def test_softmax_sums_to_one(self, kind: str) -> None:
        """As a layer and as an activation; large numbers do not overflow."""
        layer = Layer(kind, {"activation": "softmax", "axis": -1}, ())
        got = forward(described(layer), np.array([[1000.0, 1000.0], [0.0, -2000.0]]))
        assert got.tolist() == [[0.5, 0.5], [1.0, 0.0]]

    @pytest.mark.parametrize(
        ("layer", "message"),
        [
            (Layer("Conv1D", {}, ()), "the layer Conv1D"),
            (Layer("Bidirectional", {}, ()), "the layer Bidirectional"),
            (Layer("Sequential", {}, ()), "the layer Sequential"),
            (dense([[1.0]], own=True), "the layer class Dense"),
            (Layer("TimeDistributed", {}, (), inner=dense([[1.0]], own=True)), "the layer class Dense"),
            (dense([[1.0]], activation="gelu"), "activation 'gelu'"),
            (dense([[1.0]], activation="own softmax"), "activation 'own softmax'"),
            (Layer("Activation", {"activation": None}, ()), "activation None"),
            (Layer("Activation", {"activation": []}, ()), "activation 'unknown'"),
            (Layer("Dense12_34", {}, ()), "the layer unknown"),
            (Layer("Softmax", {"axis": 0}, ()), "Softmax over another axis than those of a sample"),
            (Layer("Softmax", {"axis": 3}, ()), "Softmax over another axis than those of a sample"),
            (Layer("Softmax", {"axis": True}, ()), "Softmax over another axis than those of a sample"),
            (dense([[1.0], [1.0]]), "a Dense whose weights do not fit"),
            (
                Layer("Dense", {"use_bias": True, "activation": "linear"}, ()),
                "a Dense whose weights do not fit",
            ),
            (Layer("Dense", {}, (np.ones((1, 1)),)), "a Dense whose weights do not fit"),
            (dense(np.ones((1, 2), dtype="int8")), "a Dense whose weights do not fit"),
            (dense(np.ones((1, 4097))), "a layer with more than 4096 columns of weights"),
            (Layer("LSTM", {"use_bias": True}, ()), "a LSTM whose weights do not fit"),
            (Layer("GRU", {}, (np.ones((1, 3)), np.ones((1, 3)))), "a GRU whose weights do not fit"),
            (Layer("LSTM", {"go_backwards": True}, ()), "LSTM with go_backwards"),
            (Layer("LSTM", {"return_state": True}, ()), "LSTM with return_state"),
            (Layer("LSTM", {"stateful": True}, ()), "LSTM with stateful"),
            (Layer("TimeDistributed", {}, ()), "the layer TimeDistributed"),
        ],
    )
    def test_untaught_layers_are_named(self, layer: Layer, message: str) -> None:
        """Layers, settings and weights that this module does not compute are refused, never guessed."""
        with pytest.raises(UnsupportedLayer, match="^" + message.replace("[", r"\[").replace("]", r"\]")):
            forward(described(layer), np.ones((1, 2, 1)))

    def test_recurrent_layer_needs_three_axes(self) -> None:
        """An LSTM on the output of one that returns no sequences is told so."""
        layer = Layer("LSTM", {}, ())
        with pytest.raises(UnsupportedLayer, match=r"^LSTM on an input of 2 axes$"):
            forward(described(layer), np.ones((1, 2)))

    def test_layers_that_are_no_chain_are_refused(self) -> None:
        """A model with branches is not computed as if it had none."""
        with pytest.raises(UnsupportedLayer, match=r"^layers that are not one chain$"):
            forward(described(dense([[1.0]]), chain=False), np.ones((1, 1)))

    @pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 1e308])
    def test_weights_that_are_not_finite_warn_nobody(self, bad: float) -> None:
        """A model that has diverged computes what it computes; the grader's log stays quiet."""
        settings = {**LSTM_SETTINGS, "activation": "relu"}
        weights = (np.full((1, 4), bad), np.full((1, 4), bad), np.full(4, bad))
        layers = (Layer("LSTM", settings, weights), dense([[bad]], [bad], "softmax"))
        assert forward(described(*layers), np.ones((1, 3, 1))).shape == (1, 3, 1)

    @pytest.mark.parametrize(
        "layer",
        [
            dense(np.ones((1, 1)), np.ones((50, 1, 1, 1))),
            dense(np.ones((1, 1, 1))),
            Layer(
                "SimpleRNN",
                {"use_bias": True, "activation": "tanh", "return_sequences": True},
                (np.ones((1, 1)), np.ones((1, 1)), np.ones((50, 1, 1))),
            ),
        ],
        ids=["a bias", "a kernel", "a bias of a recurrent layer"],
    )
    def test_weights_of_more_axes_than_a_layer_has_are_not_stretched(self, layer: Layer) -> None:
        """NumPy would repeat the input along each further axis, until there is no memory left."""
        with pytest.raises(UnsupportedLayer, match="whose weights do not fit"):
            forward(described(layer), np.ones((1, 2, 1)))

    @settings(max_examples=100)
    @given(st.data())
    def test_forged_weights_are_computed_or_refused(self, data: st.DataObject) -> None:
        """Whatever arrays and settings a kernel sends, forward gives numbers or NotTaught."""
        weight = arrays.arrays(
            dtype=st.sampled_from(["bool", "int8", "uint64", "float16", "float64"]),
            shape=arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
            elements=st.integers(0, 1),
        )
        setting = st.sampled_from([True, False, None, "tanh", "relu", "softmax", 1, 0.5, "own tanh"])
        names = ("use_bias", "activation", "recurrent_activation", "reset_after", "return_sequences", "axis")
        kinds = ("LSTM", "GRU", "SimpleRNN", "Dense", "TimeDistributed", "Activation", "Softmax", "Dropout")
        layer = st.builds(
            Layer,
            st.sampled_from(kinds),
            st.fixed_dictionaries(dict.fromkeys(names, setting)),
            st.lists(weight, max_size=3).map(tuple),
        )
        layers = data.draw(st.lists(layer, min_size=1, max_size=2))
        try:
            got = forward(described(*layers), np.ones((1, 2, 1)))
        except UnsupportedLayer as error:
            assert str(error)
        else:
            assert got.dtype == np.float64


class TestUnusual:
    """What sets a layer apart from one to which nothing was said."""

    USUAL = {  # noqa: RUF012 - never changed
        "units": 5,
        "dropout": 0.0,
        "kernel_initializer": "GlorotUniform",
        "recurrent_regularizer": None,
        "go_backwards": False,
    }

    def test_layer_with_the_defaults_has_nothing_unusual(self) -> None:
        """Settings that questions speak of themselves, such as the units, are not looked at."""
        assert Layer("GRU", self.USUAL, ()).unusual == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("dropout", 0.2),
            ("kernel_initializer", "Zeros"),
            ("recurrent_regularizer", "L2"),
            ("go_backwards", True),
        ],
    )
    def test_another_value_is_told_by_the_name_of_the_setting(self, name: str, value: Any) -> None:
        """Also in a layer within another."""
        layer = Layer("LSTM", {**self.USUAL, name: value}, ())
        assert layer.unusual == Layer("TimeDistributed", {}, (), inner=layer).unusual == [name]

    def test_layer_that_does_not_train_is_unusual(self) -> None:
        """Its weights stay what they are, whatever the settings."""
        assert Layer("Dense", {}, (), trainable=False).unusual == ["trainable"]


class TestFromData:
    """A description off the wire is a model, or one of three errors that the session turns into a fault."""

    LAYER = {  # noqa: RUF012 - never changed
        "kind": "Dense",
        "own": False,
        "settings": {"units": 1},
        "inner": None,
        "weights": [np.ones((2, 1)), np.zeros(1)],
        "trainable": True,
    }
    MODEL = {  # noqa: RUF012
        "kind": "Sequential",
        "chain": True,
        "input_shape": [None, 2],
        "output_shape": [None, 1],
        "layers": [LAYER],
        "loss": {"name": "mse", "from_logits": False},
        "optimizer": "Adam",
        "learning_rate": 0.01,
        "optimizer_settings": {"beta_1": 0.9, "epsilon": 1e-07, "amsgrad": False, "clipnorm": None},
        "has_numeric_loss_weights": True,
        "updates": 40,
    }

    def test_description_is_read(self) -> None:
        """Everything that a check may look at is there."""
        model = Model.from_data(self.MODEL)
        assert model.counts == [3]
        assert model.input_shape == (None, 2)
        assert model.output_shape == (None, 1)
        assert (model.loss, model.from_logits) == ("mse", False)
        assert (model.optimizer, model.learning_rate, model.updates) == ("Adam", 0.01, 40)
        assert model.optimizer_settings["beta_1"] == 0.9
        assert [layer.kind for layer in model.of_kind("Dense", "LSTM")] == ["Dense"]
        assert model.of_kind("LSTM") == []

    @pytest.mark.parametrize(
        ("settings", "unusual"),
        [
            ({}, []),
            ({"beta_1": 0.5}, ["beta_1"]),
            ({"clipnorm": 1.0, "use_ema": True}, ["use_ema", "clipnorm"]),
            ({"weight_decay": 0.0}, []),
            ({"learning_rate": "ExponentialDecay"}, ["learning_rate"]),
        ],
    )
    def test_settings_of_adam_that_are_not_the_defaults(
        self, settings: dict[str, Any], unusual: list[str]
    ) -> None:
        """Those that a student changed are told, and a schedule in the place of a learning rate."""
        changed = {**self.MODEL, "optimizer_settings": {"beta_1": 0.9, "clipnorm": None, **settings}}
        assert Model.from_data(changed).unusual_in_adam == unusual

    @pytest.mark.parametrize(
        ("forged", "found"),
        [
            ({"layers": [LAYER] * 201}, ("201 layers", "층이 201개입니다")),
            (
                {"layers": [{**LAYER, "kind": "Embedding", "weights": [np.ones((1500, 4001), "int8")]}]},
                ("6001500 weights", "가중치가 6001500개입니다"),
            ),
        ],
        ids=["layers", "weights"],
    )
    def test_oversized_computations_are_refused(self, forged: dict[str, Any], found: tuple[str, str]) -> None:
        """Before anything is computed: what that takes grows with the product of widths."""
        with pytest.raises(ModelTooLarge) as refused:
            Model.from_data({**self.MODEL, **forged})
        assert (refused.value.excess.en, refused.value.excess.ko) == found

    def test_layer_as_large_as_any_honest_one_is_computed(self) -> None:
        """An LSTM of 1,000 units on 20 features, in single precision."""
        weights = [np.zeros(shape, "float32") for shape in weight_shapes("LSTM", 20, 1000)]
        layer = {**self.LAYER, "kind": "LSTM", "weights": weights, "settings": LSTM_SETTINGS}
        model = Model.from_data({**self.MODEL, "layers": [layer]})
        assert model.counts == [4_084_000]
        assert forward(model, np.zeros((1, 2, 20))).shape == (1, 2, 1000)

    @pytest.mark.parametrize("part", list(MODEL))
    @settings(max_examples=30)
    @given(value=st.data())
    def test_forged_part_is_read_or_refused(self, part: str, value: st.DataObject) -> None:
        """In the place of any part, any value of the wire gives a model or a KeyError, TypeError, ValueError."""
        anything = st.recursive(
            st.none() | st.booleans() | st.integers(-(10**39), 10**39) | st.floats() | st.text(max_size=3)
            | st.just(Handle(1)) | st.just(np.zeros(2)) | st.just(np.float32(1)),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "from_logits", "kind", *self.LAYER]), inner, max_size=7),
            max_leaves=8,
        )  # fmt: skip
        forged = {**self.MODEL, part: value.draw(anything)}
        with contextlib.suppress(KeyError, TypeError, ValueError):
            Model.from_data(forged)

    @pytest.mark.parametrize(
        "data",
        [5, None, "x", [], {}, (1, 2), np.zeros(3), Handle(1), {**MODEL, "learning_rate": "fast"},
         {**MODEL, "input_shape": [np.inf]}, {**MODEL, "output_shape": 5}, {**MODEL, "layers": np.zeros(2)},
         {**MODEL, "updates": np.inf},
         {**MODEL, "loss": np.zeros(2)}, {**MODEL, "loss": 5},
         {**MODEL, "layers": [{**LAYER, "weights": [[1, [2]]]}]},
         {**MODEL, "layers": [{**LAYER, "weights": ["many"]}]},
         {**MODEL, "layers": [{**LAYER, "weights": [{"a": 1}]}]}],
    )  # fmt: skip
    def test_invalid_descriptions_are_refused(self, data: Any) -> None:
        """The error is one that the docstring promises."""
        with pytest.raises((KeyError, TypeError, ValueError)):
            Model.from_data(data)


ANSWERS = """
import numpy as np, tensorflow as tf, keras
from keras import layers

def sequential(kind, units, reset_after, use_bias, activation):
    extra = {"reset_after": reset_after} if kind == "GRU" else {}
    first = getattr(layers, kind)(units, return_sequences=True, use_bias=use_bias, **extra)
    second = getattr(layers, kind)(2, activation=activation, **extra)
    model = keras.Sequential([keras.Input((4, 3)), first, layers.Dropout(0.5), second,
                              layers.Dense(3, use_bias=use_bias), layers.Activation("relu"),
                              layers.Dense(4), layers.Softmax()])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.01))
    return model

def tagger():
    model = keras.Sequential([
        keras.Input((None, 3)), layers.SimpleRNN(5, return_sequences=True),
        layers.TimeDistributed(layers.Dense(4, activation=tf.nn.softmax))])
    model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model

def trained():
    model = keras.Sequential([
        keras.Input((4, 3)), layers.LSTM(5, dropout=0.2, kernel_regularizer="l2", recurrent_initializer="zeros")])
    model.compile(loss="mse", optimizer="adam")
    for _ in range(3):
        model.train_on_batch(np.ones((2, 4, 3)), np.ones((2, 5)))
    return model

def backwards():
    return keras.Sequential([keras.Input((4, 3)), layers.GRU(5, go_backwards=True)])

def functional():
    inputs = keras.Input((4, 3))
    return keras.Model(inputs, layers.Dense(1)(layers.LSTM(5)(inputs)))

def branched():
    inputs = keras.Input((4, 3))
    return keras.Model(inputs, layers.Dense(1)(layers.LSTM(5)(inputs) + layers.GRU(5)(inputs)))

def shared():
    inputs, twice = keras.Input((4, 3)), layers.Dense(3)
    return keras.Model(inputs, twice(twice(inputs)))

def skipping():
    inputs = keras.Input((4, 3))
    hidden = layers.LSTM(5)(inputs)
    unused = layers.Dense(5)(hidden)
    return keras.Model(inputs, [layers.Dense(1)(hidden), unused])

def between():
    inputs = keras.Input((4, 3))
    return keras.Model(inputs, layers.Dense(1)(2 * layers.LSTM(5)(inputs)))

class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = layers.LSTM(5), layers.Dense(1)
    def call(self, x):
        return self.dense(self.lstm(x))

def subclassed():
    model = Subclassed()
    model(np.zeros((1, 4, 3), np.float32))
    return model

class Cheating(keras.Sequential):
    def call(self, x, **more):
        return 0 * super().call(x, **more)

def cheating():
    return Cheating([keras.Input((4, 3)), layers.LSTM(5), layers.Dense(1)])

class LSTM(layers.LSTM):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        return 0 * super().call(sequences, initial_state, mask, training)

def own_layer():
    return keras.Sequential([keras.Input((4, 3)), LSTM(5), layers.Dense(1)])

def own_activation():
    def softmax(x):
        return x
    return keras.Sequential([keras.Input((3,)), layers.Dense(1, activation=softmax)])

def softmax_over_time():
    return keras.Sequential([keras.Input((4, 3)), layers.Softmax(axis=1)])

def bidirectional():
    return keras.Sequential([keras.Input((4, 3)), layers.Bidirectional(layers.LSTM(5))])

def nested():
    inner = keras.Sequential([keras.Input((4, 3)), layers.LSTM(5)])
    return keras.Sequential([keras.Input((4, 3)), inner, layers.Dense(1)])

def unbuilt():
    return keras.Sequential([layers.LSTM(5), layers.Dense(1)])

def computes(model, x):
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model.predict(x, verbose=0)
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """A real kernel with TensorFlow, and the models of `ANSWERS` in it."""
    limits = Limits(cell=120, call=60, training=120)
    with open_session("tensorflow", tmp_path_factory.mktemp("models"), limits=limits) as opened:
        assert opened.run(ANSWERS).error is None
        yield opened


@with_keras
class TestThroughASession:
    """A student's model crosses as a description, and the reference computes what the model does."""

    def compare(self, session: KernelSession, handle: Handle, x: Any) -> Model:
        """The described model, after seeing that the reference agrees with the kernel's own Keras."""
        computed = session.call("computes", handle, x).value
        model = session.describe(handle)
        np.testing.assert_allclose(forward(model, x), computed, rtol=1e-4, atol=1e-5)
        return model

    @pytest.mark.parametrize(
        ("kind", "units", "reset_after", "use_bias", "activation"),
        [
            ("LSTM", 7, True, True, "tanh"),
            ("LSTM", 1, True, False, "relu"),
            ("GRU", 7, True, True, "tanh"),
            ("GRU", 3, False, True, "sigmoid"),
            ("GRU", 3, True, False, "tanh"),
            ("GRU", 3, False, False, "linear"),
            ("SimpleRNN", 4, True, True, "tanh"),
            ("SimpleRNN", 4, True, False, "relu"),
        ],
    )
    def test_sequential_model(
        self,
        session: KernelSession,
        kind: str,
        units: int,
        reset_after: bool,
        use_bias: bool,
        activation: str,
    ) -> None:
        """Stacked layers, with and without biases, then Dense, Activation, Dropout and Softmax."""
        handle = session.keep("sequential", kind, units, reset_after, use_bias, activation)
        model = self.compare(session, handle, drawn((2, 4, 3)))
        assert model.chain
        assert model.input_shape == (None, 4, 3)
        assert model.output_shape == (None, 4)
        assert [layer.kind for layer in model.layers] == [
            kind, "Dropout", kind, "Dense", "Activation", "Dense", "Softmax"
        ]  # fmt: skip
        assert (model.loss, model.from_logits) == ("categorical_crossentropy", False)
        assert model.optimizer == "Adam"
        assert model.learning_rate == pytest.approx(0.01)

    def test_time_distributed_model(self, session: KernelSession) -> None:
        """TimeDistributed shows the layer in it; TensorFlow's own softmax is softmax; any length of time."""
        model = self.compare(session, session.keep("tagger"), drawn((2, 6, 3)))
        inner = model.layers[1].inner
        assert inner is not None
        assert (inner.kind, inner.settings["activation"]) == ("Dense", "softmax")
        assert model.counts == [45, 24]
        assert model.from_logits

    def test_changes_of_training_are_reported(self, session: KernelSession) -> None:
        """Dropout, the kinds of initializer and regularizer, and how often the weights were changed."""
        model = session.describe(session.keep("trained"))
        settings, names = model.layers[0].settings, ("dropout", "kernel_regularizer", "recurrent_initializer")
        assert tuple(settings[name] for name in names) == (0.2, "L2", "Zeros")
        assert settings["bias_regularizer"] is None
        assert model.updates == 3

    def test_functional_model(self, session: KernelSession) -> None:
        """A chain built layer by layer is a chain."""
        model = self.compare(session, session.keep("functional"), drawn((2, 4, 3)))
        assert model.chain
        assert [layer.kind for layer in model.layers] == ["LSTM", "Dense"]
        assert (model.loss, model.optimizer, model.learning_rate, model.updates) == (None, None, None, None)

    @pytest.mark.parametrize("name", ["branched", "shared", "skipping", "between", "subclassed", "cheating"])
    def test_models_other_than_chains_are_reported(self, session: KernelSession, name: str) -> None:
        """Branches, shared layers, arithmetic between layers and a call of one's own are no chain."""
        model = session.describe(session.keep(name))
        assert not model.chain
        with pytest.raises(UnsupportedLayer, match="layers that are not one chain"):
            forward(model, drawn((2, 4, 3)))

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("own_layer", "the layer class LSTM"),
            ("own_activation", "activation 'own softmax'"),
            ("bidirectional", "the layer Bidirectional"),
            ("nested", "the layer Sequential"),
            ("unbuilt", "a LSTM whose weights do not fit"),
            ("backwards", "GRU with go_backwards"),
        ],
    )
    def test_untaught_parts_of_models_are_refused(
        self, session: KernelSession, name: str, message: str
    ) -> None:
        """Layers and functions of one's own, and layers that we do not teach, are named."""
        model = session.describe(session.keep(name))
        with pytest.raises(UnsupportedLayer, match="^" + message):
            forward(model, drawn((2, 3)) if name == "own_activation" else drawn((2, 4, 3)))

    def test_softmax_over_time(self, session: KernelSession) -> None:
        """It is computed over the axis that the layer names."""
        self.compare(session, session.keep("softmax_over_time"), drawn((2, 4, 3)))

    def test_model_that_we_built_computes_the_same(self, session: KernelSession) -> None:
        """A description sent to the kernel becomes a compiled model there."""
        stack = [("GRU", {"units": 5}), ("Dense", {"units": 2, "activation": "softmax"})]
        handle = session.build(Layers((4, 3), stack, loss="mse", learning_rate=0.25))
        model = self.compare(session, handle, drawn((2, 4, 3)))
        assert model.loss == "mse"
        assert model.learning_rate == 0.25

    def test_layer_that_keras_does_not_have_cannot_be_built(self, session: KernelSession) -> None:
        """A description of ours that Keras refuses is told, with Keras's words."""
        with pytest.raises(AnswerError, match="LSTN"):
            session.build(Layers((4, 3), [("LSTN", {})], loss="mse", learning_rate=0.1))

    def test_model_s_weights_cross_as_keras_holds_them(self, session: KernelSession) -> None:
        """An LSTM of 5 units on 3 inputs: kernel, recurrent kernel and bias."""
        model = session.describe(session.keep("functional"))
        assert [weight.shape for weight in model.layers[0].weights] == [(3, 20), (5, 20), (20,)]
        assert {weight.dtype.name for weight in model.layers[0].weights} == {"float32"}

    def test_seed_makes_a_model_s_weights_repeat(self, session: KernelSession) -> None:
        """Keras draws with the session's seed."""
        kernels = []
        for seed in (7, 7, 8):
            session.seed(seed)
            kernels.append(session.describe(session.keep("functional")).layers[0].weights[0])
        assert np.array_equal(kernels[0], kernels[1])
        assert not np.array_equal(kernels[0], kernels[2])
