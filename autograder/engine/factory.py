"""The door to the workers: those of this machine, or of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.course import Course
from autograder.engine.local import open_local
from autograder.engine.messages import Executor
from autograder.engine.preload import expect_workers
from autograder.grading.hidden_inputs import prepare
from autograder.grading.notebook_grader import profile_of
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.text import Text


def open_executor(
    course: Course,
    assignments: Sequence[str],
    *,
    workers: int,
    scheduler: str | None = None,
    apart: bool = False,
    wait: bool = True,
    tell: Callable[[Text], None] = lambda text: None,
) -> Executor:
    """Workers for some assignments of a course.

    workers: how many on this machine. scheduler: of the cluster to use in its place; None for what the course's
    settings say, empty for none. apart: whether even one worker is a process of its own, so that this one can go on
    with other things. wait: until a worker of a cluster is there; else it may come later, or be away for a while. tell:
    told what becomes of a cluster. Makes the secret of a course that has none. Raises GraderError where student code
    would not be sealed, CourseError where there is no cluster at the address, or can be none.
    """
    prepare(course)
    address = course.settings.scheduler if scheduler is None else scheduler
    if address:
        from autograder.engine.cluster.executor import ClusterExecutor  # only a cluster needs Dask

        return ClusterExecutor(course, assignments, address, wait=wait, tell=tell)
    expect_workers(workers, apart=apart)
    ForkServerPool.instance().hide(course.root)
    ForkServerPool.instance().set_fit(course.settings.fit)
    for profile in {profile_of(course.readable_questions(name)) for name in assignments}:
        ForkServerPool.instance().get(KERNEL_PROFILES[profile], course.settings.seal)
    return open_local(course, workers, apart=apart)
