"""The sample pages and pictures of the documentation: what the kit makes of a class today."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from autograder.engine.batch import grade_class
from autograder.reports.read_class import read_class
from autograder.reports.report_data import report_data
from autograder.reports.report_page import Links, render
from tests.chrome import SIZES, Browser, needs_chromium, new_tab, troubles
from tests.sample_class import BEGAN, LSTM, hand_in, open_course
from tests.support import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.full, needs_chromium]

SAMPLES = ROOT / "docs" / "samples"
PICTURES = SAMPLES / "pictures.json"
"""The SHA-256 of the page that each picture shows."""
PAGES = ("feedback.en.html", "feedback.ko.html", "report.en.html", "report.ko.html")
STALE = (
    "run `pytest tests/browser/test_samples.py --full --update-samples`, look at what changed, and commit it"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The feedback of a student and the report on the class, in both languages."""
    course = open_course(tmp_path_factory.mktemp("samples"))
    jobs = hand_in(course)
    results = grade_class(course, jobs, workers=2)
    assert {result.state for result in results} == {"graded"}
    made = {}
    for language in ("en", "ko"):
        [job] = [job for job in jobs if job.student == f"sample-{language}"]
        made[f"feedback.{language}.html"] = course.feedback_path(job).read_text(encoding="utf-8")
    found = read_class(course, LSTM, now=BEGAN + timedelta(days=8))
    known = [student for student in found.students if not student.id.startswith("sample")]
    data = report_data(replace(found, students=known))
    for language in ("en", "ko"):
        other = "ko" if language == "en" else "en"
        links = Links(other_languages={other: f"report.{other}.html"})
        made[f"report.{language}.html"] = render(data, language, links)
    return made


@pytest.mark.parametrize("name", PAGES)
def test_sample_is_what_the_kit_makes(
    pages: Mapping[str, str], name: str, pytestconfig: pytest.Config
) -> None:
    """The committed page is the one that this version makes, to the letter."""
    path = SAMPLES / name
    if pytestconfig.getoption("--update-samples"):
        path.write_text(pages[name], encoding="utf-8")
    assert path.read_text(encoding="utf-8") == pages[name], STALE


@pytest.mark.parametrize("name", PAGES)
def test_picture_shows_the_sample(
    browser: Browser, pages: Mapping[str, str], name: str, pytestconfig: pytest.Config
) -> None:
    """The committed picture was made of the committed page, which nobody is kept out of."""
    picture = SAMPLES / name.replace(".html", ".png")
    digest = hashlib.sha256(pages[name].encode()).hexdigest()
    tab = new_tab(browser.new_context(viewport=SIZES["desktop"], color_scheme="light"))
    tab.page.goto((SAMPLES / name).as_uri())
    if pytestconfig.getoption("--update-samples"):
        tab.page.screenshot(path=picture)
        known = json.loads(PICTURES.read_text()) if PICTURES.exists() else {}
        PICTURES.write_text(json.dumps(known | {picture.name: digest}, indent=1, sort_keys=True) + "\n")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(PICTURES.read_text())[picture.name] == digest, STALE
    assert troubles(tab) == []
    sideways = "found => found.filter(one => one.scrollWidth > one.clientWidth).length"
    assert tab.page.eval_on_selector_all("nav ul, nav ol", sideways) == 0, (
        "links outside the window of a phone"
    )
    for details in ("details:not(details details)", "details details:not([name])", "details"):
        tab.page.eval_on_selector_all(details, "found => found.forEach(one => one.open = true)")
    assert troubles(tab) == [], "with what is folded opened"
    tab.page.context.close()
