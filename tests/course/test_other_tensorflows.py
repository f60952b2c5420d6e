"""The solved notebooks on the TensorFlow of the lecture, the oldest with Keras 3, and the newest.

Installs gigabytes and takes many minutes, so it runs with `--slow` alone; needs `python3.11` and the network.
In the folder that TENSORFLOW_ENVIRONMENTS names, the environments are kept and used again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.course import Course
from autograder.nbgrader import converters
from autograder.nbgrader.registration import register
from autograder.notebooks.cells import cell_metadata
from autograder.notebooks.self_check import WORDS
from tests.support import ROOT, copy_course

pytestmark = pytest.mark.slow

COURSE = Course.open(ROOT)
VERSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    # IPython from 8.23 on fails with the typing_extensions that TensorFlow 2.12 asks for, and does not say so to pip
    "2.12": ("python3.11", ("tensorflow==2.12.*", "matplotlib<3.9", "ipykernel", "ipython<8.23")),
    "2.16": ("python3.11", ("tensorflow==2.16.*", "keras==3.0.*", "matplotlib", "ipykernel")),
    "newest": (sys.executable, ("--upgrade", "tensorflow", "matplotlib", "ipykernel")),
}

# TensorFlow's C++ runtime tells of the processor, and of the GPU that it does not find, before any setting is read
RUNTIME_LOG = re.compile(
    r"""^(
        \d{4}-\d\d-\d\d\ [\d:.]+:\ [IWE]\ .*                      # 2023-03-23 10:00:00.123456: I tensorflow/...
        | [IWE]0000\ .*                                           # E0000 00:00:1700000000.123456 cuda_dnn.cc:8310] ...
        | WARNING:\ All\ log\ messages\ before\ absl::InitializeLog.*
        | To\ enable\ the\ following\ instructions:.*
        | Skipping\ registering\ GPU\ devices\.\.\.
    )\n?""",
    re.MULTILINE | re.VERBOSE,
)


@pytest.fixture(scope="module")
def environments() -> Iterator[Path]:
    """The folder of the environments."""
    kept = os.environ.get("TENSORFLOW_ENVIRONMENTS")
    if kept:
        yield Path(kept).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="tensorflow-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=VERSIONS)
def kernel(request: pytest.FixtureRequest, environments: Path) -> Iterator[str]:
    """The name of a kernel in an environment that holds one TensorFlow, and no part of this project."""
    version = request.param
    base, wanted = VERSIONS[version]
    folder = environments / version
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        # the pip of an older Python does not find, in any time, what goes with an older TensorFlow
        subprocess.run([base, "-m", "venv", "--upgrade-deps", str(folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    name = f"tensorflow-{version}"
    spec = folder / "kernels" / name / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    argv = [python, "-I", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        yield name


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of the course whose solved notebooks are written and not run."""
    course = Course.open(copy_course(tmp_path_factory.mktemp("course"), *COURSE.assignments))
    course.config.GenerateSolution.preprocessors.remove("nbgrader.preprocessors.Execute")
    for name in course.assignments:
        register(course.assignment(name))
        for language in course.languages:
            converters.generate_solution(
                course, name, language, root=course.root, gradebook_url=course.gradebook_url
            )
    return course


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("name", COURSE.assignments)
def test_the_solved_notebook_runs_without_errors_and_warnings(
    kernel: str, solved: Course, name: str, language: str, tmp_path: Path
) -> None:
    """Top to bottom, demonstrations and examples too; then its last cell finds every answer."""
    path = solved.root / "build" / "solution" / language / name / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, kernel_name=kernel, timeout=600, allow_errors=True, resources=where).execute()

    found = "\n".join(complaint for cell in notebook.cells for complaint in complaints(cell))
    assert not found, found
    *_, last = (cell for cell in notebook.cells if cell_metadata(cell).get("part") == "hand-in")
    printed = "".join(output.text for output in last.outputs)
    answers, versions = printed.split("\n\n")
    words = {name: text.in_language(language) for name, text in WORDS.items()}
    assert dict(line.split(maxsplit=1) for line in answers.splitlines()) == {
        question.id: words["answered" if question.is_number or is_called else "not run"]
        for question in solved.assignment(name).questions
        for is_called in [question.sample is not None and not question.is_in_exam]
    }
    if kernel != "tensorflow-newest":
        assert f"{words['here']} {kernel.removeprefix('tensorflow-')}." in versions


def complaints(cell: NotebookNode) -> Iterator[str]:
    """Errors of a cell, and what it wrote to stderr, but for the log of the C++ runtime."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            yield f"{cell.id}: {output.ename}: {output.evalue}"
        elif output.get("name") == "stderr" and RUNTIME_LOG.sub("", output.text).strip():
            yield f"{cell.id}: {RUNTIME_LOG.sub('', output.text).strip()}"
