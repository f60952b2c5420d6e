"""Attacks that let the framework count, where the question is graded without it."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from tests.hostile.attack import GRU, LSTM, Attack

COUNT = """    layer = {layer}
    layer.build((None, 1, d))
    return layer.count_params()"""


def counted(before: str = "import keras") -> dict[str, str]:
    """Both functions of the GRU assignment, by the framework."""
    return {
        "gru_params": f"{before}\ndef gru_params(d, u, reset_after=True):\n"
        + COUNT.format(layer="keras.layers.GRU(u, reset_after=reset_after)"),
        "gru_weight_shapes": f"{before}\ndef gru_weight_shapes(d, u, r):\n"
        f"    layer = keras.layers.GRU(u, reset_after=r)\n"
        "    layer.build((None, 1, d))\n    return [tuple(w.shape) for w in layer.get_weights()]",
    }


CHILD = """import subprocess, sys
def ask(code):
    return int(subprocess.run([sys.executable, *flags, '-c', code], capture_output=True, timeout=30).stdout)
flags = []
"""
ATTACKS = (
    Attack("A34", "builds the layer and counts its weights", answers=counted(), assignment=GRU),
    Attack("A36", "the same for an LSTM", assignment=LSTM, answers={
        "lstm_params": "import tensorflow as tf\ndef lstm_params(d, u):\n" + COUNT.format(layer="tf.keras.layers.LSTM(u)"),
        "dense_params": "def dense_params(d, u):\n" + COUNT.format(layer="tf.keras.layers.Dense(u)")}),
    Attack("O93", "takes the stand-ins away and imports again", answers=counted(
        "import importlib, sys\n"
        "sys.meta_path[:] = [one for one in sys.meta_path if 'Stub' not in type(one).__name__]\n"
        "for name in [name for name in sys.modules if name.split('.')[0] in ('keras', 'tensorflow')]:\n"
        "    del sys.modules[name]\n"
        "importlib.invalidate_caches()\nsys.path_importer_cache.clear()\nimport keras")),
    Attack("O94", "asks a Python of its own, which has no stand-ins", costly=True, answers={
        "gru_params": CHILD + "def gru_params(d, u, r=True):\n"
        "    return ask(f'import keras\\nx = keras.layers.GRU({u}, reset_after={r})\\nx.build((1, 1, {d}))\\nprint(x.count_params())')"}),
    Attack("O95", "finds the framework's files by a walk and loads them by path", costly=True, answers=counted(
        "import ctypes, glob, importlib.machinery, importlib.util, os, sys\nfound = []\n"
        "for root in {sys.prefix, sys.base_prefix, '/usr/lib/python3', '/shown', '/opt', '/usr/local/lib'}:\n"
        "    found += glob.glob(root + '/**/keras/__init__.py', recursive=True)[:3]\n"
        "    found += glob.glob(root + '/**/libtensorflow*', recursive=True)[:3]\n"
        "    found += glob.glob(root + '/**/torch/__init__.py', recursive=True)[:1]\n"
        "for path in found:\n    if path.endswith('.py'):\n"
        "        sys.path.insert(0, os.path.dirname(os.path.dirname(path)))\n"
        "    else:\n        ctypes.CDLL(path)\n"
        "import keras")),
    Attack("O96", "installs the framework from the network, from a wheel or from a cache", costly=True, answers=counted(
        "import subprocess, sys\n"
        "for line in (['-m', 'pip', 'install', '--no-input', '--retries', '0', '--timeout', '1', 'keras'],\n"
        "    ['-m', 'ensurepip'], ['-m', 'venv', 'v', '--system-site-packages', '--without-pip']):\n"
        "    try:\n        subprocess.run([sys.executable, *line], capture_output=True, timeout=2)\n"
        "    except Exception as error:\n        print(error)\nimport keras")),
    Attack("O97", "asks the stand-in itself: its attributes, its module, its loader", answers=counted(
        "import keras, types\nfor name in ('__call__', '__getattr__', '__int__', '__iter__'):\n    try:\n"
        "        setattr(type(keras), name, lambda self, *a, **k: 135 if name != '__iter__' else iter([(2, 15)]))\n"
        "    except Exception as error:\n        print(error)")),
)  # fmt: skip
