"""The door to the workers: those of this machine, or of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.course import Course
from autograder.engine.local import open_local
from autograder.engine.messages import Engine
from autograder.engine.preload import expect_workers
from autograder.grading.hidden_inputs import prepare
from autograder.grading.notebook_grader import profile_of
from autograder.sandbox.fork_server import WarmParents
from autograder.sandbox.session import RECIPES
from autograder.text import Text


def open_engine(
    course: Course,
    assignments: Sequence[str],
    *,
    workers: int,
    scheduler: str | None = None,
    apart: bool = False,
    wait: bool = True,
    tell: Callable[[Text], None] = lambda text: None,
) -> Engine:
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
        from autograder.engine.cluster.executor import Cluster  # only a cluster needs Dask

        return Cluster(course, assignments, address, wait=wait, tell=tell)
    expect_workers(workers, apart=apart)
    WarmParents.instance().hide(course.root)
    WarmParents.instance().train(course.settings.fit)
    for profile in {profile_of(course.readable_questions(name)) for name in assignments}:
        WarmParents.instance().get(RECIPES[profile], course.settings.seal)
    return open_local(course, workers, apart=apart)
