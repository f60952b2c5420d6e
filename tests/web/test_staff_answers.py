"""What staff see of answers: the student's own cards on each page, requests with the answer, the notebook itself."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route
from sqlalchemy import select

from autograder.grading.report import Counterexample, Report, to_dict
from autograder.text import Text
from autograder.web.db.models import Attempt, Person, RegradeRequest
from autograder.web.settings import folder_of
from tests.chrome import Browser, Tab, expect, needs_chromium, new_tab, troubles
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, enter, person, report, standing
from tests.web.loopback import Lms, Web, quick, tool, words

pytestmark = pytest.mark.long

CODE = "def last_hidden(batch):\n    return batch[:, -1, :3]"
QUESTIONS = [f"question_{number}" for number in range(8)]
PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360f8cfc0f01f0005000201f2d33a710000000049454e44ae426082"
    )
).decode()


@pytest.fixture
def web(tmp_path: Path, other: Lms) -> Iterator[Web]:
    with tool(tmp_path, copy_course(tmp_path / "course", "shapes"), http=quick()) as made:
        other.register(made.database)
        yield made


def wrong(name: str = "last_hidden", **changed: Any) -> Report:
    shown = Counterexample("last_hidden(batch)", "[0, 0, 1]")
    return replace(report(name), title=Text.same(f"Title of {name}"), counterexample=shown, **changed)


def graded(web: Web, who: int, reports: list[Report], code: str = CODE, **changed: Any) -> int:
    """An attempt with its files, whose answers are all the same code. changed: of its answer cells."""
    data = {"edition": "en", "claim": ["", ""], "questions": [to_dict(one) for one in reports]}
    score = sum(one.score for one in reports)
    number = attempt(web, who, score=score, points=sum(one.points for one in reports), report=data)
    cells: list[dict[str, Any]] = []
    for one in reports:
        marks = {"grade_id": f"{one.question}-answer", "solution": True}
        ours = {"part": "answer", "question": one.question}
        cells.append(
            {"cell_type": "code", "source": code, "metadata": {"nbgrader": marks, "autograder": ours}}
            | changed
        )
        marks = {"grade_id": f"{one.question}-check", "grade": True}
        ours = {"report": to_dict(one)}
        cells.append({"cell_type": "code", "source": "", "metadata": {"nbgrader": marks, "autograder": ours}})
    folder = folder_of_attempt(web, number)
    folder.mkdir(parents=True)
    (folder / "graded.ipynb").write_text(json.dumps({"metadata": {}, "cells": cells}), encoding="utf-8")
    (folder / "hand-in.ipynb").write_text(json.dumps({"metadata": {}, "cells": cells}), encoding="utf-8")
    return number


def folder_of_attempt(web: Web, number: int) -> Path:
    with web.database.read() as session:
        return (folder_of(web.course) / "files" / session.get_one(Attempt, number).path).parent


def counts(web: Web, who: int, number: int, reports: list[Report], **cells: Any) -> None:
    """Have an attempt count."""
    made = {
        f"{one.question}-check": {"score": one.score, "points": one.points, "manual": False}
        for one in reports
    }
    maximum = sum(one.points for one in reports)
    standing(web, who, number, score=sum(one.score for one in reports), maximum=maximum, cells=made | cells)


def ask(web: Web, number: int, question: str = "last_hidden", check: str = "") -> int:
    row = RegradeRequest(
        attempt_id=number, question=question, check=check, words=f"Why, in {number}?", asked_at=MOMENT
    )
    add(web, row)
    return row.id


def tab_of(browser: Browser, inside: Staff) -> Tab:
    """A browser that has somebody's session."""

    def answer(route: Route) -> None:
        sent = route.request
        page = inside.browser.request(
            sent.method, sent.url, data=sent.post_data, allow_redirects=False,
            headers={"Content-Type": sent.headers.get("content-type", "")},
        )  # fmt: skip
        if page.is_redirect:
            # a browser follows no redirect that a route gives
            target = page.headers["Location"]
            page.headers.pop("Location")
            body = f'<!doctype html><meta http-equiv="refresh" content="0; url={target}">'
            route.fulfill(status=200, content_type="text/html", body=body)
        else:
            route.fulfill(status=page.status_code, headers=dict(page.headers), body=page.content)

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.route("**/*", answer)
    return new_tab(context)


class TestACard:
    """The answer to a question."""

    def test_it_is_the_same_everywhere(self, web: Web, other: Lms) -> None:
        """Diagnosis, checks and code are on the student's page, the staff's, a request and why these points alike."""
        inside = enter(web, other)
        student = enter(web, other, "#Learner", sub="student-1", name="김민지")
        with web.database.read() as session:
            who = session.scalars(select(Person.id).where(Person.subject == "student-1")).one()
        number = graded(web, who, [wrong()])
        counts(web, who, number, [wrong()])
        ask(web, number)
        pages = [
            student.get(f"mine/{number}"),
            inside.get(f"staff/people/{who}"),
            inside.get("staff/looks"),
            inside.get(f"staff/attempts/{number}/why/last_hidden"),
        ]
        parts = [
            [
                re.search(pattern, page.text, re.DOTALL).group()  # type: ignore[union-attr]
                for pattern in (
                    r'<span class="state">.*?</span></span> <span class="points">.*?</span>',
                    '<div class="diagnosis">.*?</div>',
                    '<ul class="checks".*?</ul>',
                    r"<code>last_hidden\(batch\)</code>",
                    '<pre class="code".*?</pre>',
                )
            ]
            for page in pages
        ]
        assert parts[0] == parts[1] == parts[2] == parts[3]
        assert "the bias is missing" in parts[0][1].lower()

    def test_points_and_regrading_stand_in_it(self, web: Web, other: Lms) -> None:
        """Points given in a card are told there, with the reason, and the student reads it."""
        inside = enter(web, other)
        who = person(web)
        number = graded(web, who, [wrong(name) for name in QUESTIONS])
        counts(web, who, number, [wrong(name) for name in QUESTIONS])
        page = inside.get(f"staff/people/{who}")
        card = card_of(page.text, f"attempt-{number}-question_5")
        assert "Points (0–4)" in card
        assert f"staff/attempts/{number}/regrade" in card
        form = {"cell": "question_5-check", "points": "2", "reason": "The idea is right."}
        page = inside.post(f"staff/people/{who}/points", **form)
        assert page.url.endswith(f"#attempt-{number}-question_5")
        assert "The points are given." in card_of(page.text, f"attempt-{number}-question_5")
        assert page.text.count("The points are given.") == 1
        page = inside.post(f"staff/people/{who}/points", **(form | {"points": "5"}))
        assert "Points are a number from 0 to 4" in card_of(page.text, f"attempt-{number}-question_5")

    def test_teachers_comment_on_a_right_answer_is_shown(self, web: Web, other: Lms) -> None:
        """Full points with a comment are not folded away, and the student reads the comment."""
        student = enter(web, other, "#Learner", sub="student-1", name="김민지")
        with web.database.read() as session:
            who = session.scalars(select(Person.id).where(Person.subject == "student-1")).one()
        right = [report(right=True)]
        number = graded(web, who, right)
        cell = {"score": 4.0, "points": 4.0, "manual": False, "comment": "Well done!"}
        counts(web, who, number, right, **{"last_hidden-check": cell})
        page = student.get(f"mine/{number}").text
        assert "Well done!" in page
        assert '<details class="card' not in page


def card_of(html: str, anchor: str) -> str:
    """The card with an id."""
    found = re.search(rf'<(article|details) class="card[^>]*id="{anchor}".*?</\1>', html, re.DOTALL)
    assert found, anchor
    return found[0]


class TestOddAnswers:
    """No page fails whatever the answer is, and the card says what is the matter."""

    def pages(self, inside: Staff, who: int, number: int) -> dict[str, str]:
        found = {}
        for path in (f"people/{who}?attempt={number}", "looks", f"attempts/{number}/why/last_hidden"):
            page = inside.get(f"staff/{path}")
            assert page.status_code == 200, path
            found[path] = words(page)
        return found

    def test_long_answer(self, web: Web, other: Lms) -> None:
        """Above 20 kB it is cut, which is told; the notebook as handed in has all of it."""
        inside = enter(web, other)
        who = person(web)
        code = "".join(f"x{number} = {number}\n" for number in range(2500)) + "last = 'END'"
        number = graded(web, who, [wrong(), wrong("second")], code)
        counts(web, who, number, [wrong()])
        ask(web, number)
        for page in self.pages(inside, who, number).values():
            assert "Too long for this page; the notebook as handed in has all of it." in page
            assert "END" not in page
        page = inside.get(f"staff/people/{who}").text
        assert page.count("Too long for this page") == 2, "one long answer takes no space from another"
        assert "END" in inside.get(f"staff/attempts/{number}/notebook").text

    def test_plot(self, web: Web, other: Lms) -> None:
        """A plot is shown as a picture."""
        inside = enter(web, other)
        who = person(web)
        outputs = [{"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}}]
        number = graded(web, who, [wrong()], outputs=outputs)
        counts(web, who, number, [wrong()])
        ask(web, number)
        for path in (
            f"people/{who}",
            "looks",
            f"attempts/{number}/why/last_hidden",
            f"attempts/{number}/notebook",
        ):
            assert f"data:image/png;base64,{PNG}" in inside.get(f"staff/{path}").text, path

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_essay(self, web: Web, other: Lms, language: str) -> None:
        """It waits for a person, and is not shown as wrong, to staff with the form for its points or to the student."""
        inside = enter(web, other)
        student = enter(web, other, "#Learner", sub="student-1", name="김민지", language=language)
        with web.database.read() as session:
            who = session.scalars(select(Person.id).where(Person.subject == "student-1")).one()
        number = graded(web, who, [report(right=True)])
        path = folder_of_attempt(web, number) / "graded.ipynb"
        notebook = json.loads(path.read_text())
        marks = {"grade_id": "essay", "solution": True, "grade": True, "points": 2.0, "task": False}
        notebook["cells"].append(
            {"cell_type": "markdown", "source": "Gates *forget*.", "metadata": {"nbgrader": marks}}
        )
        path.write_text(json.dumps(notebook))
        counts(web, who, number, [report(right=True)], essay={"score": 0.0, "points": 2.0, "waits": True})
        page = inside.get(f"staff/people/{who}").text
        card = card_of(page, f"attempt-{number}-essay")
        assert "Gates <em>forget</em>." in card
        assert "To be graded by your teacher" in card
        assert "Points (0–2)" in card
        mine = card_of(student.get(f"mine/{number}").text, "q-essay")
        assert mine.startswith('<article class="card waiting"')

    def test_deleted_file(self, web: Web, other: Lms) -> None:
        """The card says that the file is gone, and nothing leads to it."""
        inside = enter(web, other)
        who = person(web)
        number = graded(web, who, [wrong()])
        counts(web, who, number, [wrong()])
        ask(web, number)
        folder = folder_of_attempt(web, number)
        (folder / "graded.ipynb").unlink()
        for page in self.pages(inside, who, number).values():
            assert "The graded notebook is missing." in page
        (folder / "hand-in.ipynb").unlink()
        for page in self.pages(inside, who, number).values():
            assert "The file of this attempt has been deleted" in page
            assert "The notebook as handed in" not in page
        assert inside.get(f"staff/attempts/{number}/notebook").status_code == 404

    def test_lost_cell(self, web: Web, other: Lms) -> None:
        """The card says why there was no answer to judge."""
        inside = enter(web, other)
        who = person(web)
        lost = wrong(
            notes=(Text.same("the answer cell is not in the notebook"),), fault="missing", misconceptions=()
        )
        number = graded(web, who, [lost], "")
        counts(web, who, number, [lost])
        ask(web, number)
        for page in self.pages(inside, who, number).values():
            assert "The answer cell is not in the notebook." in page

    def test_attempt_that_is_not_graded(self, web: Web, other: Lms) -> None:
        """Page and request say so, and why."""
        inside = enter(web, other)
        who = person(web)
        number = attempt(
            web, who, state="ungraded", report=None, score=None, reason=Text(ko="봉인", en="no seal")
        )
        ask(web, number)
        assert "Not graded (our error): no seal" in words(inside.get(f"staff/people/{who}"))
        page = words(inside.get("staff/looks"))
        assert (
            "This attempt has no result for the question now, so there is no answer to show. no seal" in page
        )

    def test_graded_notebook_that_is_damaged(self, web: Web, other: Lms) -> None:
        """A file that is no notebook leaves the checks."""
        inside = enter(web, other)
        who = person(web)
        number = graded(web, who, [wrong()])
        counts(web, who, number, [wrong()])
        ask(web, number)
        for damaged in ("", "[]", '{"cells": 3}', "[" * 100_000):
            (folder_of_attempt(web, number) / "graded.ipynb").write_text(damaged)
            for page in self.pages(inside, who, number).values():
                assert "keeps the shape" in page.lower()


class TestTheNotebookAsHandedIn:
    """What the student handed in, cell by cell."""

    def test_it_runs_and_fetches_nothing(self, web: Web, other: Lms) -> None:
        """Markup in cells, outputs and names is text; the page is sealed, in the language of the visit, and logged."""
        inside = enter(web, other, language="ko")
        who = person(web, "<script>alert(1)</script>")
        number = graded(web, who, [wrong()], "print('<script>')")
        markup = "<script>alert(2)</script><img src=https://elsewhere.test/x onerror=alert(3)>\n\n**bold**"
        outputs = [
            {"output_type": "stream", "name": "stdout", "text": ["<script>alert(4)</script>"]},
            {"output_type": "display_data", "data": {"text/html": markup, "image/png": PNG}, "metadata": {}},
            {"output_type": "error", "ename": 7, "evalue": None}, 5, {"output_type": "stream", "text": {}},
        ]  # fmt: skip
        cells = [
            {"cell_type": "markdown", "source": markup, "metadata": {}},
            {"cell_type": "code", "source": ["x = 1\n", "x"], "metadata": {}, "outputs": outputs},
            {"cell_type": "code", "source": "y", "metadata": {}, "outputs": "none"},
            {"cell_type": "code", "source": "z", "metadata": {"nbgrader": {"grade_id": 5, "solution": True}}},
            "no cell",
        ]
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4})
        (folder_of_attempt(web, number) / "hand-in.ipynb").write_text(text)
        page = inside.get(f"staff/attempts/{number}/notebook")
        assert page.status_code == 200
        assert "sandbox;" in page.headers["Content-Security-Policy"]
        assert "script-src" not in page.headers["Content-Security-Policy"]
        assert "<script" not in page.text
        assert "onerror=" not in re.sub(r"&[^;]*;", "", page.text)
        assert "<strong>bold</strong>" in page.text
        assert "&lt;script&gt;alert(4)&lt;/script&gt;" in page.text
        assert f"data:image/png;base64,{PNG}" in page.text
        assert "제출한 노트북 원본" in page.text
        assert "노트북의 셀 1개를 읽지 않았습니다." in words(page)

    def test_it_names_the_questions_and_leads_back(self, web: Web, other: Lms) -> None:
        """Answers stand under the titles of their questions, and a link returns to the student."""
        inside = enter(web, other, language="ko")
        who = person(web)
        number = graded(web, who, [wrong()])
        answer = {"nbgrader": {"grade_id": "last_hidden", "solution": True}}
        cells = [{"cell_type": "code", "source": "x = 1", "metadata": answer}]
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4})
        (folder_of_attempt(web, number) / "hand-in.ipynb").write_text(text)
        page = inside.get(f"staff/attempts/{number}/notebook")
        questions = web.course.assignment("shapes").questions
        title = next(one.title.ko for one in questions if one.id == "last_hidden")
        assert f"문제: {title}" in words(page)
        assert f"답: {title}" in words(page)
        assert "last_hidden" not in words(page)
        found = re.search(r'href="[^"]*/(staff/people/[^"]*)">이 학생의 결과로 돌아가기<', page.text)
        assert found is not None
        assert "1번째 제출" in words(inside.get(found[1]))

    @pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b"[" * 100_000])
    def test_damaged_notebook_has_no_page(self, web: Web, other: Lms, content: bytes) -> None:
        """There is no page of it, and no failure."""
        inside = enter(web, other)
        number = graded(web, person(web), [wrong()])
        (folder_of_attempt(web, number) / "hand-in.ipynb").write_bytes(content)
        assert inside.get(f"staff/attempts/{number}/notebook").status_code == 404

    def test_path_that_leads_out(self, web: Web, other: Lms) -> None:
        """Nothing but files of attempts is shown."""
        inside = enter(web, other)
        for path in ("../../nbgrader_config.py", "/etc/hostname"):
            number = attempt(web, person(web), path=path)
            assert inside.get(f"staff/attempts/{number}/notebook").status_code == 404


class TestRequests:
    """Each request with the answer that it is about."""

    def test_another_attempt_counts(self, web: Web, other: Lms) -> None:
        """A request about an attempt that does not count shows that one's answer, and says what the other has."""
        inside = enter(web, other)
        who = person(web)
        first = graded(web, who, [wrong()], "first = 1")
        second = graded(web, who, [report(right=True)], "second = 2")
        counts(web, who, second, [report(right=True)])
        ask(web, first)
        page = words(inside.get("staff/looks"))
        assert "The request is about attempt 1; attempt 2 counts. There, this question has 4 / 4." in page
        assert "first = 1" in page
        assert "second = 2" not in page
        assert "now 4, attempt 2" in page

    def test_request_about_the_counting_attempt_names_no_other(self, web: Web, other: Lms) -> None:
        """A request about it says nothing of another."""
        inside = enter(web, other)
        who = person(web)
        graded(web, who, [report(right=True)])
        second = graded(web, who, [wrong()])
        counts(web, who, second, [wrong()])
        ask(web, second)
        page = words(inside.get("staff/looks"))
        assert "Attempt 2 this one counts" in page
        assert "The request is about" not in page

    def test_many_wait(self, web: Web, other: Lms) -> None:
        """Twenty are on the page, the oldest first; a link to another begins with that one."""
        inside = enter(web, other)
        number = graded(web, person(web), [wrong()])
        rows = [ask(web, number) for _ in range(23)]
        page = inside.get("staff/looks")
        assert "More requests wait. They come up as these are answered: 3" in words(page)
        shown = [int(found) for found in re.findall(r'<section class="request" id="look-(\d+)"', page.text)]
        assert shown == rows[:20]
        page = inside.get(f"staff/looks?look={rows[22]}")
        shown = [int(found) for found in re.findall(r'<section class="request" id="look-(\d+)"', page.text)]
        assert shown == [rows[22], *rows[:19]]


@pytest.mark.browser
@needs_chromium
class TestInABrowser:
    """Staff before a real browser."""

    def test_first_wrong_answer_begins_in_view(self, web: Web, other: Lms, browser: Browser) -> None:
        """At 1280 pixels it begins within 700, after the overview; right answers are folded; nobody is kept out."""
        inside = enter(web, other, language="ko")
        who = person(web)
        reports = [
            replace(
                report(name, right=name != QUESTIONS[-1]), title=Text.same(f"Parameters of a layer: {name}")
            )
            for name in QUESTIONS
        ]
        graded(web, who, reports)
        counts(web, who, graded(web, who, reports), reports)
        tab = tab_of(browser, inside)
        tab.page.goto(f"{inside.home}staff/people/{who}")
        first = tab.page.locator("article.card").first
        expect(first).to_have_class(re.compile("wrong"))
        box = first.bounding_box()
        assert box is not None
        assert box["y"] <= 700
        assert tab.page.locator(".overview li").count() == len(QUESTIONS)
        assert tab.page.locator("details.card:not([open])").count() == len(QUESTIONS) - 1
        assert troubles(tab) == []
        tab.page.context.close()

    def test_five_requests_are_answered_on_one_page(self, web: Web, other: Lms, browser: Browser) -> None:
        """After each answer the next request is in view with the code that it is about, wherever one begins."""
        inside = enter(web, other)
        for index in range(5):
            who = person(web, f"Student {index}")
            number = graded(web, who, [wrong()], f"answer = {index}")
            counts(web, who, number, [wrong()])
            ask(web, number)
        tab = tab_of(browser, inside)
        tab.page.goto(f"{inside.home}staff/looks")
        assert troubles(tab) == []
        tab.page.set_viewport_size({"width": 1280, "height": 800})
        tab.page.locator(".request", has_text="Student 2").scroll_into_view_if_needed()
        for index in (2, 3, 4, 0, 1):
            request = tab.page.locator(".request", has_text=f"Student {index}")
            expect(request.get_by_role("heading", level=2).first).to_be_in_viewport()
            expect(request.locator("pre.code")).to_contain_text(f"answer = {index}")
            expect(request.locator("pre.code")).to_be_in_viewport()
            request.get_by_label("Answer (the student reads it)").fill(f"Answer {index}")
            request.get_by_role("button", name="Answer", exact=True).click()
            expect(tab.page.get_by_role("status")).to_be_in_viewport()
        expect(tab.page.get_by_text("No request waits for an answer.")).to_be_visible()
        with web.database.read() as session:
            answers = session.scalars(select(RegradeRequest.answer).order_by(RegradeRequest.id)).all()
        assert answers == [f"Answer {index}" for index in range(5)]
        assert not [url for url in tab.fetched if url.endswith(("/file", "/notebook"))]
        tab.page.context.close()

    def test_other_pages_with_the_answer(self, web: Web, other: Lms, browser: Browser) -> None:
        """Why these points, and the notebook as handed in, keep nobody out."""
        inside = enter(web, other, language="ko")
        who = person(web)
        number = graded(web, who, [wrong()])
        counts(web, who, number, [wrong()])
        tab = tab_of(browser, inside)
        tab.page.goto(f"{inside.home}staff/attempts/{number}/why/last_hidden")
        assert troubles(tab) == []
        # axe is a script, which the sealed page does not run
        sealed = new_tab(browser.new_context())
        sealed.page.set_content(inside.get(f"staff/attempts/{number}/notebook").text)
        assert troubles(sealed) == []
        for one in (tab, sealed):
            one.page.context.close()
