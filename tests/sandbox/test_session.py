"""A student's kernel and the verbs on it: real kernels, with short limits, and whatever a student may write."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.errors import AnswerError, Starved
from autograder.sandbox.inside.codec import BATCH_SECONDS
from autograder.sandbox.kernel import CellResult, Conversation, Kernel
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, open_session
from tests.hostile.attacks.wire import forger
from tests.test_cells.notebooks import PROFILE

LIMITS = Limits(cell=5, call=2, training=5)
SENTENCE = "This question is graded without TensorFlow: write the formula itself."
NOTEBOOK = (
    "import numpy as np, random, sys, os",
    "def weights(input_dim, units):\n    return 4 * units * (units + input_dim + 1)",
    "p1 = 4 * 3 * 6",
)


@pytest.fixture(scope="class")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """One kernel for the tests of a class that do it no harm, with a small notebook run in it."""
    with open_session("counting", tmp_path_factory.mktemp("shared"), limits=LIMITS) as opened:
        for cell in NOTEBOOK:
            assert opened.run(cell).error is None
        yield opened


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[KernelSession]:
    """A kernel of the test's own, with a small notebook run in it."""
    with open_session("counting", tmp_path, limits=LIMITS) as opened:
        for cell in NOTEBOOK:
            assert opened.run(cell).error is None
        yield opened


def fault_of(session: KernelSession, name: str, *args: Any) -> AnswerError:
    """The error that asking for an answer raises: a call where there are arguments, else its value."""
    with pytest.raises(AnswerError) as error:
        if args:
            session.call(name, *args)
        else:
            session.get(name)
    return error.value


def printed(outputs: list[Any]) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream")


def assert_still_works(session: KernelSession) -> None:
    """The cells that ran before are still there, or there again."""
    assert session.call("weights", 3, 5).value == 180
    assert session.get("p1") == 72


class TestVerbs:
    """What the trusted process may ask, and what it gets."""

    def test_call_gives_back_what_the_function_returns(self, session: KernelSession) -> None:
        """Positional and keyword arguments reach the function."""
        assert session.call("weights", 3, units=5).value == 180

    def test_variable_is_read_by_its_name(self, session: KernelSession) -> None:
        """`get` gives the value of a variable."""
        assert session.get("p1") == 72

    def test_numpy_integer_comes_back_as_one(self, session: KernelSession) -> None:
        """Which kind of number an answer gave is not lost on the way."""
        session.run("kind = np.int64(364)")
        got = session.get("kind")
        assert type(got) is np.int64
        assert got == 364

    def test_array_goes_there_and_back(self, session: KernelSession) -> None:
        """Arrays cross in both directions with their dtype."""
        session.run("def doubled(x):\n    return 2 * x")
        got = session.call("doubled", np.array([[1.5, 2.0]], dtype=np.float32)).value
        assert got.dtype == np.float32
        assert got.tolist() == [[3.0, 4.0]]

    def test_seed_makes_draws_repeat(self, session: KernelSession) -> None:
        """Seeded alike, `random` and NumPy draw alike; seeded otherwise, they do not."""
        session.run("def draw():\n    return [random.random(), float(np.random.rand())]")
        drawn = []
        for seed in (7, 7, 8):
            session.seed(seed)
            drawn.append(session.call("draw").value)
        assert drawn[0] == drawn[1]
        assert drawn[0][0] != drawn[2][0]
        assert drawn[0][1] != drawn[2][1]

    def test_changed_arguments_are_told(self, session: KernelSession) -> None:
        """A function that changes what it was given is found out."""
        session.run("def spoil(x, shape):\n    x[0] = 99\n    shape.append(1)\n    return 0")
        reply = session.call("spoil", np.array([1, 2]), [3])
        assert reply.arguments is not None
        assert reply.arguments[0].tolist() == [99, 2]
        assert reply.arguments[1] == [3, 1]

    def test_untouched_arguments_are_not_told(self, session: KernelSession) -> None:
        """A function that leaves its arguments alone is not accused."""
        assert session.call("weights", 3, 5).arguments is None

    def test_our_own_arguments_never_change(self, session: KernelSession) -> None:
        """The array that a check compares with is not the one the student got."""
        session.run("def zeroed(x):\n    x[:] = 0\n    return 0")
        ours = np.array([1, 2])
        session.call("zeroed", ours)
        assert ours.tolist() == [1, 2]

    def test_kept_value_can_be_given_to_a_call(self, session: KernelSession) -> None:
        """What cannot cross stays in the kernel, and a handle stands for it."""
        session.run("def make():\n    return object()\ndef name_of(x):\n    return type(x).__name__")
        assert session.call("name_of", session.keep("make")).value == "object"

    def test_describing_what_is_no_model_is_told(self, session: KernelSession) -> None:
        """Only a Keras model can be described."""
        session.run("def build():\n    return [1]")
        handle = session.keep("build")
        with pytest.raises(AnswerError) as error:
            session.describe(handle)
        assert error.value.fault == "not data"
        assert error.value.message.en.endswith("judged: it is a list, not a Keras model")

    def test_describing_what_a_function_without_a_return_gave_asks_for_one(
        self, session: KernelSession
    ) -> None:
        """In both languages."""
        session.run("def build():\n    pass")
        with pytest.raises(AnswerError) as error:
            session.describe(session.keep("build"))
        assert error.value.message.en.endswith(
            "judged: it is None, not a Keras model (is a `return` missing?)"
        )
        assert error.value.message.ko.endswith("None이고 Keras 모델이 아닙니다. `return`이 빠졌는지 보세요")

    def test_cell_shows_what_it_printed(self, session: KernelSession) -> None:
        """Outputs come back as nbformat knows them."""
        assert printed(session.run("print('하나')\nprint('two')").outputs) == "하나\ntwo\n"

    def test_semicolon_hides_a_value(self, session: KernelSession) -> None:
        """As in Jupyter, at the end of each cell; the next cell shows its own value."""
        assert session.run("x = 1; x;").outputs == []
        (shown,) = session.run("x").outputs
        assert shown.data["text/plain"] == "1"

    def test_cell_that_raises_tells_the_error_and_nothing_breaks(self, session: KernelSession) -> None:
        """A cell's fault is told in its result; it never raises here."""
        result = session.run("kept = 1\nraise ValueError('units')")
        assert result.error == "ValueError"
        assert result.outputs[-1].evalue == "units"
        assert session.get("kept") == 1

    def test_cell_of_no_python_is_a_syntax_error(self, session: KernelSession) -> None:
        """A cell that Python cannot read costs itself alone."""
        assert session.run("def f(:").error == "SyntaxError"

    def test_input_does_not_wait_for_anybody(self, session: KernelSession) -> None:
        """A cell that asks for input fails at once."""
        assert session.run("input('?')").error == "StdinNotImplementedError"


class TestFaults:
    """Every way in which an answer gives no data, in words a student can use."""

    def test_missing_name(self, session: KernelSession) -> None:
        """A name that no cell defines is missing."""
        error = fault_of(session, "nowhere")
        assert error.fault == "missing"
        assert error.message.en == (
            "there is no answer: its cell is untouched, failed to run, or the name has changed"
        )

    def test_untouched_stub(self, session: KernelSession) -> None:
        """The stub's Ellipsis is no answer, whether asked for as a variable or as a function."""
        session.run("p9 = (\n    ...  # 여기에 답을 쓰세요 / write your answer here\n)")
        assert fault_of(session, "p9").fault == "missing"
        assert fault_of(session, "p9", 1).fault == "missing"

    def test_function_that_raises(self, session: KernelSession) -> None:
        """The error's name and text are told."""
        session.run("def wrong(x):\n    raise KeyError('units')")
        error = fault_of(session, "wrong", 1)
        assert error.fault == "raised"
        assert error.message.en == "running the answer raised KeyError: 'units'"
        assert error.message.ko == "답을 실행하다가 오류가 났습니다: KeyError: 'units'"

    def test_function_of_other_parameters(self, session: KernelSession) -> None:
        """A call that the function does not take is told as Python tells it."""
        assert "missing 1 required positional argument: 'units'" in fault_of(session, "weights", 1).message.en

    def test_number_that_is_called(self, session: KernelSession) -> None:
        """An answer that should be a function and is a number is told so."""
        assert fault_of(session, "p1", 1).message.en.endswith("TypeError: 'int' object is not callable")

    @pytest.mark.parametrize("leave", ["raise SystemExit", "sys.exit(3)"])
    def test_leaving_python_is_an_error_like_others(self, session: KernelSession, leave: str) -> None:
        """SystemExit in a call does not end the kernel."""
        session.run(f"def leaves(x):\n    {leave}")
        assert fault_of(session, "leaves", 1).fault == "raised"
        assert_still_works(session)

    def test_keyboard_interrupt_of_its_own(self, session: KernelSession) -> None:
        """An answer that raises KeyboardInterrupt itself has raised, nothing more."""
        session.run("def stops(x):\n    raise KeyboardInterrupt")
        assert fault_of(session, "stops", 1).message.en == "running the answer raised KeyboardInterrupt"

    def test_error_whose_text_raises(self, session: KernelSession) -> None:
        """An exception that cannot be shown is told by its name."""
        session.run(
            "class Odd(Exception):\n    def __str__(self):\n        raise SystemExit\n"
            "def odd(x):\n    raise Odd"
        )
        assert fault_of(session, "odd", 1).message.en == "running the answer raised Odd"

    def test_graph_error_shows_its_cause(self, session: KernelSession) -> None:
        """TensorFlow writes the cause below a list of its own calls, which no student needs."""
        session.run(
            "def trains(x):\n    raise ValueError('Graph execution error:\\n\\nDetected at node loss defined at:\\n'\n"
            "        '  File \"a.py\", line 4\\n\\nReceived a label value of 3\\n\\t [[{{node loss}}]] [Op:f]')"
        )
        assert fault_of(session, "trains", 1).message.en == (
            "running the answer raised ValueError: Received a label value of 3"
        )

    def test_value_that_equals_everything(self, session: KernelSession) -> None:
        """Of an int whose `__eq__` is always true the plain number in it crosses, and nothing else."""
        session.run(
            "class Always(int):\n    def __eq__(self, other):\n        return True\n"
            "    __hash__ = int.__hash__\nalways = Always(1)\nnested = [1, Always(1)]"
        )
        assert (session.get("always"), session.get("nested")) == (1, [1, 1])
        assert type(session.get("always")) is int

    def test_object_array(self, session: KernelSession) -> None:
        """An array of objects never crosses."""
        session.run("objects = np.array([print, 1], dtype=object)")
        assert fault_of(session, "objects").message.en.endswith("it is an array of object")

    def test_value_that_is_too_big(self, session: KernelSession) -> None:
        """A gigabyte is refused in the kernel, not sent."""
        session.run("big = np.zeros(10**8)")
        assert fault_of(session, "big").message.en.endswith("it is an array that is too big")

    def test_value_that_is_longer_than_a_reply(self, session: KernelSession) -> None:
        """It is refused where it is made, in words, alone or among many calls."""
        session.run("def long(n):\n    return np.zeros(n)")
        assert fault_of(session, "long", 500_000).message.en.endswith("judged: it is too big")
        assert fault_of(session, "long", 500_000).message.ko.endswith(": 너무 큰 값입니다")
        calls = [((size,), {}) for size in (10, 500_000)]
        assert len(session.call_all("long", calls, 0)) == 1

    def test_picture_that_is_too_long_costs_no_other_output(self, session: KernelSession) -> None:
        """Such as an animation; what is shown after it still arrives, and soon."""
        session.run("from IPython.display import HTML, display")
        began = time.monotonic()
        result = session.run("display(HTML('x' * 6_000_000))\nprint('after')")
        assert printed(result.outputs) == "after\n"
        assert session.run("raise ValueError('x' * 6_000_000)").detail == "x" * 300
        assert printed(session.run("print('and after')").outputs) == "and after\n"
        assert time.monotonic() - began < 5

    def test_printing_in_a_call_is_nobody_s_business(self, session: KernelSession) -> None:
        """An answer may print a gigabyte while it is called; its value comes back in time."""
        session.run("def loud(x):\n    for _ in range(1000):\n        print('x' * 10**6)\n    return x + 1")
        assert session.call("loud", 1).value == 2

    def test_answer_that_closes_its_output(self, session: KernelSession) -> None:
        """An answer cannot take the kernel's standard output away."""
        session.run("def closes(x):\n    sys.stdout.close()\n    return x")
        session.call("closes", 1)
        assert printed(session.run("print('still here')").outputs) == "still here\n"


@pytest.fixture
def machine_without_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """No code waits for a processor, however busy other tests keep it."""
    monkeypatch.setattr(Kernel, "processor_use", lambda _kernel, passed: (0.0, passed))


class TestDeathAndHanging:
    """A kernel that died or hangs costs the answer that did it, and no other."""

    def test_kernel_that_died_in_a_call_starts_anew(self, mine: KernelSession) -> None:
        """After `os._exit` in a call the next verb finds the earlier cells run again."""
        mine.run("def dies(x):\n    os._exit(0)")
        error = fault_of(mine, "dies", 1)
        assert error.fault == "died"
        assert (
            error.message.en == "running the answer ended the kernel; look for exit() or a huge use of memory"
        )
        assert_still_works(mine)

    def test_cell_that_ends_the_kernel_is_skipped(self, mine: KernelSession) -> None:
        """Such a cell tells so, and is not run again with the others."""
        assert mine.run("lost = 1\nos._exit(1)").error == "ended the kernel"
        assert_still_works(mine)
        assert fault_of(mine, "lost").fault == "missing"

    @pytest.mark.parametrize(
        ("where", "leave"),
        [
            ("cell", "exit()"),
            ("call", "quit()"),
            ("cell", "get_ipython().kernel.do_shutdown(True)"),
            ("call", "get_ipython().kernel.do_shutdown(False)"),
        ],
    )
    def test_notebook_s_exit_costs_no_other_answer(self, mine: KernelSession, leave: str, where: str) -> None:
        """Jupyter's own ways out stop the kernel a moment later: the answers asked for then are not lost."""
        mine.run("import time\ndef lasting():\n    time.sleep(0.3)\n    return 72")
        if where == "cell":
            mine.run(f"above = 3\n{leave}")
            assert mine.get("above") == 3
        else:
            mine.run(f"def leaves():\n    {leave}")
            with contextlib.suppress(AnswerError):
                mine.call("leaves")
        for _ in range(3):
            assert mine.call("lasting").value == 72

    def test_cell_that_ends_only_the_second_kernel_is_skipped_too(self, mine: KernelSession) -> None:
        """Run again, a cell may die that did not before: the cells above and below it still count."""
        soon = time.time() + 4
        assert mine.run(f"import time\nif time.time() > {soon}:\n    os._exit(1)").error is None
        mine.run("below = 5")
        time.sleep(4)
        mine.run("def dies(x):\n    os._exit(0)")
        assert fault_of(mine, "dies", 1).fault == "died"
        assert_still_works(mine)
        assert mine.get("below") == 5

    def test_notebook_that_ends_kernel_after_kernel_gets_no_further_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of it is run or asked for any more, and it is told why."""
        monkeypatch.setattr("autograder.sandbox.session.MAX_RESTARTS", 1)
        with open_session("counting", tmp_path, limits=LIMITS) as session:
            ends = [session.run("import os\nos._exit(1)").error for _ in range(3)]
            assert ends == ["ended the kernel"] * 2 + ["not run: the notebook ended its kernel 2 times"]
            assert fault_of(session, "p1").fault == "died"

    @pytest.mark.parametrize(("seconds", "own"), [(7.0, 7.0), (500.0, 10.0)])
    def test_waiting_for_a_kernel_that_the_code_ended_is_its_own_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, own: float
    ) -> None:
        """Up to what a slow machine needs; and waiting for the first one is not."""
        clock, start = [0.0], Kernel.start

        def slow(*given: Any) -> Kernel:
            clock[0] += seconds
            return start(*given)

        monkeypatch.setattr("autograder.sandbox.session.time", SimpleNamespace(monotonic=lambda: clock[0]))
        monkeypatch.setattr(Kernel, "start", slow)
        with open_session("counting", tmp_path, limits=Limits(cell=5, session=2.5 * own)) as session:
            ends = [session.run("import os\nos._exit(1)").error for _ in range(5)]
            assert ends == ["ended the kernel"] * 3 + [f"not run: the notebook took {2.5 * own:g} s"] * 2

    def test_replies_are_bounded_in_sum(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An answer that gives back much, again and again, is not read without end."""
        monkeypatch.setattr("autograder.sandbox.session.MAX_REPLY_CHARACTERS", 250_000)
        with open_session("counting", tmp_path, limits=LIMITS) as session:
            session.run("much = 'x' * 99_000")
            for _ in range(3):
                assert len(session.get("much")) == 99_000
            error = fault_of(session, "much")
            assert error.message.en == "the answers have given back too much in all; no more of it is read"
            assert error.message.ko == "답들이 돌려준 값이 모두 합쳐 너무 커서 더 읽지 않습니다."

    @pytest.mark.usefixtures("machine_without_others")
    def test_endless_loop_in_a_call_is_interrupted(self, tmp_path: Path) -> None:
        """The call is told to have taken too long, and the same kernel goes on."""
        with open_session("counting", tmp_path, limits=Limits(cell=5, call=1)) as session:
            session.run("import os\ndef process():\n    return os.getpid()")
            session.run("def hangs(x):\n    while True:\n        pass")
            before = session.call("process").value
            error = fault_of(session, "hangs", 1)
            assert error.fault == "timed out"
            assert (
                error.message.en
                == "did not finish within 1 s; look for a loop that never ends or takes too many rounds"
            )
            assert error.message.ko == (
                "1초 안에 끝나지 않았습니다. 끝나지 않거나 너무 여러 번 도는 반복문이 있는지 보세요."
            )
            assert session.call("process").value == before

    def test_answer_that_fills_the_memory_is_asked_once(self, tmp_path: Path) -> None:
        """It is told so and is not asked again, since each further call would take as long; the kernel goes on."""
        with open_session("counting", tmp_path) as session:
            session.run("calls = []\ndef fills(x):\n    calls.append(x)\n    raise MemoryError")
            [error] = session.call_all("fills", [((1,), {})], seed=0)
            assert isinstance(error, AnswerError)
            assert error.fault == "died"
            assert error.message.en.startswith(
                "the answer used more memory than it may; look for a loop that"
            )
            assert error.message.ko.startswith("답이 쓸 수 있는 메모리를 넘었습니다.")
            assert session.hung.answers == {"fills"}
            assert session.get("calls") == [1]

    @pytest.mark.usefixtures("machine_without_others")
    def test_loop_that_swallows_the_interrupt_is_ended(
        self, mine: KernelSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where an interrupt does not help, the kernel is ended and started anew."""
        monkeypatch.setattr("autograder.sandbox.kernel.INTERRUPT_SECONDS", 0.5)
        mine.run(
            "def stubborn(x):\n    while True:\n        try:\n            while True:\n                pass\n"
            "        except KeyboardInterrupt:\n            pass"
        )
        assert fault_of(mine, "stubborn", 1).fault == "timed out"
        assert_still_works(mine)

    @pytest.mark.usefixtures("machine_without_others")
    def test_endless_cell_is_interrupted_and_what_it_defined_stays(self, tmp_path: Path) -> None:
        """A cell that never ends tells so in its result."""
        with open_session("counting", tmp_path, limits=Limits(cell=1, call=2)) as session:
            result = session.run("above = 3\nwhile True:\n    pass")
            assert result.error == "ran longer than 1 s"
            assert session.get("above") == 3

    def test_hung_code_gets_a_tenth_of_its_limit_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Cells and answers alike: what a cell defines before its loop is there. The rest has its whole limit."""
        source = "y = 2\nwhile True:\n    pass"
        limits, granted = Limits(cell=4, call=4), dict[str, float]()
        monkeypatch.setattr(Kernel, "processor_use", lambda _kernel, limit: (0.0, limit))
        run, ask = Kernel.converse_in_cell, Kernel.converse

        def running(kernel: Kernel, text: str, limit: float, **options: bool) -> Conversation[CellResult]:
            granted[text] = limit
            return run(kernel, text, min(limit, 1), **options)

        def asking(kernel: Kernel, text: str, limit: float, **options: bool) -> Conversation[str]:
            granted[json.loads(text)[1]] = limit
            return ask(kernel, text, min(limit, 1), **options)

        monkeypatch.setattr(Kernel, "converse_in_cell", running)
        monkeypatch.setattr(Kernel, "converse", asking)
        with open_session("counting", tmp_path, limits=limits) as first:
            first.run(
                "def hangs(x):\n    while True:\n        pass\ndef dies(x):\n    __import__('os')._exit(0)"
            )
            assert first.run(source).interrupted
            faults = [fault_of(first, "hangs", 1).fault, fault_of(first, "dies", 1).fault]
            assert faults == ["timed out", "died"]
            assert fault_of(first, "nothing").fault == "missing"
        with open_session("counting", tmp_path, limits=limits, hung_before=first.hung) as second:
            second.run("hangs = dies = nothing = abs")
            assert second.run(source).interrupted
            values = [second.call(name, -1).value for name in ("hangs", "dies", "nothing")]
            assert values == [1, 1, 1]
            assert second.get("y") == 2
        given = [granted[name] for name in (source, "hangs", "dies", "nothing", "y")]
        assert given == [0.4, 0.4, 0.4, 4, 4]

    def test_call_that_hangs_among_many_costs_its_limit_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Called one by one afterwards, each call has a tenth of it, and quick ones give their values."""
        granted, ask = list[float](), Kernel.converse
        monkeypatch.setattr(Kernel, "processor_use", lambda _kernel, limit: (0.0, limit))

        def asking(kernel: Kernel, text: str, limit: float, **options: bool) -> Conversation[str]:
            granted.append(limit)
            return ask(kernel, text, min(limit, 1), **options)

        monkeypatch.setattr(Kernel, "converse", asking)
        with open_session("counting", tmp_path, limits=Limits(call=4)) as session:
            session.run("def f(x):\n    while x:\n        pass\n    return 7")
            with pytest.raises(AnswerError):
                session.call_all("f", [((0,), {}), ((1,), {})], 0)
            assert session.call("f", 0).value == 7
            assert fault_of(session, "f", 1).fault == "timed out"
        assert granted == [4 + BATCH_SECONDS, 0.4, 0.4]

    @pytest.mark.parametrize("name", ["cell", "hangs", "stubborn"])
    def test_limit_does_not_include_what_code_waits_for_a_processor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """It gets that time in addition, four times the limit at most; if it has waited for more, nobody knows."""
        monkeypatch.setattr("autograder.sandbox.kernel.INTERRUPT_SECONDS", 0.5)
        waited, used, asked = [0.5], [0.5], list[float]()

        def use(_: Kernel, passed: float) -> tuple[float, float]:
            asked.append(passed)
            return waited[0] * passed, used[0] * 0.8 if used[0] > 1 else used[0] * passed

        monkeypatch.setattr(Kernel, "processor_use", use)
        with open_session("counting", tmp_path, limits=Limits(cell=0.8, call=0.8)) as session:
            session.run(
                "def hangs(x):\n    while True:\n        pass\n"
                "def stubborn(x):\n    while True:\n        try:\n            while True:\n                pass\n"
                "        except BaseException:\n            pass"
            )

            # an answer that hung has less time from then on, so each has a name of its own
            session.run(
                "; ".join(f"{name}{number} = {name}" for number in range(4)) if name != "cell" else ""
            )
            names = iter(f"{name}{number}" for number in range(4))

            def ended() -> str | None:
                asked.clear()
                return (
                    session.run("hangs(1)").error
                    if name == "cell"
                    else str(fault_of(session, next(names), 1))
                )

            assert "0.8 s" in (ended() or "")
            assert asked[-1] >= 1.5, "twice the limit, since it had half of a processor"
            used[0] = 1.1
            ended()
            assert len(asked) == 1, "it has computed for its limit"
            waited[0], used[0] = 0.8, 0.2
            with pytest.raises(Starved, match=r"a time limit of 0\.8 s was reached while the code waited"):
                ended()
            assert asked[-1] >= 3.2, "four times the limit"
            waited[0], used[0] = 0.0, 0.0
            ended()
            assert len(asked) == 1, "it has slept"

    @pytest.mark.parametrize(("waited", "used"), [(0.3, 0.4), (0.2, 0.4), (0.3, 1.1)])
    def test_limit_of_a_submission_that_waited_does_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: float, used: float
    ) -> None:
        """If that was a quarter of it, and it did not compute for all of it."""
        monkeypatch.setattr(Kernel, "processor_use", lambda _, passed: (waited * passed, used * passed))
        with open_session("counting", tmp_path, limits=Limits(session=1.0)) as session:
            session.run("import time\ntime.sleep(1)")
            if (waited, used) == (0.3, 0.4):
                with pytest.raises(Starved, match="a time limit of 1 s"):
                    session.run("pass")
            else:
                assert session.run("pass").error == "not run: the notebook took 1 s"

    def test_kernel_says_how_much_it_has_computed_and_waited(self, session: KernelSession) -> None:
        """Since it started, and in a second of sleep; its end is still heard after that."""
        assert session._kernel is not None
        waited, used = session._kernel.processor_use(600.0)
        assert 0 <= waited < 600
        assert 0 < used < 600
        session.run("import time\ntime.sleep(1)")
        assert max(session._kernel.processor_use(1.0)) < 1
        session.run(
            "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end:\n    pass"
        )
        assert session._kernel.processor_use(600.0)[1] >= used + 0.4
        assert not session._kernel.lost_fork_server

    @pytest.mark.usefixtures("machine_without_others")
    def test_endless_stubborn_cell_is_given_up(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A cell that cannot be interrupted is not run again with the others."""
        monkeypatch.setattr("autograder.sandbox.kernel.INTERRUPT_SECONDS", 0.5)
        with open_session("counting", tmp_path, limits=Limits(cell=1, call=2)) as session:
            session.run("p1 = 72")
            result = session.run(
                "while True:\n    try:\n        while True:\n            pass\n"
                "    except BaseException:\n        pass"
            )
            assert result.error == "ran longer than 1 s and did not stop"
            assert session.get("p1") == 72

    def test_kernel_that_died_between_two_verbs_starts_anew(self, mine: KernelSession) -> None:
        """A kernel that a thread of the student's ends later costs one verb, not the session."""
        mine.run(
            "def leaves_later():\n    import threading\n    threading.Timer(0.01, os._exit, [0]).start()"
        )
        mine.run("def waits():\n    import time\n    time.sleep(1)")
        mine.call("leaves_later")
        with pytest.raises(AnswerError):
            mine.call("waits")
        assert_still_works(mine)


class TestEventLoop:
    """Cells and requests share the event loop of the main thread."""

    def test_await_in_a_cell(self, session: KernelSession) -> None:
        """What a cell awaits is there after it, and what it prints meanwhile is its output."""
        result = session.run(
            "import asyncio\nawaited = await asyncio.sleep(0.01, 7)\nprint('after', awaited)"
        )
        assert printed(result.outputs) == "after 7\n"
        assert session.get("awaited") == 7

    def test_task_of_a_cell_goes_on_while_others_run(self, session: KernelSession) -> None:
        """As in Jupyter: whenever a later cell awaits something."""
        session.run(
            "import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n    return 5\n"
            "task = asyncio.ensure_future(later())"
        )
        session.run("found = await task")
        assert session.get("found") == 5

    def test_awaiting_without_end_is_interrupted(self, tmp_path: Path) -> None:
        """The kernel goes on."""
        with open_session("counting", tmp_path, limits=Limits(cell=1, call=2)) as session:
            session.run("import asyncio, os\nprocess = os.getpid()\nfirst = 1")
            before = session.get("process")
            assert session.run("first = 2\nwhile True:\n    await asyncio.sleep(0)").interrupted
            assert (session.get("first"), session.get("process")) == (2, before)

    def test_cell_that_cancels_every_task_costs_no_answer(self, session: KernelSession) -> None:
        """Its own among them."""
        session.run("import asyncio\nkept = 3\nfor task in asyncio.all_tasks():\n    task.cancel()")
        session.run("await asyncio.sleep(0)\nfor task in asyncio.all_tasks():\n    task.cancel()")
        assert session.get("kept") == 3

    def test_streams_that_a_cell_has_replaced(self, mine: KernelSession) -> None:
        """By what cannot be written to: no later cell runs, and each says why; what was defined is read."""
        assert mine.run("sys.stdout = sys.stderr = 5").error is None
        assert mine.run("print(1)").error == "AttributeError"
        assert_still_works(mine)


class TestConversations:
    """A kernel that converses asks for something while it works."""

    @pytest.fixture
    def talking(self) -> Iterator[KernelSession]:
        """One whose code asks."""
        with open_session(PROFILE, limits=Limits(cell=2, call=2)) as opened:
            opened.run("import sys, threading, time\npeer = sys.modules['autograder_agent'].agent._peer")
            yield opened

    def test_answers_come_in_their_order(self, talking: KernelSession) -> None:
        """And the reply comes last."""
        work = talking.converse_in_cell(
            "found = [peer._send(str(number)) for number in range(3)]\nprint(found)"
        )
        asked = [next(work), work.send("a"), work.send("b")]
        with pytest.raises(StopIteration) as done:
            work.send("c")
        assert asked == ["0", "1", "2"]
        assert printed(done.value.value.outputs) == "['a', 'b', 'c']\n"

    def test_waiting_for_an_answer_takes_no_time(self, talking: KernelSession) -> None:
        """The limit is for its own code."""
        work = talking.converse_in_cell("found = peer._send('')")
        next(work)
        time.sleep(2.5)
        with pytest.raises(StopIteration) as done:
            work.send("late")
        assert done.value.value.error is None

    def test_code_that_nobody_waits_for_any_more_is_left(self, talking: KernelSession) -> None:
        """The next request is answered at once, with its own value, in the same kernel."""
        talking.run("process = __import__('os').getpid()")
        before = talking.get("process")
        for _ in range(3):
            work = talking.converse_in_cell("peer._send('')\nprocess = 0")
            next(work)
            work.close()
            began = time.monotonic()
            assert talking.get("process") == before
            assert time.monotonic() - began < 1

    def test_asking_where_nobody_answers_is_an_error(self, talking: KernelSession) -> None:
        """At once."""
        result = talking.run("peer._send('')")
        assert (result.error, result.detail) == ("NotAnswered", "nobody answers here")

    def test_interrupt_while_answers_come_leaves_the_connection_as_it_is(
        self, talking: KernelSession
    ) -> None:
        """Wherever it hits: a message is read and written as a whole."""
        talking.run("x = 5")
        asking = "while True:\n    peer._send('x' * 100_000)"
        for _ in range(3):
            work = talking.converse_in_cell(asking)
            with pytest.raises(StopIteration) as done:
                next(work)
                while True:
                    work.send("y" * 100_000)
            assert done.value.value.interrupted
            assert talking.get("x") == 5


class TestOutput:
    """A student's output is capped, and can always be put into a notebook."""

    @pytest.mark.parametrize(
        "cell",
        [
            "print('x' * 10**8)",
            "for _ in range(100):\n    print('x' * 10**6)",
            "sys.stderr.write('x' * 10**8)",
            "sys.stdout.writelines(['x' * 10**6] * 100)",
        ],
    )
    def test_huge_print_is_capped_in_time(self, session: KernelSession, cell: str) -> None:
        """A hundred megabytes end within the limit, and their beginning is shown."""
        result = session.run(cell)
        assert result.error is None
        assert 0 < len(printed(result.outputs)) <= 1_000_001

    def test_the_cap_is_of_one_cell(self, session: KernelSession) -> None:
        """The cell after a loud one prints as always."""
        session.run("print('x' * 10**8)")
        assert printed(session.run("print('quiet')").outputs) == "quiet\n"

    def test_huge_display_is_dropped(self, session: KernelSession) -> None:
        """What is shown, rather than printed, is capped too."""
        result = session.run("'x' * 10**7")
        assert result.error is None
        assert sum(len(str(output)) for output in result.outputs) < 3_000_000

    def test_printing_half_a_character_does_no_harm(self, session: KernelSession) -> None:
        """A lone surrogate cannot be written as UTF-8; the cells after it run as always."""
        session.run("print('\\ud800')")
        assert session.run("after = 1").error is None
        assert session.get("after") == 1

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("stream", "{}"),
            ("stream", "{'name': 'stdout', 'text': 5}"),
            ("stream", "{'text': 'no name'}"),
            ("stream", "'[1]'"),
            ("display_data", "{'data': [1], 'metadata': {}}"),
            ("display_data", "{'data': {'text/plain': {}}, 'metadata': {}}"),
            ("execute_result", "{'data': {}, 'metadata': {}, 'execution_count': 'x'}"),
            ("error", "{}"),
            ("error", "{'ename': 1, 'evalue': [], 'traceback': 5}"),
            ("status", "{}"),
            ("status", "'5'"),
            ("unheard-of", "{}"),
        ],
    )
    def test_forged_message_is_no_output(self, session: KernelSession, kind: str, content: str) -> None:
        """A student's code can send any message: running its cell raises nothing and its outputs are valid."""
        result = session.run(
            "print('before', flush=True)\nkernel = get_ipython().kernel\n"
            f"_ = kernel.session.send(kernel.iopub_socket, {kind!r}, content={content}, "
            f"parent=kernel.get_parent('shell'), ident=b'x')\nprint('after')"
        )
        cell = nbformat.v4.new_code_cell("", outputs=result.outputs)
        nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
        assert_still_works(session)

    @pytest.mark.parametrize(
        "reply",
        [
            "''",
            "'5'",
            "'{}'",
            "'{\"value\": 5}'",
            '\'{"value": {"dict": []}}\'',
            '\'{"value": {"array": "AA==", "dtype": "int8", "shape": [1]}}\'',
            '\'{"value": {"float": "inf"}}\'',
        ],
    )
    def test_forged_reply_is_the_answer_s_fault(self, session: KernelSession, reply: str) -> None:
        """Code that takes the agent's place can say what it likes: each verb gives data or an AnswerError."""
        session.run(
            "agent = sys.modules['autograder_agent']\nhonest = agent.Agent.reply\n"
            f"def forged(self, request):\n    return {reply}\n"
            "def build():\n    return 1"
        )
        handle = session.keep("build")
        session.run("agent.Agent.reply = forged")
        try:
            for ask in (
                lambda: session.keep("build"),
                lambda: session.describe(handle),
                lambda: session.get("p1"),
                lambda: session.call("weights", 1, 2),
                lambda: session.seed(1),
            ):
                try:
                    ask()
                except AnswerError as error:
                    assert error.fault == "not data"
        finally:
            session.run("agent.Agent.reply = honest")
        assert_still_works(session)

    def test_forged_requests_of_the_corpus_are_read(self, session: KernelSession) -> None:
        """The attacks that speak for the agent do so: what they forge is what the session reads."""
        session.run("honest = sys.modules['autograder_agent'].agent.reply\n" + forger("'{\"value\": 7}'"))
        try:
            assert session.get("p1") == 7
        finally:
            session.run("sys.modules['autograder_agent'].agent.reply = honest")
        assert_still_works(session)

    def test_agent_that_is_gone_is_the_answer_s_fault(self, session: KernelSession) -> None:
        """Without an agent to ask there is no data; other cells still run."""
        session.run("taken = sys.modules.pop('autograder_agent')")
        try:
            assert fault_of(session, "p1").fault == "not data"
        finally:
            session.run("sys.modules['autograder_agent'] = taken")
        assert_still_works(session)


class TestStandIns:
    """Counting runs without TensorFlow: importing it costs nothing, using it raises our sentence."""

    @pytest.mark.parametrize(
        "spelling",
        [
            "import tensorflow",
            "import tensorflow as tf",
            "import tensorflow.keras as keras",
            "import tensorflow.keras.layers",
            "import tensorflow.compat.v1 as tf1",
            "import keras",
            "import tf_keras",
            "import tensorflow.keras.backend as K",
            "from tensorflow import keras",
            "from tensorflow import keras as k, random",
            "from tensorflow.keras import Sequential, layers",
            "from tensorflow.keras.models import Sequential",
            "from tensorflow.keras.layers import LSTM, Dense as D",
            "from tensorflow.python.keras.layers import LSTM",
            "from keras.src.layers import LSTM",
            "from keras import *",
            "import importlib; tf = importlib.import_module('tensorflow')",
            "tf = __import__('tensorflow')",
            "try:\n    import tensorflow as tf\nexcept ImportError:\n    raise",
            "import tensorflow as tf; tf.__version__.split('.'); print(tf.__version__)",
            "import tensorflow as tf; layers = tf.keras.layers; LSTM = layers.LSTM",
        ],
    )
    def test_importing_works_in_any_spelling(self, session: KernelSession, spelling: str) -> None:
        """An import at the top of an answer cell costs nobody a mark."""
        assert session.run(spelling).error is None

    @pytest.mark.parametrize(
        "use",
        [
            "tf.constant(1)",
            "tf.keras.layers.LSTM(7)",
            "LSTM(7, input_shape=(100, 5))",
            "keras.Sequential([LSTM(7)])",
            "Sequential()",
            "tf.random.set_seed(1)",
            "tf.keras.utils.set_random_seed(1)",
            "class Mine(tf.keras.Model):\n    pass",
            "class Mine(keras.layers.Layer):\n    pass",
            "@tf.function\ndef f(x):\n    return x",
            "tf.float32 + 1",
            "tf.pi * 2",
            "2 * tf.pi",
            "1 + tf.pi",
            "tf.pi - 1",
            "1 - tf.pi",
            "tf.pi / 2",
            "tf.pi // 2",
            "tf.pi ** 2",
            "-tf.pi",
            "tf.pi > 3",
            "int(tf.pi)",
            "float(tf.pi)",
            "len(tf.shape)",
            "tf.shape[0]",
            "tf.shape[0] = 1",
            "list(tf.shape)",
            "1 in tf.shape",
            "bool(tf.shape)",
            "if tf.executing:\n    pass",
            "np.array(tf.pi) + 1",
            "range(tf.pi)",
            "isinstance(1, tf.Tensor)",
            "with tf.device:\n    pass",
            "with tf.GradientTape() as tape:\n    pass",
        ],
    )
    def test_any_use_raises_our_sentence(self, session: KernelSession, use: str) -> None:
        """Whatever is done with a stand-in, a student reads why."""
        session.run(
            "import tensorflow as tf, keras\nfrom tensorflow.keras.layers import LSTM\n"
            "from keras import Sequential"
        )
        result = session.run(use)
        assert result.error == "StubModuleError"
        assert result.outputs[-1].evalue == SENTENCE

    def test_answer_that_uses_one_is_told_so(self, session: KernelSession) -> None:
        """A counting function that builds a layer raises our sentence, in both languages."""
        session.run(
            "import tensorflow as tf\ndef oracle(units):\n"
            "    return tf.keras.layers.LSTM(units).count_params()"
        )
        assert (
            fault_of(session, "oracle", 7).message.en
            == f"running the answer raised StubModuleError: {SENTENCE}"
        )

    def test_formula_under_a_seed_is_kept(self, session: KernelSession) -> None:
        """A cell that sets a TensorFlow seed above a right formula does not lose the formula."""
        cell = "import tensorflow as tf\ntf.random.set_seed(1)\nunits = 3\np7 = 4 * units * 6"
        assert session.run(cell).error == "StubModuleError"
        assert fault_of(session, "p7").fault == "missing"
        session.run_without_stub_modules(cell)
        assert session.get("p7") == 72

    def test_formula_under_a_magic_and_a_seed_is_kept(self, session: KernelSession) -> None:
        """IPython's own lines stand in a student's cell too."""
        cell = "%precision 4\nimport tensorflow as tf\ntf.random.set_seed(1)\np8 = 4 * 3 * 6"
        assert session.run(cell).error == "StubModuleError"
        session.run_without_stub_modules(cell)
        assert session.get("p8") == 72

    def test_cell_that_cannot_be_run_again_raises_nothing(self, session: KernelSession) -> None:
        """Running a cell again is a favour: what goes wrong in it stays in the kernel."""
        session.run_without_stub_modules(
            "favour = 5\nraise ValueError\nthanks = 6\nraise SystemExit\nlost = 7"
        )
        session.run_without_stub_modules("def f(:")
        assert (session.get("favour"), session.get("thanks")) == (5, 6)
        assert fault_of(session, "lost").fault == "missing"

    def test_describing_beside_a_stand_in_is_told(self, session: KernelSession) -> None:
        """What is no model is no model, also where `keras` is a stand-in."""
        session.run("import keras\ndef build():\n    return [1]")
        with pytest.raises(AnswerError) as error:
            session.describe(session.keep("build"))
        assert error.value.message.en.endswith("judged: it is a list, not a Keras model")

    def test_seeding_with_stand_ins_loaded_works(self, session: KernelSession) -> None:
        """An imported stand-in is not asked to set a seed."""
        session.run("import keras, tensorflow")
        session.seed(1)


class TestKernel:
    """What a kernel is given, and what is left of it."""

    def test_it_works_in_a_copy_of_the_data_files(self, tmp_path: Path) -> None:
        """A notebook reads the assignment's files by their names; what it writes goes nowhere else."""
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "words.csv").write_text("John,loves,Jane")
        (tmp_path / "lesson.ipynb").write_text("{}")
        with open_session("counting", tmp_path, limits=LIMITS) as session:
            session.run(
                "import os\nwords = open('deep/words.csv').read()\nopen('deep/words.csv', 'w').write('x')\n"
                "names = sorted(os.listdir())"
            )
            assert session.get("words") == "John,loves,Jane"
            assert session.get("names") == ["deep"]
        assert (tmp_path / "deep" / "words.csv").read_text() == "John,loves,Jane"

    def test_figures_are_shown_as_in_jupyter(self, session: KernelSession) -> None:
        """A cell that draws has a picture among its outputs, without `%matplotlib inline` and without `show`."""
        result = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        assert sorted(result.outputs[-1]["data"]) == ["image/png", "text/plain"]

    def test_figure_of_a_called_answer_is_not_shown_under_the_next_cell(self, session: KernelSession) -> None:
        """What an answer draws when it is called belongs to no cell; a figure of the notebook stays open."""
        session.run(
            "import matplotlib.pyplot as plt\n%config InlineBackend.close_figures = False\nkept = plt.figure()\n"
            "def draws(x):\n    plt.figure()\n    plt.plot([x])\n    return x"
        )
        assert session.call("draws", 1).value == 1
        session.run("numbers = plt.get_fignums() == [kept.number]")
        assert session.get("numbers") is True

    def test_the_notebook_s_names_hold_nothing_of_ours(self, session: KernelSession) -> None:
        """A student who lists the names meets no agent among them."""
        session.run(
            "names = [name for name in globals() if 'autograder' in name or name in ('module', 'agent')]"
        )
        assert session.get("names") == []

    def test_the_kernel_knows_no_module_of_the_package(self, session: KernelSession) -> None:
        """Only the agent is in the kernel: nothing of the package was imported, nor can be."""
        session.run(
            "loaded = [name for name in sys.modules if name.split('.')[0] in ('autograder', 'inside')]"
        )
        assert session.get("loaded") == []
        assert session.run("import autograder").error in ("ModuleNotFoundError", "PermissionError")

    def test_the_order_of_a_set_is_always_the_same(self, tmp_path: Path) -> None:
        """What depends on the order of a set of strings is graded alike however often it is graded."""
        orders = []
        for _ in range(2):
            with open_session("counting", limits=LIMITS) as session:
                session.run("order = list(set('abcdefghijklmnopqrstuvwxyz'))")
                orders.append(session.get("order"))
        assert orders[0] == orders[1]

    def test_unseeded_draws_differ_between_kernels(self) -> None:
        """Kernels forked from one parent do not share its generators' states."""
        draws = []
        for _ in range(2):
            with open_session("counting", limits=LIMITS) as session:
                session.run("import random, numpy as np\ndrawn = [random.random(), float(np.random.rand())]")
                draws.append(session.get("drawn"))
        assert draws[0][0] != draws[1][0]
        assert draws[0][1] != draws[1][1]

    def test_submission_has_an_end(self) -> None:
        """However many cells it has, a notebook is stopped after its time, and told so."""
        with open_session("counting", limits=Limits(cell=5, call=2, session=3)) as session:
            session.run("def f():\n    return 1")
            assert session.call("f").value == 1
            session.run("import time\nfor _ in range(100):\n    time.sleep(0.1)")
            assert session.run("p1 = 1").error == "not run: the notebook took 3 s"
            error = fault_of(session, "f")
            assert error.fault == "timed out"

    def test_session_writes_no_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither while it is open nor after it."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with open_session("counting", limits=LIMITS) as session:
            session.run("p1 = 1")
            assert list(tmp_path.iterdir()) == []
        assert list(tmp_path.iterdir()) == []

    def test_closing_twice_does_no_harm(self, tmp_path: Path) -> None:
        """A session that was closed may be closed again, and one that never started too."""
        with open_session("counting", tmp_path, limits=LIMITS) as session:
            session.run("p1 = 1")
            session.close()
        session.close()
        with open_session("counting", tmp_path, limits=LIMITS):
            pass
