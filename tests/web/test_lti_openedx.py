"""A platform that nobody here wrote, Open edX's own library, launches the tool and takes its scores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from autograder.course import Course
from autograder.text import Text
from autograder.web.db.models import Membership, Person, ResourceLink
from autograder.web.http import LmsHttpClient
from autograder.web.lti.platforms import PlatformDetails, register_platform
from autograder.web.lti.service_client import Confirmed, Conflict
from autograder.web.lti.services import Services
from autograder.web.lti.tool_keys import rotate_key
from autograder.web.settings import folder_of
from tests.support import copy_course
from tests.web.lms_and_tool import worker
from tests.web.loopback import Browser, Web, confirm, tool, words
from tests.web.solved_notebooks import MISTAKE, MISTAKE_FEEDBACK, solved_notebook
from tests.web.worker_course import wait_for

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    course = copy_course(tmp_path_factory.mktemp("course"), "shapes", "tagging")
    with tool(folder_of(Course.open(course)), course) as made:
        yield made


@pytest.fixture(scope="module")
def edx(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program, folder = Path(__file__).with_name("openedx_platform.py"), tmp_path_factory.mktemp("openedx")
    # what its libraries warn of, themselves among it, is theirs
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", program, web.base_url, folder],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line, (folder / "log").read_text()
        platform = register_platform(web.database, PlatformDetails(**json.loads(line)))
        for deployment in platform.deployments:
            confirm(web.database, platform, deployment, "course-1")
        yield platform.issuer
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout
        process.stdout.close()


def open_in(edx: str, web: Web, **params: str) -> tuple[Browser, requests.Response]:
    """What Open edX has a browser do when somebody opens an activity."""
    browser = Browser()
    asked = browser.go(browser.get(f"{edx}/start", params=params).json())
    form = browser.get(asked.headers["Location"]).json()
    return browser, browser.post(f"{web.base_url}/lti/launch", data=form)


@pytest.mark.parametrize(
    ("role", "stored"),
    [
        ("student", "student"),
        ("instructor", "teacher"),
        ("Community TA", "assistant"),
    ],
)
def test_somebody_is_launched(edx: str, web: Web, role: str, stored: str) -> None:
    """The page says who was launched, to which assignment; Open edX names no language."""
    _, page = open_in(edx, web, user=f"u-{stored}", role=role, name="O'Neil", assignment="shapes")
    assert page.status_code == 200, words(page)
    assert "순환층의 출력 모양" in words(page)
    assert "사용자: O'Neil" in words(page)
    with web.database.read() as session:
        found = session.scalars(
            select(Membership.role).join(Person).where(Person.subject == f"u-{stored}")
        ).all()
    assert found == [stored]


def test_its_gradebook_takes_a_score(edx: str, web: Web) -> None:
    """Open edX's token and score services take what we send, and again what we sign with a key made just before."""
    open_in(edx, web, user="u-score", role="student", name='Kim, "Minji"', assignment="shapes")
    with web.database.read() as session:
        person = session.scalars(select(Person).where(Person.subject == "u-score")).one()
        link = session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "link-1")).one()
    moment = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
    for score in (11, 12.5):
        services = Services(web.database, LmsHttpClient())  # which has no access token yet
        done = services.send_score(
            link,
            person,
            score=score,
            maximum=15,
            comment="너무 적습니다",
            timestamp=moment,
            submitted_at=moment,
        )
        assert done == Confirmed()
        rotate_key(web.database)
        moment += timedelta(seconds=1)
    (held,) = requests.get(f"{edx}/scores", timeout=10).json()
    assert (held["user_id"], held["score_given"], held["score_maximum"]) == ("u-score", 12.5, 15)
    assert (held["comment"], held["timestamp"]) == ("너무 적습니다", "2027-03-01T09:30:01Z")
    assert (held["activity_progress"], held["grading_progress"]) == ("Completed", "FullyGraded")


@pytest.mark.full
def test_whole_round(edx: str, web: Web, tmp_path: Path) -> None:
    """Open edX launches a student, who hands in; a worker grades it, and the gradebook gets score and mistake."""
    browser, page = open_in(edx, web, user="u-round", role="student", name="김민지", assignment="shapes")
    form = re.search(
        r'<form method="post" action="([^"]+)".*?name="csrf" value="([^"]+)"', page.text, re.DOTALL
    )
    assert form, words(page)
    raw = solved_notebook(web.course.assignment("shapes").release("ko"), "shapes", wrong=MISTAKE)
    page = browser.post(
        f"{web.base_url}{form[1]}", data={"csrf": form[2]}, files={"notebook": ("shapes.ipynb", raw)}
    )
    assert "제출되었습니다" in words(page)

    def held() -> list[dict[str, Any]]:
        rows = requests.get(f"{edx}/scores", timeout=60).json()
        return [row for row in rows if row["user_id"] == "u-round"]

    with worker(web.course.root, tmp_path / "log"):
        (row,) = wait_for(held)
    assert (row["score_given"], row["score_maximum"]) == (13, 16)
    assert (row["activity_progress"], row["grading_progress"]) == ("Completed", "FullyGraded")
    assert MISTAKE_FEEDBACK["ko"] in row["comment"]
    assert MISTAKE_FEEDBACK["ko"] in words(browser.get(page.url))


def test_it_keeps_the_later_score(edx: str, web: Web) -> None:
    """A score with the time of one that Open edX holds is a conflict, though it says 400, and what it holds stays."""
    open_in(edx, web, user="u-late", role="student", name="김민지", assignment="shapes")
    with web.database.read() as session:
        person = session.scalars(select(Person).where(Person.subject == "u-late")).one()
        link = session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "link-1")).one()
    services, moment = Services(web.database, LmsHttpClient()), datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
    outcomes = [
        services.send_score(link, person, score=score, maximum=15, comment="", timestamp=moment)
        for score in (11, 12)
    ]
    error = 'HTTP 400: {"timestamp":["Score already exists for the provided timestamp"]}'
    assert outcomes == [Confirmed(), Conflict(Text.same(error))]
    held = requests.get(f"{edx}/scores", timeout=10).json()
    assert [one["score_given"] for one in held if one["user_id"] == "u-late"] == [11]


def test_teacher_picks_an_assignment(edx: str, web: Web) -> None:
    """Open edX takes the deep linking answer: the assignment, and its points as the maximum."""
    browser, page = open_in(
        edx, web, user="u-pick", role="instructor", name="T", kind="LtiDeepLinkingRequest"
    )
    assert page.status_code == 200, words(page)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    page = browser.post(f"{web.base_url}/lti/pick", data={"token": token[1], "assignment": "tagging"})
    answer = re.search(r'name="JWT" value="([^"]+)"', page.text)
    where = re.search(r'<form id="send" method="post" action="([^"]+)"', page.text)
    assert answer
    assert where
    items = requests.post(where[1], data={"JWT": answer[1]}, timeout=10)
    assert items.status_code == 200, items.text
    (item,) = items.json()
    assert item["custom"] == {"assignment": "tagging"}
    assert item["url"] == f"{web.base_url}/lti/launch"
    assert item["lineItem"]["scoreMaximum"] == 27
    assert item["title"] == item["lineItem"]["label"]
