"""What holds for one person in one activity: due dates, attempts, and what being late costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.models import Extension, ResourceLink
from autograder.web.policy import SubmissionPolicy, policy_for
from tests.support import copy_course
from tests.web import database_rows

DUE = datetime(2027, 3, 1, 23, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)


def policy(**changed: object) -> SubmissionPolicy:
    usual: dict[str, object] = {
        "due_at": DUE, "extended": False, "has_own_due": True, "attempts": 0, "attempts_left": None,
        "refuses_late": False, "late_percent": 0.0,
    }  # fmt: skip
    return SubmissionPolicy(**(usual | changed))  # type: ignore[arg-type]


class TestLateness:
    """Of a hand-in, by its time."""

    @pytest.mark.parametrize(
        ("late", "lost"),
        [
            (-HOUR, 0), (timedelta(0), 0), (timedelta(seconds=1), 1), (24 * HOUR, 1), (25 * HOUR, 2),
            (1000 * HOUR, 10),
        ],
    )  # fmt: skip
    def test_each_day_begun_costs(self, late: timedelta, lost: float) -> None:
        """Ten percent a day of a score of ten, never more than the score."""
        assert policy(late_percent=10.0).late_penalty(10.0, DUE + late) == pytest.approx(lost)

    @given(st.floats(0, 100), st.floats(0.1, 100), st.timedeltas(timedelta(-400), timedelta(400)))
    def test_it_never_pays_and_never_goes_below_nothing(
        self, score: float, percent: float, late: timedelta
    ) -> None:
        """Whatever the rule and the time, between nothing and all of the score is lost."""
        lost = policy(late_percent=percent).late_penalty(score, DUE + late)
        assert lost is not None
        assert 0 <= lost <= score

    def test_the_course_decides_where_the_activity_does_not(self) -> None:
        """Without a percentage, or without a due date, nbgrader's policy is asked."""
        assert policy().late_penalty(10.0, DUE + HOUR) is None
        assert policy(late_percent=10.0, due_at=None).late_penalty(10.0, DUE + HOUR) is None


class TestHandingIn:
    """Whether one more is taken."""

    def test_late_ones(self) -> None:
        """They are taken, unless the activity refuses them."""
        assert policy().may_hand_in(DUE + HOUR)
        assert policy(refuses_late=True).may_hand_in(DUE)
        assert not policy(refuses_late=True).may_hand_in(DUE + HOUR)

    def test_no_attempt_left(self) -> None:
        """Not before the due date either."""
        assert policy(attempts_left=1).may_hand_in(DUE)
        assert not policy(attempts_left=0).may_hand_in(DUE)


class TestTerms:
    """What the tables say, put together."""

    @pytest.fixture(scope="class")
    def course(self, tmp_path_factory: pytest.TempPathFactory) -> Course:
        folder = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
        with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write('c.CourseSettings.due = {"shapes": "2027-03-01T23:59+00:00"}\n')
        return Course.open(folder)

    @pytest.fixture
    def people(self, database: Database) -> tuple[int, int, int]:
        """A link to `shapes`, and two people of whom the first has handed in twice."""
        with database.write() as session:
            where = database_rows.platform(session)
            link = database_rows.course_link(session, where, "shapes")
            one, other = database_rows.person(session, where), database_rows.person(session, where)
            for _ in range(2):
                database_rows.attempt(session, link, one)
        return link, one, other

    def seen(self, database: Database, course: Course, link: int, person: int) -> SubmissionPolicy:
        with database.read() as session:
            return policy_for(session, course, session.get_one(ResourceLink, link), person)

    def test_the_due_date_is_the_links_else_the_courses(
        self, database: Database, course: Course, people: tuple[int, int, int]
    ) -> None:
        """A teacher's choice for the activity stands before the settings of the course."""
        link, one, _ = people
        assert self.seen(database, course, link, one).due_at == DUE
        with database.write() as session:
            session.get_one(ResourceLink, link).due_at = DUE + HOUR
        assert self.seen(database, course, link, one).due_at == DUE + HOUR

    def test_allowance_is_for_one_person(
        self, database: Database, course: Course, people: tuple[int, int, int]
    ) -> None:
        """More time and one attempt more for her, the activity's own rules for everybody else."""
        link, one, other = people
        with database.write() as session:
            session.get_one(ResourceLink, link).attempts_allowed = 2
        assert self.seen(database, course, link, one).attempts_left == 0
        with database.write() as session:
            session.add(Extension(course_link_id=link, person_id=one, due_at=DUE + 2 * HOUR, more_attempts=1))
        hers, others = (self.seen(database, course, link, person) for person in (one, other))
        assert (hers.due_at, hers.extended, hers.attempts, hers.attempts_left) == (DUE + 2 * HOUR, True, 2, 1)
        assert (others.due_at, others.extended, others.attempts, others.attempts_left) == (DUE, False, 0, 2)
