"""The only code of ours in a student's kernel: answers the session's questions with data.

It knows no test and no answer. Its text is sent to the kernel, so it imports the standard library
and NumPy alone. The codec serves both ends of the wire; `decode` trusts nothing it reads.

Wire values: JSON null, bool, int (at most 40 digits), finite float, str and list stand for themselves;
everything else is an object with one tag:
    {"float": "nan"}  {"scalar": dtype, "value": v}  {"tuple": [...]}  {"dict": [[key, value], ...]}
    {"fraction": [n, d]}  {"decimal": "364"}  {"array": base64, "dtype": d, "shape": [...]}
    {"layers": [...]}  {"handle": n}
"""

from __future__ import annotations

import ast
import base64
import contextlib
import decimal
import fractions
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import math
import random
import sys
import types
from typing import Any

import numpy as np

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = frozenset(["bool", *INTEGERS, "float16", "float32", "float64"])
MAX_DEPTH = 12
MAX_DIGITS = 40
MAX_ITEMS = 100_000
MAX_ARRAY_BYTES = 16_000_000
MAX_TEXT = 100_000
MAX_OUTPUT = 1_000_000


class NotData(Exception):
    """A value that cannot cross the wire, and why, for a student to read."""

    def __init__(self, en: str, ko: str = "") -> None:
        self.ko = ko or en
        super().__init__(en)


class Missing(Exception):
    """A name that the notebook does not define, or leaves as the stub does."""


class Handle:
    """A value that stays in the kernel, by its number."""

    def __init__(self, number: int) -> None:
        self.number = number


class Layers:
    """A stack of Keras layers to build in the kernel, compiled.

    layers: (class name, settings) each; settings are the layer's own keyword arguments.
    input_shape: shape of one example, None where free.
    """

    def __init__(
        self, input_shape: tuple[int | None, ...], layers: list[tuple[str, dict[str, Any]]],
        *, loss: str, learning_rate: float,
    ) -> None:  # fmt: skip
        self.input_shape, self.layers = input_shape, layers
        self.loss, self.learning_rate = loss, learning_rate


def encode(value: Any, depth: int = 0) -> Any:
    """Plain JSON for a value, or `NotData`. Types are compared exactly: a subclass may lie."""
    if depth > MAX_DEPTH:
        raise NotData("it is nested too deeply", "너무 깊이 겹친 값입니다")
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        if len(value) > MAX_TEXT:
            raise NotData("it is a string that is too long", "너무 긴 문자열입니다")
        return value
    if kind is int:
        if abs(value) >= 10**MAX_DIGITS:
            raise NotData(
                f"it is an integer of more than {MAX_DIGITS} digits", f"{MAX_DIGITS}자리가 넘는 정수입니다"
            )
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if kind is fractions.Fraction:
        return {"fraction": [encode(value.numerator), encode(value.denominator)]}
    if kind is decimal.Decimal:
        if value.is_snan() or len(str(value)) > 60:
            raise NotData(
                "it is a Decimal that is no number, or too long", "수가 아니거나 너무 긴 Decimal입니다"
            )
        return {"decimal": str(value)}
    if kind is np.str_:
        return encode(str(value), depth)
    if kind in (list, tuple, range):
        if len(value[: MAX_ITEMS + 1]) > MAX_ITEMS:  # a range may be too long for `len`
            raise NotData("it has too many items", "항목이 너무 많습니다")
        items = [encode(item, depth + 1) for item in value]
        return {"tuple": items} if kind is tuple else items
    if isinstance(value, dict):
        if len(value) > MAX_ITEMS:
            raise NotData("it has too many items", "항목이 너무 많습니다")
        return {"dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]}
    if kind is Handle:
        return {"handle": value.number}
    if kind is Layers:
        return {"layers": encode([value.input_shape, value.layers, value.loss, value.learning_rate])}
    if isinstance(value, np.generic) and kind.__module__ == "numpy" and value.dtype.name in DTYPES:
        return {"scalar": value.dtype.name, "value": encode(value.item())}
    if not isinstance(value, np.ndarray) and callable(getattr(value, "numpy", None)):
        value = value.numpy()  # a TensorFlow tensor
        if isinstance(value, np.generic):
            return encode(value)
    if isinstance(value, np.ndarray):
        value = np.asarray(value)
        if value.dtype.kind == "U":
            return encode(value.tolist(), depth)
        if value.dtype.name not in DTYPES:
            raise NotData(f"it is an array of {value.dtype.name}", f"{value.dtype.name} 배열입니다")
        if value.nbytes > MAX_ARRAY_BYTES:
            raise NotData("it is an array that is too big", "너무 큰 배열입니다")
        value = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        data = base64.b64encode(value.tobytes()).decode("ascii")
        return {"array": data, "dtype": value.dtype.name, "shape": list(value.shape)}
    raise NotData(f"it is a {kind.__name__}"[:80], f"자료형이 {kind.__name__}입니다"[:80])


def decode(data: Any, depth: int = 0) -> Any:
    """The value that `data` stands for, or `NotData`; never runs or builds anything else."""
    if depth > MAX_DEPTH + 2:
        raise NotData("nested too deeply")
    if data is None or type(data) in (bool, str):
        return data
    if type(data) is int:
        if abs(data) >= 10**MAX_DIGITS:
            raise NotData("integer too long")
        return data
    if type(data) is float:
        if not math.isfinite(data):
            raise NotData("float not finite")
        return data
    if type(data) is list:
        return [decode(item, depth + 1) for item in data]
    if type(data) is not dict:
        raise NotData("unknown type")
    tag = next((name for name in _TAGGED if name in data), None)
    if tag is None:
        raise NotData("unknown tag")
    try:
        return _TAGGED[tag](data, depth + 1)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise NotData(f"malformed {tag}") from error


def _decode_float(data: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[data["float"]]


def _decode_scalar(data: dict[str, Any], depth: int) -> Any:
    if data["scalar"] not in DTYPES:
        raise NotData("dtype not allowed")
    value = decode(data["value"], depth)
    if type(value) not in (bool, int, float):
        raise NotData("a scalar is one number")
    with np.errstate(all="ignore"):  # a forged one may overflow; nobody is to be warned of it
        return np.dtype(data["scalar"]).type(value)


def _decode_tuple(data: dict[str, Any], depth: int) -> tuple[Any, ...]:
    if type(data["tuple"]) is not list:
        raise NotData("a tuple is made of a list")
    return tuple(decode(item, depth) for item in data["tuple"])


def _decode_dict(data: dict[str, Any], depth: int) -> dict[Any, Any]:
    if type(data["dict"]) is not list or len(data["dict"]) > MAX_ITEMS:
        raise NotData("a dict is made of a list, and not too long")
    return {decode(key, depth): decode(value, depth) for key, value in data["dict"]}


def _decode_fraction(data: dict[str, Any], depth: int) -> fractions.Fraction:
    top, bottom = (decode(part, depth) for part in data["fraction"])
    if type(top) is not int or type(bottom) is not int:
        raise NotData("a fraction is made of two integers")
    return fractions.Fraction(top, bottom)


def _decode_decimal(data: dict[str, Any], depth: int) -> decimal.Decimal:
    if type(data["decimal"]) is not str:
        raise NotData("a decimal is made of text")
    value = decimal.Decimal(data["decimal"])
    if value.is_snan():  # raises wherever it is compared
        raise NotData("a decimal that is no number")
    return value


def _decode_array(data: dict[str, Any], depth: int) -> np.ndarray[Any, Any]:
    shape = tuple(data["shape"])
    if data["dtype"] not in DTYPES or len(shape) > 8:
        raise NotData("array not allowed")
    if not all(type(size) is int and 0 <= size <= MAX_ARRAY_BYTES for size in shape):
        raise NotData("array shape not allowed")
    dtype = np.dtype(data["dtype"])
    if math.prod(shape) * dtype.itemsize > MAX_ARRAY_BYTES:
        raise NotData("array too big")
    raw = base64.b64decode(data["array"], validate=True)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise NotData("array data do not fit its shape")
    return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _decode_handle(data: dict[str, Any], depth: int) -> Handle:
    if type(data["handle"]) is not int:
        raise NotData("malformed handle")
    return Handle(data["handle"])


def _decode_layers(data: dict[str, Any], depth: int) -> Layers:
    shape, layers, loss, rate = decode(data["layers"], depth)
    return Layers(shape, layers, loss=loss, learning_rate=rate)


_TAGGED: Any = types.MappingProxyType(
    {
        "float": _decode_float, "scalar": _decode_scalar, "tuple": _decode_tuple,
        "dict": _decode_dict, "fraction": _decode_fraction, "decimal": _decode_decimal,
        "array": _decode_array, "handle": _decode_handle, "layers": _decode_layers,
    }
)  # fmt: skip


# What follows runs in the kernel only.


class Reply:
    """Text that IPython shows as it is, so that a reply needs no unquoting on the other side."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Nowhere(io.TextIOBase):
    """Where an answer prints while it is called: nobody looks at it, and it may be a gigabyte."""

    def write(self, text: str) -> int:
        """Drop the text."""
        return len(text)


class Agent:
    """Carries out the session's verbs in the namespace of the student's notebook."""

    def __init__(self, namespace: dict[str, Any], transform: Any = str) -> None:
        self.namespace, self.transform = namespace, transform
        self.kept: dict[int, Any] = {}

    def reply(self, request: str) -> Reply:
        """Carry out one request (JSON) and answer in JSON; never raises."""
        try:
            verb, *arguments = json.loads(request)
            with contextlib.redirect_stdout(Nowhere()), contextlib.redirect_stderr(Nowhere()):
                answer = getattr(self, "do_" + verb)(*arguments)
        except Missing:
            answer = {"fault": "missing"}
        except NotData as error:
            answer = {"fault": "not data", "message": str(error), "ko": error.ko}
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the answer's doing too
            answer = {"fault": "raised", "type": type(error).__name__, "message": _shown(error)}
        return Reply(json.dumps(answer, ensure_ascii=True, allow_nan=False))

    def do_seed(self, seed: int) -> dict[str, Any]:
        """Seed `random`, NumPy and, where it is loaded, Keras."""
        random.seed(seed)
        np.random.seed(seed)
        keras = sys.modules.get("keras")
        if keras is not None and not isinstance(keras, StandIn):
            keras.utils.set_random_seed(seed)
        return {"value": None}

    def do_get(self, name: str) -> dict[str, Any]:
        """The value of a variable."""
        return {"value": encode(self._find(name))}

    def do_call(self, name: str, args: list[Any], kwargs: list[Any], keep: bool) -> dict[str, Any]:
        """Call a function with data or kept values; its result as data, or kept.

        `arguments` in the reply: the positional arguments after the call, where it changed them.
        """
        function = self._find(name)
        given = [self._value(arg) for arg in args]
        named = {key: self._value(value) for key, value in kwargs}
        result = function(*given, **named)
        if keep:
            return {"value": self._keep(result), "type": type(result).__name__[:80]}
        answer = {"value": encode(result)}
        if not any("handle" in arg or "layers" in arg for arg in args if isinstance(arg, dict)):
            after = [_encoded_or_none(arg) for arg in given]
            if after != args:
                answer["arguments"] = after
        return answer

    def do_build(self, layers: Any) -> dict[str, Any]:
        """Build and compile a Keras model from a description; keep it."""
        return {"value": self._keep(_build(decode(layers)))}

    def do_describe(self, number: int) -> dict[str, Any]:
        """A kept Keras model as data: layer classes, their settings and weights."""
        return {"value": encode(_describe(self.kept[number]))}

    def do_run_without_stand_ins(self, source: str) -> dict[str, Any]:
        """Run a cell again statement by statement, leaving out those that use a stand-in.

        A cell that sets a TensorFlow seed above a right formula must not lose the formula.
        """
        for statement in ast.parse(self.transform(source)).body:
            code = compile(ast.Module([statement], []), "<cell>", "exec")
            try:
                exec(code, self.namespace)
            except StandInError:
                continue
        return {"value": None}

    def _find(self, name: str) -> Any:
        if name not in self.namespace or self.namespace[name] is Ellipsis:
            raise Missing
        return self.namespace[name]

    def _value(self, data: Any) -> Any:
        value = decode(data)
        return self.kept[value.number] if type(value) is Handle else value

    def _keep(self, value: Any) -> dict[str, int]:
        self.kept[len(self.kept)] = value
        return {"handle": len(self.kept) - 1}


def _encoded_or_none(value: Any) -> Any:
    """Null in the place of an argument into which the answer put something that is no data."""
    try:
        return encode(value)
    except NotData:
        return None


def _shown(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except BaseException:  # an exception whose own text raises
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
    if keras is None or isinstance(keras, StandIn) or not isinstance(model, keras.Model):
        name = type(model).__name__[:80]
        raise NotData(f"it is a {name}, not a Keras model", f"자료형이 {name}이고 Keras 모델이 아닙니다")
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
    }


def _describe_layer(layer: Any) -> dict[str, Any]:
    settings = {}
    for key, value in layer.get_config().items():
        if key.endswith("activation") and callable(function := getattr(layer, key, None)):
            settings[key] = _function_name(function)  # Keras writes an own `softmax` as it writes its own
        elif value is None or type(value) in (bool, int, float, str):
            settings[key] = value
    inner = getattr(layer, "layer", None)
    return {
        "kind": type(layer).__name__,
        "own": type(layer).__module__.split(".")[0] not in ("keras", "tensorflow", "tf_keras"),
        "settings": settings,
        "inner": _describe_layer(inner) if inner is not None else None,
        "weights": [np.asarray(weight) for weight in layer.get_weights()],
        "trainable": bool(layer.trainable),
    }


def _function_name(function: Any) -> str:
    """Name of a library's function, as Keras would write it: `tf.nn.softmax` is `softmax`."""
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
    except Exception:  # no optimizer, or a schedule
        return None


def _shape(model: Any, name: str) -> list[int | None] | None:
    try:
        return [None if size is None else int(size) for size in getattr(model, name)]
    except Exception:  # not built, or several inputs
        return None


def _is_chain(model: Any, layers: list[Any]) -> bool:
    """Whether each layer's input is the output of the one before."""
    keras: Any = sys.modules["keras"]
    if type(model) is keras.Sequential:  # a subclass may call its layers otherwise
        return True
    if isinstance(model, keras.Sequential):
        return False
    try:
        ends = [model.inputs[0], *(layer.output for layer in layers)]
        joined = all(layer.input is end for layer, end in zip(layers, ends, strict=False))
        return bool(joined and model.outputs[0] is ends[-1] and len(model.outputs) == 1)
    except Exception:  # a subclassed model has no graph
        return False


class StandInError(RuntimeError):
    """A stand-in for a library was used."""


class StandIn(types.ModuleType):
    """A module that can be imported, with any name in it, and used for nothing."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__version__ = "0 (stand-in)"
        self._sentence = sentence

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}", self._sentence)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Any use raises."""
        raise StandInError(self._sentence)

    __mro_entries__ = __instancecheck__ = __subclasscheck__ = __enter__ = __exit__ = __call__
    __iter__ = __len__ = __getitem__ = __setitem__ = __contains__ = __bool__ = __call__
    __int__ = __float__ = __index__ = __array__ = __neg__ = __pos__ = __abs__ = __call__
    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = __call__
    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = (
        __call__
    )
    __lt__ = __le__ = __gt__ = __ge__ = __call__


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports every module of the named libraries as a stand-in."""

    def __init__(self, libraries: tuple[str, ...], sentence: str) -> None:
        self.libraries, self.sentence = libraries, sentence

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec where `fullname` belongs to one of the libraries."""
        if fullname.split(".")[0] in self.libraries:
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """The stand-in itself."""
        return StandIn(spec.name, self.sentence)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def cap_output() -> None:
    """Stop the output of the cell about to run at `MAX_OUTPUT` characters.

    A student who prints a gigabyte by mistake should wait for it no longer than for a megabyte. IPython puts
    its own `write` in the place of a stream's for each cell and takes it away again, so this is done anew each time.
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


def leave() -> None:
    """What `exit()` and `quit()` do in a cell: end it."""
    raise SystemExit


def install(shell: Any, stand_ins: tuple[str, ...], sentence: str) -> None:
    """Place an agent in a kernel, as the module `autograder_agent`."""
    if stand_ins:
        sys.meta_path.insert(0, StandInFinder(stand_ins, sentence))
    module: Any = sys.modules["autograder_agent"]
    module.agent = Agent(shell.user_ns, shell.transform_cell)
    shell.ask_exit = leave  # Jupyter's own stops the kernel a moment later, in the middle of another answer
    shell.events.register("pre_run_cell", lambda info=None: cap_output())
