"""The student's pages: what they show, what is handed in through them, and whom they show nothing."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import itertools
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
import requests
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder.course import Course
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.errors import UnreadableSubmission
from autograder.grading.report import CheckResult, Report, to_dict
from autograder.i18n import format_distance, format_moment
from autograder.notebooks.cells import cell_metadata, is_solution
from autograder.notebooks.stamp import worked_solutions
from autograder.questions.question import Question
from autograder.questions.variants import Owner
from autograder.submissions import parse, rebuild
from autograder.submissions.parse import parse_submitted
from autograder.text import Text
from autograder.web.catalog import AssignmentCatalog
from autograder.web.db import job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    Override,
    Person,
    RegradeRequest,
    ResourceLink,
    now,
)
from autograder.web.errors import RequestRejected
from autograder.web.formatting import late_rule
from autograder.web.pages.student import _poll_seconds
from autograder.web.pages.student_queries import request_regrade
from autograder.web.policy import SubmissionPolicy
from autograder.web.settings import settings_of
from autograder.web.submissions import SubmissionService, clean_name
from autograder.web.visits import LIFETIME, Visit
from tests.support import copy_course
from tests.web import database_rows
from tests.web.loopback import (
    AGS,
    LTI,
    Browser,
    Clock,
    Lms,
    Web,
    launch,
    lms,
    quick,
    refused_field,
    tool,
    words,
)

DUE = datetime(2027, 3, 5, 14, 59, tzinfo=UTC)
"""In Seoul a minute before midnight."""
HOSTILE = "<script>alert(1)</script> \u202egnp.exe &amp; </p>"
LINKS = itertools.count(1)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_course(tmp_path_factory.mktemp("course") / "course", "lstm_parameters", "shapes")
    settings = folder / "nbgrader_config.py"
    lines = "\nc.WebSettings.max_megabytes = 1\nc.WebSettings.hand_ins_an_hour = 4\n"
    settings.write_text(settings.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, course: Path, clock: Clock) -> Iterator[tuple[Web, Lms]]:
    with (
        lms() as other,
        tool(tmp_path_factory.mktemp("web"), course, http=quick(), clock=clock) as made,
    ):
        other.register(made.database)
        yield made, other


@pytest.fixture
def web(here: tuple[Web, Lms], clock: Clock) -> Web:
    clock.ahead = timedelta()
    return here[0]


@dataclass
class Someone:
    """Somebody who has opened an activity."""

    web: Web
    browser: Browser
    page: requests.Response
    """The first page."""
    subject: str
    activity: str

    @property
    def url(self) -> str:
        """Of the student's pages."""
        return re.sub(r"(/v/[^/]+).*", r"\1/mine", self.page.url)

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]{32})"', self.browser.get(self.url).text)
        assert found
        return found[1]

    def see(self, path: str = "") -> requests.Response:
        return self.browser.get(self.url + path, allow_redirects=False)

    def hand_in(
        self, raw: bytes, name: str = "shapes.ipynb", *, csrf: str | None = None
    ) -> requests.Response:
        return self.browser.post(
            f"{self.url}/hand-in",
            data={"csrf": self.csrf if csrf is None else csrf},
            files={"notebook": (name, raw)},
        )

    def ask(self, number: int, **form: str) -> requests.Response:
        return self.browser.post(f"{self.url}/{number}/look", data={"csrf": self.csrf, **form})

    def attempts(self) -> list[Attempt]:
        with self.web.database.read() as session:
            mine = select(Attempt).where(
                Attempt.person_id == self.person.id, Attempt.course_link_id == self.link.id
            )
            return list(session.scalars(mine.order_by(Attempt.id)))

    @property
    def person(self) -> Person:
        with self.web.database.read() as session:
            return session.scalars(select(Person).where(Person.subject == self.subject)).one()

    @property
    def link(self) -> ResourceLink:
        with self.web.database.read() as session:
            return session.scalars(
                select(ResourceLink).where(ResourceLink.resource_link_id == self.activity)
            ).one()

    def rules(self, **changed: Any) -> None:
        """Change the activity's rules."""
        with self.web.database.write() as session:
            link = session.get_one(ResourceLink, self.link.id)
            for name, value in changed.items():
                setattr(link, name, value)

    def put(self, *made: Any) -> None:
        with self.web.database.write() as session:
            session.add_all(made)


Opens = Callable[..., Someone]


@pytest.fixture
def opens(here: tuple[Web, Lms], web: Web) -> Opens:
    """Somebody opens an activity: a new one with each test, or the one that is named."""
    activity = f"activity-{next(LINKS)}"

    def open_it(
        *roles: str,
        assignment: str = "shapes",
        locale: str = "en",
        sub: str = "user-1",
        activity: str = activity,
        subject: str = "",
        **changed: Any,
    ) -> Someone:
        changed |= {LTI + "custom": {"assignment": assignment}, LTI + "resource_link": {"id": activity}}
        browser, claims = Browser(), {LTI + "launch_presentation": {"locale": locale}}
        subject = subject or f"{sub}-of-{activity}"
        page = launch(browser, web, here[1], *roles, **{"sub": subject, **claims, **changed})
        assert page.status_code == 200, words(page)
        return Someone(web, browser, page, subject, activity)

    return open_it


def answered(course: Path, *, assignment: str = "shapes", language: str = "en", extra: str = "") -> bytes:
    """A notebook that somebody has written into."""
    notebook = nbformat.read(course / "release" / language / assignment / f"{assignment}.ipynb", as_version=4)
    cell = next(one for one in notebook.cells if is_solution(one))
    cell.source += f"\n# {extra}\nworked = 1"
    return nbformat.writes(notebook).encode()


def judged_question(course: Course, assignment: str = "shapes") -> Question:
    """The one that reports here are about: it has several checks."""
    return next(one for one in course.assignment(assignment).questions if len(one.checks) > 1)


def report_of(course: Course, assignment: str, *, message: Text = Text(), **changed: Any) -> dict[str, Any]:  # noqa: B008
    """A graded question: of its checks the first is passed, the others failed."""
    question = judged_question(course, assignment)
    checks = tuple(
        CheckResult(
            one.name,
            one.text,
            "failed" if place else "passed",
            one.points,
            message if place else Text(),
        )
        for place, one in enumerate(question.checks)
    )
    named = NamedMisconception(
        "no_bias", changed.pop("mistake", Text(ko="편향이 없습니다", en="the bias is missing")), 0.0
    )
    return to_dict(Report(question.id, question.title, question.points, checks, (named,), **changed))


def grade(someone: Someone, number: int, *questions: dict[str, Any], score: float = 3) -> None:
    """What the worker writes when it has graded."""
    with someone.web.database.write() as session:
        session.execute(delete(GradingJob).where(GradingJob.attempt_id == number))
        attempt = session.get_one(Attempt, number)
        attempt.state, attempt.score, attempt.points, attempt.graded_at = "graded", score, 15, now()
        attempt.report = {"edition": "en", "claim": ["own", ""], "questions": list(questions)}


def stands(someone: Someone, attempt: int | None = None, **changed: Any) -> None:
    link, person = someone.link.id, someone.person.id
    values = {"score": 12.0, "maximum": 15.0, "stale": False} | changed
    someone.put(FinalGrade(course_link_id=link, person_id=person, attempt_id=attempt, **values))


class TestTheFirstPage:
    """What an assignment's page tells."""

    @pytest.mark.parametrize(
        ("locale", "sentences"),
        [
            (
                "en",
                (
                    r"Output shapes of recurrent layers Your score – / 16 points Due in \d+ days Fri, Mar 5, 2027,",
                    "Attempts 0 made, 3 left",
                    "each day begun after the due date takes off 12.5% of the score.",
                    "All times are in Asia/Seoul.",
                ),
            ),
            (
                "ko",
                (
                    r"순환층의 출력 모양 지금 점수 – / 16점 제출 기한 \d+일 후 2027년 3월 5일 [(]금[)] 23:59",
                    "제출 횟수 0번 제출함, 3번 남음",
                    "점수의 12.5%를 뺍니다.",
                    "시각은 모두 Asia/Seoul 기준입니다.",
                ),
            ),
        ],
    )
    def test_the_rules(self, opens: Opens, locale: str, sentences: tuple[str, ...]) -> None:
        """Title, points, due date in the course's zone, attempts and late rule, in the language of the launch."""
        one = opens(locale=locale)
        one.rules(due_at=DUE, attempts_allowed=3, late_rule="deduct", late_percent=12.5)
        page = one.see()
        for sentence in sentences:
            assert re.search(sentence, words(page)), sentence
        assert f'<html lang="{locale}">' in page.text

    @pytest.mark.parametrize("locale", ["ko", "en"])
    def test_notebook_in_the_reader_s_language_comes_first(self, opens: Opens, locale: str) -> None:
        """Of the editions to download."""
        found = re.findall(r'hreflang="(\w+)"', opens(locale=locale).see().text)
        assert (found[0], sorted(found)) == (locale, ["en", "ko"])

    def test_granted_extensions_and_attempts_are_shown(self, opens: Opens) -> None:
        """An extension is said to be one, and further attempts are counted."""
        one = opens()
        one.rules(due_at=DUE - timedelta(days=1), attempts_allowed=1)
        extra = {"course_link_id": one.link.id, "person_id": one.person.id}
        one.put(Extension(due_at=DUE, more_attempts=2, **extra))
        assert re.search(
            r"Due in \d+ days extended Fri, Mar 5, 2027, 23:59 Attempts 0 made, 3 left",
            words(one.see()),
        )

    @pytest.mark.parametrize(
        ("stands_by", "sentence"),
        [("best", "the best score stands."), ("last", "the last one's score stands.")],
    )
    def test_the_score_that_stands(self, opens: Opens, course: Path, stands_by: str, sentence: str) -> None:
        """With what lateness costs, by which rule it stands, and which attempt counts."""
        one = opens()
        one.rules(stands=stands_by)
        for extra in ("first", "second"):
            one.hand_in(answered(course, extra=extra))
        first, second = one.attempts()
        grade(one, first.id, score=13)
        grade(one, second.id, score=4)
        stands(one, first.id, score=13.0, late=1.3)
        page = words(one.see())
        assert "Your score 11.7 / 15 points" in page
        assert "13 points, less a late penalty of 1.3 points." in page
        assert sentence in page
        assert re.search(r"Attempt 2 .*? graded 4 / 15 Attempt 1 counts .*? graded 13 / 15", page)

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            ("waiting", "This score is on its way to your LMS."),
            ("confirmed", "Your LMS has this score."),
            ("refused", "Your LMS did not take this score. Your teacher has been told"),
        ],
    )
    def test_whether_the_lms_has_it(self, opens: Opens, state: Any, sentence: str) -> None:
        """What became of the newest announcement; one that was replaced is none."""
        one = opens()
        stands(one, score=1.0)
        assert "LMS" not in words(one.see()).partition("Your score")[2]
        extra = {"course_link_id": one.link.id, "person_id": one.person.id, "score": 1, "maximum": 15}
        one.put(Delivery(state=state, comment="", **extra))
        one.put(Delivery(state="replaced", comment="", **extra))
        assert sentence in words(one.see())

    def test_older_score_in_the_lms_is_not_this_one(self, opens: Opens) -> None:
        """While points are still a person's to give nothing is announced, and the LMS has what stood before."""
        one = opens()
        stands(one, score=4.0)
        extra = {"course_link_id": one.link.id, "person_id": one.person.id, "score": 1, "maximum": 15}
        one.put(Delivery(state="confirmed", comment="", **extra))
        assert "Your LMS has this score." not in words(one.see())

    def test_activity_without_a_score_service(self, opens: Opens) -> None:
        """That the LMS hears nothing is said."""
        one = opens(**{AGS: None})
        stands(one)
        assert "This activity sends no scores to your LMS; you see yours here." in words(one.see())

    def test_points_of_a_teacher(self, opens: Opens, web: Web) -> None:
        """That a teacher changed points, which, and why; what was taken back again is not told."""
        one, question = opens(), judged_question(web.course)
        cell = f"{question.id}-check"
        stands(one, cells={cell: {"score": 2.5, "points": question.points, "manual": True}})
        extra = {"course_link_id": one.link.id, "person_id": one.person.id, "cell": cell, "made_by": "Lee"}
        for points, reason in ((1, "too little"), (2.5, HOSTILE)):
            one.put(Override(points=points, reason=reason, **extra))
        page = one.see()
        assert "A teacher gave or changed some of these points." in words(page)
        assert f"{question.title.en} : 2.5 / {question.points:g} points &lt;script" in words(page)
        assert "– Lee" in words(page)
        assert "too little" not in page.text
        assert "<script>alert" not in page.text


RULES = {
    "no due date": ({}, {"due_at": None}, None),
    "refused": ({}, {"refuses_late": True}, "Nothing is taken after the due date."),
    "deducted": ({}, {"late_percent": 10.0}, "takes off 10% of the score."),
    "nothing": ({}, {}, "being late costs nothing."),
    "nbgrader's zero": ({"LateSubmissionPlugin": {"penalty_method": "zero"}}, {}, "gets no points."),
    "the course's own": ({"AssignLatePenalties": {"plugin_class": "x.Y"}}, {}, "the course's own rule"),
}


@pytest.mark.parametrize("name", RULES)
def test_late_rules(tmp_path: Path, name: str) -> None:
    """Each rule has words of its own in both languages, the course's policy in nbgrader too."""
    config, changed, message = RULES[name]
    held = {
        "due_at": DUE,
        "extended": False,
        "has_own_due": True,
        "attempts": 0,
        "attempts_left": None,
        "refuses_late": False,
        "late_percent": 0.0,
    }
    found = late_rule(Course(tmp_path, Config(config)), SubmissionPolicy(**(held | changed)))
    if message is None:
        assert found is None
    else:
        assert found is not None
        assert message in found.en
        assert found.ko.endswith("다.")


class TestTheDownload:
    """The released notebook, with the student's own id in it."""

    @pytest.mark.parametrize("language", ["ko", "en"])
    @pytest.mark.parametrize("student", ["user-1", "2026_0001", "김민지", "0042"])
    def test_shows_the_numbers_that_grading_uses(
        self, opens: Opens, web: Web, course: Path, language: str, student: str
    ) -> None:
        """Run as it is, each problem shows the variant that its owner is graded on; all else is to the byte."""
        one = opens(assignment="lstm_parameters")
        with web.database.write() as session:
            session.get_one(Person, one.person.id).student_id = student
        raw = one.see(f"/files/{language}/lstm_parameters.ipynb").content
        released = (course / f"release/{language}/lstm_parameters/lstm_parameters.ipynb").read_bytes()
        old, new = (set(one.splitlines()) for one in (released, raw))
        assert (old - new, new - old) == (
            {rb'    "student_id = \"\""'},
            {rf'    "student_id = \"{student}\""'.encode()},
        )
        notebook = nbformat.reads(raw.decode(), as_version=4)
        names: dict[str, Any] = {}
        owner, problems = Owner(web.course.id, student, {}).own, set()
        for cell in notebook.cells:
            if cell_metadata(cell).get("part") in ("tools", "student", "numbers"):
                with contextlib.redirect_stdout(io.StringIO()) as shown:
                    exec(cell.source, names)
                for question in web.course.assignment("lstm_parameters").questions:
                    pool = question.pool
                    if pool is not None and pool.variants and cell_metadata(cell).get("shows") == pool.name:
                        text_ = pool.shows or ", ".join(f"{name} = {{{name}}}" for name in pool.names)
                        assert text_.format(**owner.numbers(question)) in shown.getvalue()
                        problems.add(pool.name)
        assert problems
        # and it comes through grading's rebuild as it is
        rebuilt = rebuild.rebuild(
            parse_submitted(raw), nbformat.reads(released.decode(), as_version=4)
        ).notebook
        assert [cell.source for cell in rebuilt.cells] == [cell.source for cell in notebook.cells]

    def test_as_released_where_no_id_is_asked_for(self, opens: Opens, web: Web, course: Path) -> None:
        """An assignment without variants, and a person whose id nobody knows, get the file as it is."""
        one = opens()
        raw = (course / "release/en/shapes/shapes.ipynb").read_bytes()
        assert one.see("/files/en/shapes.ipynb").content == raw
        assert "student id" not in words(one.see())
        other = opens(assignment="lstm_parameters", activity=f"{one.activity}b")
        assert "Your student id stands in the notebook already" in words(other.see())
        with web.database.write() as session:
            session.get_one(Person, other.person.id).student_id = None
        raw = (course / "release/ko/lstm_parameters/lstm_parameters.ipynb").read_bytes()
        assert other.see("/files/ko/lstm_parameters.ipynb").content == raw
        assert "student id" not in words(other.see())

    def test_data_come_along(self, opens: Opens, course: Path) -> None:
        """What was released beside a notebook is listed and downloaded; hidden files are not."""
        folder = course / "release" / "en" / "shapes"
        (folder / "data").mkdir()
        (folder / "data" / "측정 #1.csv").write_text("a,b\n", encoding="utf-8")
        (folder / ".secret").write_text("x", encoding="utf-8")
        one = opens()
        (path,) = re.findall(r'href="[^"]*/mine(/files/en/data/[^"]+)"', one.see().text)
        assert unquote(path) == "/files/en/data/측정 #1.csv"
        answer = one.see(path)
        assert (answer.status_code, answer.text) == (200, "a,b\n")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert one.see("/files/en/.secret").status_code == 404

    @pytest.mark.parametrize(
        "path",
        ["en/nothing.ipynb", "fr/shapes.ipynb", "en/../../../nbgrader_config.py", "en/%2e%2e/x", "en//etc"],
    )
    def test_nothing_else(self, opens: Opens, path: str) -> None:
        """What was not released cannot be had by its name."""
        one = opens()
        request = requests.Request("GET", "http://x", headers={}).prepare()
        request.url = f"{one.url}/files/{path}"
        answer = one.browser.send(request, allow_redirects=False)
        assert answer.status_code in (404, 308), answer.text
        assert "get_config" not in answer.text


WRONG = {
    "no notebook": (b"\xff\xd8\xff\xe0 JFIF", "The file handed in is no notebook (not JSON)"),
    "a PDF": (b"%PDF-1.7", "The file handed in is a PDF file, not a notebook"),
    "empty": (b"", "The file handed in is empty"),
    "JSON of another kind": (b'{"a": 1}', "The file handed in holds no notebook cells"),
    "a list": (b"[]", "The file handed in holds no notebook cells"),
    "too deep": (b"[" * 100_000, "The file handed in is no notebook (not JSON)"),
    "half a file": (b'{"cells": [{"cell_type": "co', "begins like a notebook, but is damaged or incomplete"),
    "a notebook of nobody": (
        nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])).encode(),
        "nothing in this one belongs to an assignment that was handed out",
    ),
    "no cells": (
        nbformat.writes(nbformat.v4.new_notebook()).encode(),
        "nothing in this one belongs to an assignment that was handed out",
    ),
    "much text of nobody": (
        json.dumps({"cells": [{"cell_type": "code", "source": "x = 1\n" * 30_000}] * 3}).encode(),
        "nothing in this one belongs to an assignment that was handed out",
    ),
}


class TestHandingIn:
    """What is received, and what is not."""

    def test_file_that_is_received(self, opens: Opens, course: Path) -> None:
        """It is on disk and in the record, waits to be graded, and its page comes by a redirect."""
        one, raw = opens(), answered(course)
        page = one.hand_in(raw, "Copy of shapes (1).ipynb")
        assert [answer.status_code for answer in page.history] == [303]
        (attempt,) = one.attempts()
        assert page.url == f"{one.url}/{attempt.id}"
        assert "Received. Your file is safe with us." in words(page)
        assert (attempt.state, attempt.edition) == ("queued", "en")
        assert attempt.file_name == "Copy of shapes (1).ipynb"
        assert attempt.sha256 == hashlib.sha256(raw).hexdigest()
        kept = course / "web" / "files" / attempt.path
        assert kept.read_bytes() == raw
        assert re.fullmatch(rf"{one.link.id}/[0-9a-f]{{32}}/hand-in\.ipynb", attempt.path)
        assert (course / "web").stat().st_mode & 0o077 == 0
        with one.web.database.read() as session:
            assert (
                session.scalars(select(GradingJob.state).where(GradingJob.attempt_id == attempt.id)).one()
                == "queued"
            )
        back = one.see(f"/{attempt.id}/file")
        assert back.content == raw
        assert "attachment" in back.headers["Content-Disposition"]

    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_either_edition(self, opens: Opens, course: Path, language: str) -> None:
        """Whichever language somebody works in, whatever the language of the LMS."""
        one = opens()
        assert one.hand_in(answered(course, language=language)).status_code == 200
        assert one.attempts()[0].edition == language

    @pytest.mark.parametrize("case", WRONG)
    def test_wrong_file(self, opens: Opens, course: Path, case: str) -> None:
        """It is turned down with what was expected and found, in both languages; no attempt, no file."""
        one, (raw, message) = opens(), WRONG[case]
        before = sorted((course / "web").rglob("*.ipynb"))
        page = one.hand_in(raw)
        assert page.status_code == 422
        assert "We did not accept this file. It does not count as an attempt." in words(page)
        assert "이 파일은 받지 않았습니다. 제출 횟수에도 들어가지 않습니다." in words(page)
        assert message in words(page)
        assert "Back to the assignment" in words(page)
        assert one.attempts() == []
        assert sorted((course / "web").rglob("*.ipynb")) == before

    def test_another_assignment_s(self, opens: Opens, course: Path) -> None:
        """Both are named by their titles."""
        one = opens(locale="ko")
        page = words(one.hand_in(answered(course, assignment="lstm_parameters")))
        assert (
            "‘순환층의 출력 모양’ 노트북을 제출해야 하는데, 이 파일은 ‘LSTM의 파라미터 세기’ 노트북입니다."
            in page
        )
        assert "notebook of “Output shapes of recurrent layers”, and this is the one of “Counting" in page
        assert one.attempts() == []

    def test_one_without_any_answer(self, opens: Opens, course: Path) -> None:
        """The file as it was downloaded is most likely the wrong copy, and costs no attempt."""
        one = opens(assignment="lstm_parameters")
        page = one.hand_in(one.see("/files/en/lstm_parameters.ipynb").content)
        assert "This is the notebook as it was handed out, with no answer in it" in words(page)
        assert one.attempts() == []

    def test_notebook_that_lost_its_marks(self, opens: Opens, course: Path) -> None:
        """An editor dropped all metadata and ids: it is known by the names that its answers define."""
        one, notebook = opens(), nbformat.reads(answered(course).decode(), as_version=4)
        notebook.metadata.clear()
        for place, cell in enumerate(notebook.cells):
            cell.metadata.clear()
            cell["id"] = f"cell-{place}"
        assert one.hand_in(nbformat.writes(notebook).encode(), "Untitled.ipynb").status_code == 200
        assert len(one.attempts()) == 1

    def test_long_notebook_is_taken_by_its_marks(self, opens: Opens, course: Path) -> None:
        """One with more text than is looked into is still known by its metadata."""
        one = opens()
        notebook = nbformat.reads(answered(course).decode(), as_version=4)
        notebook.cells += [nbformat.v4.new_code_cell("# x" * 50_000) for _ in range(3)]
        assert one.hand_in(nbformat.writes(notebook).encode()).status_code == 200
        assert len(one.attempts()) == 1

    @pytest.mark.parametrize("size", [1_000_001, 1_200_000, 40_000_000])
    def test_large_file(self, opens: Opens, size: int) -> None:
        """Over the limit by a byte or by far, also by more than the server keeps: the limit, and what was found."""
        one = opens()
        page = one.hand_in(b" " * size)
        assert page.status_code == 413
        assert f"at most 1 MB can be handed in, this is {size / 1e6:.1f} MB." in words(page)
        assert "1 MB까지 받는데" in words(page)
        assert "Back to the assignment" in words(page)
        assert one.attempts() == []

    def test_large_file_of_unknown_length(self, opens: Opens) -> None:
        """Sent in chunks, without a length before: the same page."""
        one = opens()
        content = (b"0" * 1_000_000 for _ in range(15))
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        page = one.browser.post(f"{one.url}/hand-in", data=content, headers=headers)
        assert page.status_code == 413
        assert "at most 1 MB can be handed in, this is 15.0 MB." in words(page)
        assert one.attempts() == []

    @pytest.mark.parametrize("path", ["/hand-in", "/1/look"])
    def test_reload_after_a_refusal_leads_back_to_the_assignment(self, opens: Opens, path: str) -> None:
        """A browser, or the LMS around it, may open the URL of a form by itself."""
        one = opens()
        back = one.see(path)
        assert (back.status_code, back.headers["Location"]) == (303, re.sub(".*(/v/.*)", r"\1", one.url))

    def test_reload_of_a_form_of_staff_leads_to_the_class(self, opens: Opens) -> None:
        """As for students; a URL that no form is sent to is still not there."""
        one = opens("#Instructor")
        staff = one.url.replace("/mine", "/staff")
        for path in ("/looks/1", "/roster"):
            page = one.browser.get(staff + path)
            assert (page.status_code, page.url) == (200, f"{staff}/")
        assert one.browser.get(f"{staff}/nothing").status_code == 404
        assert one.browser.get(f"{one.web.base_url}/lti/launch").status_code == 405

    @pytest.mark.parametrize("csrf", ["", "0" * 32, "김"])
    def test_form_that_is_not_ours(self, opens: Opens, course: Path, csrf: str) -> None:
        """Without the visit's own secret nothing is received."""
        one = opens()
        page = one.hand_in(answered(course), csrf=csrf)
        assert page.status_code == 403
        assert "does not come from a form of this assignment's pages" in words(page)
        assert one.attempts() == []

    def test_no_file(self, opens: Opens) -> None:
        """A form without a file is told to be one."""
        one = opens()
        page = one.browser.post(f"{one.url}/hand-in", data={"csrf": one.csrf})
        assert (page.status_code, one.attempts()) == (422, [])
        assert "No file was chosen, so nothing was handed in." in words(page)

    def test_button_pressed_twice(self, opens: Opens, course: Path, clock: Clock) -> None:
        """The same file within a minute is one attempt, with one file; later it is another."""
        one, raw = opens(), answered(course)
        one.rules(attempts_allowed=2)
        first, second = one.hand_in(raw), one.hand_in(raw)
        assert first.url == second.url
        assert len(list((course / "web/files" / str(one.link.id)).iterdir())) == 1
        clock.ahead = timedelta(minutes=2)
        assert one.hand_in(raw).url != first.url
        assert len(one.attempts()) == 2

    def test_no_attempts_left(self, opens: Opens, course: Path) -> None:
        """The last one is taken, the next is not; the page offers no form any more."""
        one = opens()
        one.rules(attempts_allowed=1)
        token = one.csrf
        assert one.hand_in(answered(course)).status_code == 200
        page = one.hand_in(answered(course, extra="again"), csrf=token)
        assert page.status_code == 403
        assert "You have used up your attempts (1), so this file was not accepted." in words(page)
        assert len(one.attempts()) == 1
        assert "You have used up your attempts." in words(one.see())
        assert "<form" not in one.see().text

    @pytest.mark.parametrize(("late", "status"), [(-5, 200), (5, 403)])
    def test_late_where_nothing_late_is_taken(
        self, opens: Opens, course: Path, clock: Clock, late: int, status: int
    ) -> None:
        """Some seconds before the due date it is taken, after it is not."""
        one = opens()
        token = one.csrf
        one.rules(due_at=now() + timedelta(minutes=30), late_rule="refuse")
        clock.ahead = timedelta(minutes=30, seconds=20 * late)
        page = one.hand_in(answered(course), csrf=token)
        assert page.status_code == status
        assert len(one.attempts()) == (status == 200)
        if status == 403:
            assert "and nothing is accepted after that" in words(page)
            assert "nothing is taken any more" in words(one.see())

    def test_too_often(self, opens: Opens, course: Path, clock: Clock) -> None:
        """Four in an hour are the course's limit here; when the first is an hour old, another is taken."""
        one = opens()
        for number in range(4):
            assert one.hand_in(answered(course, extra=str(number))).status_code == 200
        clock.ahead = timedelta(minutes=50)
        page = one.hand_in(answered(course, extra="too much"))
        assert page.status_code == 429
        assert "At most 4 hand-ins are accepted in an hour, so this file was not." in words(page)
        assert re.search(r"Hand it in again in (9|10) minutes\.", words(page))
        assert len(one.attempts()) == 4
        clock.ahead = timedelta(minutes=61)
        assert one.hand_in(answered(course, extra="now")).status_code == 200

    def test_files_of_one_person_at_once(
        self, opens: Opens, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two are received, and a third while they are is not read; somebody else's is, and one more after them."""
        one, another = opens(), opens(sub="user-2")
        read, go, reading = parse.parse_submitted, threading.Event(), threading.Semaphore(0)

        def waits(raw: bytes) -> nbformat.NotebookNode:
            reading.release()
            assert go.wait(60)
            return read(raw)

        monkeypatch.setattr(parse, "parse_submitted", waits)
        one.csrf, another.csrf  # noqa: B018 - read from a page, before files are sent
        files = [answered(course, extra=str(place)) for place in range(5)]
        with ThreadPoolExecutor(5) as pool:
            sent = [pool.submit(one.hand_in, raw) for raw in files[:4]]
            assert reading.acquire(timeout=60)
            others = pool.submit(another.hand_in, files[0])
            deadline = time.monotonic() + 30
            while sum(future.done() for future in sent) < 2 and time.monotonic() < deadline:
                time.sleep(0.1)
            refused = [future.result() for future in sent if future.done()]
            go.set()
            answers = [future.result() for future in sent]
            assert others.result().status_code == 200
        assert [page.status_code for page in refused] == [429, 429]
        assert "Other files of yours are being received, so this one was not accepted." in words(refused[0])
        assert sorted(page.status_code for page in answers) == [200, 200, 429, 429]
        assert one.hand_in(files[4]).status_code == 200
        assert len(one.attempts()) == 3

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            (r"C:\fakepath\과제.ipynb", "과제.ipynb"),
            ("../../etc/passwd", "passwd"),
            ("\u202egnp.ipynb\n<b>", "gnp.ipynb <b>"),
            ("x" * 999, "x" * 150),
        ],
    )
    def test_names(self, name: str, kept: str) -> None:
        """Only the file's own name is kept, without folders and without what turns text around."""
        assert clean_name(name) == kept

    def test_hostile_name_is_no_markup(self, opens: Opens, course: Path) -> None:
        """It is shown as text, on both pages, and comes back with the file."""
        one = opens()
        page = one.hand_in(answered(course), '<img src=x onerror=alert(1)>"; filename="x.ipynb')
        for shown in (page, one.see()):
            assert shown.status_code == 200
            assert "<img" not in shown.text
        assert one.see(f"/{one.attempts()[0].id}/file").status_code == 200


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes no more."""

    def fails(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fails)


class TestNotReceived:
    """Where a part of it could not be stored, the page says so."""

    def is_not_received(self, one: Someone, raw: bytes, token: str) -> None:
        page = one.hand_in(raw, csrf=token)
        assert page.status_code == 503
        assert "Your file was NOT received. It does not count as handed in." in words(page)
        assert "파일을 받지 못했습니다. 제출되지 않았습니다." in words(page)
        assert "Your file is safe" not in words(page)

    def test_the_disk_is_full(
        self, opens: Opens, course: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No attempt, and nothing of the file is left; tried again later, it is received."""
        one, raw = opens(), answered(course)
        token = one.csrf
        with monkeypatch.context() as patched:
            full(patched)
            self.is_not_received(one, raw, token)
        assert one.attempts() == []
        assert list((course / "web/files" / str(one.link.id)).iterdir()) == []
        assert one.hand_in(raw).status_code == 200

    @pytest.mark.parametrize("table", ["grading_job", "attempt", "launch"])
    def test_the_database_does_not_take_it(
        self, opens: Opens, course: Path, table: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """At whichever step: no attempt without a job, and tried again later it is received, once."""
        one, raw = opens(), answered(course)
        token = one.csrf
        with one.web.database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO away"))
        try:
            self.is_not_received(one, raw, token)
        finally:
            with one.web.database.engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE away RENAME TO {table}"))
        assert one.attempts() == []
        assert one.hand_in(raw).status_code == 200
        assert len(one.attempts()) == 1


class TestTheTransaction:
    """On SQLite and on PostgreSQL alike."""

    @pytest.fixture
    def desk(self, database: Database, course: Path) -> SubmissionService:
        opened = Course.open(course)
        return SubmissionService(database, opened, settings_of(opened), AssignmentCatalog(opened))

    def visit(self, desk: SubmissionService, role: Any = "student", **rules: Any) -> Visit:
        with desk.database.write() as session:
            where = database_rows.platform(session)
            link = session.get_one(ResourceLink, database_rows.course_link(session, where, "shapes"))
            for name, value in rules.items():
                setattr(link, name, value)
            person = session.get_one(Person, database_rows.person(session, where))
            return Visit("x", "y", person, session.get_one(Context, link.context_id), link, role, "en")

    def at_once(self, *tasks: Callable[[], object]) -> list[BaseException | None]:
        """What each raised, of tasks that begin together."""
        start, raised = threading.Barrier(len(tasks)), [None] * len(tasks)

        def run(place: int) -> None:
            start.wait(60)
            try:
                tasks[place]()
            except BaseException as error:
                raised[place] = error  # type: ignore[call-overload]

        threads = [threading.Thread(target=run, args=(place,)) for place in range(len(tasks))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return list(raised)

    def count(self, desk: SubmissionService) -> tuple[int, int, int]:
        """Attempts, jobs and files."""
        with desk.database.read() as session:
            attempts = session.scalars(select(Attempt)).all()
            waiting = session.scalars(select(func.count()).select_from(GradingJob)).one()
        return len(attempts), waiting, sum(desk.submitted_file(one).is_file() for one in attempts)

    def test_two_at_once_do_not_pass_the_limit(self, desk: SubmissionService, course: Path) -> None:
        """Of six different files that come together, with two attempts left, two are taken."""
        visit = self.visit(desk, attempts_allowed=2)
        files = [answered(course, extra=str(place)) for place in range(6)]
        raised = self.at_once(
            *(lambda raw=raw: desk.accept_upload(visit, "x", raw, moment=now()) for raw in files)  # type: ignore[misc]
        )
        refused = [one for one in raised if one is not None]
        assert [one.reason.name for one in refused if isinstance(one, RequestRejected)] == [
            "no attempts left"
        ] * 4
        assert self.count(desk) == (2, 2, 2)

    def test_two_at_once_do_not_pass_the_limit_of_an_hour(
        self, desk: SubmissionService, course: Path
    ) -> None:
        """Of six that come together four are taken."""
        visit = self.visit(desk)
        files = [answered(course, extra=str(place)) for place in range(6)]
        raised = self.at_once(
            *(lambda raw=raw: desk.accept_upload(visit, "x", raw, moment=now()) for raw in files)  # type: ignore[misc]
        )
        refused = [one for one in raised if one is not None]
        assert [one.reason.name for one in refused if isinstance(one, RequestRejected)] == ["too often"] * 2
        assert self.count(desk) == (4, 4, 4)

    def test_files_that_are_refused_are_read_up_to_a_number_in_an_hour(
        self, desk: SubmissionService, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else one person could keep the tool busy for ever. Others are served, and so is this one after an hour."""
        visit, began, read = self.visit(desk), now(), list[bytes]()
        another = replace(visit, person=Person(id=visit.person.id + 1))

        def broken(raw: bytes) -> None:
            read.append(raw)
            raise UnreadableSubmission(Text.same("no notebook"))

        def refusal(of: Visit, minutes: int) -> Any:
            with pytest.raises(RequestRejected) as refused:
                desk.accept_upload(of, "x", b"{}", moment=began + timedelta(minutes=minutes))
            return refused.value.reason

        monkeypatch.setattr(parse, "parse_submitted", broken)
        most = 4 * int(desk.settings.hand_ins_an_hour)
        names = [refusal(visit, 0).name for _ in range(most)]
        late = refusal(visit, 50)
        assert {*names} == {refusal(another, 50).name}
        assert late.name == "too often"
        assert str(late.action) == "Hand it in again in 10 minutes."
        assert len(read) == most + 1
        assert refusal(visit, 61).name in names

    def test_files_are_parsed_one_at_a_time(
        self, desk: SubmissionService, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of files that come together only one takes the memory that parsing takes."""
        visit, parsed, at_once, most = self.visit(desk), parse.parse_submitted, [0], [0]

        def watched(raw: bytes) -> nbformat.NotebookNode:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            time.sleep(0.1)
            at_once[0] -= 1
            return parsed(raw)

        monkeypatch.setattr(parse, "parse_submitted", watched)
        files = [answered(course, extra=str(place)) for place in range(3)]
        raised = self.at_once(
            *(lambda raw=raw: desk.accept_upload(visit, "x", raw, moment=now()) for raw in files)  # type: ignore[misc]
        )
        assert (raised, most) == ([None] * 3, [1])

    def test_one_file_sent_many_times_at_once(self, desk: SubmissionService, course: Path) -> None:
        """It is one attempt, and everybody is told its number."""
        visit, raw = self.visit(desk, attempts_allowed=1), answered(course)
        numbers: list[int] = []
        raised = self.at_once(
            *[lambda: numbers.append(desk.accept_upload(visit, "x", raw, moment=now()))] * 5
        )
        assert raised == [None] * 5
        assert len(set(numbers)) == 1
        assert self.count(desk) == (1, 1, 1)

    def test_all_or_nothing(self, desk: SubmissionService, course: Path) -> None:
        """Where the job cannot be put, there is no attempt either; what was written to disk is nobody's."""
        visit = self.visit(desk)
        with desk.database.write() as session:
            session.execute(text("ALTER TABLE grading_job RENAME TO away"))
        with pytest.raises(SQLAlchemyError):
            desk.accept_upload(visit, "x", answered(course), moment=now())
        with desk.database.write() as session:
            session.execute(text("ALTER TABLE away RENAME TO grading_job"))
        assert self.count(desk) == (0, 0, 0)
        desk.accept_upload(visit, "x", answered(course), moment=now())
        assert self.count(desk) == (1, 1, 1)

    def test_many_looks_at_once_are_one(self, desk: SubmissionService, course: Path) -> None:
        """Of those who ask about the same question at once one asks."""
        visit = self.visit(desk)
        number = desk.accept_upload(visit, "x", answered(course), moment=now())
        report = report_of(desk.course, "shapes")
        asked: list[bool] = []

        def ask() -> None:
            with desk.database.write() as session:
                request = {"question": report["question"], "check": "", "words": "why?", "moment": now()}
                asked.append(request_regrade(session, visit, number, **request))

        with desk.database.write() as session:
            session.get_one(Attempt, number).report = {"questions": [report]}
        assert self.at_once(*[ask] * 5) == [None] * 5
        assert sorted(asked) == [False] * 4 + [True]

    def test_the_place_in_the_queue(self, desk: SubmissionService, course: Path) -> None:
        """Those that are being graded and those that came earlier stand before; none that came later."""
        numbers = [
            desk.accept_upload(self.visit(desk), "x", answered(course, extra=str(place)), moment=now())
            for place in range(4)
        ]
        with desk.database.write() as session:
            for place, number in enumerate(numbers):
                job = session.scalars(select(GradingJob).where(GradingJob.attempt_id == number)).one()
                job.free_at = DUE + timedelta(seconds=place)
            assert [job_queue.jobs_ahead(session, number) for number in numbers] == [0, 1, 2, 3]
            assert job_queue.claim(session, "worker", at=DUE + timedelta(minutes=1)) is not None
            session.flush()
            assert [job_queue.jobs_ahead(session, number) for number in numbers] == [0, 1, 2, 3]


class TestWatching:
    """While it is being graded."""

    def test_the_states(self, opens: Opens, course: Path, web: Web) -> None:
        """Waiting with its place, the newest first, being graded, graded: on the page and for the script that asks."""
        one = opens()
        with web.database.write() as session:
            session.execute(delete(GradingJob))
        numbers = []
        for extra in ("a", "b"):
            numbers.append(int(one.hand_in(answered(course, extra=extra)).url.rpartition("/")[2]))
        first, second = numbers
        for number, state in ((second, "next to be graded"), (first, "waiting to be graded, 1 before yours")):
            page = one.see(f"/{number}")
            assert f"State: {state}" in words(page)
            assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
            assert f'data-watch="{one.url.removeprefix(web.base_url)}/{number}/state"' in page.text
            assert one.see(f"/{number}/state").json() == {
                "waiting": True,
                "words": state,
                "step": 1,
                "again": 2,
            }
        with web.database.write() as session:
            assert job_queue.claim(session, "worker", at=now()) is not None
        assert "State: being graded" in words(one.see(f"/{second}"))
        assert "waiting to be graded, 1 before yours" in words(one.see(f"/{first}"))
        grade(one, second, report_of(web.course, "shapes"))
        page = one.see(f"/{second}")
        assert "State: graded" in words(page)
        assert "watch" not in page.text
        assert "refresh" not in page.text
        assert one.see(f"/{second}/state").json()["waiting"] is False

    @pytest.mark.parametrize("ahead", [0, 1, 10, 10_000])
    def test_page_asks_every_five_seconds_at_least(self, ahead: int) -> None:
        """However many are before it, with a second for the answer."""
        assert 1 <= _poll_seconds(ahead) <= 4

    def test_failed_grading_is_not_blamed_on_the_student(self, opens: Opens, course: Path, web: Web) -> None:
        """It is nobody's fault but ours, and what went wrong is for the staff alone."""
        one = opens(locale="ko")
        one.hand_in(answered(course))
        (attempt,) = one.attempts()
        with web.database.write() as session:
            row = session.get_one(Attempt, attempt.id)
            row.state, row.reason = "ungraded", Text.same("/srv/course/solutions/p1.py:3: raised")
        page = one.see(f"/{attempt.id}")
        assert "시스템 오류로 이 제출을 채점하지 못했습니다." in words(page)
        assert "solutions" not in page.text
        assert "채점하지 못함" in words(one.see())

    def test_while_it_is_graded_anew(self, opens: Opens, course: Path, web: Web) -> None:
        """The earlier result holds until there is another."""
        one = opens()
        one.hand_in(answered(course))
        (attempt,) = one.attempts()
        grade(one, attempt.id, report_of(web.course, "shapes"), score=4)
        with web.database.write() as session:
            job_queue.requeue(session, attempt.id)
        page = words(one.see(f"/{attempt.id}"))
        assert "This attempt is being graded anew. What stands below holds until then." in page
        assert "Score of this attempt 4 / 15 points" in page


class TestFeedback:
    """What an attempt's page tells when it is graded."""

    @pytest.fixture
    def one(self, opens: Opens, course: Path) -> Someone:
        someone = opens()
        someone.hand_in(answered(course))
        return someone

    def path(self, one: Someone) -> str:
        return f"/{one.attempts()[0].id}"

    @pytest.mark.parametrize("locale", ["ko", "en"])
    def test_all_of_a_report(self, opens: Opens, course: Path, web: Web, locale: str) -> None:
        """Each check with outcome and message, the mistakes, the formula and the notes, in the visit's language."""
        one = opens(locale=locale)
        one.hand_in(answered(course, language="ko" if locale == "en" else "en"))
        shown = {
            "message": Text(ko="(4, 3)이어야 합니다", en="should be (4, 3)"),
            "computed": (Text(ko="식 4·u", en="formula 4·u"),),
            "notes": (Text(ko="답 칸이 둘입니다", en="two answer cells"),),
        }
        report = report_of(web.course, "shapes", **shown)
        grade(one, one.attempts()[0].id, report)
        page = words(one.see(self.path(one)))
        for part in (report["title"], *(check["text"] for check in report["checks"])):
            assert part[locale] in page
        for text_ in (shown["message"], *shown["computed"], *shown["notes"]):
            assert text_.in_language(locale).lower() in page.lower()
        wanted = {
            "ko": ("✔ 통과", "✘ 틀림", "편향이 없습니다"),
            "en": ("✔ passed", "✘ failed", "the bias is"),
        }
        for part in wanted[locale]:
            assert part in page.replace("The bias", "the bias")

    def test_hostile_texts(self, one: Someone, web: Web) -> None:
        """Whatever an answer returned is text, wherever it stands."""
        hostile = Text(ko=HOSTILE, en=HOSTILE)
        report = report_of(
            web.course, "shapes", message=hostile, mistake=hostile, computed=(hostile,), notes=(hostile,)
        )
        grade(one, one.attempts()[0].id, report)
        page = one.see(self.path(one))
        assert (
            page.text.count("&lt;script&gt;alert(1)&lt;/script&gt; \u202egnp.exe &amp;amp; &lt;/p&gt;") >= 4
        )
        assert "<script>alert" not in page.text

    def test_scores_alone(
        self, one: Someone, web: Web, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the course tells scores alone, no check, mistake or whole notebook is shown; notes are."""
        monkeypatch.setitem(web.course.settings.feedback, "shapes", "score")
        report = report_of(web.course, "shapes", notes=(Text(ko="둘", en="two answer cells"),))
        (attempt,) = one.attempts()
        grade(one, attempt.id, report)
        (course / "web/files" / attempt.path).with_name("feedback.html").write_text("all of it")
        page = words(one.see(self.path(one)))
        assert "This assignment shows scores only." in page
        assert "Two answer cells" in page
        for hidden in (report["checks"][0]["text"]["en"], "he bias is missing", "One page to print"):
            assert hidden not in page
        assert one.see(f"{self.path(one)}/notebook").status_code == 404

    def test_scores_hidden_until_a_date(
        self, opens: Opens, web: Web, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Before it, no page of a student tells a score or what was right; staff see theirs, and the date."""
        pages = {}
        for role in ("#Learner", "#Instructor"):
            one = opens(role, sub=role[1:])
            one.hand_in(answered(course))
            (attempt,) = one.attempts()
            grade(one, attempt.id, report_of(web.course, "shapes"), score=11.25)
            stands(one, attempt.id, score=11.25, cells={"x": {"score": 3.0, "points": 4, "comment": "Well"}})
            (course / "web/files" / attempt.path).with_name("feedback.html").write_text("all of it")
            pages[role] = one, f"/{attempt.id}"
        student, path = pages["#Learner"]
        until = now() + timedelta(days=1)
        monkeypatch.setitem(web.course.settings.scores_hidden_until, "shapes", until.isoformat())
        told = f"Scores and feedback are shown from {format_moment(until, web.course.zone, 'en')} on."
        for page in (words(student.see()), words(student.see(path))):
            assert told in page
            for hidden in ("11.25", "counts", "Well", "he bias is missing", "One page to print", "Overview"):
                assert hidden not in page
        assert student.see(f"{path}/notebook").status_code == 404
        question = judged_question(web.course).id
        assert student.ask(int(path[1:]), about=question, words="why").status_code == 404
        teacher, path = pages["#Instructor"]
        for page in (words(teacher.see()), words(teacher.see(path))):
            assert "11.25" in page
            assert "Students see neither scores nor feedback before" in page
        assert teacher.see(f"{path}/notebook").text == "all of it"
        monkeypatch.setitem(web.course.settings.scores_hidden_until, "shapes", now().isoformat())
        student, path = pages["#Learner"]
        assert "11.25 / 15" in words(student.see())
        assert "he bias is missing" in words(student.see(path))

    def test_the_worked_solution(self, one: Someone, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is shown when the assignment has closed, not before."""
        grade(one, one.attempts()[0].id, report_of(web.course, "shapes"))
        question = judged_question(web.course)
        solution = worked_solutions([question])[question.id].splitlines()[-1].strip()
        monkeypatch.setitem(web.course.settings.feedback, "shapes", "solution")
        for closes, shown in ((now() + timedelta(days=1), False), (now() - timedelta(days=1), True)):
            monkeypatch.setitem(web.course.settings.closes, "shapes", closes.isoformat())
            page = one.see(self.path(one))
            assert ("Worked solution" in words(page)) is shown
            assert (solution in words(page)) is shown

    def test_points_of_a_teacher(self, one: Someone, web: Web) -> None:
        """They stand with their reason beside what the grader found."""
        report = report_of(web.course, "shapes")
        grade(one, one.attempts()[0].id, report)
        cell = f"{report['question']}-check"
        stands(one, cells={cell: {"score": 3.0, "points": 4, "manual": True}})
        extra = {"course_link_id": one.link.id, "person_id": one.person.id}
        one.put(Override(cell=cell, points=3, reason="right but for a slip", made_by="Lee", **extra))
        page = words(one.see(self.path(one)))
        assert "2 → 3 ( teacher )" in page.replace("(teacher)", "( teacher )")
        assert "right but for a slip – Lee" in page

    def test_overview_then_the_wrong_answers_then_the_right_ones(
        self, one: Someone, web: Web, course: Path
    ) -> None:
        """A line of each question leads to its card; right ones are folded, and below those that are wrong."""
        (attempt,) = one.attempts()
        wrong = report_of(web.course, "shapes")
        right = wrong | {"question": "first", "misconceptions": [], "score": wrong["points"]}
        right["checks"] = [
            check | {"outcome": "passed", "message": {"ko": "", "en": ""}} for check in wrong["checks"]
        ]
        grade(one, attempt.id, wrong)
        with web.database.write() as session:
            row = session.get_one(Attempt, attempt.id)
            row.report = (row.report or {}) | {"questions": [right, wrong]}
        page = one.see(self.path(one)).text
        wrong_id = wrong["question"]
        assert page.index('href="#q-first"') < page.index(f'href="#q-{wrong_id}"')
        assert page.index(f'<article class="card part" id="q-{wrong_id}"') < page.index(
            '<details class="card right"'
        )
        assert page.count("<textarea") == 1

    def test_the_student_s_code(self, one: Someone, web: Web, course: Path) -> None:
        """It stands with the feedback, as text, in colours."""
        (attempt,) = one.attempts()
        report = report_of(web.course, "shapes")
        grade(one, attempt.id, report)
        marks = {"grade_id": report["question"], "solution": True, "grade": False}
        cells = [
            {"cell_type": "code", "source": "def f():\n    return '<b>'", "metadata": {"nbgrader": marks}}
        ]
        path = (course / "web/files" / attempt.path).with_name("graded.ipynb")
        path.write_text(json.dumps({"cells": cells, "metadata": {}}), encoding="utf-8")
        page = one.see(self.path(one)).text
        assert '<span class="k">def </span><span class="f">f</span>' in page
        assert "&lt;b&gt;" in page

    def test_the_whole_notebook_is_sealed(self, one: Someone, web: Web, course: Path) -> None:
        """Its page runs nothing, fetches nothing and is of no origin, whatever stands in it."""
        (attempt,) = one.attempts()
        grade(one, attempt.id, report_of(web.course, "shapes"))
        assert "One page to print" not in words(one.see(self.path(one)))
        page = "<h1>한글</h1><script>alert(1)</script>"
        (course / "web/files" / attempt.path).with_name("feedback.html").write_text(page, encoding="utf-8")
        assert "One page to print or keep" in words(one.see(self.path(one)))
        answer = one.see(f"{self.path(one)}/notebook")
        assert answer.content.decode() == page
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert policy[:4] == ["sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
        assert not any(one.startswith(("script-src", "connect-src")) for one in policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestALook:
    """A student asks for a person's eye."""

    @pytest.fixture
    def one(self, opens: Opens, course: Path, web: Web) -> Someone:
        someone = opens()
        someone.hand_in(answered(course))
        grade(someone, someone.attempts()[0].id, report_of(web.course, "shapes"))
        return someone

    def looks(self, one: Someone) -> list[RegradeRequest]:
        with one.web.database.read() as session:
            mine = select(RegradeRequest).join(Attempt).where(Attempt.person_id == one.person.id)
            return list(session.scalars(mine.order_by(RegradeRequest.id)))

    def test_is_asked_once_and_answered(self, one: Someone, web: Web) -> None:
        """One open question about one question; with its answer shown, another may be asked."""
        (attempt,), question = one.attempts(), judged_question(web.course)
        check = question.checks[-1]
        form = {"about": f"{question.id}/{check.name}", "words": f" why? {HOSTILE}\r\nwhy "}
        page = one.ask(attempt.id, **form)
        assert page.status_code == 200
        assert page.url.endswith(f"/{attempt.id}#q-{question.id}")
        assert "There is no answer yet." in words(page)
        assert "<script>alert" not in page.text
        assert "<textarea" not in page.text
        again = one.ask(attempt.id, **{**form, "about": question.id})
        assert again.status_code == 409
        assert "You have requested a regrade of this question already" in words(again)
        (look,) = self.looks(one)
        assert (look.check, look.words) == (check.name, f"why? {HOSTILE}\nwhy")
        with web.database.write() as session:
            row = session.get_one(RegradeRequest, look.id)
            row.answer, row.answered_by, row.answered_at = "You are right.", "Lee", now()
        page = one.see(f"/{attempt.id}")
        assert "Answer – Lee You are right." in words(page)
        assert "your teacher has answered" in words(one.see())
        assert one.ask(attempt.id, about=question.id, words="and now?").status_code == 200
        assert len(self.looks(one)) == 2

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({"words": "  \n"}, 422),
            ({"words": "x" * 1001}, 422),
            ({"words": "x", "about": "nothing"}, 404),
            ({"words": "x", "about": ""}, 404),
            ({"words": "x", "about": "{question}/nothing"}, 404),
            ({"words": "x", "csrf": "0" * 32}, 403),
        ],
    )
    def test_invalid_requests_are_refused(
        self, one: Someone, web: Web, form: dict[str, str], status: int
    ) -> None:
        """Without words, with too many, about what is not there, or by another site's form."""
        (attempt,), question = one.attempts(), judged_question(web.course)
        form = {"about": "{question}"} | form
        page = one.ask(attempt.id, **(form | {"about": form["about"].format(question=question.id)}))
        assert (page.status_code, self.looks(one)) == (status, [])
        if status == 422:
            assert refused_field(page)[0] == "words"
            assert f'<option value="{question.id}" selected>' in page.text
            assert form["words"].strip() in page.text


def test_nobody_sees_a_page_without_a_visit(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decided before any view runs, for staff and students: one that forgets to ask shows nothing either."""
    one = opens()
    views = one.web.app.view_functions
    rules = [rule for rule in one.web.app.url_map.iter_rules() if rule.rule.startswith("/v/<visit_name>/")]
    rules = [rule for rule in rules if rule.endpoint != "home.own_window"]  # it has a code of its own
    assert len(rules) > 20
    for rule in rules:
        if rule.endpoint != "home.index":
            monkeypatch.setitem(views, rule.endpoint, lambda **_: "a view ran")
    values = {"person": 1, "number": 1, "question": "q", "language": "en", "name": "x"}
    for rule in rules:
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: str(values.get(found[1], "visit")), rule.rule)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        page = Browser().request(method, one.web.base_url + path)
        assert (page.status_code, "a view ran" in page.text) == (400, False), path
    staff = [rule for rule in rules if "/staff/" in rule.rule and "GET" in (rule.methods or ())]
    for rule in staff:
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: str(values.get(found[1], "visit")), rule.rule)
        page = one.browser.get(one.url.removesuffix("/mine") + path.removeprefix("/v/visit"))
        assert (page.status_code, "a view ran" in page.text) == (403, False), path


class TestOthers:
    """Nobody sees or changes what is another's."""

    def test_another_s_attempt_is_not_there(self, opens: Opens, course: Path, web: Web) -> None:
        """By its number, in the same activity: as if it did not exist, whatever is asked of it; staff too."""
        owner = opens(sub="owner")
        owner.hand_in(answered(course))
        (attempt,) = owner.attempts()
        report = report_of(web.course, "shapes")
        grade(owner, attempt.id, report)
        (course / "web/files" / attempt.path).with_name("feedback.html").write_text("secret")
        for other in (opens(sub="other"), opens("#Instructor", sub="teacher")):
            missing = other.see("/2147483647")
            for path in ("", "/state", "/file", "/notebook"):
                answer = other.see(f"/{attempt.id}{path}")
                assert (answer.status_code, answer.text) == (404, missing.text)
            assert other.ask(attempt.id, question=report["question"], words="x").status_code == 404
        assert owner.see(f"/{attempt.id}/notebook").text == "secret"

    def test_one_s_own_in_another_activity_is_not_there(self, opens: Opens, course: Path) -> None:
        """Each activity shows its own attempts alone."""
        one = opens(sub="same")
        one.hand_in(answered(course))
        elsewhere = opens(activity=f"{one.activity}-other", subject=one.subject)
        assert (elsewhere.person.id, elsewhere.attempts()) == (one.person.id, [])
        assert elsewhere.see(f"/{one.attempts()[0].id}").status_code == 404

    @pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "1e3", "x", "１"])
    def test_numbers_that_are_none(self, opens: Opens, number: str) -> None:
        """They are not there, and no error of ours."""
        assert opens().see(f"/{number}").status_code == 404

    def test_another_s_address(self, opens: Opens, course: Path) -> None:
        """Without the cookie of its visit an address shows nothing."""
        one, other = opens(sub="owner"), opens(sub="other")
        page = other.browser.get(one.url)
        assert page.status_code == 400
        assert "Open the assignment again from the course in your LMS." in words(page)


class TestStaff:
    """Who teaches may try the assignment."""

    def test_trial(self, opens: Opens, course: Path) -> None:
        """It is taken beyond all limits, graded like a student's, and said not to go to the LMS."""
        one = opens("#Instructor", sub="teacher")
        one.rules(due_at=DUE - timedelta(days=9999), late_rule="refuse", attempts_allowed=0)
        page = one.see()
        assert "This is what students see." in words(page)
        assert one.hand_in(answered(course)).status_code == 200
        (attempt,) = one.attempts()
        assert attempt.state == "queued"
        stands(one, attempt.id)
        assert "This is a trial and is not sent to the LMS." in words(one.see())


class TestAVisitThatIsOver:
    """Twelve hours after the launch."""

    def test_says_what_to_do(self, opens: Opens, course: Path, clock: Clock) -> None:
        """Pages say to open it again and that nothing is lost; a file that was on its way was not received."""
        one = opens()
        token = one.csrf
        clock.ahead = LIFETIME + timedelta(seconds=1)
        for page in (one.see(), one.hand_in(answered(course), csrf=token)):
            assert page.status_code == 400
            assert "This page was opened more than 12 hours ago" in words(page)
            assert "Everything that the tool said it received is still there." in words(page)
            assert "it was not received: hand it in again" in words(page)
            assert "이 화면은 열린 지 12시간이 지났거나" in words(page)
        assert one.attempts() == []


def test_times_in_words() -> None:
    """In the course's zone, to the minute."""
    config = Config({"CourseDirectory": {"release_directory": "release/ko"}})
    config.CourseSettings.languages = ["ko"]
    config.CourseSettings.timezone = "Asia/Seoul"
    zone = Course(Path(), config).zone
    assert format_moment(DUE, zone, "en") == "Fri, Mar 5, 2027, 23:59"
    assert format_moment(DUE + timedelta(seconds=61), zone, "ko") == "2027년 3월 6일 (토) 00:00"


@pytest.mark.parametrize(
    ("ahead", "en", "ko"),
    [
        (timedelta(days=2, hours=23), "in 2 days", "2일 후"),
        (timedelta(hours=47, minutes=59), "in 47 hours", "47시간 후"),
        (timedelta(minutes=119), "in 119 minutes", "119분 후"),
        (timedelta(seconds=20), "in 0 minutes", "0분 후"),
        (timedelta(seconds=-90), "1 minute ago", "1분 전"),
        (timedelta(days=-3), "3 days ago", "3일 전"),
    ],
)
def test_distance_in_words(ahead: timedelta, en: str, ko: str) -> None:
    """Whole units, so that a due date never seems further off than it is."""
    assert [format_distance(DUE + ahead, DUE, language) for language in ("en", "ko")] == [en, ko]
