"""CPU and size of feedback pages, next to nbgrader's own page and to the pages of an earlier version of the kit.

    autograder demo --folder build/demo
    git worktree add build/earlier TAG
    python benchmarks/feedback_page.py build/demo --earlier build/earlier

Every way renders the graded notebooks of the course in a process of its own, one after the other, in several rounds;
the first pages of a process, which fill its caches, are not counted. The gradebook is read before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM, ROUNDS, MOST = 3, 3, 10
"""Pages that are not counted, rounds, and pages that are counted in a round."""
STOCK, OURS, EARLIER = "nbgrader's own page", "this version", "earlier version"


def main() -> None:
    """Print the mean CPU and size of a page by way, and the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("course", type=Path, help="a course whose submissions are graded")
    parser.add_argument("--earlier", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(_measure(arguments.course.resolve(), stock=arguments.way == STOCK)))
        return
    trees = {STOCK: None, OURS: None} | ({EARLIER: arguments.earlier.resolve()} if arguments.earlier else {})
    rounds = [
        {way: _in_process(arguments.course, way, tree) for way, tree in trees.items()} for _ in range(ROUNDS)
    ]
    cpu = {way: statistics.mean(one[way]["cpu"] for one in rounds) for way in trees}
    for way in trees:
        told = rounds[0][way]
        size = f"{told['mean'] // 1000} KB, at most {told['most'] // 1000} KB"
        print(f"{way}: {1000 * cpu[way]:.1f} CPU ms a page, {size} ({told['pages']} pages)")
    for way in set(trees) - {OURS}:
        print(f"{OURS} / {way}: {cpu[OURS] / cpu[way]:.2f}")


def _in_process(course: Path, way: str, tree: Path | None) -> dict[str, float]:
    """Measure one way in a process of its own. tree: the checkout whose package it imports."""
    environment = os.environ | ({} if tree is None else {"PYTHONPATH": str(tree)})
    words = [sys.executable, __file__, str(course), "--way", way]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure(root: Path, *, stock: bool) -> dict[str, float]:
    """Return CPU seconds and bytes of a page, over all graded notebooks of a course."""
    from autograder.course import Course, SubmissionId
    from autograder.engine.messages import RenderTask
    from autograder.nbgrader.gradebook import GradebookWriter

    course = Course.open(root)
    tasks = []
    with GradebookWriter(course) as gradebook:
        for path in sorted(course.autograded.glob("*/*/*.ipynb")):
            submission = SubmissionId(path.parts[-3], path.parts[-2])
            notebook = json.dumps(_with_all_languages(json.loads(path.read_bytes())))
            tasks.append(RenderTask(submission, notebook, gradebook.scores(submission)))
    render: Callable[[Any], str] = _stock(course) if stock else _ours(course)
    for task in tasks[:WARM]:
        render(task)
    tasks = tasks[:MOST]
    start = time.process_time()
    sizes = [len(render(task).encode()) for task in tasks]
    cpu = (time.process_time() - start) / len(tasks)
    return {"cpu": cpu, "mean": sum(sizes) // len(sizes), "most": max(sizes), "pages": len(sizes)}


def _ours(course: Any) -> Callable[[Any], str]:
    """Return a function that renders as the kit does. Workers of earlier versions opened the course themselves."""
    from autograder.engine.worker import Worker

    if hasattr(Worker, "root"):
        return Worker(root=str(course.root)).render  # type: ignore[call-arg]
    from autograder.sandbox.fork_server import ForkServerPool

    return Worker(course, ForkServerPool()).render


def _with_all_languages(value: Any) -> Any:
    """Return a graded notebook whose texts have both languages, which earlier versions expect of an empty one, too."""
    if isinstance(value, list):
        return [_with_all_languages(one) for one in value]
    if not isinstance(value, dict):
        return value
    texts = ("title", "text", "message")
    return {
        name: {"ko": "", "en": ""} | one
        if name in texts and isinstance(one, dict)
        else _with_all_languages(one)
        for name, one in value.items()
    }


def _stock(course: Any) -> Callable[[Any], str]:
    """Return a function that renders as nbgrader does without our settings."""
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from autograder.nbgrader.detached_preprocessors import RecallGrades

    config = Config()
    config.CourseDirectory.root = str(course.root)
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
    exporter = HTMLExporter(parent=converter, config=converter.config)
    recall = RecallGrades(parent=exporter)
    exporter.register_preprocessor(recall, enabled=True)

    def render(task: Any) -> str:
        recall.scores = task.scores
        name, student = task.submission.assignment, task.submission.student
        told = {"student": student, "assignment": name, "notebook": name, "db_url": ""}
        page, _ = exporter.from_notebook_node(nbformat.reads(task.notebook, as_version=4), {"nbgrader": told})
        return str(page)

    return render


if __name__ == "__main__":
    main()
