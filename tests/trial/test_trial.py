"""`autograder serve --try`: the tool, a worker, a small LMS and a class, in a temporary folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from autograder.course import Course
from autograder.trial.run import END_SECONDS, Trial, _serving, trial
from autograder.trial.simulated_class import hand_ins, students
from autograder.trial.small_lms import Member, SmallLms, make_lms
from tests.chrome import Browser, expect, needs_chromium, new_tab
from tests.support import cli, copy_course, course_of_one_question
from tests.web.worker_course import wait_for

pytestmark = pytest.mark.long
ELSEWHERE = "elsewhere.db"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course whose gradebook is a file that is not there."""
    course = course_of_one_question(tmp_path_factory.mktemp("trial") / "course")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f'c.CourseDirectory.db_url = "sqlite:///{course.root / ELSEWHERE}"\n')
    return Course.open(course.root)


@pytest.fixture(scope="module")
def running(course: Course) -> Iterator[Trial]:
    """A trial with a class of five."""
    with trial(course, listen="127.0.0.1:0", jobs=1, class_size=5) as made:
        yield made


class TestRunning:
    """While it runs."""

    pytestmark = pytest.mark.seal

    def test_scores_of_the_class_stand_in_the_lms(self, running: Trial) -> None:
        """What the class hands in is graded, and its scores are on the page of grades."""
        wait_for(lambda: running.check() or len(running.lms.scores) == running.hands_in)
        page = requests.get(f"{running.url('en', teacher=True)}/grades", timeout=10).text
        assert page.count(" / 2</td>") == running.hands_in
        assert {score["scoreMaximum"] for score in running.lms.scores.values()} == {2}

    @pytest.mark.browser
    @needs_chromium
    def test_browser_may_be_a_student_and_a_teacher(self, running: Trial, browser: Browser) -> None:
        """The tool's pages stand in the LMS's frame, over plain HTTP on this machine."""
        for teacher, words in ((False, "Hand in"), (True, "Students and scores")):
            tab = new_tab(browser.new_context())
            tab.page.goto(running.url("en", teacher=teacher))
            tab.page.get_by_role("link", name="arithmetic").click()
            expect(tab.page.frame_locator("iframe").get_by_text(words).first).to_be_visible()
            assert tab.complaints == []

    def test_gradebook_of_the_course_is_not_opened(self, course: Course, running: Trial) -> None:
        """Nor is anything written into the course."""
        wait_for(lambda: running.check() or running.lms.scores)
        assert not (course.root / ELSEWHERE).exists()
        assert not (course.root / "web").exists()
        assert running.course.gradebook_file == running.course.root / "gradebook.db"


class TestCommand:
    """The command line."""

    @pytest.mark.parametrize(
        "options",
        [
            ["--url", "https://tool.example.org"],
            ["--database", "sqlite:///x.db"],
            ["--listen", "0.0.0.0:8000"],
            ["--listen", "example.org:8000"],
        ],
    )
    def test_it_stays_on_this_machine(self, course: Course, options: list[str]) -> None:
        """Anything else is refused before it starts."""
        done = cli("serve", "--try", *options, cwd=course.root)
        assert done.returncode == 2
        assert "--try runs on this machine alone" in " ".join(done.stderr.split())

    def test_taken_port_is_one_sentence(self, course: Course) -> None:
        """As a second trial finds it."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = cli("serve", "--try", "--listen", address, cwd=course.root)
        assert done.returncode == 2
        assert f"cannot listen on {address}: Address already in use" in " ".join(done.stderr.split())

    def test_interrupt_leaves_nothing_behind(self, course: Course, tmp_path: Path) -> None:
        """Neither files nor processes, however often it is pressed; the command says so in a line."""
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "autograder", "serve", "--try", "--students", "3",
             "--listen", "127.0.0.1:0", "--jobs", "1"],
            cwd=course.root, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for line in process.stdout:
                if "be a student: http://127.0.0.1:" in line:
                    break
            for _impatient in range(3):
                process.send_signal(signal.SIGINT)
                time.sleep(0.5)
            rest = process.stdout.read()
        assert process.returncode == 0, rest
        assert rest.splitlines()[-1] == "stopped; nothing is left behind"
        assert [*tmp_path.iterdir()] == []
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert str(tmp_path) not in listed


def test_server_ends_while_a_browser_keeps_its_connection() -> None:
    """At once, not when the browser has gone."""
    app = Flask("empty")
    with socket.create_server(("127.0.0.1", 0)) as listening, requests.Session() as browser:
        with _serving(app, listening, 1000):
            browser.get(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=10)
            start = time.monotonic()
        assert time.monotonic() - start < END_SECONDS / 2


class TestLms:
    """The small LMS."""

    @pytest.fixture
    def lms(self) -> SmallLms:
        """With a student and no activity."""
        members = {"s1": Member("s1", "Student 1", "en"), "t": Member("t", "Teacher", "en", is_teacher=True)}
        return SmallLms("http://127.0.0.1:1", "http://127.0.0.1:2", "A course", members, {})

    def test_older_score_does_not_replace_a_newer_one(self, lms: SmallLms) -> None:
        """As in an LMS, which says that there is a conflict."""
        score = {"userId": "s1", "timestamp": "2027-03-01T00:00:01Z", "scoreGiven": 1}
        assert lms.keep_score("week1", score)
        assert not lms.keep_score("week1", score | {"scoreGiven": 2})
        assert lms.keep_score("week1", score | {"timestamp": "2027-03-01T00:00:02Z", "scoreGiven": 3})
        assert lms.scores["week1", "s1"]["scoreGiven"] == 3

    def test_launches_go_to_the_tool_alone(self, lms: SmallLms) -> None:
        """A link that names another place gets no token."""
        client = make_lms(lms).test_client()
        asked = {"login_hint": '["s1", "week1"]', "nonce": "n", "state": "s", "redirect_uri": "http://x/"}
        assert client.get("/auth", query_string=asked).status_code == 400

    def test_roster_has_pages(self) -> None:
        """A class of 250 comes in three."""
        members = {f"s{number}": Member(f"s{number}", "", "en") for number in range(250)}
        lms = SmallLms("http://127.0.0.1:1", "http://127.0.0.1:2", "A course", members, {})
        lms.members = {**members, "t": Member("t", "Teacher", "en", is_teacher=True)}
        client, address, found = make_lms(lms).test_client(), "/members", []
        while address:
            page = client.get(address)
            found.append(len(page.json["members"]) if page.json else 0)
            address = page.headers.get("Link", "").partition(";")[0].strip("<>")
            address = address.removeprefix(lms.address)
        assert found == [100, 100, 51]


def test_class_is_the_same_each_time_and_of_all_kinds(tmp_path: Path) -> None:
    """Made from the banks of the course: some are absent, and answers are right, wrong and left out."""
    course = Course.open(copy_course(tmp_path / "course", "gru_parameters"))
    people = students(course, 60)
    made = dict(hand_ins(course, "gru_parameters", people))
    assert made == dict(hand_ins(course, "gru_parameters", people))
    assert 50 < len(made) < 60
    assert len({*made.values()}) == len(made)
    assert {student.language for student in made} == {"ko", "en"}
