"""The web tool's worker on a Dask cluster, which may come later, go away and come back."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from autograder.engine.cluster.executor import ClusterExecutor
from autograder.grading.failing_cases import FailingCases
from autograder.web.db import kept_cases
from autograder.web.db.models import GradingJob
from tests.engine.local_cluster import OwnCluster, own_cluster
from tests.web.loopback import lms
from tests.web.worker_course import (
    RIGHT,
    SLOW,
    WRONG,
    WorkerCourse,
    answers,
    release,
    wait_for,
    worker_course,
)

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="what is graded on a cluster is sealed, on Linux"),
]
SOON = 45.0
"""Seconds: half of what a scheduler is waited for, and plenty for what waits for nobody."""
STARTING = 400.0
"""Seconds: a worker that starts imports much and tries its seals, which takes some ten on a quiet machine."""


def failing(here: WorkerCourse, attempt: int) -> FailingCases | None:
    """What is kept for staff of a question."""
    with here.database.read() as session:
        return kept_cases.load(session, attempt, "add_two")


def tries(here: WorkerCourse, attempt: int) -> int:
    """How often grading an attempt was begun."""
    with here.database.read() as session:
        return session.scalars(select(GradingJob.tries).where(GradingJob.attempt_id == attempt)).one()


@pytest.mark.full
class TestOneWorkerOfTheWebTool:
    """Started before its cluster is; it grades there, loses it, and finds it again."""

    @pytest.fixture(scope="class")
    def cluster(self) -> Iterator[OwnCluster]:
        """An address at which nobody is yet."""
        with own_cluster() as cluster:
            self.end(cluster)
            yield cluster

    @pytest.fixture(scope="class")
    def said(self) -> Iterator[io.StringIO]:
        """What the worker logs."""
        log, said = logging.getLogger("autograder.web.worker"), io.StringIO()
        handler, level = logging.StreamHandler(said), log.level
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        yield said
        log.removeHandler(handler)
        log.setLevel(level)

    @pytest.fixture(scope="class")
    def here(
        self, cluster: OwnCluster, said: io.StringIO, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[WorkerCourse]:
        """A course with the worker at it."""
        released = release(tmp_path_factory.mktemp("released") / "course")
        folder = tmp_path_factory.mktemp("room")
        with (
            lms() as other,
            worker_course(released, folder, folder / "web.db", other) as made,
            made.running_worker(scheduler=cluster.address),
        ):
            yield made

    @pytest.fixture(scope="class")
    def first(self, here: WorkerCourse, cluster: OwnCluster) -> int:
        """An attempt that waited for the cluster."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers())
        wait_for(lambda: here.attempt(attempt).state == "queued")
        time.sleep(1)  # twenty turns of the worker
        assert here.attempt(attempt).state == "queued"
        self.start(cluster)
        wait_for(here.quiet, STARTING)
        return attempt

    @pytest.fixture(scope="class")
    def untold(self, here: WorkerCourse, first: int) -> tuple[int, int, int]:
        """A link that no LMS keeps a grade of, a person, and their attempt, which is graded."""
        link, person = here.link(lineitem_url=None), here.person("s2")
        attempt = here.hand_in(link, person, answers(add_two=WRONG))
        here.all_done()
        return link, person, attempt

    @pytest.fixture(scope="class")
    def lost(self, cluster: OwnCluster, untold: object, said: io.StringIO) -> None:
        """The cluster goes, and the worker has noticed."""
        said.truncate(0)
        self.end(cluster)
        wait_for(lambda: f"lost the scheduler at {cluster.address}" in said.getvalue())

    @staticmethod
    def start(cluster: OwnCluster) -> None:
        cluster.start_scheduler()
        cluster.start_worker("--no-nanny")

    @staticmethod
    def end(cluster: OwnCluster) -> None:
        """Dask's workers end with their scheduler."""
        cluster.scheduler.kill()
        cluster.scheduler.wait()

    def test_starts_before_its_cluster(self, here: WorkerCourse, first: int) -> None:
        """It does not end for want of one, and what was handed in meanwhile is graded in one try."""
        assert (here.attempt(first).score, tries(here, first)) == (4.0, 1)

    def test_grades_settles_and_tells_there(self, here: WorkerCourse, first: int) -> None:
        """As on one machine: the attempt, the gradebook, the LMS, and the cases for staff."""
        link, person = here.link(), here.person("s3")
        attempt = here.hand_in(link, person, answers(add_two=WRONG))
        here.all_done()
        row, stands = here.attempt(attempt), here.standing(link, person)
        assert (row.state, row.score, row.points) == ("graded", 2.0, 4.0)
        assert (row.versions or {}).get("seal")
        assert (stands.attempt_id, stands.score) == (attempt, 2.0)
        assert here.gradebook("s3") == (2.0, 0.0)
        assert here.last_sent_score(link, person) == 2.0
        kept = failing(here, attempt)
        assert kept is not None
        assert len(kept.checks[0].cases) == 5

    def test_goes_on_with_what_needs_no_cluster(
        self, here: WorkerCourse, untold: tuple[int, int, int], lost: None
    ) -> None:
        """What stands is worked out and told to the LMS, far sooner than a scheduler is waited for."""
        link, person, _ = untold
        assert here.sent_scores(link, person) == []
        here.change(link, lineitem_url=here.lms.address + here.links[link].removesuffix("/scores"))
        wait_for(lambda: here.last_sent_score(link, person) == 2.0, SOON)

    def test_does_what_waited_once_its_cluster_is_back(
        self, here: WorkerCourse, cluster: OwnCluster, untold: tuple[int, int, int], lost: None
    ) -> None:
        """Nobody's attempt is said to be under way meanwhile, and none has lost a try."""
        link, person, _ = untold
        second = here.hand_in(link, person, answers())
        here.override(link, person, "add_two-check", 1.0, "Half of it.")
        time.sleep(1)  # twenty turns of the worker
        assert (here.attempt(second).state, tries(here, second)) == ("queued", 0)
        self.start(cluster)
        wait_for(here.quiet, STARTING)
        assert (here.attempt(second).score, tries(here, second)) == (4.0, 1)
        assert here.gradebook("s2") == (3.0, 0.0)

    def test_gives_back_what_was_under_way_where_nobody_comes(
        self, here: WorkerCourse, cluster: OwnCluster, first: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So `autograder worker --once` ends, and another worker may have it; it was no try."""
        if cluster.scheduler.poll() is not None:
            self.start(cluster)
        monkeypatch.setattr(ClusterExecutor, "patience", 3.0)
        attempt = here.hand_in(
            here.link(), here.person("s4"), answers(add_two=SLOW + RIGHT.format(name="add_two"))
        )
        wait_for(lambda: here.attempt(attempt).state == "grading", STARTING)
        self.end(cluster)
        wait_for(lambda: here.attempt(attempt).state == "queued", SOON)
        assert tries(here, attempt) == 0
