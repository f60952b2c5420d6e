"""The head of the pages: the tabs of staff, what waits behind them, and what a frame shows otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from sqlalchemy import event

from autograder.web.db.models import RegradeRequest
from autograder.web.pages.navigation import Waiting, load_waiting
from autograder.web.visits import LIFETIME, WINDOW_LIFETIME
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, delivery, enter, link_of, person, standing
from tests.web.loopback import LTI, Browser, Clock, Lms, Web, quick, tool, words

FRAME = {"Sec-Fetch-Dest": "iframe"}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
PAGES = {
    "staff/": "staff/",
    "staff/report": "staff/report",
    "staff/looks": "staff/looks",
    "staff/deliveries": "staff/deliveries",
    "staff/settings": "staff/settings",
    "mine": "mine",
    "staff/regrade": "staff/",
}
"""The pages without a number in their address, each with that of its tab."""


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, other: Lms, clock: Clock) -> Iterator[Web]:
    course = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
    with tool(tmp_path_factory.mktemp("web"), course, http=quick(), clock=clock) as made:
        other.register(made.database)
        yield made


@pytest.fixture
def staff(web: Web, other: Lms, clock: Clock) -> Staff:
    clock.ahead = timedelta()
    return enter(web, other)


@pytest.fixture(scope="module")
def waiting(web: Web, other: Lms) -> Waiting:
    """A class with two open requests of one student, three who were not graded, and two refused scores."""
    enter(web, other)
    asked = person(web, "Ada")
    number = attempt(web, asked)
    for answer in (None, None, "It stays."):
        add(
            web,
            RegradeRequest(
                attempt_id=number, question="last_hidden", check="", words="?", asked_at=MOMENT, answer=answer
            ),
        )
    for _ in range(3):
        who = person(web)
        attempt(web, who, state="ungraded")
        attempt(web, who, state="ungraded")
    graded_now = person(web)
    attempt(web, graded_now, state="ungraded")
    attempt(web, graded_now, state="queued")
    for _ in range(2):
        delivery(web, person(web), "refused")
    since_then = person(web)
    delivery(web, since_then, "refused")
    delivery(web, since_then, "confirmed")
    standing(web, since_then)
    return Waiting(requests=2, ungraded=3, refused=2)


def current(page: requests.Response) -> list[str]:
    """The addresses of the tabs that a page stands under."""
    tabs = page.text.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    return re.findall(r'<a href="[^"]*?/v/[^/"]+/([^"]*)" aria-current="(?:page|true)"', tabs)


def code(page: requests.Response) -> str:
    """The code of a page that opens the visit in a window; empty if it has none."""
    found = re.search(r'name="code" value="([^"]+)"', page.text)
    return found[1] if found else ""


class TestTabs:
    """The pages of staff."""

    @pytest.mark.parametrize("path", PAGES)
    def test_every_page_has_the_tabs_with_what_waits(self, staff: Staff, waiting: Waiting, path: str) -> None:
        """The report too, and the page that students see; one tab is the current one."""
        page = staff.get(path)
        assert page.status_code == 200
        assert (
            f"Class {waiting.ungraded} not graded Report Requests {waiting.requests} open "
            f"LMS scores {waiting.refused} refused Settings Student view"
        ) in words(page)
        assert current(page) == [PAGES[path]]

    def test_page_of_a_student_stands_under_the_class(self, staff: Staff, waiting: Waiting) -> None:
        """It has no tab of its own."""
        who = person(staff.web)
        assert current(staff.get(f"staff/people/{who}")) == ["staff/"]

    def test_counts_are_those_of_the_pages(self, web: Web, staff: Staff, waiting: Waiting) -> None:
        """Whoever follows a count finds as many."""
        with web.database.read() as session:
            assert load_waiting(session, link_of(web)) == waiting
        assert len(re.findall(r'<section class="request"', staff.get("staff/looks").text)) == waiting.requests
        for group, number in (("ungraded", waiting.ungraded), ("refused", waiting.refused)):
            assert len(re.findall('name="person"', staff.get(f"staff/?state={group}").text)) == number

    def test_one_query_counts(self, web: Web, waiting: Waiting) -> None:
        """Whatever the size of the class."""
        statements = []
        with web.database.read() as session:
            event.listen(
                session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2])
            )
            load_waiting(session, link_of(web))
        assert len([one for one in statements if "regrade_request" in one]) == 1

    def test_students_have_none(self, web: Web, other: Lms) -> None:
        """Neither tabs nor counts."""
        page = enter(web, other, "#Learner", sub="student-1").get("mine")
        assert 'class="tabs"' not in page.text
        assert "refused" not in words(page)


class TestFrame:
    """What a page shows in the frame of an LMS, which says itself where one is."""

    def test_course_and_title_are_not_repeated(self, staff: Staff) -> None:
        """A page alone names the course; in a frame it does not, and the title is left to screen readers."""
        alone, framed = (staff.browser.get(f"{staff.home}mine", headers=headers) for headers in ({}, FRAME))
        assert "Recurrent networks" in words(alone)
        assert "<h1>" in alone.text
        assert "Recurrent networks" not in words(framed)
        assert '<h1 class="unseen">' in framed.text

    def test_frame_is_resized_for_the_lms_alone(self, web: Web, other: Lms, staff: Staff) -> None:
        """The script sends to the origin that the launch named, if it named one; a page alone has no such script."""
        named = {LTI + "launch_presentation": {"return_url": f"{other.address}/course"}}
        known = enter(web, other, **named)
        assert "frame.js" not in known.get("staff/").text
        for one, origin in ((known, other.address), (staff, "*")):
            page = one.browser.get(f"{one.home}staff/", headers=FRAME)
            assert f'" data-lms="{origin}" defer' in page.text


class TestWindow:
    """The visit in a window of its own, where the frame's cookie is not sent."""

    def opens(self, staff: Staff, sent: str, **changed: str) -> requests.Response:
        """What a new window gets, whose browser has no cookie for it."""
        return Browser().post(f"{staff.home}window", data={"code": sent}, headers=OWN_PAGE | changed)

    @pytest.fixture
    def framed_code(self, staff: Staff) -> str:
        return code(staff.browser.get(f"{staff.home}staff/", headers=FRAME))

    def test_it_opens(self, staff: Staff, framed_code: str) -> None:
        """The first page of the visit, for the same person."""
        page = self.opens(staff, framed_code)
        assert (page.status_code, "Prof. Kim" in words(page)) == (200, True)

    def test_page_alone_has_no_code(self, staff: Staff) -> None:
        """A page that needs no window gives away nothing."""
        assert code(staff.get("staff/")) == ""

    def test_code_ends(self, staff: Staff, framed_code: str, clock: Clock) -> None:
        """After some minutes, whatever the code itself says."""
        clock.ahead = WINDOW_LIFETIME + timedelta(seconds=1)
        assert self.opens(staff, framed_code).status_code == 400
        until, _, rest = framed_code.partition(".")
        assert self.opens(staff, f"{int(until) + 3600}.{rest}").status_code == 400

    def test_visit_that_is_over_stays_so(self, staff: Staff, framed_code: str, clock: Clock) -> None:
        """The code does not outlive the visit."""
        clock.ahead = LIFETIME + timedelta(seconds=1)
        assert self.opens(staff, framed_code).status_code == 400

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
    def test_other_site_opens_nothing(self, staff: Staff, framed_code: str, site: str) -> None:
        """Nobody is led into a visit of another person."""
        page = self.opens(staff, framed_code, **{"Sec-Fetch-Site": site})
        assert (page.status_code, "Set-Cookie" in page.headers) == (400, False)

    @pytest.mark.parametrize(
        "sent", ["", ".", "1.2", "x.y", "9" * 30 + ".0", "\N{SUPERSCRIPT TWO}.0", "1764583000.ä"]
    )
    def test_malformed_codes(self, staff: Staff, sent: str) -> None:
        """Each is refused with a page that says what to do."""
        page = self.opens(staff, sent)
        assert page.status_code == 400
        assert "open the new window again" in words(page)

    def test_code_of_another_visit(self, web: Web, other: Lms, staff: Staff) -> None:
        """It opens its own visit only."""
        student = enter(web, other, "#Learner", sub="student-1")
        page = student.browser.get(f"{student.home}mine", headers=FRAME)
        assert self.opens(staff, code(page)).status_code == 400
