"""Exceptions between two sealed kernels: their type, arguments, attributes and text."""

from __future__ import annotations

import decimal
import json
import zoneinfo
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.codec import NotSerializable
from autograder.sandbox.inside.exception_codec import decode_exception, encode_exception
from tests.sandbox.rich_values import ODD, mutated, over_the_wire, places


class InsufficientFunds(ValueError):
    def __init__(self, balance: float, amount: float) -> None:
        super().__init__(f"{balance} is less than {amount}")
        self.balance = balance


class Coded(Exception):
    def __str__(self) -> str:
        return f"code {self.args[0]}"


class Broken(Exception):
    def __init__(self) -> None:
        raise SystemError

    def __str__(self) -> str:
        raise SystemError


def caught(work: Any) -> BaseException:
    with pytest.raises(BaseException) as error:
        work()
    return error.value


def error_crossed(error: BaseException, **namespace: Any) -> BaseException:
    return decode_exception(over_the_wire(encode_exception(error)), namespace)


class TestExceptions:
    """An exception crosses with its type, arguments and text."""

    @pytest.mark.parametrize(
        "work",
        [
            lambda: 1 / 0, lambda: {}["missing"], lambda: [][5], lambda: int("x"),
            lambda: Path("/does/not/exist").stat(),
            lambda: None.real, lambda: eval("undefined"), lambda: b"\xff".decode(), lambda: "é".encode("ascii"),
            lambda: json.loads("{"), lambda: np.linalg.inv(np.zeros((2, 2))),
            lambda: compile("1 +", "cell", "exec"), lambda: __import__("no_module"),
            lambda: np.zeros(2).sum(axis=5), lambda: [].remove(1), lambda: zoneinfo.ZoneInfo("Mars/Base"),
        ],
    )  # fmt: skip
    def test_common_error_keeps_type_text_and_arguments(self, work: Any) -> None:
        """Errors of the interpreter and of common libraries."""
        error = caught(work)
        got = error_crossed(error)
        assert type(got) is type(error)
        assert str(got) == str(error)
        assert repr(got.args) == repr(error.args)
        for name in ("name", "filename", "errno", "pos", "lineno", "start", "value"):
            assert getattr(got, name, None) == getattr(error, name, None)

    def test_argument_that_is_not_data_is_its_text(self) -> None:
        """decimal's errors hold classes, which do not cross."""
        error = caught(lambda: decimal.Decimal(1) / 0)
        got = error_crossed(error)
        assert type(got) is decimal.DivisionByZero
        assert str(got) == str(error)

    def test_error_of_the_cells_has_their_class(self) -> None:
        """A class that both kernels define is found by name, and keeps attributes; its constructor is not called."""
        got = error_crossed(InsufficientFunds(1, 2), InsufficientFunds=InsufficientFunds)
        assert type(got) is InsufficientFunds
        assert (str(got), got.balance) == ("1 is less than 2", 1)

    def test_unknown_class_is_its_nearest_known_one(self) -> None:
        """A student's own exception is the built-in one that it inherits from."""
        got = error_crossed(InsufficientFunds(1, 2), InsufficientFunds="not a class")
        assert type(got) is ValueError
        assert str(got) == "1 is less than 2"

    def test_text_of_a_str_method_of_its_own_is_kept(self) -> None:
        """The text that people read is that of the original."""
        assert str(error_crossed(Coded(5))) == "code 5"
        assert error_crossed(Coded(5), Coded=Coded).args == (5,)

    def test_key_that_is_not_data_is_shown_as_before(self) -> None:
        """A KeyError shows the representation of its key."""
        error = KeyError(object)
        assert str(error_crossed(error)) == str(error)
        assert type(error_crossed(error)) is KeyError

    @pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration])
    def test_exceptions_that_end_a_program_or_loop_become_runtime_errors(self, kind: Any) -> None:
        """The kernel of the cells goes on, and says what was raised."""
        got = error_crossed(kind("bye"), **{kind.__name__: kind})
        assert type(got) is RuntimeError
        assert str(got) == f"{kind.__name__}: bye"

    def test_error_that_raises_crosses(self) -> None:
        """Neither its constructor nor its `__str__` stops either end."""
        got = error_crossed(Broken.__new__(Broken), Broken=Broken)
        assert type(got) is Broken
        assert str(error_crossed(Broken.__new__(Broken))) == "Broken"

    def test_group_is_an_exception_with_its_text(self) -> None:
        """Exceptions in a group are not data."""
        got = error_crossed(ExceptionGroup("two", [ValueError("a")]))
        assert type(got) is Exception
        assert str(got) == "two (1 sub-exception)"

    def test_long_text_is_cut(self) -> None:
        """Text of an argument that is not data is bounded."""
        long = type("Long", (), {"__str__": lambda self: "x" * 99_999})()
        assert len(str(error_crossed(ValueError(long)))) == 20_000

    def test_functions_among_its_arguments_are_resolved(self) -> None:
        """As in a value; without `resolve`, the text of the exception is what remains."""
        wire = over_the_wire(encode_exception(ValueError(len), lambda value: 1))
        assert decode_exception(wire, {}, resolve=lambda *described: len).args == (len,)
        assert decode_exception(wire, {}).args == ("<built-in function len>",)

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_spoilt_data_are_refused_or_an_exception(self, data: st.DataObject) -> None:
        """Forged data raise nothing but NotSerializable, and never are what ends a program."""
        errors = [
            InsufficientFunds(1, 2),
            caught(lambda: Path("/no").stat()),
            caught(lambda: json.loads("{")),
            KeyError(1),
        ]
        wire = over_the_wire(encode_exception(data.draw(st.sampled_from(errors))))
        names = st.sampled_from(["SystemExit", "builtins", "eval", "__class__", "with_traceback", "args"])
        wire = mutated(wire, data.draw(st.sampled_from(places(wire))), data.draw(ODD | names))
        try:
            got = decode_exception(wire, {"InsufficientFunds": InsufficientFunds})
        except NotSerializable:
            return
        assert isinstance(got, Exception)
        assert got.with_traceback(None) is got
