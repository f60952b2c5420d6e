"""Imported last before workers are forked: makes what each would import or make at first use, so that they share it.

The garbage collector leaves alone what is there then.
"""

import gc
from importlib import import_module

import nbformat
from nbformat.validator import get_validator

from autograder.feedback.page import compile_templates
from autograder.i18n import read_catalogs
from autograder.sandbox.inside.libc import trim_heap

for _module in (
    "IPython.lib.lexers", "autograder.nbgrader.feedback_exporter", "autograder.nbgrader.preprocessors",
    "autograder.nbgrader.submission_reader", "babel.numbers", "encodings.utf_8_sig", "numpy.random",
):  # fmt: skip
    import_module(_module)
get_validator(nbformat.current_nbformat, nbformat.current_nbformat_minor)
read_catalogs()
compile_templates()
gc.collect()
trim_heap()
gc.freeze()
