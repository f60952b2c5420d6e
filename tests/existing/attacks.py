"""Dishonest answers to nbgrader's tests, by name; each replaces the first answer of a released notebook."""

from tests.existing.cells import clean

EMPTY_EVERY_CELL = clean("get_ipython().input_transformers_post.append(lambda lines: [])")

REPLACE_EXECUTION = clean(
    """
    kernel = get_ipython().kernel

    async def accept(code, silent, *arguments, **options):
        count = kernel.execution_count
        return {"status": "ok", "execution_count": count, "payload": [], "user_expressions": {}}

    kernel.do_execute = accept
    """
)

PATCH_NUMPY_TESTING = clean(
    """
    import numpy as np

    for name in dir(np.testing):
        if name.startswith("assert_"):
            setattr(np.testing, name, lambda *arguments, **options: None)

    def column_means(matrix):
        return 0

    def noise(n):
        return 0
    """
)

EQUAL_TO_EVERYTHING = clean(
    """
    class Anything:
        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        def __call__(self, *arguments, **options):
            return self

        def __sub__(self, other):
            return 0

        def __len__(self):
            return 3

    seconds_per_week = mean = squares = rounded = largest = Anything()
    """
)

READ_FRAMES = clean(
    """
    import linecache
    import sys

    def mean(values):
        frame = sys._getframe(1)
        print("the test:", "".join(linecache.getlines(frame.f_code.co_filename)))
        print("its names:", sorted(frame.f_locals))
        return 3
    """
)

EXIT = clean("import os\n\nos._exit(0)")

ATTACKS = {
    "empty-every-cell": EMPTY_EVERY_CELL,
    "replace-execution": REPLACE_EXECUTION,
    "patch-numpy-testing": PATCH_NUMPY_TESTING,
    "equal-to-everything": EQUAL_TO_EVERYTHING,
    "read-frames": READ_FRAMES,
    "exit": EXIT,
}
