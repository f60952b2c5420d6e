"""Forged replies: what the kernel sends is not what the agent would say."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from typing import Any

from tests.hostile.attack import GRU, LSTM, POINTS, RIGHT, TAGGING, Attack, honest, worth

FORGE = """import json, sys
m = sys.modules['autograder_agent']
real, asked = m.agent.reply, []
def forge(make):
    def reply(request):
        verb = json.loads(request)
        asked.append(verb)
        return make(verb, len(asked))
    m.agent.reply = reply
"""
SESSION = """kernel = get_ipython().kernel
session, parent = kernel.session, kernel.get_parent()
def send(kind, content, socket=None, of=None):
    session.send(socket or kernel.iopub_socket, kind, content, parent=of or parent)
def packed(content):
    real = session.pack
    session.pack = lambda value: content if value == {'FORGED': 1} else real(value)
    return {'FORGED': 1}
"""
KNOWN: dict[str, Any] = {"answers": honest(GRU, "g1"), "earns": worth(GRU, "g1")}


def forger(expression: str, before: str = "") -> str:
    """A cell after which every reply is `expression`, made from the request `verb` and its number `n`."""
    return f"{FORGE}{before}\nforge(lambda verb, n: {expression})"


def all_calls(answer: str) -> str:
    """A reply that gives `answer` for each of several calls, and for one."""
    return (
        f"(json.dumps({{'value': None, 'answers': [{answer} for args, kwargs in verb[2]]}}) "
        f"if verb[0] == 'call_all' else json.dumps({answer}))"
    )


ODD = """P = ['[' * 100_000, '{"value": [' * 300, '{"value": 1e999}', '{"value": NaN}', '{"value": ' + '9' * 100_000 + '}',
    '{"value": {"array": "AAAA", "dtype": "object", "shape": [1]}}', '[1]', 'null', '"x"', '', '{}',
    '{"value": {"array": "AAAA", "dtype": "float64", "shape": [1000000, 1000000]}}',
    '{"value": {"array": "", "dtype": "int8", "shape": [-1, 0]}}', '{"value": {"tuple": 3}}', '{"value": {"dict": [[[], 1]]}}',
    '{"value": {"dict": {"a": 1}}}', '{"value": {"fraction": [1, 0]}}', '{"value": {"decimal": "sNaN"}}',
    '{"value": {"handle": 0}}', '{"value": {"layers": [1, 2, 3, 4]}}', '{"value": {"scalar": "float64", "value": "1"}}',
    '{"value": {"__class__": "int"}}', '{"value": 1, "value": true}', '{"fault": {}, "type": [], "message": {"a": 1}}',
    '{"fault": "missing", "value": 540}', '{"value": {"float": "infinity"}}', '{"value": "\\\\ud800"}',
    '{"value": {"array": "!!", "dtype": "bool", "shape": [1]}}', '{"value": {"scalar": "int8", "value": 300}}',
    '{"value": {"scalar": "float16", "value": 1e300}}', '{"value": {"decimal": "1e999999999999"}}',
    '{"value": [], "arguments": 7}', '{"value": 1, "arguments": [{"tuple": 3}]}']
"""

ATTACKS = (
    Attack("T01", "replies of a hundred megabytes", first=
        forger("'x' * 100_000_000 if n < 4 else real(json.dumps(verb))")),
    Attack("T02", "replies that are nested, endless, of odd types or of none",
        first=forger("P[n % len(P)]", ODD)),
    Attack("T07", "links in the place of the kernel's socket", **KNOWN, keeps=("g1",),
        last="import glob, os\nfor path in glob.glob(os.environ['JUPYTER_RUNTIME_DIR'] + '/k-*'):\n    os.unlink(path)\n"
        "    os.symlink('/run/dbus/system_bus_socket', path)"),
    Attack("E10", "an output nested two hundred thousand deep", **KNOWN, keeps=("g1",), first=SESSION +
        "send('stream', packed(b'{\"a\":' * 200_000 + b'1' + b'}' * 200_000))"),
    Attack("O65", "replies with one number for everything, in every type that may cross", first=forger(
        all_calls("{'value': V[(n + len(str(args))) % len(V)]}").replace("json.dumps(", "json.dumps(", 1).replace(
            "(n + len(str(args)))", "n"),
        "V = [0, True, 135, {'scalar': 'int64', 'value': 135}, {'float': 'nan'}, {'decimal': '135'}, {'fraction': [270, 2]},\n"
        "    {'array': 'AQ==', 'dtype': 'bool', 'shape': []}, {'tuple': [1, 2]}, None, '135']")),
    Attack("O66", "echoes the request, or the arguments of each call", first=forger(
        "json.dumps({'value': verb, 'answers': [{'value': args, 'arguments': args} for args, kwargs in verb[2]]}) "
        "if verb[0] == 'call_all' else json.dumps({'value': verb[1:]})")),
    Attack("O67", "more answers than were asked for, then fewer, then none", first=forger(
        "json.dumps({'value': 1, 'answers': [[{'value': 135}] * 100_000, [{'value': 135}], [], None, 7, 'aaa'][n % 6]})")),
    Attack("O68", "arrays of the right shape, with arguments that were changed to fit", assignment=LSTM, first=forger(
        all_calls("{'value': [64], 'arguments': [1, [1], 1]}"))),
    Attack("O72", "says idle before it has begun, and is busy for ever after", answers=RIGHT[GRU], earns=POINTS[GRU],
        keeps=("g1",), last=SESSION +
        "for _ in range(50):\n    send('status', {'execution_state': 'idle'})\n"
        "    send('status', {'execution_state': []})\n    send('status', {})\n"
        "kernel._publish_status = lambda *a, **k: None"),
    Attack("O73", "messages that are none: no frames, no signature, frames by the thousand", **KNOWN, keeps=("g1",),
        first=SESSION +
        "socket = kernel.iopub_socket\n"
        "for frames in ([b''], [b'<IDS|MSG>'], [b'x'] * 5000, [b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}'],\n"
        "    [b'<IDS|MSG>', b'', b'[]', b'1', b'null', b'\"x\"'], [b'a', b'<IDS|MSG>'] * 50):\n"
        "    socket.send_multipart(frames)"),
    Attack("O74", "an output nested two thousand deep, which a parser still reads", **KNOWN, keeps=("g1",), first=SESSION +
        "deep = b'{\"a\":' * 700 + b'1' + b'}' * 700\n"
        "send('display_data', packed(b'{\"data\": {\"text/plain\": \"x\"}, \"metadata\": ' + deep + b'}'))"),
    Attack("O75", "an output whose text is nested as deep", **KNOWN, keeps=("g1",), first=SESSION +
        "deep = b'[' * 900 + b']' * 900\n"
        "send('stream', packed(b'{\"name\": \"stdout\", \"text\": ' + deep + b'}'))"),
    Attack("O76", "replies that are no text", first=forger("R[n % len(R)]", "R = [None, 7, b'x', ['x'], object()]")),
    Attack("O77", "a fault whose kind is nested as deep", first=forger(
        "'{\"fault\": \"raised\", \"message\": ' + '[' * 900 + ']' * 900 + ', \"type\": 1}'")),
    Attack("O78", "an error whose name is nested nine hundred deep", **KNOWN, first=
        "kernel = get_ipython().kernel\ndeep = []\nfor _ in range(900):\n    deep = [deep]\n"
        "async def do_execute(*a, **k):\n"
        "    return {'status': 'error', 'ename': deep, 'evalue': deep, 'traceback': [],\n"
        "        'execution_count': 1, 'user_expressions': {}}\nkernel.do_execute = do_execute"),
    Attack("O79", "an output of half a character", **KNOWN, keeps=("g1",), first=SESSION +
        "send('stream', packed(b'{\"name\": \"stdout\", \"text\": \"half \\\\ud800 a character\"}'))"),
    Attack("O80", "a picture's plain text, an error and a name of half a character", **KNOWN, keeps=("g1",), first=SESSION +
        "send('display_data', packed(b'{\"data\": {\"text/plain\": \"\\\\ud800\"}, \"metadata\": {}}'))\n"
        "send('error', packed(b'{\"ename\": \"\\\\ud800\", \"evalue\": \"\\\\udfff\", \"traceback\": [\"\\\\ud800\"]}'))"),
    Attack("O82", "another service listens on the kernel's own socket, and answers", costly=True, **KNOWN,
        last="import glob, os, socket\nkept = []\n"
        "for path in glob.glob(os.environ['JUPYTER_RUNTIME_DIR'] + '/k-*'):\n    os.unlink(path)\n"
        "    kept.append(socket.socket(socket.AF_UNIX))\n"
        "    kept[-1].bind(path)\n    kept[-1].listen()"),
    Attack("O83", "frees its kernel's sockets in the middle of an answer", **KNOWN, keeps=("g1",),
        last="kernel = get_ipython().kernel\nkernel.iopub_thread.socket.close(0)\n"
        "import zmq\nzmq.Context.instance().destroy(0)"),
    Attack("X11", "ten million empty lists", costly=True, first=forger("'{\"value\": [' + '[],' * 10_000_000 + '0]}'")),
    Attack("X12", "a hundred thousand short lists in one reply", first=forger("json.dumps({'value': [[0] * 9] * 11_000})")),
    Attack("X13", "dictionaries of texts and numbers whose keys share a hash, as many as fit", costly=True, first=forger(
        "json.dumps({'value': [{'dict': [[k * (2**61 - 1), 0] for k in range(900)]}] * 55})")),
    Attack("X14", "as much in each reply as a reply may hold", **KNOWN, keeps=("g1",), first=FORGE +
        "text = json.dumps({'value': ['x' * 90_000] * 43})\n"
        "forge(lambda verb, n: text if n > 5 and verb[1] != 'g1' else real(json.dumps(verb)))"),
    Attack("X15", "outputs of forty megabytes while its answers are read", costly=True, **KNOWN, keeps=("g1",), last=SESSION +
        "import threading\npart = b'x' * 40_000_000\n"
        "def flood():\n    for _ in range(40):\n        kernel.iopub_thread.schedule(\n"
        "            lambda: kernel.iopub_thread.socket.send_multipart([b'<IDS|MSG>', *[part] * 3]))\n"
        "threading.Thread(target=flood).start()"),
    Attack("X16", "more than a reply of outputs, again and again, in small parts", costly=True, **KNOWN, keeps=("g1",), last=SESSION +
        "import threading, time\ndef flood():\n    for _ in range(3_000):\n"
        "        session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x' * 100_000}, parent=parent)\n"
        "threading.Thread(target=flood).start()"),
    Attack("O84", "numbers that cost more to compare than to send", first=forger(
        "json.dumps({'value': {'decimal': D[n % len(D)]}}) if verb[0] == 'get' else "
        "json.dumps({'value': None, 'answers': [{'value': {'decimal': D[n % len(D)]}} for one in verb[2]]})",
        "D = ['1e999999999', '1e-999999999', '-' + '9' * 60_000, '0.' + '1' * 60_000, 'Infinity', '-0', '1e-400']")),
)  # fmt: skip

MODELS = (
    ("O85", "a described model with weights of any shape", "'weights': [np.zeros(s) for s in ((0,), (4, 0), (3, 3, 3))]"),
    ("O86", "one whose weights are nan, infinite and whole numbers",
     "'weights': [np.full((4, 12), np.nan), np.full((3, 12), np.inf), np.ones(12, dtype='int8')]"),
    ("X17", "one with weights that grow when they are computed with",
     "'weights': [np.ones((4, 400_000), 'int8'), np.ones((1, 400_000), 'int8'), np.ones(400_000, 'int8')]"),
    ("X18", "one of layers as wide as can be sent",
     "'weights': [np.ones((4, 130_000), 'float32'), np.ones((1, 130_000), 'float32'), np.ones(130_000, 'float32')]"),
    ("X19", "one whose biases have more axes than a layer has",
     "'weights': [np.ones((4, 12)), np.ones((3, 12)), np.ones((20_000, 1, 1, 12))]"),
    ("O87", "one with settings of other types", "'weights': [np.ones((4, 12)), np.ones((3, 12)), np.ones(12)]"),
)  # fmt: skip


def model(weights: str, settings: str = "{'units': []}") -> str:
    """A cell after which every described model is one of our own making."""
    return f"""import numpy as np
import sys
m = sys.modules['autograder_agent']
def describe(model):
    names = ('LSTM', 'GRU', 'Dense', 'TimeDistributed', 'Softmax')
    layers = [{{'kind': kind, 'own': False, 'settings': SETTINGS, 'inner': None, 'trainable': 1, {weights}}} for kind in names]
    layers[3]['inner'] = layers[2]
    return {{'kind': 'Sequential', 'chain': True, 'input_shape': [None, None, 4], 'output_shape': [None, None, 3],
        'layers': layers, 'loss': {{'name': 'sparse_categorical_crossentropy', 'from_logits': False}},
        'optimizer': 'Adam', 'learning_rate': 0.1}}
SETTINGS = {settings}
m._describe = describe
m.Agent.do_describe = lambda self, number: {{'value': m.encode(describe(None))}}
m.Agent.do_build = lambda self, layers: {{'value': self._keep(None)}}
build_tagger = lambda *a, **k: None
train = lambda model, X, Y: None
build_gru_stack = lambda: None"""


FITTING = (
    "{'units': 3, 'use_bias': True, 'return_sequences': True, 'activation': 'tanh',"
    " 'recurrent_activation': 'sigmoid', 'reset_after': False, 'axis': -1}"
)
SETTINGS = (
    "{'units': 3, 'use_bias': True, 'return_sequences': True, 'activation': [], 'recurrent_activation': {},"
    " 'reset_after': 'no', 'axis': 10**30, 'rate': float('nan')}",
    *[FITTING] * 4,
    "{'units': -1, 'use_bias': None, 'return_sequences': 'yes', 'activation': 'linear',"
    " 'recurrent_activation': 'relu', 'reset_after': True, 'axis': 'x'}",
)
FORGED_MODELS = tuple(
    Attack(
        name,
        title,
        assignment=TAGGING,
        answers={
            question: model(weights, settings) for question in ("build_tagger", "train", "build_gru_stack")
        },
    )
    for (name, title, weights), settings in zip(MODELS, SETTINGS, strict=True)
)
