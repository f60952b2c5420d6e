"""The package for Gradescope: what is in it, what is not, and what its parts say."""

from __future__ import annotations

import csv
import importlib.metadata
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograder
from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.grading.report import CheckResult, Report
from autograder.grading.wording import plain
from autograder.lms.gradescope import results
from autograder.lms.gradescope.__main__ import grade
from autograder.lms.gradescope.metadata import Earlier, Metadata, read
from autograder.lms.gradescope.package import package
from autograder.lms.gradescope.wheel import wheel
from autograder.questions.question import Question
from autograder.text import Text
from tests.lms.documented import check
from tests.lms.hardnames import ASSIGNMENT, released_course
from tests.support import ROOT, cli, copy_course

GRU, TAGGING = "gru_parameters", "tagging"
HARD_NAMES = ('Kim, "Minji"', "김민지", "=SUM(1,2)", "O'Neil", "Müller; Jörg")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """This repository's course, with two of its assignments."""
    return Course.open(copy_course(tmp_path / "course", GRU, TAGGING))


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class TestPackage:
    """The zip."""

    def test_the_scripts_lie_at_its_root_executable_and_with_unix_line_ends(self, course: Course) -> None:
        """As Gradescope documents it; on whatever system the zip was made."""
        with zipfile.ZipFile(package(course, GRU).path) as archive:
            for name in ("setup.sh", "run_autograder"):
                entry = archive.getinfo(name)
                assert entry.external_attr >> 16 == 0o100755
                assert entry.create_system == 3
                assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
                assert b"\r" not in archive.read(name)

    def test_it_holds_one_assignment_and_nothing_else_of_the_course(self, course: Course) -> None:
        """No other assignment, no source, no gradebook, no hand-in, no file that lies about."""
        (course.root / "gradebook.db").write_text("grades")
        (course.root / "notes.txt").write_text("notes")
        (course.root / "submitted" / "kim").mkdir(parents=True)
        found = entries(package(course, GRU).path)
        kit = next(name for name in found if name.endswith(".whl"))
        places = {name.split("/")[0] for name in found}
        assert places == {
            "setup.sh", "run_autograder", "requirements.txt", "nbgrader_config.py", "hidden_inputs.key", "solutions",
            "release", kit,
        }  # fmt: skip
        assert {name.split("/")[1] for name in found if name.startswith("solutions/")} == {GRU}
        assert [name for name in found if "/answers/" in name or name.endswith("demo_class.toml")] == []
        assert {tuple(name.split("/")[1:3]) for name in found if name.startswith("release/")} == {
            ("ko", GRU), ("en", GRU)
        }  # fmt: skip

    def test_counting_needs_no_tensorflow_and_models_do(self, course: Course) -> None:
        """The image of a counting assignment is small; versions are those that the course is graded with."""
        kit, _ = wheel()
        assert entries(package(course, GRU).path)["requirements.txt"].decode() == f"./{kit}\nnumpy==2.4.*\n"
        packed = package(course, TAGGING)
        assert entries(packed.path)["requirements.txt"].decode() == (
            f"./{kit}[course]\nnumpy==2.4.*\ntensorflow==2.21.*\n"
        )
        assert (packed.points, packed.bonus, packed.needs_tensorflow) == (27, 0, True)

    def test_of_the_roster_ids_and_addresses_alone_leave_the_course(self, course: Course) -> None:
        """No name and no number; every id and address comes back as it was."""
        with (course.root / "roster.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["student_id", "name", "student_number", "email"])
            writer.writerows(
                [f"s{n}", name, f"2027{n}", f"s{n}@example.org"] for n, name in enumerate(HARD_NAMES)
            )
            writer.writerow(["s9", "nobody", "20279", ""])
        packed = package(course, GRU)
        written = entries(packed.path)["roster.csv"].decode()
        assert packed.students == len(HARD_NAMES)
        assert [*csv.reader(io.StringIO(written))] == [
            ["student_id", "email"], *([f"s{n}", f"s{n}@example.org"] for n in range(len(HARD_NAMES)))
        ]  # fmt: skip
        assert not [name for name in (*HARD_NAMES, "2027") if name in written]

    def test_the_same_course_gives_the_same_bytes(self, course: Course, tmp_path: Path) -> None:
        """So that a teacher can tell whether Gradescope has the newest."""
        first = package(course, GRU, target=tmp_path / "a.zip").path.read_bytes()
        assert package(course, GRU, target=tmp_path / "b.zip").path.read_bytes() == first

    def test_unreleased_assignment_is_not_packed(self, course: Course) -> None:
        """The message names the file and the command to run."""
        course.assignment(GRU).release("ko").unlink()
        with pytest.raises(
            CourseError, match=r"is not released in 'ko'.*run `autograder build gru_parameters`"
        ):
            package(course, GRU)

    def test_attempts_are_a_number(self, course: Course) -> None:
        """A setting that is none is told before anything is written."""
        course.config.CourseSettings.attempts = {GRU: "three"}
        with pytest.raises(
            CourseError, match="attempts of gru_parameters is 'three'; expected a whole number"
        ):
            package(course, GRU)
        assert not (course.root / "build").exists()

    def test_late_policy_of_the_course_goes_along(self, course: Course) -> None:
        """The file beside the settings that they name."""
        (course.root / "late.py").write_text("policy = 1\n")
        course.config.AssignLatePenalties.plugin_class = "late.Policy"
        assert entries(package(course, GRU).path)["late.py"] == b"policy = 1\n"

    def test_the_command_says_what_to_set_at_gradescope(self, course: Course) -> None:
        """Points, container, timeout, and that the zip holds the answers; an unknown name is told with the near one."""
        done = cli("package", "gradescope", TAGGING, "--minutes", "20", cwd=course.root)
        assert done.returncode == 0, done.stderr
        output = " ".join(done.stdout.split())
        assert "27 autograder points" in output
        assert "a container of 3 GB; a timeout of 20 minutes" in output
        assert "it holds the answers" in output
        assert "no e-mail addresses in a roster" in output
        done = cli("package", "gradescope", "taging", cwd=course.root)
        assert done.returncode == 2
        assert "did you mean tagging?" in done.stderr
        done = cli("package", "gradescope", TAGGING, "--minutes", "41", cwd=course.root)
        assert "expected a number of minutes from 2 to 40, found '41'" in done.stderr


class TestWheel:
    """The kit itself."""

    def test_it_is_what_is_installed(self) -> None:
        """Every file of the package, its needs and its entry points, each with its hash."""
        name, data = wheel()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {entry: archive.read(entry) for entry in archive.namelist()}
        root = Path(autograder.__file__).parent
        ours = {
            p.relative_to(root.parent).as_posix()
            for p in root.rglob("*")
            if p.is_file() and p.suffix != ".pyc"
        }
        assert {entry for entry in found if entry.startswith("autograder/")} == ours
        info = name.removesuffix("-py3-none-any.whl") + ".dist-info"
        installed = importlib.metadata.distribution("rnn-course-kit")
        assert found[f"{info}/METADATA"].decode() == installed.read_text("METADATA")
        assert b"autograder = autograder.__main__:main" in found[f"{info}/entry_points.txt"]
        listed = {line.split(",")[0] for line in found[f"{info}/RECORD"].decode().splitlines()}
        assert listed == set(found)


def submission_metadata(**more: Any) -> dict[str, Any]:
    """What Gradescope writes of a submission, as it documents it."""
    return {
        "id": 123456,
        "created_at": "2027-03-31T22:00:00.365935-07:00",
        "assignment": {
            "due_date": "2027-03-31T23:00:00.000000-07:00", "group_size": None, "group_submission": False,
            "id": 25828, "course_id": 1234, "late_due_date": None, "release_date": "2027-03-02T00:00:00.000000-08:00",
            "title": "Counting", "total_points": "25.0",
        },
        "submission_method": "upload",
        "users": [{"email": "s1@example.org", "id": 1234, "name": "Student User"}],
        "previous_submissions": [],
    } | more  # fmt: skip


def read_told(folder: Path, **more: Any) -> Metadata:
    path = folder / "submission_metadata.json"
    path.write_text(json.dumps(submission_metadata(**more)), encoding="utf-8")
    return read(path)


def before(
    score: float | None, *, failed: bool = False, day: int = 1, results: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An earlier submission; Gradescope keeps the results of the last one."""
    moment = f"2027-03-{day:02}T14:24:48.087023-07:00"
    kept = {} if results is None else {"results": results}
    return {"submission_time": moment, "score": score, "autograder_error": failed} | kept


FIELDS = (
    "created_at", "assignment", "due_date", "users", "email", "previous_submissions", "score", "results", "extra_data",
    "not_graded", "submission_time",
)  # fmt: skip


class TestMetadata:
    """What is read of a submission."""

    def test_lateness_is_by_the_time_of_handing_in(self, tmp_path: Path) -> None:
        """In any offset; an hour before is not late, two hours later is an hour late."""
        assert read_told(tmp_path).seconds_late == 0
        assert read_told(tmp_path, created_at="2027-04-01T16:00:00+09:00").seconds_late == 3600
        assert read_told(tmp_path, assignment={"due_date": None}).seconds_late == 0

    def test_failed_run_at_gradescope_is_no_attempt(self, tmp_path: Path) -> None:
        """By its own word; nor is what we said we had not graded, as the last result counts it."""
        earlier = [before(3.0), before(0.0, failed=True, day=2), before(5.0, day=3)]
        found = read_told(tmp_path, previous_submissions=earlier)
        assert (found.attempt, found.best) == (3, 5.0)
        earlier.append(before(5.0, day=4, results={"extra_data": {"not_graded": 1}}))
        assert read_told(tmp_path, previous_submissions=earlier).attempt == 3

    def test_the_last_one_is_the_newest_in_whatever_order(self, tmp_path: Path) -> None:
        """Its result is the one that Gradescope keeps."""
        earlier = [
            before(4.0, day=9, results={"extra_data": {"not_graded": 2}}),
            before(3.0, day=2),
            before(1.0, day=3),
        ]
        assert read_told(tmp_path, previous_submissions=earlier).not_graded == 2

    def test_none_is_none_and_a_broken_one_is_a_fault_of_ours(self, tmp_path: Path) -> None:
        """An image tried by hand has none; another form is told, not guessed at."""
        assert read(tmp_path / "nothing.json") == Metadata()
        for text in (
            "{",
            "[]",
            '{"users": 3}',
            '{"created_at": "yesterday"}',
            '{"created_at": "2027-01-01T00:00"}',
        ):
            (tmp_path / "m.json").write_text(text)
            with pytest.raises(GraderError, match="is not what Gradescope documents"):
                read(tmp_path / "m.json")

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
            ),
        )
    )
    def test_whatever_it_holds_it_is_read_or_refused(
        self, tmp_path_factory: pytest.TempPathFactory, data: Any
    ) -> None:
        """And what is read gives a result that Gradescope takes."""
        path = tmp_path_factory.mktemp("m") / "m.json"
        path.write_text(json.dumps(data))
        try:
            found = read(path)
        except GraderError:
            return
        assert 1 <= found.attempt <= len(found.earlier) + 1
        check(results.not_graded(found))


def report(question: Question, score: float) -> Report:
    """A report in which one check passed for so many points, and another failed."""
    failed = question.points - score
    checks = [CheckResult("a", Text(ko="가", en="a"), "passed", score)] * (score > 0)
    checks += [CheckResult("b", Text(ko="나", en="<b>"), "failed", failed, Text(ko="다", en="<script>"))] * (
        failed > 0
    )
    return Report(question.id, question.title, question.points, tuple(checks))


def marked(course: Course, assignment: str, scores: dict[str, float], language: str = "en") -> results.Marked:
    questions = course.assignment(assignment).questions
    reports = {question.id: report(question, scores.get(question.id, 0)) for question in questions}
    bonus = {question.id for question in questions if question.bonus}
    return results.Marked(reports, language, bonus)


class TestResults:
    """`results.json`."""

    def test_bonus_points_come_on_top_and_are_never_lost(self, tmp_path: Path) -> None:
        """The bonus question has a maximum of 0 and its points; the total holds them, and the package tells of them."""
        course = released_course(tmp_path / "course")
        packed = package(course, ASSIGNMENT)
        assert (packed.points, packed.bonus) == (4, 1)
        full = {question.id: question.points for question in course.assignment(ASSIGNMENT).questions}
        found = results.graded(marked(course, ASSIGNMENT, full), Metadata(), 1.0)
        check(found)
        assert found["score"] == 5
        assert sum(test["max_score"] for test in found["tests"]) == 4
        [bonus] = [test for test in found["tests"] if test["extra_data"]["question"] == "take_away"]
        assert (bonus["score"], bonus["max_score"], bonus["status"]) == (1, 0, "passed")
        assert "(bonus, up to 1)" in bonus["name"]
        output = " ".join(cli("package", "gradescope", ASSIGNMENT, cwd=course.root).stdout.split())
        assert "4 autograder points, and a bonus of 1" in output

    def test_late_penalty_is_a_line_of_its_own(self, course: Course) -> None:
        """The total is what is left, never below nothing; the line tells how late and how much, in the language."""
        late = Metadata(
            datetime.fromisoformat("2027-03-31T12:03:30Z"), datetime.fromisoformat("2027-03-31T10:00:00Z")
        )
        for language, name, cost in (
            ("en", "Late: by 2 h 4 min", "1.5 points were taken off for it."),
            ("ko", "늦은 제출: 2시간 4분 늦음", "늦어서 1.5점을 뺐습니다."),
        ):
            found = results.graded(
                replace(marked(course, GRU, {"gru_params": 1, "g2": 1}, language), penalty=1.5), late, 1.0
            )
            check(found)
            assert found["score"] == 0.5
            assert (found["tests"][-1]["name"], found["tests"][-1]["output"]) == (name, cost)
            assert "score" not in found["tests"][-1]
        assert replace(marked(course, GRU, {"g1": 1}), penalty=3).score == 0

    def test_title_and_a_message_cannot_become_markup(self, course: Course) -> None:
        """Names are text; in the HTML of an output everything is escaped."""
        found = results.graded(marked(course, GRU, {"g1": 1}), Metadata(), 1.0)
        assert {test["name_format"] for test in found["tests"]} == {"text"}
        assert "<script>" not in json.dumps(found)
        assert "&lt;script&gt;" in found["tests"][1]["output"]

    def test_feedback_follows_the_policy_of_the_course(self, course: Course) -> None:
        """With `score` there is no check and no mistake in it; with `solution` the worked answer is."""
        one = marked(course, GRU, {})
        assert "&lt;b&gt;" in results.graded(one, Metadata(), 1.0)["tests"][0]["output"]
        assert "&lt;b&gt;" not in json.dumps(results.graded(replace(one, level="score"), Metadata(), 1.0))
        disclosed = replace(one, level="solution", solutions={"g1": "g1 = 3 * 4"})
        shown = re.sub(r"<[^>]*>", "", json.dumps(results.graded(disclosed, Metadata(), 1.0)))
        assert "g1 = 3 * 4" in shown

    def test_ungraded_submission_keeps_an_earlier_score_or_has_none(self) -> None:
        """A zero would be the student's: there is none. It is told in both languages."""
        found = results.not_graded(Metadata())
        check(found)
        assert '"score"' not in json.dumps(found)
        assert "NOT been graded" in found["output"] and "아직 채점하지 못했습니다" in found["output"]
        found = results.not_graded(Metadata(earlier=(Earlier(4.5), Earlier(7.25), Earlier(None))))
        check(found)
        assert found["score"] == 7.25
        assert f"best score so far, {plain(7.25)}, stands" in found["output"]

    def test_not_graded_is_counted_from_one_to_the_next(self) -> None:
        """So that a fault of ours uses up nobody's attempt."""
        earlier: tuple[Earlier, ...] = ()
        for _ in range(3):
            found = Metadata(earlier=earlier)
            assert found.attempt == 1
            earlier = (*earlier, Earlier(None, results.not_graded(found)))

    def test_one_too_many_keeps_the_best_score_and_the_last_feedback(self) -> None:
        """And says so in both languages."""
        last = {"tests": [{"name": "p1", "score": 1.0, "max_score": 1.0}]}
        found = results.too_many(Metadata(earlier=(Earlier(9.0), Earlier(2.0, last))), 2)
        check(found)
        assert (found["score"], found["tests"]) == (9.0, last["tests"])
        assert "You have used your 2 attempts, so this one (number 3) was not graded" in found["output"]
        assert "제출 2번을 모두 썼으므로" in found["output"]

    def test_hidden_scores_are_shown_once_they_are_published(self, course: Course) -> None:
        """No text at the top is left, which Gradescope would show; what follows such a result stays hidden."""
        late = replace(marked(course, GRU, {"g1": 1}), notes=(Text.same("best so far: 3"),))
        found = results.hide(results.graded(late, Metadata(), 1.0))
        check(found)
        assert {found["visibility"], *(test["visibility"] for test in found["tests"])} == {"after_published"}
        assert (found.get("output"), found["tests"][0]["output"]) == (None, "<p>best so far: 3</p>")
        again = results.not_graded(Metadata(earlier=(Earlier(1.0, found),)))
        check(again)
        assert (again.get("output"), again["visibility"]) == (None, "after_published")

    def test_scores_are_hidden_as_the_course_says(self, tmp_path: Path) -> None:
        """Before the date, whatever the result is."""
        course = released_course(tmp_path / "source")
        attempts = Metadata(earlier=(Earlier(1.0, {"tests": []}), Earlier(1.0)))
        for year, visibility in ((2000, "visible"), (2999, "after_published")):
            with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
                config.write(f'\nc.CourseSettings.attempts = {{"{ASSIGNMENT}": 1}}\n')
                until = f'{{"{ASSIGNMENT}": "{year}-01-01T00:00+00:00"}}'
                config.write(f"c.CourseSettings.scores_hidden_until = {until}\n")
            assert grade(tmp_path, ASSIGNMENT, 10, attempts)["visibility"] == visibility

    def test_file_is_whole_at_every_moment(self, tmp_path: Path) -> None:
        """A result that cannot be written leaves the one before, and no other file."""
        path = tmp_path / "results.json"
        results.write(path, {"score": 1.0})
        with pytest.raises(ValueError, match="not JSON compliant"):
            results.write(path, {"score": float("nan")})
        assert json.loads(path.read_text()) == {"score": 1.0}
        assert [one.name for one in tmp_path.iterdir()] == ["results.json"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {}, {"tests": "none"}, {"score": "1"}, {"score": float("nan")}, {"score": 1, "visible": True},
            {"score": 1, "stdout_visibility": "no"}, {"tests": [{"score": 1, "status": "ok"}]},
            {"tests": [{"score": 1, "output_format": "markdown"}]}, {"tests": [{"score": 1, "number": 1}]},
        ],
    )  # fmt: skip
    def test_the_check_of_the_form_sees_what_is_wrong(self, wrong: dict[str, Any]) -> None:
        """Each planted mistake in a result is found."""
        with pytest.raises(AssertionError):
            check(wrong)


def test_the_repository_s_own_assignments_can_all_be_packed(tmp_path: Path) -> None:
    """Each of them, as it is committed."""
    course = Course.open(ROOT)
    for name in course.assignments:
        assert package(course, name, target=tmp_path / f"{name}.zip").points > 0
