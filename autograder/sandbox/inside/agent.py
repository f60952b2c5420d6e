"""The agent: our only code in a student's kernel; it answers the session's requests with data.

It contains no test and no answer, and imports only the standard library and NumPy.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .channel import AGENT
from .codec import BATCH_SECONDS, MAX_MODEL, MAX_REPLY, Handle, Layers, NotSerializable, decode, encode
from .fast_fit import TRAINER
from .stub_modules import StubFinder, StubModule

MAX_OUTPUT = 1_000_000
MAX_MESSAGE = 3_000_000  # bytes of a display message; a longer one would cost the kernel its connection


class NameMissing(Exception):
    """A name that the notebook does not define, or leaves as in the stub."""


class TrainingStopped(BaseException):
    """Raised in the place of training. An answer that catches every `Exception` does not catch it."""


class NullStream(io.TextIOBase):
    """Output stream of a called answer: the output is discarded, because it may be a gigabyte."""

    def write(self, text: str) -> int:
        """Discard the text."""
        return len(text)


@contextlib.contextmanager
def no_new_figures() -> Iterator[None]:
    """Close the figures that a called answer leaves open: the next cell would show them as its own."""
    before = _open_figures()
    try:
        yield
    finally:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())


class Agent:
    """Executes the session's requests in the namespace of the student's notebook."""

    max_reply = MAX_REPLY
    """Characters of a reply, but for that to `describe`."""

    def __init__(self, namespace: dict[str, Any], transform: Any = str) -> None:
        self.namespace, self.transform = namespace, transform
        self.kept: dict[int, Any] = {}
        self._fit: Any = None
        """Keras's `fit` while training is stopped."""

    def reply(self, request: str) -> str:
        """Execute one JSON request and return the JSON reply; never raises."""
        max_length = self.max_reply
        try:
            verb, *arguments = json.loads(request)
            max_length = MAX_MODEL if verb == "describe" else self.max_reply
            with (
                contextlib.redirect_stdout(NullStream()),
                contextlib.redirect_stderr(NullStream()),
                no_new_figures(),
            ):
                answer = self._answer(getattr(self, "do_" + verb), *arguments)
        except BaseException as error:  # an interrupt
            answer = _fault(error)
        return _serialize(answer, max_length)

    def _answer(self, verb: Any, *arguments: Any) -> dict[str, Any]:
        """Return the result of a request, or the student's error; an interrupt is not one and is raised."""
        try:
            answer: dict[str, Any] = verb(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit comes from the answer too
            return _fault(error)
        return answer

    def do_seed(self, seed: int) -> dict[str, Any]:
        """Seed `random`, NumPy and, where it is loaded, Keras."""
        random.seed(seed)
        np.random.seed(seed)
        keras = sys.modules.get("keras")
        if keras is not None and not isinstance(keras, StubModule):
            keras.utils.set_random_seed(seed)
        return {"value": None}

    def do_get(self, name: str) -> dict[str, Any]:
        """Return the value of a variable."""
        return {"value": encode(self._find(name))}

    def do_call(self, name: str, args: list[Any], kwargs: list[Any], keep: bool) -> dict[str, Any]:
        """Call a function with data or kept values and return its result as data, or keep it.

        `arguments` in the reply: the positional arguments after the call, if it changed them.
        """
        function = self._find(name)
        positional = [self._value(arg) for arg in args]
        named = {key: self._value(value) for key, value in kwargs}
        result = function(*positional, **named)
        if keep:
            return {"value": self._keep(result)}
        answer = {"value": encode(result)}
        if not any("handle" in arg or "layers" in arg for arg in args if isinstance(arg, dict)):
            after = [_encoded_or_none(arg) for arg in positional]
            if after != args:
                answer["arguments"] = after
        return answer

    def do_call_all(self, name: str, calls: list[Any], seed: int) -> dict[str, Any]:
        """Call a function once per set of arguments; returns the results that fit into `BATCH_SECONDS`."""
        self.do_seed(seed)
        answers: list[Any] = []
        size, end = 100, time.monotonic() + BATCH_SECONDS
        for args, kwargs in calls:
            answer = self._answer(self.do_call, name, args, kwargs, False)
            size += len(json.dumps(answer)) + 2
            if size > MAX_REPLY:  # the rest are called one by one
                break
            answers.append(answer)
            if time.monotonic() > end:
                break
        return {"value": None, "answers": answers}

    def do_build(self, layers: Any) -> dict[str, Any]:
        """Build and compile a Keras model from a description, and keep it."""
        return {"value": self._keep(_build(decode(layers)))}

    def do_describe(self, number: int) -> dict[str, Any]:
        """Return a kept Keras model as data: layer classes, their settings and weights."""
        return {"value": encode(_describe(self.kept[number]))}

    def do_run_without_stand_ins(self, source: str) -> dict[str, Any]:
        """Run a cell again statement by statement, skipping those that cannot run here.

        A cell that sets a TensorFlow seed, or imports what only the student has installed, above a correct formula must
        not lose the formula.
        """
        magic, _, rest = source.lstrip().partition("\n")
        for statement in ast.parse(self.transform(rest if magic.startswith("%%") else source)).body:
            code = compile(ast.Module([statement], []), "<cell>", "exec")
            try:
                exec(code, self.namespace)
            except Exception:  # it used a stub module, or a name from a skipped statement
                continue
        return {"value": None}

    def do_stop_training(self, stop: bool) -> dict[str, Any]:
        """Let `fit` of every Keras model raise TrainingStopped, or work again."""
        trainer = sys.modules.get(TRAINER)
        if trainer is not None and stop and self._fit is None:
            self._fit, trainer.TensorFlowTrainer.fit = trainer.TensorFlowTrainer.fit, _raise_stopped
        elif trainer is not None and not stop and self._fit is not None:
            trainer.TensorFlowTrainer.fit, self._fit = self._fit, None
        return {"value": None}

    def used_stand_ins(self) -> bool:
        """Return whether a stub module was used since the last call."""
        used, StubModule.used = StubModule.used, False
        return used

    def _find(self, name: str) -> Any:
        if name not in self.namespace or self.namespace[name] is Ellipsis:
            raise NameMissing
        return self.namespace[name]

    def _value(self, data: Any) -> Any:
        value = decode(data)
        return self.kept[value.number] if type(value) is Handle else value

    def _keep(self, value: Any) -> dict[str, int]:
        self.kept[len(self.kept)] = value
        return {"handle": len(self.kept) - 1}


def _raise_stopped(*_given: Any, **_named: Any) -> Any:
    raise TrainingStopped


def _serialize(answer: dict[str, Any], max_length: int) -> str:
    """Return a reply as JSON, or a fault if that is longer than the grader reads."""
    text = json.dumps(answer, ensure_ascii=True, allow_nan=False)
    if len(text) <= max_length:
        return text
    return json.dumps(_fault(NotSerializable("it is too big", "너무 큰 값입니다")))


def _fault(error: BaseException) -> dict[str, Any]:
    if isinstance(error, NameMissing):
        return {"fault": "missing"}
    if isinstance(error, TrainingStopped):
        error = NotSerializable("it trains a model", "모델을 학습시킵니다")
    if isinstance(error, NotSerializable):
        return {"fault": "not data", "message": str(error), "ko": error.ko}
    return {"fault": "raised", "type": type(error).__name__, "message": _error_text(error)}


def _encoded_or_none(value: Any) -> Any:
    """Encode an argument after the call; None if the answer put something into it that is not data."""
    try:
        return encode(value)
    except NotSerializable:
        return None


def _error_text(error: BaseException) -> str:
    try:
        text = str(error)
        if text.startswith("Graph execution error"):  # TensorFlow lists its own calls before the cause
            text = text.rpartition("\n\n")[2].partition("\n\t [[")[0]
        return text[:300]
    except BaseException:  # an exception whose `__str__` raises
        return ""


def _build(layers: Layers) -> Any:
    keras = importlib.import_module("keras")
    stack = [keras.Input(tuple(layers.input_shape))]
    stack += [getattr(keras.layers, name)(**settings) for name, settings in layers.layers]
    model = keras.Sequential(stack)
    model.compile(loss=layers.loss, optimizer=keras.optimizers.Adam(layers.learning_rate))
    return model


def _describe(model: Any) -> dict[str, Any]:
    keras = sys.modules.get("keras")
    if keras is None or isinstance(keras, StubModule) or not isinstance(model, keras.Model):
        if model is None:
            raise NotSerializable(
                "it is None, not a Keras model (is a `return` missing?)",
                "None이고 Keras 모델이 아닙니다. `return`이 빠졌는지 보세요",
            )
        name = type(model).__name__[:80]
        raise NotSerializable(
            f"it is a {name}, not a Keras model", f"자료형이 {name}이고 Keras 모델이 아닙니다"
        )
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    optimizer = getattr(model, "optimizer", None)
    return {
        "kind": type(model).__name__,
        "chain": _is_chain(model, layers),
        "input_shape": _shape(model, "input_shape"),
        "output_shape": _shape(model, "output_shape"),
        "layers": [_describe_layer(layer) for layer in layers],
        "loss": _describe_loss(getattr(model, "loss", None)),
        "optimizer": type(optimizer).__name__ if optimizer is not None else None,
        "learning_rate": _learning_rate(optimizer),
        "optimizer_settings": _optimizer_settings(optimizer),
        "has_numeric_loss_weights": _has_numeric_loss_weights(model),
        "updates": _updates(optimizer),
    }


def _describe_layer(layer: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, value in layer.get_config().items():
        if key.endswith("activation") and callable(function := getattr(layer, key, None)):
            # Keras's config gives a student's own `softmax` and Keras's the same name
            settings[key] = _function_name(function)
        elif value is None or type(value) in (bool, int, float, str):
            settings[key] = value
        elif isinstance(value, (list, tuple)) and len(value) < 8 and all(type(item) is int for item in value):
            settings[key] = list(value)  # such as strides
        elif isinstance(value, dict) and "class_name" in value:  # initializer, regularizer or constraint
            settings[key] = str(value["class_name"])[:80]
    inner = getattr(layer, "layer", None)
    return {
        "kind": type(layer).__name__,
        "own": type(layer).__module__.split(".")[0] not in ("keras", "tensorflow", "tf_keras"),
        "settings": settings,
        "inner": _describe_layer(inner) if inner is not None else None,
        "weights": [np.asarray(weight) for weight in layer.get_weights()],
        "trainable": len(layer.trainable_weights) == len(layer.weights),
    }


def _function_name(function: Any) -> str:
    """Return a library function's name as Keras writes it: `tf.nn.softmax` is `softmax`."""
    name = str(getattr(function, "__name__", type(function).__name__))[:80].removesuffix("_v2")
    library = str(getattr(function, "__module__", "")).split(".")[0] in ("keras", "tensorflow")
    return name if library else f"own {name}"


def _describe_loss(loss: Any) -> dict[str, Any] | None:
    if loss is None:
        return None
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    config = loss.get_config() if callable(getattr(loss, "get_config", None)) else {}
    return {"name": str(name)[:80], "from_logits": bool(config.get("from_logits", False))}


def _learning_rate(optimizer: Any) -> float | None:
    try:
        return float(np.asarray(optimizer.learning_rate))
    except Exception:  # no optimizer, or a learning-rate schedule
        return None


def _optimizer_settings(optimizer: Any) -> dict[str, Any]:
    """Return the optimizer's settings that are plain values; of a learning-rate schedule, the name of its class."""
    try:
        config = optimizer.get_config()
    except Exception:  # no optimizer, or a student's own class
        return {}
    settings = {}
    for key, value in config.items():
        if value is None or type(value) in (bool, int, float, str):
            settings[str(key)[:80]] = value
        elif isinstance(value, dict) and "class_name" in value:
            settings[str(key)[:80]] = str(value["class_name"])[:80]
    return settings


def _updates(optimizer: Any) -> int | None:
    """Return how often the model's current optimizer has updated its weights."""
    try:
        return int(np.asarray(optimizer.iterations))
    except Exception:  # no optimizer
        return None


def _has_numeric_loss_weights(model: Any) -> bool:
    """Return whether `compile` got numbers as `loss_weights`, or none; metrics passed there fail only in training."""
    try:
        weights = model.get_compile_config().get("loss_weights")
    except Exception:  # not compiled, or not serializable
        return True
    if isinstance(weights, dict):
        weights = list(weights.values())
    values = weights if isinstance(weights, (list, tuple)) else [weights]
    return weights is None or all(type(weight) in (int, float) for weight in values)


def _shape(model: Any, name: str) -> list[int | None] | None:
    try:
        return [None if size is None else int(size) for size in getattr(model, name)]
    except Exception:  # not built, or several inputs
        return None


def _is_chain(model: Any, layers: list[Any]) -> bool:
    """Return whether each layer's input is the output of the previous layer."""
    keras: Any = sys.modules["keras"]
    if type(model) is keras.Sequential:  # a subclass may call its layers in another order
        return True
    if isinstance(model, keras.Sequential):
        return False
    try:
        ends = [model.inputs[0], *(layer.output for layer in layers)]
        joined = all(layer.input is end for layer, end in zip(layers, ends, strict=False))
        return bool(joined and model.outputs[0] is ends[-1] and len(model.outputs) == 1)
    except Exception:  # a subclassed model has no graph
        return False


def cap_output() -> None:
    """Truncate the output of the next cell after `MAX_OUTPUT` characters.

    A student who prints a gigabyte by mistake should not wait longer than for a megabyte. IPython replaces a stream's
    `write` for each cell and restores it afterwards, so this is applied before every cell.
    """
    written = [0]
    for stream in (sys.stdout, sys.stderr):
        stream.write = _capped(getattr(stream.write, "uncapped", stream.write), written)  # type: ignore[method-assign]


def _capped(write: Any, written: list[int]) -> Any:
    def capped(text: str) -> int:
        if written[0] <= MAX_OUTPUT:
            write(text[: MAX_OUTPUT + 1 - written[0]])
        written[0] += len(text)
        return len(text)

    capped.uncapped = write  # type: ignore[attr-defined]
    return capped


def cap_messages(session: Any) -> None:
    """Drop images and error texts from messages that are longer than the grader reads."""
    pack = session.pack

    def packed(content: Any) -> Any:
        packed_bytes = pack(content)
        if len(packed_bytes) > MAX_MESSAGE and isinstance(content, dict):
            if "data" in content:
                return pack(content | {"data": {}})
            if "traceback" in content:
                return pack(content | {"evalue": str(content.get("evalue"))[:300], "traceback": []})
        return packed_bytes

    session.pack = packed


def exit_cell() -> None:
    """End the cell: replaces `exit()` and `quit()`."""
    raise SystemExit


def install(
    shell: Any,
    stub_modules: tuple[str, ...],
    stub_message: str,
    ask: Callable[[str], str] | None = None,
) -> None:
    """Install an agent in a kernel as the module `autograder_agent`, and hide our package's name.

    ask: what the kernel asks another one by, if it talks to one; see `conversing_agent`.
    """
    if stub_modules:
        sys.meta_path.insert(0, StubFinder(stub_modules, stub_message))
    module: Any = sys.modules[__name__]
    if ask is not None:
        kind = importlib.import_module(".conversing_agent", __package__).ConversingAgent
        module.agent = kind(shell, ask)
    else:
        module.agent = Agent(shell.user_ns, shell.transform_cell)
    for name in [name for name in sys.modules if name.split(".")[0] == __name__.split(".")[0]]:
        del sys.modules[name]
    sys.modules[AGENT] = module
    # Jupyter's own `exit()` and `do_shutdown()` stop the kernel a moment later, in the middle of another answer
    shell.ask_exit = exit_cell
    shell._update_exit_now = lambda change: None
    shell.kernel._forward_input()  # an answer that is called may ask for input as little as a cell
    cap_messages(shell.kernel.session)
    shell.events.register("pre_run_cell", lambda info=None: cap_output())
