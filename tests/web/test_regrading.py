"""Regrades of a class: previewed, applied and undone, with the worker as it is, on each database."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from autograder.grading.fingerprint import questions_digest
from autograder.grading.given_out import given_out
from autograder.grading.regrade_log import read_logs
from autograder.web.db import kept_cases, regrades
from autograder.web.db.attempts import DIGITS, QUESTION_FILES
from autograder.web.db.models import (
    Attempt,
    ClassRegrade,
    FinalGrade,
    Person,
    RegradedAttempt,
    RegradeRequest,
    now,
)
from autograder.web.privacy.erase import erase_student, find_stored_data
from autograder.web.settings import files_of
from tests.cli.test_given_out import OFF_BY_ONE
from tests.support import cli
from tests.web.worker_course import WRONG, WorkerCourse, answers, process, wait_for

pytestmark = [pytest.mark.seal, pytest.mark.long]
NEARLY = answers(add_two=OFF_BY_ONE)


def correct(here: WorkerCourse, effect: str = ', full_marks="answered"') -> None:
    """Write a correction into the file of `add_two`, and build."""
    path = here.course.root / "solutions" / "arithmetic" / "add_two.py"
    line = f'\n\nquestion.correction("2026-12-01", text=Text(en="one more is right, too"){effect})\n'
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    rebuild(here)


def rebuild(here: WorkerCourse) -> None:
    """Build in a process of its own, as people do: the working directory is the whole process's, with its worker's."""
    done = cli("build", "arithmetic", "--no-solutions", cwd=here.course.root)
    assert done.returncode == 0, done.stderr


def begin(here: WorkerCourse, link: int, **fields: Any) -> int:
    """What the page does."""
    regrade = ClassRegrade(
        course_link_id=link,
        assignment="arithmetic",
        questions=questions_digest(here.course, "arithmetic"),
        made_by="Kim",
        **fields,
    )
    with here.database.write() as session:
        attempts = session.scalars(select(Attempt.id).where(Attempt.score.is_not(None))).all()
        return regrades.begin(session, regrade, attempts)


def step(here: WorkerCourse, number: int, **how: Any) -> None:
    """Apply a regrade, or undo it."""
    with here.database.write() as session:
        regrade = session.get_one(ClassRegrade, number)
        if how:
            regrades.apply(session, regrade, by="Kim", at=now(), **{"answered": []} | how)
        else:
            regrades.undo(session, regrade, by="Lee", at=now())


def state(here: WorkerCourse, number: int) -> str:
    with here.database.read() as session:
        regrade = session.get(ClassRegrade, number)
        return "gone" if regrade is None else regrade.state


def rows(here: WorkerCourse, number: int) -> list[RegradedAttempt]:
    with here.database.read() as session:
        query = select(RegradedAttempt).where(RegradedAttempt.regrade_id == number)
        return list(session.scalars(query.order_by(RegradedAttempt.attempt_id)))


def graded(here: WorkerCourse, number: int) -> bool:
    """Whether every attempt of a regrade is graded."""
    return all(row.state != "waiting" for row in rows(here, number))


def previewed(here: WorkerCourse, link: int, **fields: Any) -> int:
    """A regrade whose attempts are graded."""
    number = begin(here, link, **fields)
    wait_for(lambda: graded(here, number))
    assert [str(row.reason) for row in rows(here, number) if row.reason] == []
    return number


def moved(here: WorkerCourse, number: int) -> list[list[tuple[str, float, float, bool]]]:
    return [
        [(one["question"], one["before"], one["after"], one["stays"]) for one in row.changes]
        for row in rows(here, number)
    ]


@contextmanager
def class_of_three(here: WorkerCourse) -> Iterator[tuple[int, list[int]]]:
    """Amy is right, Kim is off by one in `add_two`, Lee multiplied; all are graded, and the LMS was told."""
    link = here.link()
    people = [here.person(name) for name in ("amy", "kim", "lee")]
    for person, sources in zip(people, (answers(), NEARLY, answers(add_two=WRONG)), strict=True):
        here.hand_in(link, person, sources)
    with here.running_worker(slots=2):
        here.all_done()
        yield link, people


def told(here: WorkerCourse, link: int, people: list[int]) -> list[list[float]]:
    """The scores that the LMS was told, by person."""
    return [[one["scoreGiven"] for one in here.sent_scores(link, person)] for person in people]


def follows(here: WorkerCourse) -> list[str]:
    """The digest of the question files by which each attempt has its scores."""
    with here.database.read() as session:
        attempts = session.scalars(select(Attempt).order_by(Attempt.person_id))
        return [(attempt.versions or {})[QUESTION_FILES] for attempt in attempts]


def present(here: WorkerCourse) -> str:
    """The digest of the question files as they are."""
    return questions_digest(here.course, "arithmetic")[:DIGITS]


def pages(here: WorkerCourse) -> list[str]:
    """The students' pages, as they are shown."""
    names = ("amy", "kim", "lee")
    return [(here.course.feedback / name / "arithmetic" / "arithmetic.html").read_text() for name in names]


def test_preview_changes_nothing_and_apply_changes_each_score_once(here: WorkerCourse) -> None:
    """Gradebook, pages, LMS and log follow; undo brings all of it back, and it can be applied again."""
    with class_of_three(here) as (link, people):
        first = pages(here)
        assert told(here, link, people) == [[4.0], [2.0], [2.0]]
        correct(here)
        number = previewed(here, link)
        assert moved(here, number) == [[], [("add_two", 0.0, 2.0, False)], [("add_two", 0.0, 2.0, False)]]
        assert "corrected" in rows(here, number)[1].changes[0]["why"]["en"]
        assert rows(here, number)[1].why.en == "question files changed"  # type: ignore[union-attr]
        assert here.gradebook("kim") == (2.0, 0.0)
        assert pages(here) == first
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
        assert [here.gradebook(name)[0] for name in ("amy", "kim", "lee")] == [4.0, 4.0, 4.0]
        assert all("one more is right, too" in page for page in pages(here))
        (log,) = read_logs(here.course)
        assert (log["account"], log["because"], log["undone"]) == ("Kim", "one more is right, too", None)
        assert [(one["student"], one["before"], one["after"]) for one in log["changes"]] == [
            ("kim", 0.0, 2.0),
            ("lee", 0.0, 2.0),
        ]
        assert [scores[-1] for scores in told(here, link, people)] == [4.0, 4.0, 4.0]
        assert told(here, link, people)[1:] == [[2.0, 4.0], [2.0, 4.0]]
        step(here, number)
        wait_for(lambda: state(here, number) == "undone")
        here.all_done()
        assert [here.gradebook(name)[0] for name in ("amy", "kim", "lee")] == [4.0, 2.0, 2.0]
        assert pages(here) == first
        assert told(here, link, people)[1:] == [[2.0, 4.0, 2.0], [2.0, 4.0, 2.0]]
        (log,) = read_logs(here.course)
        assert log["undone"]["account"] == "Lee"
        again = previewed(here, link)
        step(here, again, because="one more is right, too")
        wait_for(lambda: state(here, again) == "applied")
        here.all_done()
        assert told(here, link, people)[1:] == [[2.0, 4.0, 2.0, 4.0], [2.0, 4.0, 2.0, 4.0]]
        assert [log["number"] for log in read_logs(here.course)] == [1, 2]


def test_only_attempts_that_the_change_concerns_are_graded(here: WorkerCourse) -> None:
    """Nothing has changed: none is; whoever wants it all the same says so."""
    with class_of_three(here) as (link, _people):
        number = previewed(here, link)
        with here.database.read() as session:
            assert session.get_one(ClassRegrade, number).up_to_date == 3
        assert rows(here, number) == []
        with here.database.write() as session:
            regrades.discard(session.get_one(ClassRegrade, number))
        wait_for(lambda: state(here, number) == "gone")
        everything = previewed(here, link, everything=True)
        assert [row.state for row in rows(here, everything)] == ["graded"] * 3
        assert moved(here, everything) == [[], [], []]


def test_failing_cases_for_staff_follow_the_score(here: WorkerCourse) -> None:
    """They go where an answer becomes right, and come back with an undo; a question that stays keeps its own."""
    with class_of_three(here) as (link, _people):
        path = here.course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        also = "\n\n@question.also_right\ndef one_more(first, second):\n    return first + second + 1\n"
        path.write_text(text + also, encoding="utf-8")
        rebuild(here)
        other = previewed(here, link, question="add_more")
        kim = rows(here, other)[1].attempt_id
        first = failing(here, kim)
        assert set(first) == {"add_two"}
        step(here, other, because="nothing of it")
        wait_for(lambda: state(here, other) == "applied")
        assert failing(here, kim) == first
        number = previewed(here, link)
        assert failing(here, kim) == first
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        assert failing(here, kim) == {}
        step(here, number)
        wait_for(lambda: state(here, number) == "undone")
        assert failing(here, kim) == first


def failing(here: WorkerCourse, attempt: int) -> dict[str, Any]:
    with here.database.read() as session:
        return kept_cases.saved(session, attempt)


def test_one_question_moves_alone_and_a_better_score_stays(here: WorkerCourse) -> None:
    """What a regrade does not ask for stays as it is, in score, page and record."""
    with class_of_three(here) as (link, people):
        correct(here)
        other = previewed(here, link, question="add_more")
        assert moved(here, other) == [[], [], []]
        step(here, other, because="nothing of it")
        wait_for(lambda: state(here, other) == "applied")
        here.all_done()
        assert here.gradebook("kim") == (2.0, 0.0)
        assert follows(here) == [present(here), "", ""]  # of neither the old files nor the present ones alone
        number = previewed(here, link, question="add_two")
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
        assert here.gradebook("kim") == (4.0, 0.0)
        assert follows(here) == [present(here)] * 3
        path = here.course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.partition("\n\nquestion.correction")[0] + "\n", encoding="utf-8")
        rebuild(here)
        better = previewed(here, link, keep_better=True)
        assert moved(here, better) == [[], [("add_two", 2.0, 0.0, True)], [("add_two", 2.0, 0.0, True)]]
        step(here, better, because="back, for those who come later")
        wait_for(lambda: state(here, better) == "applied")
        here.all_done()
        assert here.gradebook("kim") == (4.0, 0.0)
        assert told(here, link, people)[1][-1] == 4.0


def test_points_by_hand_and_newer_grades_stay(here: WorkerCourse) -> None:
    """A person's score holds through apply and undo; an attempt that was graded again since is left alone."""
    with class_of_three(here) as (link, people):
        here.override(link, people[1], "add_two-check", 1.5, "as good as right")
        here.all_done()
        correct(here)
        number = previewed(here, link)
        lee = rows(here, number)[2].attempt_id
        here.regrade(lee)
        here.all_done()
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
        assert [row.state for row in rows(here, number)] == ["applied", "applied", "left"]
        assert here.gradebook("kim") == (3.5, 0.0)
        assert here.gradebook("lee") == (4.0, 0.0)
        step(here, number)
        wait_for(lambda: state(here, number) == "undone")
        here.all_done()
        assert here.gradebook("kim") == (3.5, 0.0)
        assert here.gradebook("lee") == (4.0, 0.0)


def test_hand_in_since_follows_the_present_question(here: WorkerCourse) -> None:
    """It is graded at once, counts, and an undo leaves it alone."""
    with class_of_three(here) as (link, people):
        correct(here)
        number = previewed(here, link)
        here.hand_in(link, people[1], NEARLY)
        here.all_done()
        assert told(here, link, people)[1] == [2.0, 4.0]
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
        step(here, number)
        wait_for(lambda: state(here, number) == "undone")
        here.all_done()
        assert told(here, link, people)[1:] == [[2.0, 4.0], [2.0, 4.0, 2.0]]


def test_open_requests_are_answered_with_the_reason(here: WorkerCourse) -> None:
    """Those about the questions that were named, and no answer is written over."""
    with class_of_three(here) as (link, _people):
        correct(here)
        number = previewed(here, link)
        ids = []
        for row, question, answer in zip(
            rows(here, number), ("add_two", "add_two", "add_more"), (None, "no", None), strict=True
        ):
            request = RegradeRequest(attempt_id=row.attempt_id, question=question, check="", answer=answer)
            with here.database.write() as session:
                session.add(request)
                session.flush()
                ids.append(request.id)
        step(here, number, because="one more is right, too", answered=["add_two"])
        wait_for(lambda: state(here, number) == "applied")
        with here.database.read() as session:
            found = [session.get_one(RegradeRequest, one) for one in ids]
        assert [(one.answer, one.answered_by) for one in found] == [
            ("one more is right, too", "Kim"),
            ("no", ""),
            (None, ""),
        ]


def test_changed_question_file_keeps_a_preview_from_mixing(here: WorkerCourse) -> None:
    """Attempts that would be graded by other files than the first are left out, with the reason."""
    with class_of_three(here) as (link, _people):
        correct(here)
        number = begin(here, link, state="undone")  # the worker does not begin yet
        correct(here, ", points=3")
        with here.database.write() as session:
            session.get_one(ClassRegrade, number).state = "grading"
        wait_for(lambda: graded(here, number))
        assert {row.state for row in rows(here, number)} == {"ungraded"}
        assert "the question files changed" in rows(here, number)[0].reason.en  # type: ignore[union-attr]


def test_killed_at_any_point_it_ends_as_asked(here: WorkerCourse) -> None:
    """A worker that is killed while it grades, applies or undoes leaves work that the next one ends."""
    link = here.link()
    people = [here.person(f"s{number}") for number in range(6)]
    for person in people:
        here.hand_in(link, person, NEARLY)
    with here.running_worker(slots=2):
        here.all_done()
    correct(here)
    url = here.database.engine.url.render_as_string(hide_password=False)
    number = begin(here, link)

    def kill_when(condition: Any) -> None:
        with process(url, here.course.root, "all") as worker:
            wait_for(condition)
            worker.send_signal(signal.SIGKILL)
            worker.wait(30)

    kill_when(lambda: any(row.state == "graded" for row in rows(here, number)))
    with here.running_worker(slots=2):
        wait_for(lambda: graded(here, number))
    for wanted, how in (("applied", {"because": "why not"}), ("undone", {})):
        step(here, number, **how)
        kill_when(lambda wanted=wanted: any(row.state == wanted for row in rows(here, number)))
        with here.running_worker():
            wait_for(lambda wanted=wanted: state(here, number) == wanted)
            here.all_done()
        score = 4.0 if wanted == "applied" else 2.0
        assert [here.gradebook(f"s{one}")[0] for one in range(6)] == [score] * 6
        assert [scores[-1] for scores in told(here, link, people)] == [score] * 6
    assert [len(read_logs(here.course)), told(here, link, people)] == [1, [[2.0, 4.0, 2.0]] * 6]


def test_two_at_once_are_refused(here: WorkerCourse) -> None:
    """The second is told so; once the first is discarded, it may begin."""
    with class_of_three(here) as (link, _people):
        correct(here)
        first = previewed(here, link)
        with pytest.raises(regrades.RegradeRefused, match="neither applied nor discarded"):
            begin(here, link)
        with here.database.write() as session:
            regrades.discard(session.get_one(ClassRegrade, first))
        wait_for(lambda: state(here, first) == "gone")
        assert list(files_of(here.course).rglob("regrade-*")) == []
        second = previewed(here, link)
        step(here, second, because="once")
        wait_for(lambda: state(here, second) == "applied")
        third = previewed(here, link, everything=True)
        step(here, third, because="twice")
        wait_for(lambda: state(here, third) == "applied")
        with pytest.raises(regrades.RegradeRefused, match="undo that one first"):
            step(here, second)


def test_erased_student_leaves_nothing_in_a_regrade(here: WorkerCourse) -> None:
    """Neither rows nor files nor a line in the log."""
    with class_of_three(here) as (link, people):
        correct(here)
        number = previewed(here, link)
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
        erase_student(here.database, here.course, find_stored_data(here.database, here.course, "kim"))
        assert len(rows(here, number)) == 2
        assert len(list(files_of(here.course).rglob("regrade-*"))) == 2
        assert [one["student"] for one in read_logs(here.course)[0]["changes"]] == ["lee"]
        step(here, number)
        wait_for(lambda: state(here, number) == "undone")
        here.all_done()
        assert told(here, link, people[2:]) == [[2.0, 4.0, 2.0]]
        with here.database.read() as session:
            assert session.get(Person, people[1]) is None


def test_commands_leave_scores_of_the_web_tool_alone(here: WorkerCourse) -> None:
    """They count as given out: `grade` keeps them, and `regrade` says where they are regraded, and undone."""
    with class_of_three(here) as (link, _people):
        assert set(given_out(here.course).students["arithmetic"]) == {"amy", "kim", "lee"}
        correct(here)
        number = previewed(here, link)
        step(here, number, because="one more is right, too")
        wait_for(lambda: state(here, number) == "applied")
        here.all_done()
    root = here.course.root
    with (root / "solutions" / "arithmetic" / "add_two.py").open("a") as file:
        file.write("\n# what is written here does not matter\n")
    said = cli("grade", "--language", "en", cwd=root).stdout
    assert "3 kept from before" in said
    said = " ".join(cli("regrade", "--language", "en", cwd=root).stdout.split())
    assert "3 scores come from the web tool, which regrades them" in said
    assert "written by the web tool; undo it there" in " ".join(
        cli("regrade", "--undo", "--language", "en", cwd=root).stderr.split()
    )
    with here.database.read() as session:
        assert {grade.score for grade in session.scalars(select(FinalGrade))} == {4.0}
    assert json.loads((root / "regrades" / "001.json").read_text())["web"] is True
