"""The report's page and data: self-contained, escaped, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from autograder.reports.class_results import ClassResults
from autograder.reports.report_data import report_data
from autograder.reports.report_page import Links, render
from autograder.reports.similarity import shared_work
from autograder.text import Text
from tests.reports.simulated import START, Plan, simulate

PLAN = Plan(impossible="q2", copied=((3, 7),), spread={"q1": 0.4})


@pytest.fixture(scope="module")
def results() -> ClassResults:
    """A class with a copied pair, a check that nobody passes, one who was not graded and one who is absent."""
    found = simulate(5, students=44, items=4, plan=PLAN)
    [first, second, *rest] = found.students
    evil = replace(
        first,
        state="ungraded",
        name="<script>alert(1)</script>",
        reason=Text.same("out of memory: run `grade` again"),
    )
    return replace(
        found,
        students=[evil, replace(second, state="absent", submitted_at=None), *rest],
        due_at=START + timedelta(days=6),
    )


@pytest.fixture(scope="module")
def data(results: ClassResults) -> dict[str, Any]:
    return report_data(results)


@pytest.fixture(scope="module")
def pages(data: dict[str, Any]) -> dict[str, str]:
    links = Links(submission=lambda student: f"../submitted/{student}", feedback=lambda student: "")
    return {language: render(data, language, links) for language in ("ko", "en")}


class TestData:
    """The data behind the page."""

    def test_it_is_json(self, data: dict[str, Any]) -> None:
        """Without nan, which JSON does not have."""
        assert json.loads(json.dumps(data, allow_nan=False)) == data

    def test_it_is_the_same_each_time(self, data: dict[str, Any], results: ClassResults) -> None:
        """Nothing in it is drawn anew."""
        assert report_data(results) == data

    def test_everything_planted_is_in_the_report(self, data: dict[str, Any]) -> None:
        """The mistake, the check, the pair, who has no grade and who is absent."""
        assert data["misconceptions"][0]["name"] == "planted"
        assert [one["id"] for one in data["questions"] if one["level"] == "alarm"] == ["q2"]
        assert [cluster["students"] for cluster in data["shared"]] == [["s0003", "s0007"]]
        assert data["counts"] | {"late": 0} == {
            "students": 44, "graded": 42, "ungraded": 1, "waiting": 0, "absent": 1, "late": 0,
        }  # fmt: skip

    def test_every_score_is_in_one_bin(self, data: dict[str, Any]) -> None:
        """And every time in one period."""
        assert sum(one["students"] for one in data["distribution"]) == 42
        assert sum(one["submissions"] for one in data["times"]["periods"]) == 43

    def test_the_weakest_come_first(self, data: dict[str, Any]) -> None:
        """Of those who need help."""
        scores = [one["score"] for one in data["help"]]
        assert scores == sorted(scores)
        assert scores[-1] < data["points"]


class TestPage:
    """The page."""

    def test_it_needs_no_network_and_no_script(self, pages: dict[str, str]) -> None:
        """No script, no outside address but mail, no file beside it but submissions, feedback and data."""
        for page in pages.values():
            assert "<script" not in page
            assert not re.search(r"https?://", page)
            assert not re.search(r"<(?:link|img|iframe|object)\b|@import|url\(", page)

    def test_name_is_text(self, pages: dict[str, str]) -> None:
        """Whatever a student is called."""
        assert "&lt;script&gt;alert(1)&lt;/script&gt; (s0000)" in pages["en"]

    def test_each_page_is_in_its_language(self, pages: dict[str, str]) -> None:
        """Headings of one, none of the other."""
        headings = {
            "ko": ("먼저 볼 것", "학생들이 잘못 이해한 것", "문제 품질", "비슷한 답안"),
            "en": (
                "Look at first",
                "What the class misunderstood",
                "Are the questions any good?",
                "Shared unusual work",
            ),
        }  # fmt: skip
        for language, page in pages.items():
            for other, words in headings.items():
                assert [f"<h2>{word}</h2>" in page for word in words] == [language == other] * 4

    def test_share_says_of_what_it_is(self, pages: dict[str, str], data: dict[str, Any]) -> None:
        """A number beside a percentage counts students."""
        number = len(data["misconceptions"][0]["students"])
        assert f'<span class="share">{number} students · ' in pages["en"]
        assert f'<span class="share">학생 {number}명 · ' in pages["ko"]

    def test_names_of_a_pair_are_folded_away(self, pages: dict[str, str], results: ClassResults) -> None:
        """Until they are opened they are letters."""
        [cluster] = shared_work(results)
        section = pages["en"].split('<section id="shared">')[1].split("</section>")[0]
        shown, hidden = section.split("<details><summary>Show the names</summary>")
        for student in cluster.students:
            assert student.name not in shown
            assert student.name in hidden

    def test_plots_have_their_numbers_beside_them(self, pages: dict[str, str]) -> None:
        """A table for each."""
        section = pages["en"].split('<section id="scores">')[1]
        numbers = '<summary>The numbers</summary><table aria-label="'
        assert section.count('<svg class="plot"') == section.count(numbers) == 2

    def test_bar_tells_its_number_without_grammar(self, pages: dict[str, str]) -> None:
        """One submission is not `1 submissions`."""
        assert " · submissions: 1</title>" in pages["en"]
        assert not re.search(r"\d (submissions|students)</title>", pages["en"])

    def test_different_answers_with_one_message_may_be_different_mistakes(self, data: dict[str, Any]) -> None:
        """The code that is shown is told to be one of them."""
        [first, *_] = data["unlisted"]
        changed = data | {"unlisted": [first | {"formula": "", "codes": 3}]}
        assert "One of 3 different answers; their mistakes may differ" in render(changed, "en", Links())

    def test_students_are_written_to_as_blind_copies(self, pages: dict[str, str]) -> None:
        """Nobody sees who else needs help."""
        assert re.search(r'href="mailto:\?bcc=s\d{4}@example\.org,', pages["en"])
        assert "mailto:s" not in pages["en"]


class TestSections:
    """The comparison of the sections of a roster."""

    def test_each_section_and_those_in_none(self, results: ClassResults) -> None:
        """Sections stand in the order of their numbers, with their own people alone, and those in none last."""
        names = ["Lab 10", "Lab 2", ""]
        people = [replace(one, section=names[place % 3]) for place, one in enumerate(results.students)]
        data = report_data(replace(results, students=people))
        assert [one["section"] for one in data["sections"]] == ["Lab 2", "Lab 10", ""]
        assert [one["students"] for one in data["sections"]] == [15, 15, 14]
        assert [one["handed_in"] for one in data["sections"]] == [14, 15, 14]
        ours = [one for one in people if one.section == "Lab 2" and one.state == "graded"]
        assert data["sections"][0]["scores"]["mean"] == pytest.approx(
            sum(one.total for one in ours) / len(ours)
        )
        share = sum(one.scores["q1"] for one in ours) / len(ours) / 2.0
        assert data["sections"][0]["questions"]["q1"] == pytest.approx(share, abs=1e-6)
        for language, word in (("en", "Mean share of the points by question and section"),
                               ("ko", "문제와 분반별 평균 득점률")):  # fmt: skip
            page = render(data, language, Links())
            assert word in page
            assert "Lab 10" in page

    def test_nothing_without_sections(self, data: dict[str, Any], pages: dict[str, str]) -> None:
        """Without a section in the roster, no page speaks of any."""
        assert data["sections"] == []
        assert 'id="sections"' not in pages["en"]
