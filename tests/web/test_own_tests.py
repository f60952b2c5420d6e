"""nbgrader's own tests over the web: from the LMS's activity to the pages, the gradebook and the score in the LMS."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from sqlalchemy import select

from autograder.course import Course
from autograder.notebooks.cells import grade_id
from autograder.web.db.models import Attempt, Delivery, FinalGrade, GradingJob, now
from autograder.web.health import check_web_tool
from autograder.web.settings import folder_of
from autograder.web.worker.loop import run
from tests.existing.mixed import MEANS, WORDS, add_test_to_week1
from tests.existing.synthetic import write_notebook
from tests.existing.test_mixed import SEALED, nbgrader, succeed
from tests.web.classes import Staff, enter
from tests.web.loopback import LTI, Browser, Lms, Web, launch, lms, picking, quick, tool, words
from tests.web.worker_course import TIMING, wait_for

pytestmark = [pytest.mark.seal, pytest.mark.long]
HIDDEN = re.compile(r"1\.5|3660|HIDDEN")


def make_sealed(course: Path) -> None:
    """A course that nbgrader releases: `averages` with a notebook of another name, `ps1` with two notebooks."""
    course.mkdir()
    (course / "nbgrader_config.py").write_text(SEALED, encoding="utf-8")
    for assignment, notebooks in {"averages": (MEANS,), "ps1": (MEANS, WORDS)}.items():
        for notebook in notebooks:
            write_notebook(notebook.source(), course / "source" / assignment / f"{notebook.name}.ipynb")
    for assignment in ("averages", "ps1"):
        nbgrader("generate_assignment", assignment, cwd=course)
    succeed("build", "averages", cwd=course)


def make_built(course: Path) -> None:
    """The example course, with a test in the notebook that `autograder build` releases."""
    succeed("init", str(course), cwd=course.parent)
    succeed("build", "week1", cwd=course)
    add_test_to_week1(course)
    succeed("build", "week1", cwd=course)


class Tool:
    """The web tool of a course, an LMS, and the worker when it runs."""

    def __init__(self, web: Web, other: Lms) -> None:
        self.web, self.lms = web, other

    def open(self, assignment: str, *roles: str, **claims: Any) -> Staff:
        """Somebody opens the activity of an assignment."""
        custom = {LTI + "custom": {"assignment": assignment}}
        return enter(self.web, self.lms, *(roles or ("#Learner",)), **custom, **claims)

    def hand_in(self, inside: Staff, notebook: NotebookNode) -> int:
        """Hand a notebook in on the student's page, and return the number of the attempt."""
        form = inside.get("mine").text
        found = re.search(r'name="csrf" value="([0-9a-f]{32})"', form)
        assert found
        page = inside.browser.post(
            f"{inside.home}mine/hand-in",
            data={"csrf": found[1]},
            files={"notebook": ("mine.ipynb", nbformat.writes(notebook).encode())},
        )
        assert page.status_code == 200, words(page)
        return int(page.url.rpartition("/")[2])

    @contextlib.contextmanager
    def worker(self) -> Iterator[None]:
        """`autograder worker`, for the time of a block."""
        stop = threading.Event()
        given: dict[str, Any] = {"stop": stop, "http": quick(), "timing": TIMING}
        thread = threading.Thread(target=run, args=(self.web.database, self.web.course), kwargs=given)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(120)

    def all_done(self) -> None:
        """Wait until everything is graded, recorded and sent."""

        def quiet() -> bool:
            left = (
                select(GradingJob.id).where(GradingJob.state != "done"),
                select(FinalGrade.person_id).where(FinalGrade.stale),
                select(Delivery.id).where(Delivery.state == "waiting"),
            )
            with self.web.database.read() as session:
                return not any(session.execute(one.limit(1)).first() for one in left)

        wait_for(quiet)

    def attempt(self, number: int) -> Attempt:
        """An attempt."""
        with self.web.database.read() as session:
            return session.get_one(Attempt, number)


@contextlib.contextmanager
def opened(course: Path) -> Iterator[Tool]:
    """The tool of a course, for the time of a block."""
    with (
        lms() as other,
        tool(folder_of(Course.open(course)), course, http=quick(), clock=now) as web,
    ):
        other.register(web.database)
        other.answer("/ags/1/scores?type_id=2", 200)
        yield Tool(web, other)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The tool of a course that nbgrader releases."""
    course = tmp_path_factory.mktemp("web") / "course"
    make_sealed(course)
    with opened(course) as made:
        yield made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The tool of a course that `autograder build` releases."""
    course = tmp_path_factory.mktemp("web") / "course"
    make_built(course)
    with opened(course) as made:
        yield made


class TestReleasedByNbgrader:
    """An assignment with one notebook, of another name."""

    def test_each_place_has_the_scores(self, sealed: Tool) -> None:
        """The student's card and page, the gradebook, nbgrader's folders, and the LMS; none shows a hidden test."""
        course = sealed.web.course
        inside = sealed.open("averages")
        released = nbformat.read(course.assignment("averages").release(), as_version=4)
        download = inside.browser.get(f"{inside.home}mine/files/en/means.ipynb")
        assert [cell.source for cell in nbformat.reads(download.text, as_version=4).cells] == [
            cell.source for cell in released.cells
        ]
        number = sealed.hand_in(inside, MEANS.half())
        with sealed.worker():
            sealed.all_done()
            row = sealed.attempt(number)
            assert (row.state, row.score, row.points, row.reason) == ("graded", 1.0, 3.0, None)
            scores = {one["question"]: one["score"] for one in (row.report or {})["questions"]}
            assert scores == {"mean-test": 0.0, "mean-type": 1.0}
            page = inside.get(f"mine/{number}")
            assert "A hidden test failed." in words(page)
            feedback = inside.get(f"mine/{number}/notebook").text
            assert "A hidden test failed." in feedback
            for text in (page.text, feedback, str(row.report)):
                assert not HIDDEN.search(re.sub(r"(?s)<style.*?</style>|<[^>]+>", " ", text))
        with Gradebook(course.gradebook_url) as gradebook:
            [found] = gradebook.assignment_submissions("averages")
            assert (found.score, found.max_score) == (1.0, 3.0)
            student = found.student_id
        for folder, suffix in (
            (course.submitted, "ipynb"),
            (course.autograded, "ipynb"),
            (course.feedback, "html"),
        ):
            assert (folder / student / "averages" / f"means.{suffix}").is_file()
        [sent] = [one for path, _, one in sealed.lms.asked if "/scores" in path]
        assert '"scoreGiven": 1.0' in sent
        assert "mean-test: 0 / 2" in sent
        assert not HIDDEN.search(sent)

    def test_staff_see_the_hidden_test_and_give_points(self, sealed: Tool) -> None:
        """Its message was kept for them alone; points by hand go to the cell of the test."""
        inside = sealed.open("averages", sub="user-2", email="two@example.org")
        number = sealed.hand_in(inside, MEANS.half())
        teacher = sealed.open("averages", "#Instructor")
        with sealed.worker():
            sealed.all_done()
            why = f"{number}/why/mean-test"
            assert "mean([1, 2]) gave 1.0 , expected 1.5" in words(teacher.get(f"staff/attempts/{why}"))
            assert "1.5" not in inside.get(f"mine/{number}").text
            assert "1.5" not in str(sealed.attempt(number).report)
            asked = inside.browser.post(
                f"{inside.home}mine/{number}/look",
                data={
                    "csrf": re.findall(r'name="csrf" value="(\w+)"', inside.get("mine").text)[0],
                    "about": "mean-test",
                    "words": "why?",
                },
            )
            assert asked.status_code == 200
            page = teacher.get("staff/looks").text
            [request] = re.findall(r"staff/looks/(\d+)", page)
            answer = teacher.post(f"staff/looks/{request}", answer="you are right", points="2")
            assert answer.status_code == 200
            row = sealed.attempt(number)
            key = row.course_link_id, row.person_id

            def standing() -> Any:
                with sealed.web.database.read() as session:
                    return session.get_one(FinalGrade, key)

            wait_for(lambda: standing().score == 3.0)
            assert standing().cells["mean-test"]["manual"] is True
            assert "3 / 3" in words(teacher.get(f"staff/people/{row.person_id}"))
            sealed.all_done()
        report = words(teacher.get("staff/report"))
        assert "mean-type" in report

    def test_assignment_of_several_notebooks_is_refused(self, sealed: Tool) -> None:
        """With a sentence: where it is offered, where it is opened, and by `doctor`."""
        page = launch(Browser(), sealed.web, sealed.lms, "#Instructor", **picking(sealed.lms))
        assert "averages (3 points)" in words(page)
        assert "ps1 has 2 notebooks (means, words), and the web tool takes assignments with one" in words(
            page
        )
        assert 'value="ps1"' not in page.text
        page = launch(Browser(), sealed.web, sealed.lms, **{LTI + "custom": {"assignment": "ps1"}})
        assert page.status_code == 404
        assert "This assignment has several notebooks" in words(page)
        course = sealed.web.course
        course.config.WebSettings.url = sealed.web.base_url
        findings = {str(one.name): str(one.seen) for one in check_web_tool(course)}
        assert "takes assignments with one" in findings["ps1 cannot be opened over the web"]

    def test_untouched_and_foreign_notebooks_are_refused(self, sealed: Tool) -> None:
        """As for a question."""
        inside = sealed.open("averages", sub="user-3", email="three@example.org")
        found = re.findall(r'name="csrf" value="(\w+)"', inside.get("mine").text)[0]
        for notebook, reason in (
            (MEANS.released(), "no answer in it"),
            (WORDS.solved(), "this is the one of “ps1”"),
        ):
            page = inside.browser.post(
                f"{inside.home}mine/hand-in",
                data={"csrf": found},
                files={"notebook": ("mine.ipynb", nbformat.writes(notebook).encode())},
            )
            assert page.status_code == 422
            assert reason in words(page)


class TestBuilt:
    """A notebook with questions and a test."""

    def test_both_are_graded(self, built: Tool) -> None:
        """The hidden part of the test is shown nowhere."""
        inside = built.open("week1")
        notebook = nbformat.reads(
            inside.browser.get(f"{inside.home}mine/files/en/week1.ipynb").text, as_version=4
        )
        for cell in notebook.cells:
            if cell.id == "seconds-answer":
                cell.source = "def seconds(hours, minutes):\n    return 3600 * hours + minutes"
        assert "seconds-more" in {grade_id(cell) for cell in notebook.cells}
        number = built.hand_in(inside, notebook)
        with built.worker():
            built.all_done()
            row = built.attempt(number)
            scores = {one["question"]: one["score"] for one in (row.report or {})["questions"]}
            assert (scores["seconds"], scores["seconds-more"]) == (0.5, 0.0)
            page = inside.get(f"mine/{number}")
            assert "A hidden test failed." in words(page)
            assert not HIDDEN.search(words(page))

    def test_changed_test_grades_nothing_before_it_is_proved(self, built: Tool) -> None:
        """An attempt waits, and is graded by the new test once that is built."""
        course = built.web.course
        path = course.assignment("week1").source
        inside = built.open("week1", sub="user-2", email="two@example.org")
        notebook = nbformat.reads(
            inside.browser.get(f"{inside.home}mine/files/en/week1.ipynb").text, as_version=4
        )
        for cell in notebook.cells:
            if cell.id == "seconds-answer":
                cell.source = "def seconds(hours, minutes):\n    return 3600 * hours + 60 * minutes"
        (course.root / "build" / "test_cells" / "week1" / "week1.json").unlink()
        number = built.hand_in(inside, notebook)
        with built.worker():
            assert built.attempt(number).state != "graded"
            path.write_text(path.read_text().replace("3660", "3660.0"), encoding="utf-8")
            succeed("build", "week1", cwd=course.root)
            built.all_done()
        row = built.attempt(number)
        scores = {one["question"]: one["score"] for one in (row.report or {})["questions"]}
        assert (scores["seconds"], scores["seconds-more"]) == (2.0, 2.0)
