"""The fast fit: equal to Keras's own to the last bit, only where it was tried, and told at the end of a run."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.engine.batch import Listener, find_submissions, grade_class
from autograder.sandbox import fork_server
from autograder.sandbox.fit_mode import NO_FIT, Fit
from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import candidates
from autograder.sandbox.session import KernelSession, open_session
from autograder.text import Text
from tests.fork_servers import SharedForkServers
from tests.hostile.seals import only
from tests.support import ROOT, command, copy_course

pytestmark = [pytest.mark.seal, pytest.mark.long]
# trains a model so often, and tells what came of it and how many iterators were made on the way
TRAINS = """
import hashlib, json, keras, numpy as np, tensorflow as tf
opened = []
opens = tf.data.Dataset.__iter__
tf.data.Dataset.__iter__ = lambda dataset: opened.append(dataset) or opens(dataset)
L, drawn = keras.layers, np.random.default_rng(5)
words, tags = drawn.integers(0, 6, (23, 4)), drawn.integers(0, 3, (23, 4, 1))
rows, sums = drawn.normal(size=(23, 5)).astype("float32"), drawn.normal(size=(23, 2))

def tagger():
    given = keras.Input((4,), dtype="int32")
    hidden = L.Bidirectional(L.GRU(3, return_sequences=True, dropout=0.2))(L.Embedding(6, 4)(given))
    return compiled(keras.Model(given, L.Dense(3, activation="softmax")(hidden)))

def compiled(model, **more):
    loss = "mse" if model.name.startswith("dense") else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.RMSprop(0.05), loss, metrics=["mae"] if loss == "mse" else ["accuracy"], **more)
    return model

def dense(**more):
    return compiled(keras.Sequential([L.Dense(4, activation="tanh"), L.Dense(2)], name="dense"), **more)

def several():
    given = [keras.Input((5,)), keras.Input((2,))]
    return compiled(keras.Model(given, L.Dense(2)(L.Concatenate()(given)), name="dense_of_two"))

class Own(keras.Model):
    def __init__(self):
        super().__init__(name="dense_own")
        self.inner = L.Dense(2)
    def call(self, x):
        return self.inner(x)

def frozen():
    model = keras.Sequential([keras.Input((5,)), L.Dense(4, trainable=False), L.Dense(2)], name="dense_frozen")
    return compiled(model)

class LetsLearn(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.layers[0].trainable = True

def trained(name, make, *given, **settings):
    keras.utils.set_random_seed(11)
    model = make()
    opened.clear()
    losses = model.fit(*given, verbose=0, **{"epochs": 4, **settings}).history
    bits = hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights())).hexdigest()
    results[name] = [losses, bits, [float(tf.random.uniform(())), float(np.random.random())], len(opened)]
"""
PLAIN = """
trained("tags", tagger, words, tags, batch_size=7)
trained("rows", dense, rows, sums)
trained("rows, in order", dense, rows, sums, batch_size=6, shuffle=False)
trained("rows, one each", dense, x=rows[:5], y=sums[:5], batch_size=1)
trained("rows, one epoch", dense, rows, sums, batch_size=8, epochs=1)
trained("rows, some kept back", dense, rows, sums, batch_size=4, validation_split=0.2)
trained("tensors", dense, tf.constant(rows), tf.constant(sums, tf.float32), 9)
"""
NOT_PLAIN = """
trained("callbacks", dense, rows, sums, callbacks=[keras.callbacks.EarlyStopping("loss", patience=1)])
trained("class weights", dense, rows, (sums[:, :1] > 0).astype("int32"), class_weight={0: 1.0, 1: 3.0})
trained("sample weights", dense, rows, sums, sample_weight=np.arange(23.0))
trained("a dataset", dense, tf.data.Dataset.from_tensor_slices((rows, sums)).batch(6))
trained("several steps at once", lambda: dense(steps_per_execution=2), rows, sums, batch_size=6)
trained("so many steps", dense, rows, sums, batch_size=6, steps_per_epoch=3)
trained("validation data", dense, rows, sums, validation_data=(rows[:4], sums[:4]))
trained("eagerly", lambda: dense(run_eagerly=True), rows[:6], sums[:6])
trained("a model of one's own", lambda: compiled(Own()), rows, sums)
trained("several inputs", several, [rows, rows[:, :2]], sums)
trained("a frozen layer that a callback lets learn", frozen, rows, sums, callbacks=[LetsLearn()])
"""
SECONDS = 600
PATIENT = Limits(cell=SECONDS, call=SECONDS, training=SECONDS, session=10 * SECONDS)


def trained_with(session: KernelSession, source: str) -> dict[str, Any]:
    """What the trainings gave, by name."""
    for cell in ("results = {}", source, "results = json.dumps(results)"):
        result = session.run(cell)
        assert result.error is None, (result.error, result.detail)
    found: dict[str, Any] = json.loads(session.get("results"))
    return found


@contextmanager
def first_session(servers: SharedForkServers) -> Iterator[KernelSession]:
    """A session in the first kernel of a warm parent, for which there has been no trial."""
    with open_session("tensorflow", limits=PATIENT) as session:
        session.run("")
        assert servers.fit().mode == "untried"
        yield session


@contextmanager
def after_the_trial(servers: SharedForkServers) -> Iterator[KernelSession]:
    """A session in a kernel that was asked for after the trial, which the second kernel waits for."""
    begun = time.monotonic()
    while servers.fit().mode == "untried":
        assert time.monotonic() - begun < SECONDS
        with open_session("tensorflow", limits=PATIENT) as session:
            session.run("")
    with open_session("tensorflow", limits=PATIENT) as session:
        yield session


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[KernelSession, KernelSession]]:
    """Kernels of one warm parent: the first, and the second, which has waited for the trial."""
    with (
        only(*candidates()) as servers,
        first_session(servers) as stock,
        after_the_trial(servers) as fast,
    ):
        assert servers.fit().mode == "fast"
        assert stock.run(TRAINS).error is fast.run(TRAINS).error is None
        yield stock, fast


def changed_inside(folder: Path, name: str, right: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let warm parents run a copy of what is inside the seal, with one text in one module changed."""
    shutil.copytree(ROOT / "autograder" / "sandbox" / "inside", folder / "inside")
    path = folder / "inside" / name
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr(fork_server, "__file__", str(folder / "fork_server.py"))


@pytest.mark.full
@pytest.mark.tensorflow
class TestEqual:
    """The same kernel but for the fit, trained beside the other."""

    def test_the_plain_case_is_equal_and_opens_its_data_once(
        self, pair: tuple[KernelSession, KernelSession]
    ) -> None:
        """Losses, weights and what is drawn next to the last bit; an iterator more where rows are kept back."""
        stock, fast = (trained_with(session, PLAIN) for session in pair)
        assert {name: one[:3] for name, one in stock.items()} == {name: one[:3] for name, one in fast.items()}
        assert len(stock) == 7
        for name, (losses, *_, few) in fast.items():
            many = stock[name][3]
            assert few == 1 + ("val_loss" in losses), name
            assert many == few * 2 * len(losses["loss"]), name

    def test_first_step_is_traced_once(self, pair: tuple[KernelSession, KernelSession]) -> None:
        """With the variables of the optimizer there, no second trace is needed; what is learnt is the same."""
        source = """
class Traced(L.Layer):
    def call(self, x):
        traces.append(x)
        return x
def first_steps(train):
    keras.utils.set_random_seed(11)
    model = keras.Sequential([keras.Input((5,)), L.Dense(2), Traced()])
    model.compile("adam", "mse")
    traces.clear()
    if train == "fit":
        model.fit(rows, sums, batch_size=23, epochs=3, verbose=0)
    else:
        losses = [model.train_on_batch(rows, sums) for _ in range(3)]
    return [len(traces), [weight.tolist() for weight in model.get_weights()]]
traces = []
results = json.dumps({train: first_steps(train) for train in ("fit", "steps")})
"""
        (stock, fast) = (session.run(source) and json.loads(session.get("results")) for session in pair)
        for train in ("fit", "steps"):
            assert stock[train][1] == fast[train][1]
            assert (stock[train][0], fast[train][0]) == (2, 1), train

    def test_all_else_is_keras_own(self, pair: tuple[KernelSession, KernelSession]) -> None:
        """Callbacks, weights, datasets, steps, own models: as many iterators as ever."""
        stock, fast = (trained_with(session, NOT_PLAIN) for session in pair)
        assert len(stock) == 11
        for name, found in stock.items():
            assert found == fast[name], name
            assert found[3] > 1, name

    def test_without_a_seed_each_epoch_draws_an_order_of_its_own(
        self, pair: tuple[KernelSession, KernelSession]
    ) -> None:
        """All rows in each, and never the same way: a dataset opened anew would do so too."""
        source = """
from tensorflow.python.eager import context
seed, context.context()._seed = context.global_seed(), None
seen = []
class Watched(L.Layer):
    def call(self, x):
        tf.numpy_function(lambda rows: seen.extend(rows[:, 0].tolist()), [x], [])
        return x
model = compiled(keras.Sequential([Watched(), L.Dense(2)], name="dense_watched"))
opened.clear()
model.fit(np.arange(8.0)[:, None], np.zeros((8, 2)), batch_size=3, epochs=5, verbose=0)
results = json.dumps({"orders": [seen[place:place + 8] for place in range(0, 40, 8)], "opened": len(opened)})
context.context()._seed = seed
"""
        for session, opened in zip(pair, (10, 1), strict=True):
            result = session.run(source)
            assert result.error is None, (result.error, result.detail)
            found = json.loads(session.get("results"))
            orders = [tuple(order) for order in found["orders"]]
            assert all(sorted(order) == list(range(8)) for order in orders)
            assert len(set(orders)) > 1
            assert found["opened"] == opened

    def test_mistake_shows_the_same_traceback(self, pair: tuple[KernelSession, KernelSession]) -> None:
        """Nothing of ours stands between a student and Keras's own sentence."""
        source = (
            "import keras, numpy as np\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
            "model.compile('sgd', 'mse')\nmodel.fit(np.ones((3, 1)), np.ones((4, 1)))"
        )
        stock, fast = (session.run(source) for session in pair)
        assert stock.error == "ValueError"
        assert stock.outputs == fast.outputs
        assert "fast_fit" not in str(fast.outputs)


@pytest.mark.full
@pytest.mark.tensorflow
class TestBroken:
    """A fast fit that is not equal, or not fast, is not used."""

    @pytest.mark.parametrize(
        ("right", "wrong", "found"),
        [
            ("dataset.cache().repeat()", "dataset.repeat()", "gives a different result"),
            ("self._between_epochs = iterator", "self._between_epochs = None", "iterators"),
            ("dataset.repeat()", "dataset.cache().repeat()", "without a seed the rows come as"),
            ("signature = inspect.signature(stock)", "signature = stock.signature", "AttributeError"),
        ],
        ids=["other numbers", "no gain", "one order for all epochs", "another Keras"],
    )
    def test_it_does_not_pass_and_keras_own_is_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, found: str
    ) -> None:
        """The reason is told, and models are trained all the same."""
        changed_inside(tmp_path, "fast_fit.py", right, wrong, monkeypatch)
        with only(*candidates()) as servers, first_session(servers), after_the_trial(servers) as session:
            assert servers.fit().mode == "failed"
            assert found in servers.fit().detail
            if found == "iterators":
                session.run(TRAINS)
                assert trained_with(session, 'trained("rows", dense, rows, sums)')["rows"][3] == 8


@pytest.mark.full
@pytest.mark.tensorflow
class TestSlow:
    """A trial that takes too long to wait for."""

    def test_kernels_train_keras_own_way_until_it_has_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody waits on, and its verdict counts when it comes."""
        changed_inside(
            tmp_path, "fork_server_main.py", "WAIT_SECONDS = 20.0", "WAIT_SECONDS = 0.1", monkeypatch
        )
        end, ways = time.monotonic() + SECONDS, ["untried"]
        with only(*candidates()) as servers, first_session(servers):
            while ways[-1] == "untried" and time.monotonic() < end:
                with open_session("tensorflow") as session:
                    session.run("")
                ways.append(servers.fit().mode)
        assert ways[1] == "untried"
        assert ways[-1] == "fast"


@pytest.mark.full
@pytest.mark.tensorflow
class TestACourse:
    """A submission that trains a model."""

    @pytest.fixture
    def course(self, tmp_path: Path) -> Course:
        """The tagging assignment, handed in solved by one student."""
        course = Course.open(copy_course(tmp_path / "course", "tagging"))
        folder = course.submitted / "kim" / "tagging"
        folder.mkdir(parents=True)
        shutil.copy(course.assignment("tagging").source, folder)
        return course

    def test_the_run_tells_the_fit_and_one_option_turns_it_off(
        self, pair: tuple[KernelSession, KernelSession], course: Course
    ) -> None:
        """The same scores and feedback either way."""
        messages: list[Text] = []
        (fast,) = grade_class(
            course, find_submissions(course, ["tagging"]), listener=Listener(on_message=messages.append)
        )
        assert [text.en.split(" (")[0] for text in messages] == ["training: fast fit"]
        done = command("autograder", "grade", "--force", "--stock-fit", "--language", "en", cwd=course.root)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "training: Keras's own fit, as asked\n" in done.stdout
        (kept,) = grade_class(course, find_submissions(course, ["tagging"]))
        assert kept.state == "kept"
        assert kept.reports == fast.reports
        assert kept.score == kept.points


class TestWhatIsTold:
    """What the trusted side knows of the fit."""

    @pytest.mark.parametrize(("language", "said"), [("ko", "학습: 빠른 fit"), ("en", "training: fast fit")])
    def test_each_way_is_told_in_both_languages(self, language: str, said: str) -> None:
        """With Keras's version, or with what the self-test found."""
        text = Fit("fast", "3.15.1").text.in_language(language)
        assert text.startswith(said)
        assert "Keras 3.15.1" in text
        assert "Dense learns {x}" in Fit("failed", "Dense learns {x}").text.in_language(language)

    def test_kernel_that_trains_nothing_tells_no_fit(self) -> None:
        """A counting run has no self-test to speak of."""
        with only(*candidates()) as servers, open_session("counting") as session:
            assert session.run("1").error is None
            assert servers.fit() == NO_FIT
