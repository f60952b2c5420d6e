"""Attacks that damage: the gradebook, the course, other submissions, the grader, its environment."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from pathlib import Path

from tests.hostile.attack import GRU, LSTM, Attack, Notebook, honest, worth

KNOWN = {"answers": honest(GRU, "g1"), "earns": worth(GRU, "g1"), "keeps": ("g1",)}
WRITE = """import glob, os, shutil
def attempt(act, *args, **kwargs):
    try:
        print(act.__name__, args, act(*args, **kwargs))
    except (OSError, shutil.Error) as error:
        print(error)
"""
UPDATE = (
    "import glob, sqlite3\n"
    "for path in ('@COURSE@/gradebook.db', '../../../gradebook.db', '/gradebook.db'):\n"
    "    try:\n        base = sqlite3.connect(f'file:{path}?mode=rw', uri=True)\n"
    "        base.execute('update grade set manual_score=')\n        base.commit()\n"
    "    except sqlite3.Error as error:\n        print(error)"
)


def _timestamp(text: str):
    """Put a time of handing in beside the notebook."""

    def place(path: Path) -> None:
        path.with_name("timestamp.txt").write_text(text)

    return place


def _claims_a_refusal(notebook: Notebook) -> None:
    notebook["metadata"]["autograder"] |= {"refused": "no", "submitted": "no", "seal": "NONE", "found": "all"}


ATTACKS = (
    Attack("D01", "gives itself full marks in the gradebook", last=UPDATE.replace("manual_score=", "manual_score=99")),
    Attack("D02", "zeroes everybody's grade in the gradebook", last=UPDATE.replace("manual_score=", "manual_score=0")),
    Attack("D03", "deletes the source, the solutions and a classmate's submission",
        last=WRITE + "for name in ('source', 'solutions', 'submitted/honest1', 'release', 'autograded'):\n"
        "    attempt(shutil.rmtree, '@COURSE@/' + name)\n    attempt(shutil.rmtree, '../../../' + name)\n"
        "    attempt(os.rename, '@COURSE@/' + name, '@COURSE@/gone')"),
    Attack("D05", "kills the grader, its parents and everything that it can",
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"),
        last="import os, signal\nfor pid in (os.getppid(), @PID@, 1, -1):\n"
        "    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):\n"
        "        if pid not in (-1, 1) or os.getpid() == 1:\n            try:\n"
        "                os.kill(pid, number)\n"
        "            except OSError as error:\n                print(pid, error)"),
    Attack("D06", "writes into the environment, the grader's package and its agent",
        last=WRITE + "import numpy, sys\nsite = os.path.dirname(os.path.dirname(numpy.__file__))\n"
        "for folder in (site, site + '/numpy', sys.prefix + '/bin', '@COURSE@', *glob.glob(site + '/autograder*')):\n"
        "    attempt(open, folder + '/@MARK@.py', 'w')\n    attempt(os.chmod, folder, 0o777)\n"
        "attempt(open, numpy.__file__, 'a')\n"
        "print([p for p in (site, sys.prefix, '/usr') if os.access(p, os.W_OK)])"),
    Attack("D08", "appends code to the course's settings, to be run by the next command",
        last=WRITE + "for path in ('@COURSE@/nbgrader_config.py', '../../../nbgrader_config.py', '@HOME@/.jupyter/nbgrader_config.py'):\n"
        "    try:\n        open(path, 'a').write('\\nopen(\"@COURSE@/@MARK@\", \"w\")\\n')\n"
        "    except OSError as error:\n        print(error)"),
    Attack("D09", "signals its whole group and session, and stops its parent",
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"),
        last="import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "for act in (lambda: os.killpg(os.getpgid(0), signal.SIGTERM),\n"
        "    lambda: os.kill(os.getppid(), signal.SIGSTOP), lambda: os.killpg(os.getpgid(os.getppid()), signal.SIGSTOP),\n"
        "    lambda: signal.pidfd_send_signal(os.pidfd_open(@PID@), signal.SIGKILL)):\n"
        "    try:\n        act()\n    except OSError as error:\n        print(error)"),
    Attack("D10", "closes, then floods every descriptor that it has", costly=True,
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"), keeps=("g1",),
        last="import os\nfor number in range(3, 300):\n    try:\n        os.set_blocking(number, False)\n"
        "        os.write(number, b'\\xff' * 5000)\n    except OSError:\n        pass\n"
        "os.closerange(3, 300)"),
    Attack("D11", "another program takes the kernel's place",
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"), keeps=("g1",),
        last="import os, sys\n"
            "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(15)', '@MARK@'])"),
    Attack("D12", "rewrites the gradebook through a file of its own that has the same name",
        files={"gradebook.db": "not a database", "nbgrader_config.py": "raise SystemExit('read by the grader')",
               "timestamp.txt": "the day after tomorrow", "gru_parameters.html": "<script>alert(1)</script>"}),
    Attack("D13", "was handed in so late that the time does not fit", place=_timestamp("9999-12-31T23:59:59 -1400")),
    Attack("D14", "was handed in before there was time", place=_timestamp("0001-01-01 00:00:00 +1400")),
    Attack("D15", "was handed in at a time of two hundred thousand digits", place=_timestamp("9" * 200_000)),
    Attack("D16", "tells in its metadata that the grader has refused, sealed and found it already",
        mutate=_claims_a_refusal, answers=honest(GRU, "g1"), earns=worth(GRU, "g1")),
    Attack("D17", "ends the kernel in each of three ways, and keeps what it knew", assignment=LSTM,
        answers=honest(LSTM, "p1", "lstm_params") | {
            "dense_params": "import os\ndef dense_params(d, u):\n    os.abort()",
            "stacked_params": "import ctypes\ndef stacked_params(*a):\n    ctypes.string_at(0)",
            "layer2": "os.kill(os.getpid(), 11)"},
        earns=worth(LSTM, "p1", "lstm_params"), keeps=("p1", "lstm_params")),
    Attack("D18", "takes the processor time of the grader and of all around it, and slows them", **KNOWN,
        last=WRITE + "import resource\nfor pid in range(max(1, @PID@ - 300), @PID@ + 300):\n"
        "    if pid != os.getpid():\n"
        "        attempt(resource.prlimit, pid, resource.RLIMIT_CPU, (0, 0))\n"
        "        attempt(resource.prlimit, pid, resource.RLIMIT_FSIZE, (0, 0))\n"
        "        attempt(os.setpriority, os.PRIO_PROCESS, pid, 19)\n"
        "        attempt(os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))\n"
        "        attempt(os.sched_setaffinity, pid, {0})\n"
        "attempt(os.setpriority, os.PRIO_USER, os.getuid(), 19)"),
    Attack("D19", "closes the course, the gradebook, its Python and the home by their modes, and dates them back", **KNOWN,
        last=WRITE + "import numpy, sys\n"
        "for path in ('@COURSE@', '@COURSE@/gradebook.db', '@COURSE@/nbgrader_config.py', '@COURSE@/solutions', '@HOME@',\n"
        "    '@COURSE@/submitted/honest1', '@PLANTED@', numpy.__file__, os.path.dirname(numpy.__file__), sys.executable):\n"
        "    attempt(os.chmod, path, 0o0)\n    attempt(os.utime, path, (1, 1))\n    attempt(os.chown, path, 1, 1)\n"
        "    attempt(os.setxattr, path, 'user.@MARK@', b'1')\n    attempt(os.truncate, path, 0)\n"
        "    try:\n        opened = os.open(path, os.O_RDONLY)\n    except OSError:\n        continue\n"
        "    attempt(os.fchmod, opened, 0o0)\n    attempt(os.utime, opened, (1, 1))\n"
        "    attempt(os.chmod, f'/proc/self/fd/{opened}', 0o0)"),
    Attack("D20", "lets the system signal the grader when a file of its own can be read", **KNOWN,
        last=WRITE + "import fcntl, signal, socket, struct\nnear, far = socket.socketpair()\n"
        "attempt(fcntl.fcntl, near, 10, signal.SIGKILL)\nattempt(fcntl.fcntl, near, fcntl.F_SETOWN, @PID@)\n"
        "attempt(fcntl.fcntl, near, 15, struct.pack('ii', 1, @PID@))\n"
        "attempt(fcntl.ioctl, near, 0x8901, struct.pack('i', @PID@))\n"
        "attempt(fcntl.fcntl, near, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)\nfar.send(b'x')"),
    Attack("D21", "leases and locks the files of its Python, so that others wait for them", **KNOWN,
        last=WRITE + "import fcntl, glob, numpy, sys\n"
        "for path in (numpy.__file__, sys.executable, *glob.glob(os.path.dirname(numpy.__file__) + '/*.py')):\n"
        "    opened = os.open(path, os.O_RDONLY)\n"
        "    attempt(fcntl.fcntl, opened, 1024, fcntl.F_WRLCK)\n    attempt(fcntl.fcntl, opened, 1024, fcntl.F_RDLCK)\n"
        "    attempt(fcntl.fcntl, opened, 1026, 0x8000003f)"),
)  # fmt: skip
