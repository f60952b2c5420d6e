"""The agent's connection in the hands of student code, under every seal: the grader reads on, within its limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import AnswerError
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, open_session
from tests.hostile.attacks.channel import TAKEN, WAYS
from tests.hostile.seals import ALONE, SEALS, only
from tests.test_cells.notebooks import PROFILE

pytestmark = [pytest.mark.seal, pytest.mark.long]
LIMITS = Limits(cell=2, call=1)
SECONDS = 30
"""In which an attack is over: its limit, the wait for the kernel to obey or to report its end, and a busy machine."""
MEGABYTES = 150
"""By which the grader may grow: a few messages, each as large as one may be."""
FORGED = 539
starts_processes = pytest.mark.parametrize(
    "mode", [name for name in SEALS if name not in ALONE], indirect=True
)


@pytest.fixture(params=SEALS)
def mode(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the seal that is in force."""
    with only(SEALS[request.param]):
        yield request.param


@pytest.fixture
def session(mode: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[KernelSession]:
    """A kernel of the test's own, in which student code holds the agent's connection."""
    monkeypatch.setattr("autograder.sandbox.kernel.INTERRUPT_SECONDS", 0.5)
    monkeypatch.setattr(
        Kernel, "processor_use", lambda _kernel, limit: (0.0, limit)
    )  # on a busy machine, too
    with open_session("counting", limits=LIMITS) as opened:
        assert opened.run("p1 = 72").error is None
        assert opened.run(TAKEN).error is None
        yield opened


def peak_megabytes() -> int:
    """The most that this process has held since `clear_refs`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


@pytest.mark.parametrize("name", WAYS)
def test_it_is_over_soon_and_costs_nobody_else(session: KernelSession, name: str) -> None:
    """The answer gives its own value or an error of its own; the grader stays small; the next answer is read."""
    session.run(WAYS[name])
    Path("/proc/self/clear_refs").write_text("5")  # the most that was held counts from here
    before, began = peak_megabytes(), time.monotonic()
    try:
        assert session.call("attack").value == 1
    except AnswerError as error:
        assert error.fault in ("died", "timed out", "not data", "raised")
    for _ in range(2):
        try:
            assert session.get("p1") == 72
        except AnswerError as error:  # what the attack left behind
            assert error.fault in ("died", "timed out", "not data")
    assert session.get("p1") == 72
    assert time.monotonic() - began < SECONDS
    assert peak_megabytes() - before < MEGABYTES


@pytest.mark.full
@pytest.mark.parametrize("mode", [next(iter(SEALS))], indirect=True)  # what reads a cell's end knows no seal
@pytest.mark.parametrize("name", WAYS)
def test_cell_that_does_it_is_its_own_loss(session: KernelSession, name: str) -> None:
    """It ends, and what is asked after it is read or is the fault of the answer: such a cell may spoil each kernel."""
    began = time.monotonic()
    session.run(WAYS[name] + "\nattack()")
    for _ in range(3):
        try:
            assert session.get("p1") == 72
        except AnswerError as error:
            assert error.fault in ("died", "timed out", "not data")
    assert time.monotonic() - began < SECONDS


def test_reply_to_an_earlier_request_is_not_one_to_the_next(session: KernelSession) -> None:
    """Sent again, or ahead with another id: the value of each request is its own."""
    session.run("number = 5\nearlier = []")
    session.run(
        "def ahead():\n    for one in [*earlier, bytes(16)]:\n"
        f"        connection.sendall(frame(b'R', one, '{{\"value\": {FORGED}}}'))\n"
        "    earlier.append(server._answered.id)\n    return 1"
    )
    values = []
    for _ in range(5):
        values.append(session.call("ahead").value)
        values.append(session.get("number"))
    assert values == [1, 5] * 5


def test_each_request_has_an_id_that_cannot_be_guessed(session: KernelSession) -> None:
    """They are of sixteen bytes, and no two are alike."""
    session.run("def known():\n    return server._answered.id.hex()")
    found = {session.call("known").value for _ in range(20)}
    assert len(found) == 20
    assert {len(number) for number in found} == {32}


def test_no_file_travels_to_the_grader(session: KernelSession) -> None:
    """Where Linux can refuse it: descriptors that are on the way would hold files that no limit sees."""
    session.run(
        "import array\ndef send_file():\n    try:\n"
        "        socket.send_fds(connection, [frame(b'R', b'x' * 16, '')], [os.open('.', os.O_RDONLY)])\n"
        "    except PermissionError:\n        return 'refused'\n    return os.uname().release"
    )
    found = session.call("send_file").value
    assert found == "refused" or tuple(map(int, found.split(".")[:2])) < (6, 16)


@starts_processes
def test_forked_child_that_keeps_it_outlives_nothing(session: KernelSession) -> None:
    """The end of its parent is heard at once, and nothing that it writes is read after that."""
    session.run(
        "def leaves():\n    if os.fork() == 0:\n        while True:\n"
        f"            connection.sendall(frame(b'R', server._answered.id, '{{\"value\": {FORGED}}}', 20))\n"
        "    time.sleep(0.2)\n    os._exit(0)"
    )
    began = time.monotonic()
    with pytest.raises(AnswerError):
        assert session.call("leaves").value != FORGED
        session.get("p1")
    assert session.get("p1") == 72
    assert time.monotonic() - began < SECONDS


@starts_processes
def test_forked_child_that_goes_on_as_its_parent_answers_nothing(session: KernelSession) -> None:
    """It ends where the cell does."""
    assert session.run("process = os.getpid()\nchild = os.fork()").error is None
    for _ in range(20):
        assert session.get("process") == 1
        assert session.get("child") != 0
    assert session.run("os.waitpid(child, 0)").error is None


@starts_processes
def test_program_that_is_started_does_not_get_it(session: KernelSession) -> None:
    """Its descriptor is closed where another program begins."""
    session.run(
        "import subprocess\ndef held():\n"
        "    program = 'import os; print(sorted(os.readlink(f\"/proc/self/fd/{n}\") for n in (0, 1, 2, %d) '"
        " 'if os.path.exists(f\"/proc/self/fd/{n}\")))' % connection.fileno()\n"
        "    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, close_fds=False)\n"
        "    return done.stdout + done.stderr"
    )
    assert "socket" not in session.call("held").value


def test_large_request_to_a_kernel_that_reads_nothing_ends_in_time(session: KernelSession) -> None:
    """The grader waits for it no longer than for any answer."""
    session.run(
        "def deaf():\n    server.listen = lambda: None\n    return 1\ndef size(text):\n    return len(text)"
    )
    large = ["x" * 90_000] * 30
    assert session.call("size", large).value == 30
    assert session.call("deaf").value == 1
    began = time.monotonic()
    with pytest.raises(AnswerError) as error:
        session.call("size", large)
    assert error.value.fault == "timed out"
    assert time.monotonic() - began < SECONDS
    assert session.call("size", large).value == 30


def test_answers_that_nobody_reads_leave_the_grader_as_it_is(mode: str) -> None:
    """A kernel that asks without end and reads no answer is ended: they would pile up in the grader's memory."""
    with open_session(PROFILE, limits=LIMITS) as session:
        session.run(TAKEN)
        session.run(
            "def f():\n    while True:\n        connection.sendall(frame(b'Q', server._answered.id, '{}'))"
        )
        work = session.converse_in_cell("f()")
        with pytest.raises(StopIteration) as ended:
            next(work)
            for _ in range(200):
                work.send("x" * 100_000)
        assert ended.value.value.error == "ended the kernel"
