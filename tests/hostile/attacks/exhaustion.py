"""Attacks that exhaust: time, processes, memory, files, messages; and processes that want to stay.

Every loop and size is bounded, so that a seal that failed would cost the machine little.
"""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from collections.abc import Callable

from tests.hostile.attack import GRU, Attack, Notebook, honest, worth

KNOWN = {"answers": honest(GRU, "gru_params"), "earns": worth(GRU, "gru_params")}
ENDLESS = (
    "import signal, time\ndef gru_weight_shapes(*a):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "    while True:\n        time.sleep(0.1)"
)
ENDS = "import os\ndef gru_weight_shapes(*a):\n    os._exit(0)"
STAY = "'import time; time.sleep(15)', '@MARK@'"


def _cells(source: str, number: int) -> Callable[[Notebook], None]:
    """So many cells of the student's own, above all others."""

    def mutate(notebook: Notebook) -> None:
        notebook["cells"][:0] = [
            {
                "cell_type": "code",
                "id": f"many-{n}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for n in range(number)
        ]

    return mutate


ATTACKS = (
    Attack("E01", "a loop without end", first="while True: pass", keeps=("gru_params",), **KNOWN),
    Attack("E03", "ends the kernel in its first cell", first="import os\nos._exit(0)", keeps=("gru_params",), **KNOWN),
    Attack("E04", "three hundred processes, each a while asleep", costly=True, **KNOWN,
        first="import os, time\nimport ctypes\nctypes.CDLL(None).prctl(15, b'@MARK@')  # its name\nn = 0\n"
            "for _ in range(300):\n    try:\n"
        "        pid = os.fork()\n    except OSError as error:\n        print(error)\n        break\n"
        "    if pid == 0:\n"
        "        time.sleep(15)\n        os._exit(0)\n    n += 1\nprint('FORKED', n)"),
    Attack("E05", "three gigabytes of memory", **KNOWN, keeps=("gru_params",),
        first="held = bytearray(3 << 30)\nheld[::4096] = b'x' * len(held[::4096])\n"
            "print('ALLOCATED', len(held) >> 30)"),
    Attack("E07", "an output of sixty megabytes", **KNOWN, keeps=("gru_params",),
        first="from IPython.display import HTML, display\n"
            "display(HTML('<!--' + 'x' * 60_000_000 + '-->'))"),
    Attack("E08", "a file of two gigabytes, and its share of names", **KNOWN, keeps=("gru_params",),
        first="import os\nfor place in ('.', '/tmp', '/dev/shm'):\n    try:\n"
        "        file = os.open(f'{place}/@MARK@', os.O_CREAT | os.O_WRONLY)\n"
        "        os.posix_fallocate(file, 0, 2 << 30)\n"
        "        print('FILE', os.path.getsize(f'{place}/@MARK@') >> 30)\n"
        "    except OSError as error:\n        print(error)\nfor n in range(2_000):\n"
        "    open(f'empty-{n}', 'w').close()"),
    Attack("T04", "a function that never ends and cannot be interrupted", costly=True, keeps=("gru_params",), earns=KNOWN["earns"],
        answers=KNOWN["answers"] | {"gru_weight_shapes": ENDLESS}),
    Attack("T05", "a function that ends the kernel", keeps=("gru_params",), earns=KNOWN["earns"],
        answers=KNOWN["answers"] | {"gru_weight_shapes": ENDS}),
    Attack("O34", "sixty threads, each with a stack of its own", **KNOWN, keeps=("gru_params",),
        first="import threading, time\nthreads = []\nfor _ in range(60):\n    try:\n"
        "        threads.append(threading.Thread(target=time.sleep, args=(15,), daemon=True))\n"
        "        threads[-1].start()\n"
        "    except RuntimeError as error:\n        print(error)\n        break"),
    Attack("O35", "memory by shared memory, memfd and mmap, in children that hold a share each", **KNOWN,
        first="import mmap, os, time\nimport ctypes\nctypes.CDLL(None).prctl(15, b'@MARK@')  # its name\nfor n in range(6):\n"
        "    if os.fork() == 0:\n        try:\n            memory = mmap.mmap(-1, 250 << 20, mmap.MAP_PRIVATE)\n"
        "            memory[::4096] = b'x' * len(memory[::4096])\n"
        "            file = os.memfd_create('@MARK@')\n"
        "            os.ftruncate(file, 60 << 20)\n            os.pwrite(file, b'x' * (60 << 20), 0)\n"
        "            time.sleep(15)\n"
        "        finally:\n            os._exit(0)\ntime.sleep(4)"),
    Attack("O36", "fills every folder that it may write to", **KNOWN, keeps=("gru_params",),
        first="import os\ntotal = 0\n"
            "for place in ('.', '/tmp', '/dev/shm', os.environ['MPLCONFIGDIR'], '/var/tmp', '/'):\n"
        "    for n in range(8):\n        try:\n"
        "            with open(f'{place}/@MARK@-{n}', 'wb') as file:\n"
        "                total += file.write(b'x' * (40 << 20))\n        except OSError as error:\n"
        "            break\nprint(total)"),
    Attack("O37", "a process that leaves the session, twice forked, with a program of its own", **KNOWN, keeps=("gru_params",),
        last="import os, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        os.execv(sys.executable, [sys.executable, '-c', {STAY}])\n    os._exit(0)\nos.wait()"),
    Attack("O38", "processes that start their own successor when they are told to end", **KNOWN, keeps=("gru_params",),
        last="import subprocess, sys\ncode = '''import os, signal, sys, time\nfor n in (1, 2, 15):\n"
        "    signal.signal(n, lambda *a: os.fork() == 0 or os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(15)', sys.argv[1]]))\n"
        "time.sleep(15)'''\nfor _ in range(3):\n"
        "    subprocess.Popen([sys.executable, '-c', code, '@MARK@'], start_new_session=True)"),
    Attack("O39", "threads, alarms, atexit and finalisers that go on printing and spawning at the end", **KNOWN, keeps=("gru_params",),
        last="import atexit, gc, signal, subprocess, sys, threading, time, weakref\n"
        f"def go(*a):\n    subprocess.Popen([sys.executable, '-c', {STAY}])\n    print('still here')\n"
        "class D:\n    __del__ = go\nkept = [D(), D()]\nkept.append(kept)\natexit.register(go)\n"
        "signal.signal(signal.SIGALRM, go)\nsignal.setitimer(signal.ITIMER_REAL, 0.3, 1)\n"
        "signal.signal(signal.SIGINT, go)\n"
        "threading.Thread(target=lambda: [(print('x'), time.sleep(0.05)) for _ in range(300)]).start()"),
    Attack("O40", "a flood of small outputs", **KNOWN, keeps=("gru_params",),
        first="import sys\nfor n in range(30_000):\n    print(n, end='\\n', flush=n % 10 == 0)\n"
            "    sys.stderr.write('e')"),
    Attack("O41", "outputs of every kind that a kernel can publish", **KNOWN, keeps=("gru_params",),
        first="from IPython.display import clear_output, display, update_display\n"
            "kernel = get_ipython().kernel\n"
        "for kind in ('display_data', 'update_display_data', 'execute_result', 'stream', 'error', 'clear_output', 'comm_open',\n"
        "    'comm_msg', 'comm_close', 'execute_input', 'status', 'debug_event', 'shutdown_reply', 'input_request', 'nonsense'):\n"
        "    for content in ({}, {'data': {'text/plain': 'x' * 900_000}, 'metadata': {}, 'execution_count': 'one'},\n"
        "        {'name': 'stdout', 'text': ['a', 1, None]}, {'name': 7, 'text': {}}, {'ename': {}, 'evalue': [], 'traceback': 'tb'},\n"
        "        {'execution_state': 'idle'}, {'data': [], 'metadata': None, 'transient': {'display_id': 'a'}}):\n"
        "        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())"),
    Attack("O42", "asks for input, on every channel", costly=True, **KNOWN, keeps=("gru_params",),
        first="import getpass\nkernel = get_ipython().kernel\nkernel._allow_stdin = True\n"
        "for ask in (input, getpass.getpass):\n    try:\n        ask('password? ')\n"
        "    except Exception as error:\n        print(error)"),
    Attack("O43", "a picture of a thousand million pixels and one that is none", **KNOWN, keeps=("gru_params",),
        first="import struct, zlib\nfrom IPython.display import Image, display\n"
        "head = struct.pack('>IIBBBBB', 40_000, 40_000, 8, 6, 0, 0, 0)\n"
        "data = b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I', 13) + b'IHDR' + head + struct.pack('>I', zlib.crc32(b'IHDR' + head))\n"
        "display(Image(data, format='png'), Image(b'<svg onload=alert(1)>', format='png'))"),
    Attack("O44", "a cell of 190,000 characters that is slow to read", costly=True, **KNOWN, keeps=("gru_params",),
        first="x = " + "(" * 90 + "1" + ")" * 90 + "\n" + "# " + "é" * 189_000,
        last="y = " + "-" * 90_000 + "1"),
    Attack("X01", "a title that reads as a size, and one that reads as none", **KNOWN, keeps=("gru_params",),
        first="import ctypes, time\nlibc = ctypes.CDLL(None)\n"
        "for title in (b'\\rRssAnon: x', b'\\rVmSwap: -99999', b'\\nThreads: x', b'(deleted) x'):\n"
        "    libc.prctl(15, title, 0, 0, 0)\n    time.sleep(0.4)"),
    Attack("X02", "a folder 1,200 deep", **KNOWN, keeps=("gru_params",),
        last="import os, time\nfor _ in range(1200):\n    os.mkdir('deeper')\n    os.chdir('deeper')\ntime.sleep(0.6)"),
    Attack("X03", "folders that nobody may list", **KNOWN, keeps=("gru_params",),
        last="import os, time\nos.makedirs('closed/@MARK@')\nopen('closed/@MARK@/file', 'wb').write(bytes(1 << 20))\n"
        "os.mkdir('closed/mode', 0)\nfor place in ('closed/@MARK@', 'closed'):\n    try:\n        os.chmod(place, 0)\n"
        "    except OSError as error:\n        print(error)\ntime.sleep(0.6)"),
    Attack("X04", "files that are removed and still open, mapped, or on their way", **KNOWN, keeps=("gru_params",),
        first="import mmap, os, socket, time\nkept = []\nfor n in range(8):\n    try:\n"
        "        file = open('@MARK@', 'w+b')\n        file.write(bytes(40 << 20))\n        file.flush()\n"
        "        os.remove('@MARK@')\n        pair = socket.socketpair()\n"
        "        socket.send_fds(pair[0], [b'x'], [file.fileno()])\n"
        "        kept += [file, mmap.mmap(file.fileno(), 4096), pair][n % 3:]\n    except OSError as error:\n"
        "        print(error)\n        break\ntime.sleep(1)"),
    Attack("X05", "more folders than anybody needs", costly=True, **KNOWN, keeps=("gru_params",),
        last="import os, time\nfor n in range(21_000):\n    try:\n        os.mkdir(f'@MARK@-{n}')\n    except OSError as error:\n"
        "        print(error)\n        break\ntime.sleep(1)"),
    Attack("X06", "a thousand threads with small stacks", **KNOWN, keeps=("gru_params",),
        first="import threading, time\nthreading.stack_size(1 << 16)\nfor _ in range(1000):\n    try:\n"
        "        threading.Thread(target=time.sleep, args=(15,), daemon=True).start()\n"
        "    except RuntimeError as error:\n        print(error)\n        break\ntime.sleep(1)"),
    Attack("X07", "memory in the buffers of sockets", costly=True, **KNOWN, keeps=("gru_params",),
        first="import os, socket, time\nimport ctypes\nctypes.CDLL(None).prctl(15, b'@MARK@')\ndef fill():\n    kept = []\n"
        "    for _ in range(450):\n        kept.append(socket.socketpair())\n        for end in kept[-1]:\n"
        "            end.setblocking(False)\n            try:\n                while True:\n"
        "                    end.send(bytes(60_000))\n            except OSError:\n                pass\n"
        "for n in range(6):\n    if n == 5:\n        fill()\n    elif os.fork() == 0:\n        fill()\n        time.sleep(9)\n"
        "        os._exit(0)\ntime.sleep(4)"),
    Attack("X08", "three hundred cells that end the kernel", costly=True, mutate=_cells("import os\nos._exit(0)", 300)),
    Attack("X09", "ends the moment that it is interrupted", costly=True, **KNOWN, keeps=("gru_params",),
        first="import os, signal\nsignal.signal(signal.SIGINT, lambda *a: os._exit(0))\nwhile True:\n    pass"),
    Attack("X10", "memory that processes would share", **KNOWN, keeps=("gru_params",),
        first="import mmap, time\nheld = []\nfor n in range(20):\n    try:\n        held.append(mmap.mmap(-1, 100 << 20, [mmap.MAP_SHARED, mmap.MAP_PRIVATE][n % 2]))\n"
        "        held[-1][::4096] = b'x' * len(held[-1][::4096])\n    except (OSError, MemoryError) as error:\n"
        "        print(error)\ntime.sleep(1)\nprint('HELD', len(held))"),
    Attack("O45", "a program that the grader's own parser would have to read, nested without end", answers={
        "g1": "g1 = " + "[" * 20_000, "g2": "g2 = " + "+1" * 20_000, "g3": "g3 = " + "not " * 15_000 + "1",
        "gru_params": "lambda:" * 8_000 + "0", "gru_weight_shapes": "a" + ".a" * 3_000}),
)  # fmt: skip
