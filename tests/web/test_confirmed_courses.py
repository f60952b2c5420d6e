"""Courses of an LMS: before a person confirms one, it gives nobody access, and nothing of its people is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, update

from autograder.__main__ import main
from autograder.course import Course
from autograder.web.db.models import Context, Membership, Person, Platform, ResourceLink, now
from autograder.web.lti.contexts import set_confirmed
from autograder.web.settings import folder_of
from tests.support import copy_course
from tests.web.classes import enter
from tests.web.loopback import LTI, Browser, Lms, Web, begin, body, launch, lms, picking, signed, tool, words

pytestmark = pytest.mark.long

NOT_YET = "This course of your LMS is not connected with the tool yet."
TITLE = "Recurrent networks"
"""That of the confirmed course, which anybody may give their own."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")


@pytest.fixture(scope="module")
def here(course: Path) -> Iterator[tuple[Web, Lms]]:
    """A tool in its course's own folder, where the commands find its database."""
    with lms() as other, tool(folder_of(Course.open(course)), course) as made:
        other.register(made.database)
        yield made, other


@pytest.fixture
def web(here: tuple[Web, Lms]) -> Web:
    with here[0].database.write() as session:
        session.execute(update(Context).where(Context.lms_id == "course-1").values(confirmed_at=now()))
    return here[0]


@pytest.fixture
def other(here: tuple[Web, Lms]) -> Lms:
    return here[1]


def in_course(lms_id: str, title: str = TITLE) -> dict[str, Any]:
    return {LTI + "context": {"id": lms_id, "title": title}}


def rows(web: Web) -> list[int]:
    """How many people, memberships and activities are stored."""
    with web.database.read() as session:
        tables = (Person, Membership, ResourceLink)
        return [session.scalars(select(func.count()).select_from(table)).one() for table in tables]


def number_on(page: requests.Response) -> int:
    found = re.search(r"autograder lms confirm (\d+)", words(page))
    assert found, words(page)
    return int(found[1])


def test_staff_of_another_course_are_not_let_in(web: Web, other: Lms) -> None:
    """Who teaches any other course of the LMS reads what to do, in both languages; nothing of them is stored."""
    before = rows(web)
    page = launch(Browser(), web, other, "#Instructor", sub="stranger", **in_course("hostile"))
    assert page.status_code == 403
    assert NOT_YET in words(page)
    assert "LMS의 이 강좌는 아직 도구에 연결되어 있지 않습니다." in words(page)
    assert f"autograder lms confirm {number_on(page)}" in words(page)
    assert "Command" in words(page)
    assert "명령" in words(page)
    assert not any("/v/" in one.headers.get("Location", "") for one in page.history)
    assert rows(web) == before


def test_students_are_told_and_lose_nothing(web: Web, other: Lms) -> None:
    """Students learn it before they have a notebook, in words for them, without the command."""
    page = launch(Browser(), web, other, sub="early", **in_course("copied"))
    assert page.status_code == 403
    assert NOT_YET in words(page)
    assert "Keep your notebook if you have one, and show this page to your teacher" in words(page)
    assert "작성한 노트북이 있다면 잘 보관하고" in words(page)
    assert "lms confirm" not in words(page)


def test_deep_linking_needs_a_confirmed_course(web: Web, other: Lms) -> None:
    """No assignment can be picked for a course that is not confirmed, nor once that is withdrawn."""
    choice = picking(other)
    page = launch(Browser(), web, other, "#Instructor", **choice, **in_course("hostile"))
    assert (page.status_code, "Pick an assignment" in words(page)) == (403, False)
    assert number_on(page)
    browser = Browser()
    page = launch(browser, web, other, "#Instructor", **choice)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, words(page)
    with web.database.write() as session:
        session.execute(update(Context).where(Context.lms_id == "course-1").values(confirmed_at=None))
    form = {"token": token[1], "assignment": "shapes"}
    page = browser.post(f"{web.base_url}/lti/pick", data=form)
    assert (page.status_code, NOT_YET in words(page)) == (403, True)


def test_first_course_is_not_confirmed_by_coming_first(web: Web, other: Lms) -> None:
    """On a fresh LMS, whoever launches first claims nothing."""
    platform = other.register(web.database, client_id="fresh", deployments=[])
    with web.database.write() as session:
        session.get_one(Platform, platform.id).deployments = ["1"]
    browser = Browser()
    asked = begin(browser, web, other, client_id="fresh")
    claims = body(other, asked["nonce"], "#Instructor", aud="fresh")
    form = {"state": asked["state"], "id_token": signed(claims)}
    page = browser.post(f"{web.base_url}/lti/launch", data=form)
    assert (page.status_code, NOT_YET in words(page)) == (403, True)


@pytest.mark.parametrize("where", ["another platform", "another deployment"])
def test_same_id_elsewhere_is_another_course(web: Web, other: Lms, where: str) -> None:
    """The id of the confirmed course, on another platform or deployment, is not that course."""
    browser, client = Browser(), "client-1" if where == "another deployment" else "elsewhere"
    platform = other.register(web.database, client_id=client, deployments=[])
    with web.database.write() as session:
        session.get_one(Platform, platform.id).deployments = ["1", "9"]
    asked = begin(browser, web, other, client_id=client)
    deployment = "9" if where == "another deployment" else "1"
    claims = body(other, asked["nonce"], "#Instructor", aud=client, **{LTI + "deployment_id": deployment})
    form = {"state": asked["state"], "id_token": signed(claims)}
    page = browser.post(f"{web.base_url}/lti/launch", data=form)
    assert (page.status_code, NOT_YET in words(page)) == (403, True)


def test_command_lets_one_course_in(
    web: Web, other: Lms, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command on the page confirms that course, however another one is called, and can be taken back."""
    monkeypatch.chdir(course)
    number = number_on(launch(Browser(), web, other, "#Instructor", **in_course("ours")))
    twin = number_on(launch(Browser(), web, other, "#Instructor", **in_course("twin")))
    assert number != twin
    assert main(["lms", "confirm", str(number)]) == 0
    assert f"{number}  “{TITLE}”, course id ours, deployment 1: confirmed" in capsys.readouterr().out
    assert main(["lms", "list"]) == 0
    assert f"{twin}  “{TITLE}”, course id twin, deployment 1: not confirmed" in capsys.readouterr().out
    inside = enter(web, other, **in_course("ours"))
    assert inside.get("staff/").status_code == 200
    assert launch(Browser(), web, other, "#Instructor", **in_course("twin")).status_code == 403
    assert main(["lms", "confirm", str(number), "--withdraw"]) == 0
    page = inside.get("staff/")
    assert (page.status_code, number_on(page)) == (403, number)


@pytest.mark.parametrize("number", ["0", "-1", "999999", "99999999999999999999"])
def test_unknown_number_is_told(
    web: Web, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    """A number that no course has confirms nothing, and the message says where numbers stand."""
    monkeypatch.chdir(course)
    assert main(["lms", "confirm", "--", number]) == 2
    assert f"no course of an LMS has the number {number}; `autograder lms list`" in capsys.readouterr().err


def test_course_without_an_id_is_told_to_be_all(
    web: Web, other: Lms, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the LMS sends no course, the command says that it holds for all of them."""
    monkeypatch.chdir(course)
    number = number_on(launch(Browser(), web, other, "#Instructor", **{LTI + "context": None}))
    assert main(["lms", "confirm", str(number)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "note: the LMS does not say which course it is, so this holds for all of its courses" in out
    set_confirmed(web.database, number, None)


def test_hostile_title_is_one_line(
    web: Web, other: Lms, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A title with line breaks and control characters forges no line of the list."""
    monkeypatch.chdir(course)
    title = "x”, course id 1, deployment 1: confirmed\n\x1b[2K    7  “Ours [bold]"
    number = number_on(launch(Browser(), web, other, "#Instructor", **in_course("forged", title)))
    main(["lms", "list"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not re.search(r"^\s*7  “Ours", out, re.MULTILINE)
    assert re.search(rf"{number}  “x”", out)
