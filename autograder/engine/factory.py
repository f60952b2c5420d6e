"""Opens an executor: local processes or a Dask cluster."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from autograder.course import Course
from autograder.engine.local import open_local
from autograder.engine.messages import Executor
from autograder.engine.preload import expect_workers
from autograder.engine.tested_class import profiles_of
from autograder.grading.course_secret import ensure_secret
from autograder.sandbox.fork_server import ForkServerPool
from autograder.text import Text


def open_executor(
    course: Course,
    assignments: Sequence[str],
    *,
    workers: int,
    scheduler: str | None = None,
    apart: bool = False,
    wait: bool = True,
    long_seconds: float = math.inf,
    on_message: Callable[[Text], None] = lambda text: None,
) -> Executor:
    """Open an executor for some assignments of a course. Create the secret that questions need, if it has none.

    workers: number of workers on this machine.
    scheduler: address of the cluster to use instead; None for the course's setting, empty for none.
    apart: whether even a single worker is a separate process, so that this one can do other things.
    wait: whether to wait for a cluster's first worker; otherwise workers may come later, or be away for a while.
    long_seconds: after which a submission leaves its slot on this machine to others; see `ProcessPool`.
    on_message: called with cluster status messages.

    Raises GraderError if student code would not be sealed, CourseError if no cluster can be reached at the address.
    """
    chosen = [course.assignment(name) for name in assignments]
    if any(assignment.has_questions for assignment in chosen):
        ensure_secret(course)
    address = course.settings.scheduler if scheduler is None else scheduler
    if address:
        from autograder.engine.cluster.executor import ClusterExecutor  # only a cluster needs Dask

        return ClusterExecutor(course, assignments, address, wait=wait, on_message=on_message)
    expect_workers(workers, apart=apart)
    pool = ForkServerPool(private=(course.root,), fit=course.settings.fit)
    for profile in profiles_of(course, assignments):
        pool.get(profile, course.settings.seal)
    return open_local(course, pool, workers, apart=apart, long_seconds=long_seconds)
