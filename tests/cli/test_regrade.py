"""A regrade: previewed, applied, taken back, and whole wherever it is killed."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.engine import regrading
from autograder.grading.given_out import PENDING, check_no_regrade_pending
from autograder.grading.regrade_log import log_path, read_logs
from autograder.nbgrader.gradebook import GradebookWriter
from tests.cli.test_given_out import (
    ACCEPTS_ONE_MORE,
    LENIENT,
    OFF_BY_ONE,
    change_question,
    english,
    files,
    graded_once,  # noqa: F401 - a fixture
)
from tests.cli.test_grade import RIGHT, both, feedback_of, hand_in, scores
from tests.support import cli

pytestmark = pytest.mark.long
BEFORE = {"amy": 4.0, "kim": 2.0, "lee": 2.0}
AFTER = {"amy": 4.0, "kim": 4.0, "lee": 2.0}
APPLY = ("regrade", "--apply", "--because", "one more is fine")


@pytest.fixture(scope="module")
def changed_once(graded_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A course whose scores are given out, and whose question `add_two` accepts one more since."""
    root = tmp_path_factory.mktemp("changed") / "course"
    shutil.copytree(graded_once, root)
    cli("grade", "--given-out", cwd=root)
    change_question(Course.open(root))
    return root


@pytest.fixture
def course(changed_once: Path, tmp_path: Path) -> Course:
    """A copy of that course."""
    return Course.open(shutil.copytree(changed_once, tmp_path / "course"))


@pytest.fixture(scope="module")
def applied_once(changed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, regraded."""
    root = tmp_path_factory.mktemp("applied") / "course"
    shutil.copytree(changed_once, root)
    assert cli(*APPLY, cwd=root).returncode == 0
    return root


@pytest.fixture
def applied(applied_once: Path, tmp_path: Path) -> Course:
    """A copy of that course."""
    return Course.open(shutil.copytree(applied_once, tmp_path / "course"))


def give_by_hand(course: Course, student: str, score: float | None) -> None:
    """Give a student points for `add_two`, as formgrader does."""
    with Gradebook(course.gradebook_url) as gradebook:
        grade = gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def by_hand(course: Course, student: str) -> float | None:
    """The points that a person gave."""
    with Gradebook(course.gradebook_url) as gradebook:
        found: float | None = gradebook.find_grade(
            "add_two-check", "arithmetic", "arithmetic", student
        ).manual_score
        return found


def shown_score(course: Course, student: str) -> str:
    """The score that a student's page shows."""
    found = re.search(r"(\d+) / (\d+)", re.sub("<[^>]*>", "", feedback_of(course, student)))
    assert found
    return found.group()


class TestPreview:
    """Who moves, from what to what, and why: in a table, as JSON, and on a page in each language."""

    def test_table_page_and_data_say_the_same(self, course: Course) -> None:
        """Nothing but the page and its data is written."""
        before = files(course)
        said = english(course, "regrade", "arithmetic")
        assert "arithmetic add_two: 1 up, 0 down" in said
        assert "│ kim      │ add_two" in said
        assert "0 → 2" in said
        assert f"preview: {course.reports / 'regrade.en.html'}" in said
        page = (course.reports / "regrade.en.html").read_text(encoding="utf-8")
        assert '<th scope="row">kim</th>' in page
        assert "0 → 2" in page
        assert "failed → passed" in page
        data = json.loads(english(course, "regrade", "arithmetic", "--json"))
        [change] = data["changes"]
        assert (change["student"], change["question"], change["before"], change["after"]) == (
            "kim",
            "add_two",
            0,
            2,
        )
        assert data["reasons"][0]["text"]["en"] == "question files changed"
        assert data["ungraded"] == []
        assert (files(course), scores(course)) == (before, BEFORE)
        assert not (course.root / PENDING.parent).exists()

    def test_better_score_stays_if_asked_for(self, applied: Course) -> None:
        """Who would lose keeps the points, is up to date then, and is listed."""
        change_question(applied, ACCEPTS_ONE_MORE, LENIENT)
        said = english(applied, "regrade", "--keep-better")
        assert "arithmetic add_two: 0 up, 0 down\n  1 better score stays\n" in said
        assert "2 → 0" in said
        assert said.splitlines()[-1] == (
            'no score would change; `autograder regrade arithmetic --keep-better --apply --because "…"` marks the '
            "scores as up to date"
        )
        said = english(applied, *APPLY, "--keep-better")
        assert said.splitlines()[-1] == "no score has changed; what was given out is up to date now"
        assert scores(applied) == AFTER
        assert english(applied, "grade").splitlines()[-1] == "0 graded, 3 kept from before, 0 not graded"
        assert (
            "; 1 score that was given out is out of date"
            in english(applied, "grade", "--force").splitlines()[-1]
        )
        assert scores(applied) == AFTER


def test_files_put_back_leave_no_score_of_theirs(graded_once: Path, tmp_path: Path) -> None:  # noqa: F811
    """A regrade of `add_two` alone leaves `add_more` as it was; then neither file is as it was for both scores."""
    course = Course.open(shutil.copytree(graded_once, tmp_path / "course"))
    hand_in(course, "zoe", dict.fromkeys(both(RIGHT), OFF_BY_ONE))
    cli("grade", cwd=course.root)
    cli("grade", "--given-out", cwd=course.root)
    files = [course.root / "solutions" / "arithmetic" / f"{name}.py" for name in ("add_more", "add_two")]
    strict = [path.read_text(encoding="utf-8") for path in files]
    for path, text in zip(files, strict, strict=True):
        path.write_text(text.replace(LENIENT, ACCEPTS_ONE_MORE), encoding="utf-8")
    english(course, "regrade", "arithmetic", "add_two", "--apply", "--because", "one more is fine")
    assert scores(course)["zoe"] == 2.0
    for path, text in zip(files, strict, strict=True):
        path.write_text(text, encoding="utf-8")
    english(course, "regrade", "--apply", "--because", "it is not")
    assert scores(course)["zoe"] == 0.0


class TestApplying:
    """Scores, pages and the log are written together."""

    def test_score_page_backup_and_log_are_written(self, applied: Course) -> None:
        """The score, the page, a backup of the gradebook, and a log that says who, when, why and what."""
        assert scores(applied) == AFTER
        assert shown_score(applied, "kim") == "4 / 4"
        [log] = read_logs(applied)
        assert (log["because"], log["undone"], log["number"]) == ("one more is fine", None, 1)
        assert log["account"]
        assert log["versions"]["arithmetic"]["numpy"]
        [change] = log["changes"]
        assert (change["student"], change["before"], change["after"]) == ("kim", 0, 2)
        backup = applied.root / PENDING.parent / "001" / "gradebook.db"
        with Gradebook(f"sqlite:///{backup}") as gradebook:
            assert gradebook.find_submission("arithmetic", "kim").score == 2.0
        check_no_regrade_pending(applied)

    def test_report_lists_the_regrade(self, applied: Course) -> None:
        """With the reason and how many moved; the command and the page do."""
        assert "regrade 1" in english(applied, "report")
        assert "one more is fine" in (applied.reports / "arithmetic.en.html").read_text(encoding="utf-8")

    def test_score_by_hand_stays(self, course: Course) -> None:
        """Points that a person gave are not touched, and wait for a second look, as the checks say something else."""
        give_by_hand(course, "kim", 1.5)
        said = english(course, *APPLY)
        assert "the score given by hand, 1.5, stays" in " ".join(said.replace("│", " ").split())
        assert (by_hand(course, "kim"), scores(course)["kim"]) == (1.5, 3.5)


class TestUndoing:
    """Scores, comments and pages of before come back, and nothing that people gave since is lost."""

    def test_undo_restores_scores_and_files(self, applied: Course, changed_once: Path) -> None:
        """To the byte: graded notebooks and pages; the log says so, and to export again."""
        said = english(applied, "regrade", "--undo")
        assert scores(applied) == BEFORE
        assert files(applied) == files(Course.open(changed_once))
        assert "export and upload them again; students may have read the earlier scores" in said
        assert said.splitlines()[-1].startswith("regrade 1 is undone (one more is fine)")
        [log] = read_logs(applied)
        assert log["undone"]["account"]
        english(applied, *APPLY)
        assert scores(applied) == AFTER
        assert [log["number"] for log in read_logs(applied)] == [1, 2]

    def test_grades_are_written_where_nothing_else_is_left_to_do(self, applied: Course) -> None:
        """The run that wrote the scores may have been killed before `grades.csv`."""
        grades = applied.root / "grades.csv"
        written = grades.read_bytes()
        grades.unlink()
        said = english(applied, *APPLY)
        assert said.splitlines()[-1].startswith("every score that was given out is up to date")
        assert grades.read_bytes() == written

    def test_score_given_by_hand_since_is_not_overwritten(self, applied: Course) -> None:
        """Unless it is named: the command is refused, and says how to name it."""
        give_by_hand(applied, "kim", 1.5)
        give_by_hand(applied, "lee", 0.5)
        done = cli("regrade", "--undo", cwd=applied.root)
        assert done.returncode == 2
        assert "--overwrite kim/arithmetic/add_two" in done.stderr
        done = cli("regrade", "--undo", "--overwrite", "kim/arithmetic/add_two", cwd=applied.root)
        assert done.returncode == 2
        assert (by_hand(applied, "kim"), by_hand(applied, "lee")) == (1.5, 0.5)
        english(applied, "regrade", "--undo", "--overwrite", "kim/arithmetic/add_two", "--keep-manual")
        assert (by_hand(applied, "kim"), by_hand(applied, "lee")) == (None, 0.5)
        assert scores(applied) == {"amy": 4.0, "kim": 2.0, "lee": 2.5}

    def test_score_by_hand_from_before_survives_undo(self, course: Course) -> None:
        """A score that was given by hand before the regrade is there after it is taken back."""
        give_by_hand(course, "kim", 1.5)
        english(course, *APPLY)
        english(course, "regrade", "--undo")
        assert by_hand(course, "kim") == 1.5

    def test_resubmission_since_stays(self, applied: Course) -> None:
        """Its new answers were graded; the others go back."""
        hand_in(applied, "lee", both(RIGHT) | {"add_two": OFF_BY_ONE})
        english(applied, "grade")
        said = english(applied, "regrade", "--undo")
        assert "handed in again since, so left as it is: lee (arithmetic)" in said
        assert scores(applied) == {"amy": 4.0, "kim": 2.0, "lee": 4.0}

    @pytest.mark.parametrize(
        ("damage", "says"),
        [
            (lambda course: log_path(course, 1).write_text("{"), "; put it back from /"),
            (lambda course: edit(log_path(course, 1), "one more", "two more"), "was edited since the regrade wrote it"),
            (lambda course: shutil.rmtree(course.root / PENDING.parent), "with the scores of before, is missing"),
            (lambda course: regrade_by_hand(course), "the gradebook has other scores than"),
            (lambda course: log_path(course, 1).unlink(), "there is no regrade to undo"),
        ],
    )  # fmt: skip
    def test_undo_is_refused_where_it_is_not_safe(
        self, applied: Course, damage: Callable[[Course], object], says: str
    ) -> None:
        """With what to do, and nothing changes."""
        damage(applied)
        before = files(applied), scores(applied)
        done = cli("regrade", "--undo", cwd=applied.root)
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr
        assert (files(applied), scores(applied)) == before


def edit(path: Path, before: str, after: str) -> None:
    """Change a text in a file."""
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def regrade_by_hand(course: Course) -> None:
    """Change an automatic score in the gradebook, as another program might."""
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "kim").auto_score = 1.0
        gradebook.db.commit()


def killed(course: Course, at: int, work: Callable[[Course], object]) -> bool:
    """Do some work in a child process that is killed at its write number `at`, and return whether it was.

    A write is a file that takes its place, one that is removed, or a transaction: it is killed right before it.
    """
    child = os.fork()
    if child == 0:
        _count_down(at)
        try:
            work(course)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _count_down(writes: int) -> None:
    left = iter(range(writes))

    def before(original: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*given, **named)

        return counted

    for owner, name in ((Path, "replace"), (Path, "unlink"), (Path, "write_text"), (Session, "commit")):
        setattr(owner, name, before(getattr(owner, name)))


def state(course: Course) -> tuple[dict[str, float | None], dict[str, bytes]]:
    """Scores, graded notebooks and pages."""
    return scores(course), files(course)


class TestKilled:
    """`kill -9` before any write of an apply or an undo leaves the old or the new state within reach."""

    @pytest.fixture
    def copies(self, tmp_path: Path) -> Iterator[Callable[[Path], Course]]:
        """A function that copies a course, again and again to the same place."""
        target = tmp_path / "again" / "course"

        def copy(root: Path) -> Course:
            shutil.rmtree(target, ignore_errors=True)
            return Course.open(shutil.copytree(root, target))

        yield copy

    def test_killed_undo_is_finished_by_the_same_command(
        self, copies: Callable[[Path], Course], applied_once: Path, changed_once: Path
    ) -> None:
        """Once it has begun, every other command is refused, and the same command finishes it."""
        new, old = state(Course.open(applied_once)), state(Course.open(changed_once))
        seen = set()
        for at in range(100):
            course = copies(applied_once)
            if not killed(course, at, regrading.undo_regrade):
                break
            pending = (course.root / PENDING).exists()
            seen.add(pending)
            if not pending:
                assert state(course) in (new, old), at
            else:
                assert scores(course) in (new[0], old[0]), at
                assert cli("grade", cwd=course.root).returncode == 2
            if read_logs(course)[0]["undone"] and not pending:
                continue
            done = cli("regrade", "--undo", cwd=course.root)
            assert done.returncode == 0, done.stderr
            assert state(course) == old, at
            assert len(read_logs(course)) == 1
        assert (at > 10, seen) == (True, {False, True})

    def test_full_disk_is_reported_as_partly_done(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a full disk the command says that a part is done; the next regrade, or undo, finishes it first."""
        with monkeypatch.context() as full:
            full.setattr(regrading, "write_log", fill_the_disk)
            done = cli(*APPLY, cwd=course.root)
        assert done.returncode == 1
        assert "Fix the problem, then run the same command again" in done.stderr
        assert cli("grade", cwd=course.root).returncode == 2
        said = english(course, "regrade", "--undo")
        assert "finished: a regrade that was interrupted while it was written" in said
        assert scores(course) == BEFORE

    def test_preview_as_json_finishes_what_was_interrupted(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With the grades that follow from it, and with nothing but the preview in the output."""
        with monkeypatch.context() as stopped:
            stopped.setattr(regrading, "ensure_registered", interrupt)
            cli(*APPLY, cwd=course.root)
        done = cli("regrade", "--json", "--language", "ko", cwd=course.root)
        assert json.loads(done.stdout)["changes"] == []
        assert "쓰다가 끊긴 재채점을 마무리했습니다" in done.stderr
        assert scores(course) == AFTER
        grades = (course.root / "grades.csv").read_text(encoding="utf-8-sig")
        assert [
            row["score"] for row in csv.DictReader(io.StringIO(grades)) if row["student_id"] == "kim"
        ] == ["4.0"]

    def test_all_scores_are_written_in_one_transaction(
        self, applied: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process that is killed between two students is killed before or after both."""
        before = regrading._States(applied.root / PENDING.parent / "001" / "before")
        states = {submission: before.state(submission) for submission in before.submissions}
        assert len(states) == 3
        commits: list[Session] = []
        with GradebookWriter(applied) as gradebook:
            monkeypatch.setattr(Session, "commit", lambda session: commits.append(session))
            gradebook.put_states(states)
        assert len(commits) == 1

    def test_killed_apply_is_finished_by_the_same_command(
        self,
        copies: Callable[[Path], Course],
        applied_once: Path,
        changed_once: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """From where it says what is to be written on; before that, nothing of the course has changed."""
        new, old = state(Course.open(applied_once)), state(Course.open(changed_once))
        course = copies(changed_once)
        with monkeypatch.context() as stopped:
            stopped.setattr(regrading, "_begin", interrupt)
            done = cli(*APPLY, "--language", "en", cwd=course.root)
        assert (done.returncode, done.stderr.strip()) == (130, "interrupted; nothing was written")
        assert state(course) == old
        check_no_regrade_pending(course)
        with monkeypatch.context() as stopped:
            stopped.setattr(regrading, "ensure_registered", interrupt)
            done = cli(*APPLY, "--language", "en", cwd=course.root)
        assert "Run the same command again to continue" in done.stderr
        assert state(course) == old
        begun = course.root.parent / "begun"
        shutil.copytree(course.root, begun)
        for at in range(100):
            course = copies(begun)
            if not killed(course, at, regrading.finish_interrupted):
                break
            assert scores(course) in (new[0], old[0]), at
            done = cli(*APPLY, cwd=course.root)
            assert done.returncode == 0, done.stderr
            assert scores(course) == new[0], at
            assert len(read_logs(course)) == 1
            assert shown_score(course, "kim") == "4 / 4"
        assert at > 8
        assert files(course).keys() == new[1].keys()


def fill_the_disk(*given: object) -> None:
    """Fail as a write on a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device", "log")


def interrupt(*given: object) -> None:
    """Stop as a killed process does, as far as files are concerned."""
    raise KeyboardInterrupt
