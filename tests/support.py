"""What several test modules need: a course of their own, and nbgrader's commands on it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.cli.main import main
from autograder.course import Course
from autograder.engine.local import BUDGET
from autograder.engine.messages import GradeTask, RenderTask
from autograder.engine.worker import Worker
from autograder.nbgrader.records import GradeRecord
from autograder.sandbox.session import open_session
from autograder.text import Text

ROOT = Path(__file__).resolve().parent.parent

LEAN = str(ROOT / "tests" / "lean")
"""First in the path of nbgrader's processes, which then start in half the time."""

CONFIG = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")


def small_course(folder: Path, *, languages: tuple[str, ...] = ("en",)) -> Path:
    """A course on another topic in `folder`: its settings, no question yet."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{language}"' for language in languages)
    config = CONFIG.replace('languages=["ko", "en"]', f"languages=[{listed}]")
    config = config.replace('{"numpy": "2.4", "tensorflow": "2.21"}', "{}")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    return folder


def course_of_one_question(folder: Path) -> Course:
    """Return a released course in `folder` whose assignment `arithmetic` has the question `add_two`."""
    course = Course.open(small_course(folder))
    new_question(course, "arithmetic", "add_two")
    build(course, solutions=False)
    return course


def copy_course(folder: Path, *assignments: str) -> Path:
    """This repository's course in `folder`, with some of its assignments, as committed."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source" / "pictures", folder / "source" / "pictures")
    for name in assignments:
        for part in ("source", "solutions", "release/ko", "release/en"):
            shutil.copytree(
                ROOT / part / name,
                folder / part / name,
                ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
            )
    return folder


def clone(released: Path, folder: Path) -> Course:
    """Return a clone of a released course, in `folder`: without a gradebook, as a fresh clone is."""
    ignored = shutil.ignore_patterns("gradebook.db")
    return Course.open(shutil.copytree(released, folder / "course", ignore=ignored))


@contextlib.contextmanager
def nested_folders(folder: Path) -> Iterator[None]:
    """Nest more folders in `folder` than recursion can follow, and remove them: pytest could not."""
    folder.mkdir(parents=True, exist_ok=True)
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(1_400):
        outer = inner
        os.mkdir("d", dir_fd=outer)
        inner = os.open("d", os.O_RDONLY, dir_fd=outer)
        os.close(outer)
    os.close(inner)
    try:
        yield
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def command(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the environment's commands in a course, without the environment being activated."""
    program = Path(sys.executable).parent / name
    folder = str(program.parent)
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    paths = environment.get("PATH", "").split(os.pathsep)
    environment["PATH"] = os.pathsep.join(path for path in paths if path != folder)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [LEAN, environment.get("PYTHONPATH")]))
    return subprocess.run(
        [str(program), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def cli(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `autograder` in a course, in this process: a process of its own takes two seconds to start."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = main(arguments)
        except SystemExit as ended:  # argparse, where the words are not understood
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), errors.getvalue())


def ends_its_worker_for_s3(opened: Worker, task: GradeTask) -> GradeRecord:
    """What a worker does, but that it ends at one student. Here, where a worker can import it from."""
    if task.submission.student == "s3":
        os._exit(7)
    return Worker.grade(opened, task)


def starves_at_s0_once(opened: Worker, task: GradeTask) -> GradeRecord:
    """What a worker does, but that one student's code gets no processor the first time; notes begin and end."""
    path = opened.course.root / "noted"
    return _noted(opened, task, starves=not path.exists() or "begin s0" not in path.read_text())


def starves_at_s0(opened: Worker, task: GradeTask) -> GradeRecord:
    """The same, but each time."""
    return _noted(opened, task, starves=True)


def _noted(opened: Worker, task: GradeTask, *, starves: bool) -> GradeRecord:
    student = task.submission.student
    with (opened.course.root / "noted").open("a") as file:
        file.write(f"begin {student}\n")
    if student == "s0" and starves:
        graded = GradeRecord(task.submission, reason=Text.same("no processor"), is_starved=True)
    else:
        graded = Worker.grade(opened, task)
    with (opened.course.root / "noted").open("a") as file:
        file.write(f"end {student}\n")
    return graded


def import_by_name(opened: Worker, name: str) -> None:
    """Import a module in a worker."""
    importlib.import_module(name)


def leave_one_waiting(opened: Worker, source: str) -> Any:
    """A piece of work that expects another of its kind. Here, where a worker can import it from."""
    pool = opened.pool
    with pool.prefetch(another=True), open_session("counting", pool=pool) as session:
        session.run(source)
        return session.get("x")


def drawn_number(opened: Worker, _nothing: object) -> tuple[int, float]:
    """The process id of a worker, and a number that NumPy's global generator draws there."""
    time.sleep(0.5)  # or one worker may take both items
    return os.getpid(), float(np.random.random())


def frozen_objects(opened: Worker, _nothing: object) -> int:
    """Return how many objects the garbage collector of a worker leaves alone."""
    return gc.get_freeze_count()


def notes_what_grading_imports(opened: Worker, task: GradeTask) -> GradeRecord:
    """Grade as a worker does, and write the names of the modules that this imports into the course."""
    with _noting_modules(opened):
        return Worker.grade(opened, task)


def notes_what_a_page_imports(opened: Worker, page: RenderTask) -> str:
    """Render as a worker does, and write the names of the modules that this imports into the course."""
    with _noting_modules(opened):
        return Worker.render(opened, page)


@contextlib.contextmanager
def _noting_modules(opened: Worker) -> Iterator[None]:
    before = {*sys.modules}
    yield
    with (opened.course.root / "noted").open("a") as file:
        print("begin", *sorted({*sys.modules} - before), file=file)


def takes_forever_for_s3(opened: Worker, task: GradeTask) -> GradeRecord:
    """What a worker does, but that it computes without end at one student."""
    if task.submission.student == "s3":
        while True:
            pass
    return Worker.grade(opened, task)


def takes_much_memory_for_s3(opened: Worker, task: GradeTask) -> GradeRecord:
    """What a worker does, but that it wants more memory than there is at one student."""
    if task.submission.student == "s3":
        bytearray(2 * BUDGET.memory_mb << 20)
    return Worker.grade(opened, task)


def hangs_at_the_page_of_s3(opened: Worker, page: RenderTask) -> str:
    """What a worker does, but that the page of one student is never done."""
    if page.submission.student == "s3":
        signal.pause()
    return Worker.render(opened, page)


def without_draw(text: str) -> str:
    """The text of a graded notebook without the draw of its hidden inputs, which is new for each first grade."""
    found, number = re.subn(r'"draw": \{[^}]*\}', '"draw": {}', text)
    assert number <= 1
    return found
