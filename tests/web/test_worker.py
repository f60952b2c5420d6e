"""From a file handed in to a score in the LMS: the gradebook, the files, what stands, and what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from autograder.course import Course
from autograder.grading.fingerprint import questions_digest
from autograder.web.db import final_grades, outbox
from autograder.web.db.attempts import DIGITS, QUESTION_FILES
from autograder.web.db.models import Attempt, Extension, RegradeRequest, now
from autograder.web.settings import folder_of
from tests.web.worker_course import TIMING, WRONG, WorkerCourse, answers, wait_for

pytestmark = [pytest.mark.seal, pytest.mark.long]
DUE = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MULTIPLIED = answers(add_two=WRONG)
SLEEPS = "def {name}(a, b):\n    time.sleep(1000)"
NOTHING_RIGHT = answers(add_two=WRONG, add_more=WRONG)


def test_classmate_does_not_wait_for_an_answer_that_takes_long(here: WorkerCourse) -> None:
    """There is one slot, which the answer leaves."""
    link = here.link()
    slow = here.hand_in(link, here.person("s1"), answers(add_two=f"import time\n{SLEEPS}"))
    quick = here.hand_in(link, here.person("s2"), answers())
    with here.running_worker(slots=1, timing=replace(TIMING, long_attempt=1.0)):
        wait_for(lambda: here.attempt(quick).state == "graded")
        assert here.attempt(slow).state == "grading"


class TestOneHandIn:
    """A file, from the student's page to the LMS."""

    def test_is_everywhere_that_anybody_looks(self, here: WorkerCourse) -> None:
        """Gradebook, nbgrader's folders, the attempt's own page, what stands, and the LMS with a comment."""
        link, person = here.link(), here.person("s1", locale="en-GB")
        attempt = here.hand_in(link, person, MULTIPLIED, at=DUE)
        with here.running_worker():
            here.all_done()
        row = here.attempt(attempt)
        assert (row.state, row.score, row.points, row.reason) == ("graded", 2.0, 4.0, None)
        assert row.report is not None
        assert row.report["edition"] == "en"
        assert [one["question"] for one in row.report["questions"]] == ["add_more", "add_two"]
        assert row.versions is not None
        assert {"autograder", "seal"} <= set(row.versions)
        assert row.versions[QUESTION_FILES] == questions_digest(here.course, "arithmetic")[:DIGITS]
        stands = here.standing(link, person)
        assert (stands.attempt_id, stands.score, stands.maximum, stands.late) == (attempt, 2.0, 4.0, 0.0)
        assert stands.cells["add_two-check"] == {"score": 0.0, "points": 2.0, "manual": False}
        assert here.gradebook("s1") == (2.0, 0.0)
        root = here.course.root
        where = "s1/arithmetic/arithmetic"
        page = (folder_of(here.course) / "files" / row.path).with_name("feedback.html").read_text()
        assert "The numbers were multiplied, not added." in page
        assert "<dt>Attempt</dt><dd>1</dd>" in page
        assert (root / f"feedback/{where}.html").read_text() in page
        json.loads((root / f"autograded/{where}.ipynb").read_text())
        assert (root / "submitted/s1/arithmetic/timestamp.txt").read_text() == (
            "2026-11-10 12:00:00.000000 UTC\n"
        )
        (sent,) = here.sent_scores(link, person)
        assert (sent["scoreGiven"], sent["scoreMaximum"]) == (2.0, 4.0)
        assert sent["submission"]["submittedAt"].startswith("2026-11-10T12:00:00")
        assert sent["comment"] == (
            "The sum of two numbers: 2 / 2\n"
            "The sum of two numbers: 0 / 2\n"
            "– The numbers were multiplied, not added.\n"
            "Open the assignment in your LMS for the whole report."
        )

    def test_is_told_in_the_persons_language(self, here: WorkerCourse) -> None:
        """The tool's own words, whatever was handed in; a question's are in a language that the course has."""
        link, person = here.link(), here.person("s1", locale="ko_KR")
        here.hand_in(link, person, MULTIPLIED)
        with here.running_worker():
            here.all_done()
        assert here.sent_scores(link, person)[0]["comment"].splitlines()[1:] == [
            "The sum of two numbers: 0 / 2",
            "– The numbers were multiplied, not added.",
            "전체 채점 결과는 LMS에서 이 과제를 열면 볼 수 있습니다.",
        ]

    def test_lms_is_told_why_an_answer_did_not_run_or_returned_nothing(self, here: WorkerCourse) -> None:
        """The first message of each question's card, without the marks that set code."""
        link, person = here.link(), here.person("s1")
        no_name, no_return = "def {name}(a, b):\n    return a + c", "def {name}(a, b):\n    a + b"
        here.hand_in(link, person, answers(add_more=no_name, add_two=no_return))
        with here.running_worker():
            here.all_done()
        told = here.sent_scores(link, person)[0]["comment"]
        assert "NameError: name 'c' is not defined" in told
        assert "None" in told
        assert "return" in told.splitlines()[3]
        assert "`" not in told


class TestWhichAttemptCounts:
    """Best or last, late or not, here or there."""

    def test_the_best_the_earlier_of_equals_or_the_last(self, here: WorkerCourse) -> None:
        """By the teacher's choice, which may change afterwards; the LMS hears of each change once."""
        link, person = here.link(), here.person("s1")
        first, _, third = (
            here.hand_in(link, person, sources, at=DUE + number * DAY)
            for number, sources in enumerate([MULTIPLIED, NOTHING_RIGHT, MULTIPLIED])
        )
        with here.running_worker(slots=2):
            here.all_done()
            assert here.standing(link, person).attempt_id == first
            last = here.hand_in(link, person, NOTHING_RIGHT, at=DUE + 3 * DAY)
            here.all_done()
            assert here.standing(link, person).attempt_id == first
            here.change(link, stands="last")
            wait_for(lambda: here.last_sent_score(link, person) == 0.0)
            assert here.standing(link, person).attempt_id == last
            assert here.gradebook("s1") == (0.0, 0.0)
            here.change(link, stands="best", late_rule="deduct", late_percent=10.0, due_at=DUE - DAY / 2)
            wait_for(lambda: here.last_sent_score(link, person) == 1.8)
            assert here.standing(link, person).attempt_id == first
        assert third != first
        scores = [one["scoreGiven"] for one in here.sent_scores(link, person)]
        assert scores in (
            [2.0, 0.0, 1.8],
            [0.0, 2.0, 0.0, 1.8],
        )  # whichever of the first three was graded first

    def test_attempts_at_another_assignment_do_not_count(self, here: WorkerCourse) -> None:
        """A teacher may let an activity open another one, and a better score of before keeps nobody from it."""
        link, person = here.link(), here.person("s1")
        before = here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
        with here.database.write() as session:
            row = session.get_one(Attempt, before)
            assert (row.report or {})["assignment"] == "arithmetic"
            row.report = (row.report or {}) | {"assignment": "geometry"}
        after = here.hand_in(link, person, answers(add_two=WRONG))
        with here.running_worker():
            here.all_done()
        assert here.standing(link, person).attempt_id == after
        assert here.last_sent_score(link, person) == 2.0
        page = here.course.root / "feedback/s1/arithmetic/arithmetic.html"
        assert "<dt>Attempt</dt><dd>2</dd>" in page.read_text()

    def test_being_late_costs_what_the_rule_says_until_an_extension_is_granted(
        self, here: WorkerCourse
    ) -> None:
        """In the gradebook, in what stands, on the page and in the LMS."""
        link = here.link(late_rule="deduct", late_percent=25.0, due_at=DUE)
        person = here.person("s1")
        attempt = here.hand_in(link, person, answers(), at=DUE + 1.5 * DAY)
        page = (folder_of(here.course) / "files" / here.attempt(attempt).path).with_name("feedback.html")
        with here.running_worker():
            wait_for(lambda: here.last_sent_score(link, person) == 2.0)
            assert here.standing(link, person).late == 2.0
            assert here.gradebook("s1") == (4.0, 2.0)
            assert "Handed in late: −2" in here.sent_scores(link, person)[-1]["comment"]
            assert "<strong>2</strong> <span>/ 4</span>" in page.read_text()
            with here.database.write() as session:
                session.add(Extension(course_link_id=link, person_id=person, due_at=DUE + 2 * DAY))
                final_grades.mark_stale(session, link, person)
            wait_for(lambda: here.last_sent_score(link, person) == 4.0)
            here.all_done()
        assert here.standing(link, person).late == 0.0
        assert here.gradebook("s1") == (4.0, 0.0)
        assert "late" not in here.sent_scores(link, person)[-1]["comment"]
        assert "<strong>4</strong> <span>/ 4</span>" in page.read_text()

    def test_two_activities_for_one_student_are_told_the_better_of_both(self, here: WorkerCourse) -> None:
        """A worse hand-in in another course costs nothing, and both LMS courses say the same."""
        one, other = here.link(stands="last"), here.link(stands="last")
        person = here.person("s1")
        better = here.hand_in(one, person, answers(), at=DUE)
        here.hand_in(other, person, MULTIPLIED, at=DUE + DAY)
        with here.running_worker():
            here.all_done()
        assert [here.standing(link, person).attempt_id for link in (one, other)] == [better, better]
        assert [here.last_sent_score(link, person) for link in (one, other)] == [4.0, 4.0]
        assert here.gradebook("s1") == (4.0, 0.0)

    def test_trial_of_the_staff_is_graded_and_told_nobody(self, here: WorkerCourse) -> None:
        """A teacher sees what students see; the LMS has no grade for a teacher."""
        link, person = here.link(), here.person("t1", role="teacher")
        here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
        assert here.standing(link, person).score == 4.0
        assert here.deliveries() == []

    def test_activity_without_a_gradebook_is_told_nothing(self, here: WorkerCourse) -> None:
        """Its LMS would refuse each score; what stands is there all the same."""
        link, person = here.link(lineitem_url=None), here.person("s1")
        here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
        assert here.standing(link, person).score == 4.0
        assert here.deliveries() == []

    def test_gradebook_that_came_later_or_moved_is_told_what_stands(self, here: WorkerCourse) -> None:
        """Once in each place, though nothing of the score has changed."""
        link, person = here.link(lineitem_url=None), here.person("s1")
        here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
            for place in ("first", "second"):
                here.lms.answer(f"/ags/{link}-{place}/scores", 200)
                here.links[link] = f"/ags/{link}-{place}/scores"
                with here.database.write() as session:
                    outbox.restart(session, link)
                here.change(link, lineitem_url=f"{here.lms.address}/ags/{link}-{place}")
                here.all_done()
                here.change(link)
                here.all_done()
                assert [one["scoreGiven"] for one in here.sent_scores(link, person)] == [4.0]


class TestClosing:
    """An assignment whose feedback tells the worked solution once it has closed."""

    def test_the_page_tells_it_then(self, here: WorkerCourse) -> None:
        """Rendered anew, by nobody's doing; the LMS hears nothing of it."""
        config = here.course.root / "nbgrader_config.py"
        before = config.read_text() + '\nc.CourseSettings.feedback = {"arithmetic": "solution"}\n'

        def close(moment: datetime) -> None:
            config.write_text(f'{before}c.CourseSettings.closes = {{"arithmetic": "{moment.isoformat()}"}}\n')

        close(now() + DAY)
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, MULTIPLIED)
        page = (folder_of(here.course) / "files" / here.attempt(attempt).path).with_name("feedback.html")
        with here.running_worker():
            here.all_done()
            assert "Worked solution" not in page.read_text()
            close(now() - DAY)
            wait_for(lambda: "Worked solution" in page.read_text())
            here.all_done()
        assert len(here.sent_scores(link, person)) == 1


class TestHidden:
    """An assignment whose scores students may not see before a date."""

    def test_the_lms_is_told_then(self, here: WorkerCourse) -> None:
        """Until then the score waits, for however long; another date in the settings is enough."""
        config = here.course.root / "nbgrader_config.py"
        before = config.read_text()

        def hide(until: datetime) -> None:
            hidden = f'c.CourseSettings.scores_hidden_until = {{"arithmetic": "{until.isoformat()}"}}'
            config.write_text(f"{before}\n{hidden}\n")

        hide(now() + DAY)
        here.course = Course.open(here.course.root)
        link, person = here.link(), here.person("s1")
        here.hand_in(link, person, MULTIPLIED)
        with here.running_worker():
            wait_for(here.deliveries)
            shown = here.link(assignment="other")
            with here.database.write() as session:
                outbox.announce(session, shown, person, score=1, maximum=4, comment="")
            wait_for(lambda: here.sent_scores(shown, person))
            assert here.sent_scores(link, person) == []
            hide(now() - DAY)
            wait_for(lambda: here.last_sent_score(link, person) == 2.0)
            here.all_done()


class TestWhatPeopleGive:
    """Points of a teacher's, wherever they were given."""

    def test_override_reaches_the_lms_and_survives_regrading(self, here: WorkerCourse) -> None:
        """With its reason on the page and in the comment; taken back, the grader's own score stands again."""
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, MULTIPLIED)
        page = (folder_of(here.course) / "files" / here.attempt(attempt).path).with_name("feedback.html")
        with here.running_worker():
            here.all_done()
            here.override(link, person, "add_two-check", 1.5, "The idea is right.")
            wait_for(lambda: here.last_sent_score(link, person) == 3.5)
            here.all_done()
            assert "– From your teacher: The idea is right." in here.sent_scores(link, person)[-1]["comment"]
            assert "The idea is right." in page.read_text()
            cell = here.standing(link, person).cells["add_two-check"]
            assert cell == {"score": 1.5, "points": 2.0, "manual": True, "comment": "The idea is right."}
            here.regrade(attempt)
            here.all_done()
            assert here.standing(link, person).score == 3.5
            assert [score for score, _ in here.deliveries()] == [2.0, 3.5]
            here.override(link, person, "add_two-check", None, "")
            wait_for(lambda: here.last_sent_score(link, person) == 2.0)
            here.all_done()
        assert "The idea is right." not in page.read_text()
        assert [score for score, _ in here.deliveries()] == [2.0, 3.5, 2.0]

    def test_answer_to_a_request_reaches_the_lms(self, here: WorkerCourse) -> None:
        """In the comment of the score that counts, at its question, once; also where the score stays."""
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, MULTIPLIED)
        later = here.hand_in(link, person, MULTIPLIED)
        with here.running_worker():
            here.all_done()
            asked = RegradeRequest(attempt_id=later, question="add_two", check="", words="Why?")
            with here.database.write() as session:
                session.add(asked)
            with here.database.write() as session:
                row = session.get_one(RegradeRequest, asked.id)
                row.answer, row.answered_at = "Read `a + b`\nagain.", now()
                final_grades.mark_stale(session, link, person)
            wait_for(lambda: len(here.deliveries()) == 2)
            here.all_done()
        assert here.standing(link, person).attempt_id == attempt
        lines = here.sent_scores(link, person)[-1]["comment"].splitlines()
        assert lines[1:4] == [
            "The sum of two numbers: 0 / 2",
            "– The numbers were multiplied, not added.",
            "– From your teacher: Read a + b again.",
        ]
        assert here.deliveries() == [(2.0, "confirmed"), (2.0, "confirmed")]

    def test_points_given_in_formgrader_reach_the_lms_and_go_again(self, here: WorkerCourse) -> None:
        """Nobody tells the tool; it notices. A new hand-in does not undo them."""
        link, person = here.link(stands="last"), here.person("s1")
        here.hand_in(link, person, MULTIPLIED)
        with here.running_worker():
            here.all_done()
            here.formgrader("s1", "add_two-check", 1.0, "Half of it.")
            wait_for(lambda: here.last_sent_score(link, person) == 3.0)
            assert "From your teacher: Half of it." in here.sent_scores(link, person)[-1]["comment"]
            here.hand_in(link, person, NOTHING_RIGHT)
            wait_for(lambda: here.last_sent_score(link, person) == 1.0)
            here.formgrader("s1", "add_two-check", None, "")
            wait_for(lambda: here.last_sent_score(link, person) == 0.0)
            here.all_done()
        assert [score for score, _ in here.deliveries()] == [2.0, 3.0, 1.0, 0.0]

    def test_who_could_not_be_graded_can_be_given_points(self, here: WorkerCourse) -> None:
        """All of them: before, there is no score that the LMS could be told."""
        link, person = here.link(), here.person("s1")
        with here.running_worker():
            here.override(link, person, "add_two-check", 2, "On paper.")
            here.all_done()
            assert here.deliveries() == []
            here.override(link, person, "add_more-check", 1, "On paper.")
            here.all_done()
        assert here.standing(link, person).attempt_id is None
        assert [one["scoreGiven"] for one in here.sent_scores(link, person)] == [3.0]


class TestOncePerChange:
    """A score goes out when it changes, and then once."""

    def test_neither_regrading_nor_a_restart_sends_it_again(self, here: WorkerCourse) -> None:
        """The same result is no change."""
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, answers())
        for again in (False, True):
            with here.running_worker():
                if again:
                    here.regrade(attempt)
                    here.change(link, attempts_allowed=5)
                here.all_done()
        assert here.deliveries() == [(4.0, "confirmed")]
        assert len(here.sent_scores(link, person)) == 1
