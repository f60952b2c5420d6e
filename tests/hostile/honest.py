"""Notebooks that look odd and are honest: graded under the seal, each deserves full marks.

What is not said here is the right answer of `solutions/<assignment>/demo_class.toml`, and the cells of the release.
"""

from __future__ import annotations

import copy
import itertools
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Notebook = dict[str, Any]
Mutate = Callable[[Notebook], None]


@dataclass(frozen=True)
class Honest:
    """One notebook, by what is odd about it."""

    id: str
    odd: str
    """What is odd, in one sentence."""
    assignment: str = "gru_parameters"
    edition: str = "en"
    answers: Mapping[str, str] = field(default_factory=dict)
    """In the place of the right ones."""
    first: Sequence[str] = ()
    """Own code cells below the title, above the setup cell."""
    between: Mapping[str, str] = field(default_factory=dict)
    """Own code cells, each above the answer cell of a question."""
    last: Sequence[str] = ()
    """Own code cells at the end."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What lies beside the notebook."""
    mutate: Mutate = lambda notebook: None
    """What became of the notebook before it was saved."""
    save: Callable[[Notebook], bytes] = lambda notebook: json.dumps(notebook, ensure_ascii=False).encode()
    student: str = ""
    """Where the name is the oddity."""
    id_cell: str = ""
    """The cell with the id; where it is left as released, the right answers are for the public numbers."""
    forks: bool = False
    """Whether an answer starts processes, which the weaker seal forbids."""
    costly: bool = False
    """Whether it takes many seconds to grade; those come with `--full`."""

    @property
    def name(self) -> str:
        """Who handed it in."""
        return self.student or self.id


def gru(*lines: str, above: str = "") -> str:
    """The right `gru_params` that runs some lines first, below some text of its cell."""
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"{above}def gru_params(input_dim, units, reset_after=True):\n{body}"
        "    return 3 * units * (input_dim + units + (2 if reset_after else 1))\n"
    )


def lstm(*lines: str, above: str = "") -> str:
    """The right `lstm_params` that runs some lines first, below some text of its cell."""
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"{above}def lstm_params(input_dim, units):\n{body}    return 4 * units * (input_dim + units + 1)\n"
    )


def grade_id(cell: Mapping[str, Any]) -> str:
    """nbgrader's id of a cell; empty where it has none."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def place_of(notebook: Notebook, name: str) -> int:
    """Where the cell with an nbgrader id stands."""
    return next(place for place, cell in enumerate(notebook["cells"]) if grade_id(cell) == name)


def student_cell(notebook: Notebook) -> Notebook:
    """The cell in which the student writes an id."""
    marks = [(cell, cell["metadata"].get("autograder", {})) for cell in notebook["cells"]]
    return next(cell for cell, mark in marks if mark.get("part") == "student")


def own_cell(source: str, name: str, kind: str = "code") -> Notebook:
    """A cell that a student added."""
    cell: Notebook = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def untouched(notebook: Notebook) -> dict[str, Notebook]:
    """Its answer cells by question."""
    return {
        grade_id(cell): cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }


WRITING = (
    Honest(
        "warns-everywhere",
        "It warns at import, in a cell and inside an answer.",
        edition="ko",
        first=[
            """
import warnings
warnings.warn('처음부터 경고')
"""
        ],
        answers={
            "gru_params": gru("warnings.warn('inside', UserWarning)", above="warnings.warn('answer cell')\n"),
            "gru_weight_shapes": """
import warnings
def gru_weight_shapes(input_dim, units, reset_after):
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    w = 3 * units
    return [(input_dim, w), (units, w), (2, w) if reset_after else (w,)]
""",
        },
    ),
    Honest(
        "warnings-are-errors",
        "Its own filter turns every warning of the session into an error.",
        first=[
            """
import warnings
warnings.simplefilter('error')
"""
        ],
        between={"g2": "warnings.warn('an old function', DeprecationWarning)"},
    ),
    Honest(
        "python-warns-of-its-text",
        "Python itself warns of the text of its answers: bad escapes, `is` with a number.",
        "lstm_parameters",
        answers={
            "lstm_params": '''
def lstm_params(input_dim, units):
    """4 \\cdot u (d + u + 1), \\d \\수식"""
    if units is 0:
        return 0
    return 4 * units * (input_dim + units + 1)
'''
        },
    ),
    Honest(
        "writes-to-stderr",
        "It writes to the error stream in every way, down to the descriptor.",
        answers={
            "gru_params": gru(
                "print('counting', file=sys.stderr)",
                "sys.stderr.write('counting\\n')",
                "os.write(2, b'counting')",
                "os.write(1, b'counting')",
                above="import os, sys\n",
            )
        },
        first=[
            """
import os, sys
os.write(2, '오류 아님'.encode())
sys.__stderr__.write('x'); print(1, file=sys.__stdout__)
"""
        ],
    ),
    Honest(
        "logs-at-every-level",
        "It sets up logging to a stream and a file, and logs at every level.",
        "lstm_parameters",
        edition="ko",
        first=[
            """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
logging.getLogger().addHandler(logging.FileHandler('풀이.log'))
기록 = logging.getLogger('풀이')
"""
        ],
        answers={
            "lstm_params": lstm(
                "for level in (10, 20, 30, 40, 50):",
                "    기록.log(level, 'input %s, units %s', input_dim, units)",
                above="logging.captureWarnings(True)\n",
            )
        },
    ),
    Honest(
        "prints-five-megabytes",
        "It prints five megabytes in a cell, and again at every call of its function.",
        answers={"gru_params": gru("print('x' * 5_000_000)")},
        between={
            "g1": """
for row in range(50_000):
    print('row', row, '.' * 90)
"""
        },
    ),
    Honest(
        "keeps-the-stream",
        "Its function prints to the stream that was there when its cell ran.",
        answers={
            "gru_params": gru(
                "out.write('.' * 300_000)", "out.flush()", above="import sys\nout = sys.stdout\n"
            )
        },
    ),
    Honest(
        "progress-bars",
        "It draws progress bars with carriage returns, and prints piecewise with flushing.",
        "lstm_parameters",
        answers={
            "lstm_params": lstm(
                "for step in range(101):", "    print(f'\\r{step:3}% ' + '█' * step, end='', flush=True)"
            )
        },
        between={
            "p1": """
import sys, time
for step in range(200):
    sys.stdout.write(f'\\r{step / 2:.1f}%')
    sys.stdout.flush()
    time.sleep(0.001)
"""
        },
    ),
    Honest(
        "colours",
        "It prints colours, bells and screen codes.",
        answers={
            "g1": """
RED = '\\033[91m'
g1 = 3 * 25 * (12 + 25 + 1)
print(f'{RED}{g1}\\033[0m\\a\\x1b[2J\\b')
"""
        },
    ),
    Honest(
        "replaced-streams",
        "It puts streams of its own in the place of the kernel's and leaves them there.",
        first=[
            """
import io, sys
class Tee:
    def __init__(self, *streams):
        self.streams = streams
    def write(self, text):
        return [stream.write(text) for stream in self.streams][0]
    def flush(self):
        [stream.flush() for stream in self.streams]
sys.stdout = Tee(sys.stdout, open('log.txt', 'w'))
print('kept in a file too')
""",
            """
sys.stderr = io.StringIO()
print('gone', file=sys.stderr)
""",
        ],
        answers={"gru_params": gru("print('한글', file=sys.stderr)", "print('한글')")},
    ),
    Honest(
        "no-streams",
        "It silences its notebook: one stream leads to the null device, the other into text.",
        "lstm_parameters",
        first=[
            """
import io, os, sys
sys.stdout = open(os.devnull, 'w')
sys.stderr = io.StringIO()
print('silence')
"""
        ],
        answers={"lstm_params": lstm("print('silence')")},
    ),
    Honest(
        "shows-tracebacks",
        "It catches errors on purpose and prints their tracebacks.",
        first=[
            """
import faulthandler, traceback
faulthandler.enable()
"""
        ],
        answers={
            "gru_params": gru(
                "try:",
                "    1 / 0",
                "except ZeroDivisionError:",
                "    traceback.print_exc()",
                above="import traceback\n",
            )
        },
    ),
)

SHOWING = (
    Honest(
        "rich-values",
        "It shows HTML, Markdown, LaTeX, SVG, scripts, and values that draw themselves.",
        edition="ko",
        first=[
            """
from IPython.display import HTML, JSON, SVG, IFrame, Javascript, Latex, Markdown, Math, display
display(HTML('<b>굵게</b><script>1</script>'), Markdown('**식**'), Latex('$3u$'), Math('u^2'))
display(JSON({'a': 1}), Javascript('1'), SVG('<svg xmlns="http://www.w3.org/2000/svg"/>'))
IFrame('about:blank', 10, 10)
""",
            """
class Table:
    def _repr_html_(self):
        return '<table>' + '<tr><td>행</td></tr>' * 50_000
    def __repr__(self):
        raise ValueError('no text')
Table()
""",
            """
class Broken:
    def _repr_png_(self):
        return b'no picture'
    def _repr_html_(self):
        raise RuntimeError('no HTML')
Broken()
""",
        ],
        answers={
            "g1": """
g1 = (
    3 * 25 * (12 + 25 + 1)
)
display(HTML(f'<h1>{g1}</h1>'))
g1
"""
        },
    ),
    Honest(
        "a-film",
        "It shows forty megabytes of HTML, as an animation with its pictures in it.",
        first=[
            """
from IPython.display import HTML
HTML('<img src="data:image/png;base64,' + 'A' * 40_000_000 + '">')
"""
        ],
    ),
    Honest(
        "a-film-in-an-answer",
        "Its function shows a few megabytes at every call.",
        "lstm_parameters",
        answers={
            "lstm_params": lstm(
                "display(HTML('<p>' + 'A' * 3_000_000))", above="from IPython.display import HTML, display\n"
            )
        },
    ),
    Honest(
        "plots",
        "It plots with Korean labels that no font has, and saves the pictures at home.",
        edition="ko",
        first=[
            """
%matplotlib inline
import matplotlib.pyplot as plt
from pathlib import Path
plt.rcParams['font.family'] = 'NanumGothic'
plt.style.use('ggplot')
""",
        ],
        between={
            "g1": """
plt.plot([1, 4, 9], label='가중치')
plt.title('유닛 수와 가중치')
plt.legend()
plt.savefig(Path.home() / '그림.png')
plt.savefig('그림.pdf')
plt.show()
""",
            "g2": """
fig, axes = plt.subplots(2, 2)
axes[0, 0].imshow([[1, 2], [3, 4]])
""",
        },
    ),
    Honest(
        "plots-in-an-answer",
        "Its function plots at every call and never closes a figure.",
        answers={
            "gru_params": gru(
                "plt.figure(figsize=(1, 1))",
                "plt.bar([1, 2], [input_dim, units])",
                above="import matplotlib.pyplot as plt\n",
            )
        },
    ),
    Honest(
        "many-figures",
        "It leaves more figures open than matplotlib likes, and one picture is bigger than a page takes.",
        "lstm_parameters",
        first=[
            """
import matplotlib.pyplot as plt
import numpy as np
for _ in range(22):
    plt.figure(figsize=(1, 1))
""",
            """
plt.close('all')
plt.figure(figsize=(8, 8), dpi=120)
plt.imshow(np.random.rand(900, 900, 3), interpolation='nearest')
plt.axis('off')
plt.show()
""",
        ],
    ),
    Honest(
        "backends-that-are-not-there",
        "It asks for windows, widgets and films of matplotlib that this machine does not have.",
        first=[
            "%matplotlib widget",
            "%matplotlib notebook",
            """
import matplotlib
matplotlib.use('TkAgg')
""",
            """
%config InlineBackend.figure_format = 'retina'
%config InlineBackend.close_figures = False
import matplotlib.pyplot as plt
plt.ion()
plt.plot([1])
""",
            """
from matplotlib.animation import FuncAnimation
from IPython.display import HTML
fig, ax = plt.subplots(figsize=(1, 1))
HTML(FuncAnimation(fig, lambda i: ax.plot([i]), frames=2).to_jshtml())
""",
        ],
    ),
    Honest(
        "updates-what-it-shows",
        "It updates and clears what it has shown.",
        first=[
            """
from IPython.display import clear_output, display
shown = display('0%', display_id=True)
for step in range(50):
    shown.update(f'{step}%')
    print(step)
    clear_output(wait=True)
""",
        ],
        answers={"gru_params": gru("clear_output()", "shown.update(units)")},
    ),
    Honest(
        "widgets",
        "It shows widgets, which nobody can move any more.",
        first=[
            """
from ipywidgets import IntSlider, interact
interact(lambda units: units * 3, units=IntSlider(5))
"""
        ],
    ),
)

MAGIC = (
    Honest(
        "timed",
        "It times its cells, profiles them and captures what they print.",
        "lstm_parameters",
        first=[
            """
%time sum(range(1000))
%timeit -n 5 -r 2 sum(range(1000))
""",
            """
%%timeit -n 2 -r 2
sum(range(10))
""",
            """
%%capture caught
print('hidden')
""",
            """
%%prun -q
sorted(range(100))
""",
        ],
        answers={
            "p1": """
%%time
p1 = (
    4 * 20 * (12 + 20 + 1)
)
""",
            "p2_dense": """
%%capture shown
p2_dense = 50 * (24 + 1)
print(p2_dense)
""",
            "lstm_params": "%%time\n" + lstm(),
            "dense_params": """
def dense_params(input_dim, units):
    return input_dim * units + units
%timeit -n 2 -r 1 dense_params(3, 4)
%time dense_params(3, 4)
""",
        },
    ),
    Honest(
        "shell-commands",
        "It calls the shell in its own cells and in answer cells.",
        edition="ko",
        first=[
            """
!ls -la ~
!pip --version
!echo $HOME && whoami
files = !ls
print(files)
""",
            """
%%bash
for i in 1 2 3; do echo $i; done
exit 3
""",
            """
%%sh
echo 셸 > 셸.txt; cat 셸.txt
""",
            """
!nvidia-smi
!cat /proc/meminfo | head -3
!no-such-command
""",
            """
%%script python3
print(1)
""",
        ],
        answers={
            "g1": """
!echo counting
g1 = 2850
!pwd
""",
            "g2": """
lines = !printf '5040\\n'
g2 = int(lines[0])
""",
        },
        forks=True,
    ),
    Honest(
        "installs-packages",
        "It installs packages, which fails without a network.",
        first=["!pip install --retries 0 -q tqdm", "%pip install --retries 0 -q seaborn"],
    ),
    Honest(
        "all-sorts-of-magic",
        "It uses every magic that a tutorial shows.",
        edition="ko",
        first=[
            """
%load_ext autoreload
%autoreload 2
""",
            "%load_ext tensorboard",
            "%tensorflow_version 2.x",
            """
%env MY_SETTING=1
%pwd
%mkdir sub
%cd sub
%cd -
%who
%whos
%lsmagic
""",
            """
%config InteractiveShell.ast_node_interactivity = 'all'
%precision 2
%pprint
%xmode Minimal
""",
            """
%%html
<b>x</b>
""",
            """
%%javascript
alert(1)
""",
            """
%%latex
$x$
""",
            """
%alias look ls
look
%history
%store files
%logstart
""",
            """
%%python3
print('another Python')
""",
            """
%xmode Verbose
%colors NoColor
""",
            """
sum?
sum??
%pdoc sum
%psource sum
""",
            """
%unload_ext autoreload
%automagic off
%autocall 0
%autosave 0
""",
        ],
    ),
    Honest(
        "own-module",
        "It writes a module with a magic, imports it, reloads it and runs it.",
        "lstm_parameters",
        first=[
            """
%%writefile my_gates.py
GATES = 4
def one(input_dim, units):
    return units * (input_dim + units + 1)
""",
            """
%load_ext autoreload
%autoreload 2
import importlib, my_gates
from my_gates import one
importlib.reload(my_gates)
%run my_gates.py
exec(open('my_gates.py').read())
""",
        ],
        answers={
            "lstm_params": """
import my_gates
def lstm_params(input_dim, units):
    return my_gates.GATES * my_gates.one(input_dim, units)
"""
        },
    ),
    Honest(
        "forgets-everything-at-the-end",
        "Its last cell empties the notebook, after every answer.",
        last=["%reset -f", "print('bye')"],
    ),
    Honest(
        "forgets-everything-at-the-start",
        "Its first cells empty the notebook in every way.",
        "lstm_parameters",
        first=["x = 1", "%reset -f", "%reset_selective -f x", "%reset -f in out", "globals().clear()"],
        between={
            "p1": """
for name in list(globals()):
    if not name.startswith('_'):
        del globals()[name]
"""
        },
    ),
    Honest(
        "debugger",
        "It has the debugger on, and calls it where nobody answers.",
        first=[
            "%pdb on",
            "1 / 0",
            "%debug",
            "breakpoint()",
            """
import pdb
pdb.set_trace()
""",
            "%pdb off",
        ],
    ),
)

FAILING = (
    Honest(
        "own-cells-fail",
        "Its own cells fail in every way between right answers.",
        "lstm_parameters",
        edition="ko",
        first=[
            "print(undefined_name)",
            """
def broken(:
    pass
""",
            """
  x = 1
 y = 2
""",
            "assert 1 == 2, '아님'",
        ],
        between={
            "p1": "raise KeyboardInterrupt",
            "p2_dense": """
def deeper():
    deeper()
deeper()
""",
            "layer2": """
import sys
sys.exit(1)
""",
            "lstm_params": "raise SystemExit('끝')",
            "dense_params": """
class Odd(BaseException):
    def __str__(self):
        raise ValueError
raise Odd
""",
            "stacked_params": "next(iter([]))",
        },
        last=["lstm_params('a', None)", "exit()"],
    ),
    Honest(
        "builds-models-in-own-cells",
        "Its own cells check the counts with a model, which needs the TensorFlow that is not there.",
        edition="ko",
        first=[
            """
import tensorflow as tf
print(tf.__version__)
print(tf.config.list_physical_devices('GPU'))
"""
        ],
        between={
            "g1": """
from tensorflow.keras import layers
model = keras.Sequential([keras.Input((None, 12)), layers.GRU(25)])
""",
            "g2": "model.summary()",
        },
        last=["assert model.count_params() == g1 + g2 + g3"],
    ),
    Honest(
        "wants-the-network",
        "It downloads files and asks servers, which fails.",
        first=[
            """
import urllib.request
urllib.request.urlretrieve('https://example.com/data.csv', 'data.csv')
""",
            """
import socket
socket.create_connection(('example.com', 80), timeout=3)
""",
            """
import http.client
http.client.HTTPSConnection('example.com', timeout=3).request('GET', '/')
""",
            """
from google.colab import drive
drive.mount('/content/drive')
""",
            """
import os
os.makedirs('/content/drive/MyDrive', exist_ok=True)
""",
        ],
    ),
    Honest(
        "asks-for-input",
        "It asks a person who is not there, once guarded in an answer.",
        first=[
            "name = input('이름? ')",
            """
from getpass import getpass
getpass()
""",
        ],
        answers={
            "gru_params": gru(
                above="try:\n    gates = int(input('gates? '))\nexcept Exception:\n    gates = 3\n",
            )
        },
    ),
    Honest(
        "quits",
        "It quits in a cell above its answers, and again at the end.",
        first=["quit()"],
        between={"g2": "exit"},
        last=["exit()", "quit"],
    ),
    Honest(
        "restarts-the-runtime",
        "It restarts its kernel as tutorials do, by killing it or by asking it to shut down.",
        edition="ko",
        first=[
            """
import os
os.kill(os.getpid(), 9)
"""
        ],
        between={
            "g2": "get_ipython().kernel.do_shutdown(True)",
            "g3": """
import IPython
IPython.Application.instance().kernel.do_shutdown(True)
""",
        },
        last=[
            """
import os
os._exit(0)
"""
        ],
    ),
    Honest(
        "dies-between-answers",
        "Its own cell ends the kernel between two answers.",
        "lstm_parameters",
        between={
            "layer2": """
import os
os._exit(0)
"""
        },
    ),
    Honest(
        "asks-for-too-much-memory",
        "It asks for more memory than any machine has.",
        first=[
            """
import numpy as np
np.zeros((1_000_000, 1_000_000))
""",
            "x = [0] * 10**12",
            "b = bytearray(3 * 10**9)",
        ],
    ),
)

TOGETHER = (
    Honest(
        "daemon-threads",
        "It leaves threads running that print for ever, and a timer that fires in an answer.",
        first=[
            """
import threading, time
def ticks():
    while True:
        print('tick')
        time.sleep(0.002)
for _ in range(3):
    threading.Thread(target=ticks, daemon=True).start()
threading.Timer(0.1, print, ['late']).start()
threading.Thread(target=lambda: 1 / 0).start()
""",
        ],
    ),
    Honest(
        "a-thread-that-works",
        "A thread of its own counts without a pause while its answers are asked.",
        first=[
            """
import threading
def busy():
    n = 0
    while True:
        n += 1
threading.Thread(target=busy, daemon=True).start()
"""
        ],
    ),
    Honest(
        "thread-pool-in-an-answer",
        "Its function counts each layer in a thread of a pool.",
        "lstm_parameters",
        answers={
            "stacked_params": """
from concurrent.futures import ThreadPoolExecutor
def stacked_params(input_dim, lstm_units, dense_units):
    below = [input_dim, *lstm_units[:-1]]
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lstm_params, below, lstm_units))
        return counts + [pool.submit(dense_params, lstm_units[-1], dense_units).result()]
"""
        },
    ),
    Honest(
        "process-pools",
        "It computes in a pool of processes, in its own cell and in an answer.",
        "lstm_parameters",
        first=[
            """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
def square(x):
    return x * x
with multiprocessing.Pool(2) as pool:
    print(pool.map(square, range(8)))
queue = multiprocessing.Queue()
queue.put(1)
print(multiprocessing.cpu_count())
""",
        ],
        answers={
            "lstm_params": """
import multiprocessing
def gate(sizes):
    return sizes[1] * (sum(sizes) + 1)
def lstm_params(input_dim, units):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sum(pool.map(gate, [(input_dim, units)] * 4))
"""
        },
        forks=True,
    ),
    Honest(
        "subprocesses",
        "It lets another Python compute an answer.",
        answers={
            "g1": """
import subprocess, sys
run = subprocess.run([sys.executable, '-c', 'print(3 * 25 * (12 + 25 + 1))'],
                     capture_output=True, text=True)
g1 = int(run.stdout)
""",
            "g2": """
import os
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
g2 = 5040
""",
        },
        first=[
            """
import subprocess
subprocess.Popen(['sleep', '1000'])
"""
        ],
        forks=True,
    ),
    Honest(
        "processes-of-every-kind",
        "It starts processes in every way that the standard library has, and speaks to them.",
        answers={
            "g1": """
import asyncio, multiprocessing, os, pty, signal, socket, subprocess, sys, tempfile
from multiprocessing import shared_memory
def count(queue, d, u):
    queue.put(3 * u * (d + u + 1))
queue = multiprocessing.Queue()
process = multiprocessing.Process(target=count, args=(queue, 12, 25))
process.start()
g1 = queue.get(timeout=20)
process.join()
with multiprocessing.Manager() as manager:
    shared = manager.dict(g1=g1)
    g1 = shared['g1']
block = shared_memory.SharedMemory(create=True, size=8)
block.buf[0] = 7
block.close()
block.unlink()
""",
            "g2": """
async def count():
    made = await asyncio.create_subprocess_exec(
        sys.executable, '-c', 'print(3 * 30 * (25 + 30 + 1))', stdout=asyncio.subprocess.PIPE)
    told, _ = await made.communicate()
    return int(told)
g2 = await count()
""",
            "g3": """
pid, terminal = pty.fork()
if pid == 0:
    os.execvp('sh', ['sh', '-c', 'echo $((50 * (30 + 1)))'])
told = os.read(terminal, 100)
os.waitpid(pid, 0)
g3 = int(told)
made = subprocess.Popen(['sleep', '1000'], start_new_session=True)
os.killpg(made.pid, signal.SIGTERM)
made.wait()
with socket.create_server(('127.0.0.1', 0)) as server, socket.create_connection(server.getsockname()) as near:
    far, _ = server.accept()
    near.sendall(b'x')
    assert far.recv(1) == b'x'
    far.close()
""",
        },
        forks=True,
    ),
    Honest(
        "asks-the-system",
        "It asks the system for its time, its limits, its users and its processors, and works in the light of them.",
        answers={
            "g1": """
import faulthandler, getpass, locale, os, platform, psutil, resource, select, signal, sys, threading, time
def late(*told):
    raise TimeoutError
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 30)
threading.stack_size(256 * 1024)
worker = threading.Thread(target=time.sleep, args=[0.01], name='셈')
worker.start()
worker.join()
threading.stack_size(0)
resource.setrlimit(resource.RLIMIT_STACK, resource.getrlimit(resource.RLIMIT_STACK))
resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))
faulthandler.enable(open('faults.txt', 'w'))
told = [
    os.cpu_count(), len(os.sched_getaffinity(0)), os.getloadavg(), os.uname().machine, platform.platform(),
    getpass.getuser(), locale.getlocale(), time.get_clock_info('perf_counter'), time.process_time(),
    psutil.cpu_count(), psutil.virtual_memory().total, psutil.Process().memory_info().rss,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, os.getpgid(0), os.getpriority(os.PRIO_PROCESS, 0),
    select.select([], [], [], 0.01), sys.getswitchinterval(), os.statvfs('.').f_bavail, os.urandom(4),
]
signal.setitimer(signal.ITIMER_REAL, 0)
g1 = 3 * 25 * (12 + 25 + 1)
""",
        },
    ),
    Honest(
        "moves-files-about",
        "It copies, packs, maps, links, locks and dates files, and keeps its numbers in a database.",
        answers={
            "g1": """
import fcntl, mmap, os, pathlib, pickle, shelve, shutil, sqlite3, tarfile, tempfile, zipfile
import h5py
import numpy as np
home = pathlib.Path('numbers')
home.mkdir(exist_ok=True)
np.save(home / 'g1.npy', np.array([3 * 25 * (12 + 25 + 1)]))
(home / 'run.sh').write_text('echo 1')
(home / 'run.sh').chmod(0o755)
(home / 'g1.npy').touch()
os.utime(home / 'g1.npy', (1_000_000_000, 1_000_000_000))
shutil.copy2(home / 'g1.npy', home / 'copy.npy')
shutil.copytree(home, 'again')
with tarfile.open('all.tar.gz', 'w:gz') as packed:
    packed.add('again')
with tarfile.open('all.tar.gz') as packed:
    packed.extractall('unpacked', filter='data')
shutil.make_archive('all', 'zip', 'unpacked')
with zipfile.ZipFile('all.zip') as packed:
    packed.extractall('unzipped')
os.symlink('unzipped', 'link')
os.link('all.zip', 'same.zip')
os.rename('same.zip', 'other.zip')
os.truncate('other.zip', 10)
with open('link/again/copy.npy', 'r+b') as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_SH)
    with mmap.mmap(file.fileno(), 0) as mapped:
        mapped.flush()
    os.fsync(file.fileno())
base = sqlite3.connect('numbers.db')
base.execute('pragma journal_mode=wal')
base.execute('create table numbers (g1 integer)')
base.execute('insert into numbers values (?)', [int(np.load('link/again/copy.npy')[0])])
base.commit()
with h5py.File('numbers.h5', 'w') as file:
    file['g1'] = base.execute('select g1 from numbers').fetchone()[0]
with h5py.File('numbers.h5') as file, shelve.open('shelf') as shelf:
    shelf['g1'] = int(file['g1'][()])
with tempfile.NamedTemporaryFile() as file, shelve.open('shelf') as shelf:
    pickle.dump(shelf['g1'], file)
    file.seek(0)
    g1 = pickle.load(file)
shutil.rmtree('unzipped')
""",
        },
    ),
    Honest(
        "asyncio",
        "It awaits at top level, leaves a task running and answers by a coroutine.",
        edition="ko",
        first=[
            """
import asyncio
await asyncio.sleep(0.01)
async def ticks():
    while True:
        await asyncio.sleep(0.005)
        print('째깍')
task = asyncio.create_task(ticks())
""",
            "asyncio.run(asyncio.sleep(0))",
        ],
        answers={
            "g1": """
async def count(d, u):
    await asyncio.sleep(0)
    return 3 * u * (d + u + 1)
g1 = await count(12, 25)
g2_too, _ = await asyncio.gather(count(25, 30), count(1, 1))
""",
            "g2": "g2 = g2_too",
            "gru_params": """
import asyncio
from concurrent.futures import ThreadPoolExecutor
async def 세기(입력, 유닛, 편향):
    await asyncio.sleep(0)
    return 3 * 유닛 * (입력 + 유닛 + 편향)
def gru_params(입력, 유닛, 뒤=True):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, 세기(입력, 유닛, 2 if 뒤 else 1)).result()
""",
        },
    ),
)

WAYS = (
    Honest(
        "callable-object",
        "Its answers are an object with `__call__`, a bound method and a static method.",
        "lstm_parameters",
        answers={
            "lstm_params": """
class Layer:
    gates = 4
    def __call__(self, d, u):
        return self.gates * u * (d + u + 1)
    @staticmethod
    def dense(d, u):
        return (d + 1) * u
    def stack(self, d, units, top):
        below = [d, *units]
        return [*map(self, below, units), Layer.dense(below[-1], top)]
lstm_params = Layer()
""",
            "dense_params": "dense_params = Layer.dense",
            "stacked_params": "stacked_params = lstm_params.stack",
        },
    ),
    Honest(
        "partial-and-lambda",
        "Its answers are a partial, a lambda and a reduction.",
        "lstm_parameters",
        answers={
            "lstm_params": """
from functools import partial, reduce
def count(gates, d, u, *, bias=1):
    return gates * u * (d + u + bias)
lstm_params = partial(count, 4, bias=1)
""",
            "dense_params": "dense_params = lambda d, u, /: reduce(lambda a, b: a + b, [d] * u, u)",
            "stacked_params": """
stacked_params = lambda d, us, top: [
    *(lstm_params(a, b) for a, b in zip([d] + us, us)), dense_params(us[-1], top)]
""",
        },
    ),
    Honest(
        "decorated",
        "Its function is cached, timed, counted and wrapped.",
        answers={
            "gru_params": """
import functools, time
calls = []
def timed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            calls.append(time.perf_counter() - start)
            print(f"{function.__name__}: {calls[-1]:.3f} s")
    return inner
@timed
@functools.lru_cache(maxsize=None)
@timed
"""
            + gru()
        },
        last=["gru_params = functools.cache(gru_params)"],
    ),
    Honest(
        "recursion",
        "It counts by recursion as deep as the layer is wide, and by generators.",
        "lstm_parameters",
        answers={
            "lstm_params": """
import sys
sys.setrecursionlimit(100_000)
def add(a, b):
    return b if a == 0 else 1 + add(a - 1, b)
def rows(d, u):
    for _ in range(u):
        yield from (1 for _ in range(add(d, add(u, 1))))
def lstm_params(d, u):
    return sum(4 for _ in rows(d, u))
""",
            "stacked_params": """
def stacked_params(d, units, top):
    if not units:
        return [d * top + top]
    first, *rest = units
    return [lstm_params(d, first)] + stacked_params(first, rest, top)
""",
        },
    ),
    Honest(
        "array-results",
        "It gives NumPy scalars and arrays where numbers, lists and tuples would do.",
        "lstm_parameters",
        answers={
            "lstm_params": """
import numpy as np
lstm_params = np.vectorize(lambda d, u: 4 * u * (d + u + 1))
""",
            "dense_params": """
def dense_params(d, u):
    return (np.ones((u, d + 1)) @ np.ones((d + 1, 1))).sum()
""",
            "p1": """
import numpy as np
p1 = np.array(2640)
""",
            "p2_dense": "p2_dense = np.float16(1250)",
            "layer2": "layer2 = np.einsum('i,i->', [30, 30, 30, 30], [51, 51, 51, 51])",
            "layer3": "layer3 = np.linalg.det(np.diag([31.0, 50.0])).round()",
            "stacked_params": """
def stacked_params(d, units, top):
    u = np.array(units)
    below = np.r_[d, u]
    return np.append(4 * u * (below[:-1] + u + 1), top * (below[-1] + 1))
""",
        },
    ),
    Honest(
        "fractions-and-decimals",
        "It gives fractions, decimals and floats that are whole.",
        answers={
            "g1": """
from fractions import Fraction
g1 = Fraction(5700, 2)
""",
            "g2": """
from decimal import Decimal, getcontext
getcontext().prec = 5
g2 = Decimal('5.04e3')
""",
            "g3": "g3 = 1.55e3",
            "gru_params": """
def gru_params(d, u, after=True):
    return Fraction(6 * u, 2) * (d + u + (2 if after else 1))
""",
            "gru_weight_shapes": """
def gru_weight_shapes(d, u, after):
    w = 3.0 * u
    return ([d, w], [u, w], [2, w] if after else [w])
""",
        },
    ),
    Honest(
        "named-tuples",
        "Its shapes are named tuples, which are tuples.",
        answers={
            "gru_weight_shapes": """
from typing import NamedTuple
class Matrix(NamedTuple):
    rows: int
    columns: int
class Vector(NamedTuple):
    length: int
def gru_weight_shapes(input_dim, units, reset_after):
    w = 3 * units
    return [Matrix(input_dim, w), Matrix(units, w), Matrix(2, w) if reset_after else Vector(w)]
"""
        },
    ),
    Honest(
        "enumerated-numbers",
        "Its numbers are members of an enumeration of integers, which are integers.",
        answers={
            "g1": """
from enum import IntEnum
class Answer(IntEnum):
    FIRST = 2850
    SECOND = 5040
g1 = Answer.FIRST
""",
            "g2": "g2 = Answer.SECOND",
        },
    ),
    Honest(
        "modern-python",
        "It uses all of modern Python: annotations, walrus, match, positional-only, dataclasses.",
        answers={
            "gru_params": """
from __future__ import annotations
from dataclasses import dataclass
from typing import Final
@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    d: int
    u: int
    def count(self, *, biases: int) -> int:
        return (wide := 3 * self.u) * (self.d + self.u + biases)
def gru_params(d: Unknown, u: int, reset_after: bool | None = True, /, **settings: Any) -> int:
    layer: Final = Layer(d=d, u=u)
    match reset_after:
        case True:
            return layer.count(biases=2)
        case False | None:
            return layer.count(biases=1)
""",
            "g1": "print(f'{(g1 := 2850)=}, {g1:>{9}}')",
            "g2": """
if (g2 := 3 * 30 * (25 + 30 + 1)) > 0:
    pass
""",
            "g3": "g3: int = 1500; g3 += 50",
        },
    ),
    Honest(
        "any-arguments",
        "Its functions take any arguments and evaluate text.",
        answers={
            "gru_params": """
def gru_params(*sizes, **settings):
    d, u, *after = sizes
    after = after[0] if after else settings.get('reset_after', True)
    return eval('3 * u * (d + u + 1 + after)', {}, dict(d=d, u=u, after=bool(after)))
""",
            "gru_weight_shapes": """
exec('''def gru_weight_shapes(d, u, after, *rest, **more):
    w = u + u + u
    return list({'k': (d, w), 'r': (u, w), 'b': (2, w) if after else (w,)}.values())''')
""",
        },
    ),
    Honest(
        "helper-below",
        "Its function calls a helper that stands in a cell at the end.",
        edition="ko",
        answers={
            "gru_params": """
def gru_params(d, u, after=True):
    return 세_벌(d, u, 2 if after else 1)
"""
        },
        last=[
            """
def 세_벌(d, u, b):
    return 3 * u * (d + u + b)
"""
        ],
    ),
    Honest(
        "counts-its-calls",
        "Its function keeps a history, changes what is global and draws random numbers.",
        "lstm_parameters",
        answers={
            "lstm_params": lstm(
                "global calls",
                "calls += 1",
                "history.append((input_dim, units))",
                "random.seed(calls); np.random.seed(calls); random.random()",
                above="import random\nimport numpy as np\ncalls, history = 0, []\n",
            )
        },
    ),
)

TEXT = (
    Honest(
        "korean-everything",
        "Names, parameters, comments and strings are Korean, with emoji and full-width letters.",
        edition="ko",
        answers={
            "gru_params": """
# ＧＲＵ 층의 파라미터 🎉
def gru_params(입력, 유닛, 뒤에서_리셋=True):
    '''입력 × 유닛… “따옴표” ‘따옴표’ ～ ㈜ ① ½'''
    벌 = {'업데이트': 1, '리셋': 1, '후보🙂': 1}
    편향 = 2 if 뒤에서_리셋 else 1
    return sum(벌.values()) * 유닛 * (입력 + 유닛 + 편향)
""",
            "g1": "ｇ１ = (\n    ３ * 950\n)".replace("３", "int('３')"),
            "g2": unicodedata.normalize("NFD", "값 = 5040\ng2 = 값") + "\ng2 = 값",
        },
    ),
    Honest(
        "tabs-and-windows",
        "It is indented with tabs, ends its lines as Windows does and leaves blanks behind them.",
        answers={
            "gru_params": "def gru_params(input_dim, units, reset_after=True):   \r\n"
            "\tb = 1\t \r\n\tif reset_after:\r\n"
            "\t\tb = 2  \r\n\r\n \t \r\n\treturn 3 * units * (input_dim + units + b)\r\n\r\n",
            "g1": "\r\n\r\ng1 = (\r\n\t3 * 25 * \\\r\n\t(12 + 25 + 1)   \r\n)\r\n",
            "g2": "%%time\r\ng2 = 5040\r\n",
            "g3": "%pwd\r\ng3 = 1550;\r\n",
        },
    ),
    Honest(
        "long-texts",
        "It has a comment of 150,000 letters, a line of 20,000 and a million blanks in a cell of its own.",
        "lstm_parameters",
        answers={
            "lstm_params": lstm(above="# " + "가나다라 " * 30_000 + "\n"),
            "p1": "p1 = sum([" + "1, " * 2_640 + "0, " * 7_000 + "])",
        },
        first=[" " * 1_000_000 + "\nprint(1)"],
    ),
    Honest(
        "strange-letters",
        "Its comments hold letters that word processors and terminals leave behind.",
        answers={
            "gru_params": gru(
                "# line\u2028separator, next\x85line, vertical\x0btab, form\x0cfeed",
                "# zero\u200bwidth, \u202eright to left",
                "text = 'no\xa0break \u2029 \x1b[0m \ufeff'",
                above="# -*- coding: cp949 -*-\n\x0c\n",
            )
        },
    ),
    Honest(
        "byte-order-mark",
        "Its file starts with a byte order mark and was indented by an editor with Windows line ends.",
        edition="ko",
        save=lambda notebook: json.dumps(notebook, indent=4).replace("\n", "\r\n").encode("utf-8-sig"),
    ),
)

MACHINE = (
    Honest(
        "imports-everything",
        "It imports all that a student has ever imported.",
        first=[
            """
import base64, bisect, collections, copy, csv, ctypes, dataclasses, datetime, decimal, enum, glob
import hashlib, heapq, inspect, io, itertools, json, locale, math, operator, os, pathlib, pickle
import platform, queue, random, re, shutil, socket, sqlite3, statistics, string, struct, sys, tempfile
import textwrap, threading, time, timeit, typing, uuid, zipfile, zlib, zoneinfo
""",
            """
print(platform.platform(), socket.gethostname(), uuid.uuid4(), os.cpu_count(), sys.version)
print(datetime.datetime.now(zoneinfo.ZoneInfo('Asia/Seoul')), pathlib.Path.home(), os.path.expanduser('~'))
""",
            """
import getpass
print(getpass.getuser(), os.getuid())
os.getlogin()
""",
            "locale.setlocale(locale.LC_ALL, 'ko_KR.UTF-8')",
            """
ctypes.CDLL('libm.so.6').cos
os.nice(3)
""",
            "import pandas as pd",
            "import this, antigravity",
        ],
        answers={"g1": "g1 = int(math.prod([3, 25, 38]))"},
    ),
    Honest(
        "own-files",
        "It writes and reads files of its own in every format, with Korean names.",
        "lstm_parameters",
        edition="ko",
        first=[
            """
import csv, json, os, pickle, shelve, shutil, sqlite3, tempfile, zipfile
from pathlib import Path
os.makedirs('자료/하위', exist_ok=True)
Path('자료/메모.txt').write_text('한글 메모')
with open('자료/층.csv', 'w', newline='') as file:
    csv.writer(file).writerow([4, 30, 51])
with open(Path.home() / 'gates.pkl', 'wb') as file:
    pickle.dump({'gates': 4}, file)
with zipfile.ZipFile('all.zip', 'w') as file:
    file.write('자료/층.csv')
with shelve.open('shelf') as shelf:
    shelf['a'] = 1
shutil.copytree('자료', '사본')
shutil.rmtree('사본')
with tempfile.TemporaryDirectory() as folder:
    Path(folder, 'x').touch()
database = sqlite3.connect(':memory:')
database.execute('create table t (n)')
database.execute('insert into t values (2640)')
disk = sqlite3.connect('my.db')
disk.execute('create table t (n)')
disk.commit()
Path('/tmp/mine').write_text('x')
""",
        ],
        answers={
            "p1": "p1, = database.execute('select n from t').fetchone()",
            "layer2": """
from math import prod
with open('자료/층.csv') as file:
    layer2 = prod(map(int, file.read().split(',')))
""",
            "lstm_params": """
def lstm_params(d, u):
    with open(os.path.expanduser('~/gates.pkl'), 'rb') as file:
        return pickle.load(file)['gates'] * u * (d + u + 1)
""",
        },
    ),
    Honest(
        "moves-away",
        "It changes into a folder of its own and stays there, with an environment of its own.",
        first=[
            """
import os
os.makedirs('work/deep')
os.chdir('work/deep')
os.environ['GATES'] = '3'
os.environ.pop('HOME', None); os.environ['PATH'] = ''; os.environ['PYTHONPATH'] = '/nowhere'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
os.rmdir('../deep')
""",
        ],
        answers={
            "gru_params": """
import os
def gru_params(d, u, after=True):
    return int(os.environ['GATES']) * u * (d + u + (2 if after else 1))
"""
        },
    ),
    Honest(
        "caches-on-disk",
        "Its function keeps what it has computed in a file and reads it again.",
        answers={
            "gru_params": """
import json
from pathlib import Path
cache = Path("cache.json")
def gru_params(d, u, after=True):
    known = json.loads(cache.read_text()) if cache.exists() else {}
    key = f"{d} {u} {after}"
    if key not in known:
        known[key] = 3 * u * (d + u + (2 if after else 1))
        cache.write_text(json.dumps(known))
    return known[key]
"""
        },
    ),
    Honest(
        "slow",
        "A cell sleeps, and a call of its function takes a third of a second.",
        "lstm_parameters",
        first=["import time\ntime.sleep(1.5)"],
        answers={"lstm_params": lstm("time.sleep(0.33)", above="import time\n")},
        costly=True,
    ),
    Honest(
        "big-memory",
        "It uses 300 megabytes in a cell, frees them, and uses them again at every call.",
        "lstm_parameters",
        first=[
            """
import gc
import numpy as np
big = np.ones(300_000_000 // 8)
print(big.sum())
del big
gc.collect()
"""
        ],
        answers={
            "dense_params": """
def dense_params(d, u):
    big = bytearray(200_000_000)
    return d * u + u
"""
        },
    ),
    Honest(
        "many-open-files",
        "It leaves sixty files open.",
        first=[
            """
files = [open(f'file{n}.txt', 'w') for n in range(60)]
print('x', file=files[7])
"""
        ],
    ),
    Honest(
        "signals",
        "It handles signals, sets alarms and cancels them, in a cell and in its function.",
        first=[
            """
import atexit, signal
signal.signal(signal.SIGINT, lambda *_: print('stop'))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
signal.alarm(5)
signal.alarm(0)
atexit.register(print, 'bye')
""",
        ],
        answers={
            "gru_params": gru(
                "signal.setitimer(signal.ITIMER_REAL, 5)", "signal.setitimer(signal.ITIMER_REAL, 0)"
            )
        },
    ),
    Honest(
        "settings-of-numpy",
        "It changes every setting of NumPy, of the garbage collector and of the interpreter.",
        "lstm_parameters",
        first=[
            """
import gc, sys
import numpy as np
np.seterr(all='raise')
np.set_printoptions(precision=1, threshold=2)
sys.setrecursionlimit(10**6)
gc.disable()
gc.set_threshold(1)
sys.setswitchinterval(0.5)
sys.set_int_max_str_digits(0)
sys.dont_write_bytecode = True
sys.path.append('/nowhere')
sys.path.insert(0, '.')
np.random.seed(0)
rng = np.random.default_rng(0)
""",
            """
import sys
sys.setrecursionlimit(400)
sys.excepthook = print
sys.displayhook(3)
""",
        ],
    ),
    Honest(
        "traced",
        "It traces and profiles all that runs.",
        first=[
            """
import collections, sys, tracemalloc, cProfile
tracemalloc.start()
seen = collections.Counter()
sys.setprofile(lambda frame, event, arg: seen.update([event]))
sys.settrace(lambda frame, event, arg: None)
""",
        ],
    ),
    Honest(
        "names-of-ours",
        "It uses names that the grader uses, and those of built-in functions.",
        edition="ko",
        first=[
            """
agent = question = check = session = grade = kernel = report = reply = 1
autograder = autograder_agent = codec = encode = decode = None
input = 10; units = 9; max = 3; min = 1; id = '2026-001'; str = 'text'; type = 'GRU'; dir = '.'; all = []
list = [1]; dict = {}; len = 5; sum = 0; range = 7; print = None; repr = 1; getattr = 2; isinstance = 3
""",
            """
json = random = sys = ast = io = time = importlib = contextlib = 0
_ = __ = In = Out = 0
""",
        ],
        between={
            "gru_params": """
globals().pop('In')
quit = exit = get_ipython = display = 5
"""
        },
    ),
    Honest(
        "own-print",
        "It puts functions of its own in the place of built-in ones, for all modules.",
        "lstm_parameters",
        first=[
            """
import builtins, time
old_print = builtins.print
def print(*things, **settings):
    old_print('>>', *things, **settings)
builtins.print = print
time.sleep = lambda seconds: None
import warnings
warnings.warn = lambda *a, **k: None
warnings.showwarning = print
""",
        ],
        answers={"lstm_params": lstm("print('세는 중')")},
        last=[
            """
del print
builtins.print = old_print
"""
        ],
    ),
    Honest(
        "deletes-its-helpers",
        "It deletes helpers and modules after use.",
        answers={
            "g1": """
import numpy as np
helper = np.array([3, 25, 38])
g1 = int(helper.prod())
del helper, np
""",
            "gru_params": gru(above="def helper(): pass\n") + "del helper\n",
        },
    ),
    Honest(
        "custom-display",
        "It tells the notebook how to show values and errors, and hooks into the running of cells.",
        first=[
            """
ip = get_ipython()
ip.display_formatter.formatters['text/plain'].for_type(int, lambda n, p, c: p.text('수'))
ip.display_formatter.formatters['text/html'].for_type(dict, lambda d: '<b>사전</b>')
ip.set_custom_exc((ValueError,), lambda shell, kind, value, tb, tb_offset=None: print('잡음'))
ip.events.register('pre_run_cell', lambda info: print('시작'))
ip.events.register('post_run_cell', lambda result: 1 / 0)
ip.input_transformers_cleanup.append(lambda lines: [line.replace('곱', '*') for line in lines])
""",
            "raise ValueError('caught')",
        ],
        answers={"g1": "g1 = 3 곱 25 곱 (12 + 25 + 1)"},
    ),
)

TENSORFLOW_NAMED = (
    Honest(
        "imports-tensorflow",
        "It imports TensorFlow at the top of its answer cells and does not use it.",
        edition="ko",
        answers={
            "g1": """
import tensorflow as tf
from keras import layers
print(tf.__version__)
g1 = (
    3 * 25 * (12 + 25 + 1)
)
""",
            "gru_params": gru(
                above="import os\n"
                "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n"
                "import tensorflow.keras.backend as K\n"
                "from tensorflow.keras.layers import GRU, Dense\n"
                "from tensorflow.python.framework import ops\n"
            ),
        },
    ),
    Honest(
        "seeds-everywhere",
        "It sets every seed above its formulas, TensorFlow's too.",
        answers={
            "g1": """
import random, numpy as np, tensorflow as tf
random.seed(0)
np.random.seed(0)
tf.random.set_seed(0)
g1 = 3 * 25 * (12 + 25 + 1)
""",
            "gru_params": gru(above="import tensorflow as tf\ntf.keras.utils.set_random_seed(42)\n"),
        },
    ),
    Honest(
        "seed-under-a-magic",
        "A cell magic stands above a TensorFlow seed and the formula.",
        answers={
            "g1": """
%%time
import tensorflow as tf
tf.random.set_seed(0)
g1 = 3 * 25 * (12 + 25 + 1)
""",
            "g2": """
%%capture
import tensorflow as tf
tf.random.set_seed(0)
g2 = 3 * 30 * (25 + 30 + 1)
""",
        },
    ),
    Honest(
        "seed-above-a-helper",
        "A cell of its own sets a TensorFlow seed and then defines what the answers need.",
        first=[
            """
import tensorflow as tf
tf.random.set_seed(42)
GATES = 3
def one(d, u, b):
    return u * (d + u + b)
"""
        ],
        answers={
            "gru_params": """
def gru_params(d, u, after=True):
    return GATES * one(d, u, 2 if after else 1)
"""
        },
    ),
    Honest(
        "seed-before-the-kernel-dies",
        "An answer below a TensorFlow seed is needed again after a later cell has ended the kernel.",
        "lstm_parameters",
        answers={
            "lstm_params": lstm(above="import tensorflow as tf\ntf.random.set_seed(0)\n"),
            "stacked_params": """
def stacked_params(d, units, top):
    below = [d, *units]
    return [lstm_params(a, b) for a, b in zip(below, units)] + [dense_params(below[-1], top)]
""",
        },
        between={"stacked_params": "import os\nos._exit(0)"},
    ),
    Honest(
        "checks-with-a-model-first",
        "An answer cell builds a model to look at it, and then has the formula.",
        answers={
            "g1": """
model = keras.Sequential([keras.Input((None, 12)), layers.GRU(25, reset_after=False)])
model.summary()
g1 = 3 * 25 * (12 + 25 + 1)
""",
            "g2": """
layer = layers.GRU(30, reset_after=False)
layer.build((None, None, 25))
print(layer.count_params())
g2 = 3 * 30 * (25 + 30 + 1)
""",
        },
    ),
    Honest(
        "checks-with-a-model-after",
        "An answer cell has the formula, and then compares it with a model.",
        "lstm_parameters",
        answers={
            "p1": """
p1 = (
    4 * 20 * (12 + 20 + 1)
)
layer = layers.LSTM(20)
layer.build((None, 30, 12))
assert layer.count_params() == p1
""",
            "lstm_params": lstm()
            + "for u in (1, 2):\n    layer = layers.LSTM(u)\n    layer.build((None, 9, 3))\n"
            "    assert layer.count_params() == lstm_params(3, u)\n",
        },
    ),
)


def lost_ids(notebook: Notebook) -> None:
    """As a program of notebook format 4.4 saves it: no ids."""
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id")


def colab(notebook: Notebook) -> None:
    """As Colab saves it: ids in the metadata, marks lost, a kernel of its own, outputs."""
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "ir", "display_name": "R"},
        "language_info": {"name": "R"},
        "accelerator": "GPU",
    }
    notebook["nbformat_minor"] = 0
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": f"x{number}AbCd", "colab": {"base_uri": "https://localhost:8080/"}}
        cell.pop("id")
        cell["source"] = cell["source"].splitlines(keepends=True)


def as_it_is(notebook: Notebook) -> None:
    """The notebook, handed in as it was written."""


def bare(notebook: Notebook) -> None:
    """Nothing is left but text: no marks, ids, outputs or metadata."""
    notebook["metadata"] = None
    for cell in notebook["cells"]:
        cell.update(metadata=None)
        for key in ("id", "outputs", "execution_count"):
            cell.pop(key, None)


def old_format(notebook: Notebook) -> None:
    """Notebook format 3: cells in worksheets, code in `input`."""
    cells = notebook.pop("cells")
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "collapsed": False}
            cell["prompt_number"] = cell.pop("execution_count")
    notebook.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells, "metadata": {}}])


def much_output(notebook: Notebook) -> None:
    """Outputs of two megabytes, counts out of order, and outputs that are none."""
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["execution_count"] = 1000 - 7 * number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 80_000}]
    notebook["cells"][1]["outputs"] += [
        {"output_type": "display_data", "data": {"text/html": "<b>" * 300_000}, "metadata": {}},
        {"output_type": "of another program", "value": float("nan")},
        "no output",
    ]
    notebook["cells"][1]["execution_count"] = "*"


def widely_spread(notebook: Notebook) -> None:
    """Empty cells, notes, raw text and comments between all others."""
    cells = notebook["cells"]
    notebook["cells"] = []
    for number, cell in enumerate(cells):
        notebook["cells"] += [
            cell,
            own_cell("", f"empty-{number}"),
            own_cell(f"## 풀이 {number}\n\n$3u(d+u+1)$ <script>1</script>", f"note-{number}", "markdown"),
            own_cell("raw text", f"raw-{number}", "raw"),
            own_cell("# only a comment", f"comment-{number}"),
        ]


def pasted_picture(notebook: Notebook) -> None:
    """A note with a picture from the clipboard, which Jupyter attaches to the cell."""
    note = own_cell(
        "풀이: ![그림](attachment:image.png) ![없음](그림.png) <img src='x.png'>", "note", "markdown"
    )
    note["attachments"] = {"image.png": {"image/png": "iVBORw0KGgo="}}
    notebook["cells"].append(note)


def drafts_kept(notebook: Notebook) -> None:
    """Above every answer stands a copy of its cell with a first draft, mark and id and all."""
    for name, cell in untouched(notebook).items():
        draft = copy.deepcopy(cell)
        draft["source"] = f"{name} = None  # 초안"
        notebook["cells"].insert(place_of(notebook, name), draft)


def copies_left_empty(notebook: Notebook) -> None:
    """Below every answer stands a copy of its cell, emptied."""
    for name, cell in untouched(notebook).items():
        notebook["cells"].insert(place_of(notebook, name) + 1, copy.deepcopy(cell) | {"source": "\n"})


def reversed_order(notebook: Notebook) -> None:
    """All answer cells were moved to the top, the last one first."""
    answers = list(untouched(notebook).values())
    rest = [cell for cell in notebook["cells"] if cell not in answers]
    notebook["cells"] = answers[::-1] + rest


def only_answers(notebook: Notebook) -> None:
    """Everything was deleted but the answers."""
    notebook["cells"] = list(untouched(notebook).values())


def answers_above(notebook: Notebook) -> None:
    """Each answer was worked out in a cell of its own, and the answer cell takes it over."""
    for name in ("gru_params", "gru_weight_shapes"):
        place = place_of(notebook, name)
        cell = notebook["cells"][place]
        notebook["cells"].insert(place, own_cell(cell["source"].replace(name, "my_function"), f"mine-{name}"))
        cell["source"] = f"{name} = my_function"


def all_in_one(notebook: Notebook) -> None:
    """The first answer cell holds all answers; the others are empty."""
    answers = list(untouched(notebook).values())
    answers[0]["source"] = "\n\n".join(cell["source"] for cell in answers)
    for cell in answers[1:]:
        cell["source"] = ""


def all_below(notebook: Notebook) -> None:
    """All answers stand in one cell at the end; the answer cells are empty."""
    answers = list(untouched(notebook).values())
    notebook["cells"].append(own_cell("\n\n".join(cell["source"] for cell in answers), "all"))
    for cell in answers:
        cell["source"] = ""


def merged(notebook: Notebook) -> None:
    """Each answer cell was merged with the example below it, or into a cell of the student's above it."""
    for name in ("gru_params", "gru_weight_shapes"):
        place = place_of(notebook, name)
        example = notebook["cells"].pop(place + 1)
        notebook["cells"][place]["source"] += "\n" + example["source"]
    place = place_of(notebook, "g1")
    source = "# 내 셀\nx = 1\n" + notebook["cells"][place]["source"]
    notebook["cells"][place] = own_cell(source, "merged")


def split(notebook: Notebook) -> None:
    """The answer cell was split above its `def`; both halves keep the mark, as JupyterLab has it."""
    place = place_of(notebook, "gru_params")
    below = notebook["cells"][place]
    above = copy.deepcopy(below) | {"id": "upper-half"}
    text = below["source"]
    above["source"], below["source"] = (
        text[: text.index("def gru_params")],
        text[text.index("def gru_params") :],
    )
    notebook["cells"].insert(place, above)


def other_kinds(notebook: Notebook) -> None:
    """Answer cells were turned into raw and markdown cells by a slip of the hand."""
    kinds = itertools.cycle(("raw", "markdown", "code"))
    for cell, kind in zip(untouched(notebook).values(), kinds, strict=False):
        cell["cell_type"] = kind
    notebook["cells"][1]["cell_type"] = "code"


def strange_values(notebook: Notebook) -> None:
    """Values of other types than the format has, and keys that it does not have."""
    notebook.update(nbformat="4", nbformat_minor=None, author={"name": None}, orig_nbformat=2)
    notebook["metadata"]["kernelspec"] = None
    notebook["metadata"]["language_info"] = {"version": "2.7", "name": "sql", "codemirror_mode": 7}
    for number, cell in enumerate(notebook["cells"]):
        cell |= {"tags": None, "vscode": {"languageId": "r"}, "locked": 1}
        cell["metadata"] |= {
            "trusted": True,
            "tags": "x",
            "jupyter": None,
            "slideshow": [1],
            "ExecuteTime": {"a": []},
        }
        if not grade_id(cell):
            cell["id"] = number
        if number % 2:
            cell["source"] = cell["source"].splitlines(keepends=True)


def no_release_text(notebook: Notebook) -> None:
    """Examples, grade cells, statements and the setup were deleted or changed; answers kept."""
    kept = []
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name.endswith("-check"):
            cell["source"] = "assert False, '지움'"
            kept.append(cell)
        elif name and not name.endswith("-example"):
            kept.append(cell)
    notebook["cells"] = kept


SPLIT_ANSWER = {"gru_params": "GATES = 3\n" + gru().replace("3 * units", "GATES * units")}
MAGIC_ANSWERS = {
    "g1": "%%time\ng1 = (\n    3 * 25 * (12 + 25 + 1)\n)",
    "g2": "!ls\ng2 = 5040",
    "g3": "g3: int = 1550",
    "gru_params": "%timeit -n 1 -r 1 1 + 1\n" + gru(),
}

HANDED_IN = (
    Honest(
        "ids-lost", "It was saved in notebook format 4.4, without ids.", "lstm_parameters", mutate=lost_ids
    ),
    Honest(
        "from-colab",
        "Colab took every mark, put ids elsewhere and named R as its kernel.",
        "lstm_parameters",
        "ko",
        mutate=colab,
    ),
    Honest(
        "magic-from-colab",
        "Colab took every mark, and magics stand in the answer cells.",
        answers=MAGIC_ANSWERS,
        mutate=colab,
        forks=True,
    ),
    Honest("nothing-but-text", "All metadata are null, and there is no id.", edition="ko", mutate=bare),
    Honest("notebook-format-3", "It was saved in the notebook format of long ago.", mutate=old_format),
    Honest(
        "much-output",
        "It keeps megabytes of outputs, some malformed, and its counts run backwards.",
        "lstm_parameters",
        mutate=much_output,
    ),
    Honest(
        "widely-spread",
        "Empty cells, notes, raw text and comments stand between all its cells.",
        edition="ko",
        mutate=widely_spread,
    ),
    Honest(
        "pasted-picture",
        "A picture was pasted into a note.",
        edition="ko",
        mutate=pasted_picture,
    ),
    Honest(
        "drafts-kept",
        "A copy of each answer cell with a draft stands above it.",
        "lstm_parameters",
        mutate=drafts_kept,
    ),
    Honest(
        "copies-left-empty",
        "A copy of each answer cell stands empty below it.",
        edition="ko",
        mutate=copies_left_empty,
    ),
    Honest("moved-cells", "Its answer cells stand at the top in reverse order.", mutate=reversed_order),
    Honest("only-answers", "All other cells are gone.", "lstm_parameters", "ko", mutate=only_answers),
    Honest(
        "answers-above",
        "Its functions stand in own cells and the answer cells only name them.",
        mutate=answers_above,
    ),
    Honest("all-in-one-cell", "All answers stand in the first answer cell.", edition="ko", mutate=all_in_one),
    Honest(
        "all-in-one-cell-below",
        "All answers stand in a cell of its own at the end.",
        "lstm_parameters",
        mutate=all_below,
    ),
    Honest("merged-cells", "Answer cells were merged with the cells around them.", mutate=merged),
    Honest(
        "split-cell",
        "An answer cell was split in two, and both halves are needed.",
        answers=SPLIT_ANSWER,
        mutate=split,
    ),
    Honest("other-kinds-of-cells", "Its answer cells are raw and markdown cells.", mutate=other_kinds),
    Honest(
        "strange-values",
        "Its file holds values and keys that the format does not have.",
        mutate=strange_values,
    ),
    Honest(
        "little-left-of-the-release",
        "Examples and statements are gone, grade cells overwritten.",
        edition="ko",
        mutate=no_release_text,
    ),
    Honest(
        "files-beside-it",
        "Pictures, data, folders and other notebooks lie beside it.",
        files={
            "그림 1.png": b"\x89PNG\r\n\x1a\n" + bytes(50_000),
            "data/words.csv": b"a,b\n",
            "gru_parameters-Copy1.ipynb": b"{}",
            ".ipynb_checkpoints/gru_parameters-checkpoint.ipynb": b"no notebook",
            "timestamp.txt": b"2026-03-02 13:37:45.000 KST",
            "numpy.py": b"raise ImportError",
        },
    ),
    Honest(
        "time-as-people-write-it",
        "The file with its time of submission is not written as nbgrader writes it.",
        files={"timestamp.txt": "2026년 3월 2일 오후 1시\r\n".encode()},
    ),
)

NAMED = tuple(
    Honest(
        f"named-{place}",
        f"Its student is called {student!r}.",
        ("gru_parameters", "lstm_parameters")[place % 2],
        ("ko", "en")[place // 2 % 2],
        student=student,
    )
    for place, student in enumerate(
        (
            "김하늘", "kim_하늘", "a.b+c@d", "2026-001", "KIM", "kim", "하" * 60, "kim ha neul", "o'neil",
            unicodedata.normalize("NFD", "이하늘"), "100%#1", "-kim",
        )
    )
)  # fmt: skip

OWN_ID = tuple(
    Honest(
        f"own-id-{place}",
        f"It has numbers of its own, and the id of {student!r} is {odd}.",
        ("lstm_parameters", "gru_parameters")[place % 2],
        ("ko", "en")[place // 2 % 2],
        student=student,
        id_cell=source,
        mutate=mutate,
    )
    for place, (student, odd, source, mutate) in enumerate(
        (
            ("2026-0419", "in wide digits and blanks", "student_id = ' ２０２６ – ０４１９ '", as_it_is),
            ("2026-0420", "a number", "student_id = 20260420", as_it_is),
            ("0042", "a number without its zeros", "my_id = 42\nstudent_id = my_id", as_it_is),
            ("Kim-Haneul", "in other capitals", "student_id = 'kim_haneul'  # 제 학번", as_it_is),
            ("2026-0421", "read by a computation", "%%time\nstudent_id = '-'.join(['2026', '0421'])", as_it_is),
            ("2026-0422", "in a tuple, by a comma too many", "student_id = '2026-0422',", as_it_is),
            ("2026-0423", "in a cell that has lost its mark", "student_id = '20260423'", colab),
        )
    )
)  # fmt: skip

TAGGING = (
    Honest(
        "talkative-training",
        "Training shows progress bars, plots, warns, writes logs and checkpoints.",
        "tagging",
        "ko",
        first=[
            """
%matplotlib inline
import warnings
import matplotlib.pyplot as plt
from tqdm import tqdm
"""
        ],
        answers={
            "train": """
import logging, warnings
import keras
def train(model, X, Y):
    warnings.warn("학습을 시작합니다")
    model.summary()
    log = model.fit(X, Y, epochs=150, verbose=1, callbacks=[
        keras.callbacks.CSVLogger("기록.csv"),
        keras.callbacks.ModelCheckpoint("best.keras", monitor="loss", save_best_only=False, save_freq=50),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(f"\\r{epoch}", end="")),
    ])
    plt.plot(log.history["loss"], label="손실")
    plt.legend()
    plt.show()
    logging.warning("끝")
    return log
"""
        },
    ),
    Honest(
        "saves-and-loads",
        "Training saves the model, loads it again and gives that one back.",
        "tagging",
        first=[
            """
import tensorflow as tf
tf.config.list_physical_devices('GPU')
tf.random.set_seed(7)
""",
            "!nvidia-smi",
        ],
        answers={
            "train": """
def train(model, X, Y):
    model.fit(X, Y, epochs=150, batch_size=2, shuffle=True, verbose=0)
    model.save("tagger.keras")
    model.save_weights("tagger.weights.h5")
    return keras.models.load_model("tagger.keras")
"""
        },
        costly=True,
    ),
    Honest(
        "keeps-models-in-every-format",
        "Training keeps the model in every format that Keras has, and goes on with what it reads again.",
        "tagging",
        answers={
            "train": """
import os, pathlib, shutil, tempfile
from tqdm.auto import tqdm
def train(model, X, Y):
    for _ in tqdm(range(3)):
        model.fit(X, Y, epochs=50, verbose=0, callbacks=[
            keras.callbacks.BackupAndRestore("backup"),
            keras.callbacks.ModelCheckpoint("best.weights.h5", save_weights_only=True),
        ])
    model.export("exported")
    model.save("tagger.h5")
    pathlib.Path("tagger.json").write_text(model.to_json())
    with tempfile.TemporaryDirectory() as folder:
        model.save(os.path.join(folder, "tagger.keras"))
        shutil.copy(os.path.join(folder, "tagger.keras"), "copy.keras")
    return keras.models.load_model("copy.keras")
"""
        },
        costly=True,
    ),
    Honest(
        "trains-in-a-thread",
        "Training goes on in a thread, a few epochs at a time, until every word is right.",
        "tagging",
        answers={
            "train": """
from concurrent.futures import ThreadPoolExecutor
def until_right(model, X, Y):
    for _ in range(12):
        model.fit(X, Y, epochs=25, verbose=0)
        if (model.predict(X, verbose=0).argmax(-1) == Y[..., 0]).all():
            return
def train(model, X, Y):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(until_right, model, X, Y).result()
"""
        },
        mutate=colab,
        costly=True,
    ),
    Honest(
        "own-training-loop",
        "Training is a loop of its own with a gradient tape, compiled to a graph.",
        "tagging",
        "ko",
        first=[
            """
import warnings
warnings.simplefilter('ignore')
import tensorflow as tf
tf.get_logger().setLevel('ERROR')
"""
        ],
        answers={
            "train": """
import tensorflow as tf
def train(model, X, Y):
    손실_함수 = tf.keras.losses.SparseCategoricalCrossentropy()
    최적화 = tf.keras.optimizers.Adam(0.1)
    @tf.function
    def 한_걸음():
        with tf.GradientTape() as 테이프:
            손실 = 손실_함수(Y, model(X, training=True))
        기울기 = 테이프.gradient(손실, model.trainable_variables)
        최적화.apply_gradients(zip(기울기, model.trainable_variables))
        return 손실
    for 걸음 in range(200):
        손실 = 한_걸음()
    tf.print("손실", 손실)
""",
            "decode_tags": """
import tensorflow as tf
def decode_tags(probs, idx2tag):
    return ["".join(idx2tag[int(k)] for k in row) for row in tf.argmax(probs, axis=-1)]
""",
        },
    ),
)

HONEST = (
    *WRITING, *SHOWING, *MAGIC, *FAILING, *TOGETHER, *WAYS, *TEXT, *MACHINE, *TENSORFLOW_NAMED, *HANDED_IN,
    *NAMED, *OWN_ID, *TAGGING,
)  # fmt: skip
