"""Submissions at Gradescope, on a machine of its own: the package unpacked, `setup.sh`, then `run_autograder`.

The machine grants what a container does, and has no Landlock: student code is kept in by being another user.
"""

from __future__ import annotations

import html
import io
import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.demo_class import with_numbers
from autograder.course import Course
from autograder.lms.gradescope.package import package
from autograder.questions.variants import Owner
from tests.container import Container, container
from tests.hostile.arena import own_cell
from tests.hostile.attack import LSTM, RIGHT
from tests.lms.documented import check
from tests.lms.test_gradescope import before, submission_metadata
from tests.support import copy_course

pytestmark = [pytest.mark.long, pytest.mark.full]
SETTINGS = """
c.CourseSettings.limits = {"cell": 3, "call": 2, "session": 60}
c.CourseSettings.attempts = {"lstm_parameters": 3}
c.AssignLatePenalties.plugin_class = "late.HalfAPointAnHour"
"""
LATE = """
from nbgrader.plugins import BasePlugin

class HalfAPointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * total_seconds_late / 3600
"""
ROSTER = 'student_id,name,email\nkim,"Kim, ""Minji""",Kim@Example.org\nlee,O\'Neil,lee@example.org\n'
FORMULAS = {
    "p1": "4 * {units} * ({input_dim} + {units} + 1)",
    "p2_dense": "{dense_units} * ({units} + 1)",
    "layer2": "4 * {second_units} * ({first_units} + {second_units} + 1)",
    "layer3": "{dense_units} * ({second_units} + 1)",
}
FULL = 20
ANSWERED = {"dense_params": RIGHT[LSTM]["dense_params"]}
LOOK_SECONDS = 0.2
MEGABYTES = 768  # of Gradescope's smallest container


class Service:
    """Gradescope, as far as it is documented: one course, one assignment, one submission after the other."""

    def __init__(self, course: Course, machine: Container) -> None:
        self.course, self.machine = course, machine
        self.code, self.stdout, self.megabytes = 0, "", 0

    def submit(self, files: dict[str, bytes], *, measured: bool = False, **metadata: Any) -> dict[str, Any]:
        """Hand files in; returns `results.json`, checked against its documented form.

        measured: whether to look at the memory that it takes, which slows it down.
        """
        folder = self.machine.folder
        for name in ("submission", "results"):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir()
            (folder / name).chmod(0o755)
        for name, data in files.items():
            (folder / "submission" / name).write_bytes(data)
        (folder / "submission_metadata.json").write_text(
            json.dumps(submission_metadata(**metadata)), encoding="utf-8"
        )
        (folder / "submission_metadata.json").chmod(0o644)
        with self.machine.start(f"{self.machine.root}/run_autograder") as process:
            self.megabytes = 0
            while measured and process.poll() is None:
                self.megabytes = max(self.megabytes, held(process.pid))
                time.sleep(LOOK_SECONDS)
            self.stdout = process.stdout.read() if process.stdout else ""
            self.code = process.wait()
        result = json.loads((folder / "results" / "results.json").read_text())
        check(result)
        return dict(result)

    def notebook(
        self, answers: dict[str, str], *, student: str = "", own: str = "", language: str = "en"
    ) -> bytes:
        """A notebook with some answers, somebody's id and a cell of the student's own at its end."""
        notebook = json.loads(self.course.assignment(LSTM).release(language).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if grade_id in answers:
                cell["source"] = answers[grade_id]
            if cell["metadata"].get("autograder", {}).get("part") == "student":
                cell["source"] = f"student_id = {student!r}"
        if own:
            notebook["cells"].append(own_cell(own, "mine"))
        return json.dumps(notebook).encode()

    def right(self, student: str) -> dict[str, str]:
        """Right answers, on the numbers of one student."""
        chosen = Owner(self.course.id).choose_variant(student)
        numbers = {
            one.id: chosen.numbers(one) for one in self.course.assignment(LSTM).questions if one.is_number
        }
        return dict(RIGHT[LSTM]) | {
            name: f"{name} = " + with_numbers(text, numbers[name]) for name, text in FORMULAS.items()
        }


def held(process: int) -> int:
    """Megabytes that a process and all that it started hold together, what they share counted once."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(path.name))
    waiting, total = [process], 0
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total >> 10


def by_question(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {test["extra_data"]["question"]: test for test in result["tests"] if "extra_data" in test}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a roster, short limits, attempts and a late policy of its own."""
    root = copy_course(tmp_path_factory.mktemp("gradescope") / "course", LSTM)
    (root / "nbgrader_config.py").write_text(
        (root / "nbgrader_config.py").read_text(encoding="utf-8") + SETTINGS, encoding="utf-8"
    )
    (root / "late.py").write_text(LATE, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return Course.open(root)


@pytest.fixture(scope="module")
def service(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The image, built once, as Gradescope does, but from libraries that are here."""
    machine = container(tmp_path_factory.mktemp("machine") / "root")
    machine.set_up(package(course, LSTM).path)
    return Service(course, machine)


@pytest.mark.slow
def test_image_is_built_from_nothing(course: Course, tmp_path: Path) -> None:
    """`setup.sh` finds or installs a Python, gets the libraries from their registry, and what it made grades."""
    machine = container(tmp_path / "root")
    machine.unpack(package(course, LSTM).path)
    done = machine.run(f"{machine.root}/source/setup.sh")
    assert done.returncode == 0, done.stdout
    built = Service(course, machine)
    result = built.submit(
        {"a.ipynb": built.notebook(built.right("kim"), student="kim")},
        users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
    )
    assert (built.code, result["score"]) == (0, FULL), built.stdout


class TestGraded:
    """What a student handed in is graded, and told."""

    def test_right_one_has_full_marks_within_the_smallest_container(self, service: Service) -> None:
        """On the numbers of the one whose address it is; sealed as another user, in less memory than there is."""
        result = service.submit(
            {"Copy of it (1).ipynb": service.notebook(service.right("kim"), student="kim")},
            measured=True,
            users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
        )
        assert (service.code, result["score"]) == (0, FULL), service.stdout
        assert result["extra_data"]["seal"] == "another user"
        assert {test["status"] for test in result["tests"]} == {"passed"}
        assert [test["number"] for test in result["tests"]] == [
            str(n) for n in range(1, len(result["tests"]) + 1)
        ]
        assert sum(test["max_score"] for test in result["tests"]) == FULL
        assert "roster" not in result["output"]
        assert 0 < service.megabytes < MEGABYTES, service.megabytes

    def test_the_questions_stand_as_in_the_notebook(self, service: Service) -> None:
        """In its order and its language."""
        result = service.submit({"a.ipynb": service.notebook({}, language="ko")})
        assert [*by_question(result)][:4] == ["keep_first", "p1", "p2_dense", "layer2"]
        assert by_question(result)["lstm_params"]["name"] == "LSTM 층의 파라미터 개수"

    def test_wrong_one_is_told_its_mistake(self, service: Service) -> None:
        """The known mistake by name for the teacher, in words for the student; all other marks stay."""
        wrong = {
            "lstm_params": "def lstm_params(input_dim, units):\n    return units * (units + input_dim + 1)"
        }
        answers = service.right("lee") | wrong
        result = service.submit(
            {"a.ipynb": service.notebook(answers, student="lee")},
            users=[{"email": "LEE@example.org ", "id": 1, "name": "O'Neil"}],
        )
        one = by_question(result)["lstm_params"]
        assert one["extra_data"]["misconceptions"] == ["one_gate_of_four"]
        assert "One set of weights and biases was counted" in one["output"]
        assert (one["score"], one["status"], result["score"]) == (1, "failed", FULL - 3)

    def test_numbers_of_another_students_id_do_not_count(self, service: Service) -> None:
        """The one who hands in is known by the address."""
        result = service.submit(
            {"a.ipynb": service.notebook(service.right("lee"), student="lee")},
            users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
        )
        assert by_question(result)["p1"]["score"] < by_question(result)["p1"]["max_score"]
        assert "is not that of the student who handed it in" in by_question(result)["p1"]["output"]

    @pytest.mark.parametrize("name", ["kim", "lee"])
    def test_in_a_group_the_numbers_of_any_member_count(self, service: Service, name: str) -> None:
        """Whoever's notebook it was."""
        together = [{"email": f"{name}@example.org", "id": 1, "name": name} for name in ("kim", "lee")]
        result = service.submit(
            {"a.ipynb": service.notebook(service.right(name), student=name)}, users=together
        )
        assert result["score"] == FULL

    def test_who_is_in_no_roster_is_judged_on_the_id_in_the_notebook(self, service: Service) -> None:
        """And told so."""
        result = service.submit(
            {"a.ipynb": service.notebook(service.right("park"), student="park")},
            users=[{"email": "park@example.org", "id": 1, "name": "=SUM(1,2)"}],
        )
        assert result["score"] == FULL
        assert "Your e-mail address at Gradescope is not in the course" in result["output"]

    def test_one_that_crashes_and_loops_keeps_its_other_marks(self, service: Service) -> None:
        """A kernel that dies, and a loop that never ends."""
        answers = service.right("kim") | {
            "dense_params": "import os\ndef dense_params(d, u):\n    os._exit(0)",
            "max_lstm_units": "def max_lstm_units(d, budget):\n    while True:\n        pass",
        }
        result = service.submit(
            {"a.ipynb": service.notebook(answers, student="kim")},
            users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
        )
        found = by_question(result)
        assert result["score"] == FULL - sum(
            found[name]["max_score"] for name in ("dense_params", "max_lstm_units")
        )
        assert "ended the kernel" in found["dense_params"]["output"]
        assert "Did not finish within 2 s" in found["max_lstm_units"]["output"]

    def test_the_newest_of_several_and_one_in_an_archive_are_found(self, service: Service) -> None:
        """A notebook in a zip beside a picture and an untouched one."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("work/mine.ipynb", service.notebook(service.right("kim"), student="kim"))
        result = service.submit(
            {"a.zip": archive.getvalue(), "picture.png": b"x", "empty.ipynb": service.notebook({})},
            users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
        )
        assert result["score"] == FULL
        assert "Graded: a.zip:work/mine.ipynb" in result["output"]

    @pytest.mark.parametrize(
        ("files", "told_to_the_student"),
        [
            ({"mine.ipynb": b"{ broken"}, "노트북(JSON)이 아니어서 읽을 수 없습니다"),
            ({}, "제출한 것에 노트북이 없습니다"),
            ({"O'Neil, 김민지.pdf": b"%PDF"}, '(받은 것: "O\'Neil, 김민지.pdf")'),
        ],
        ids=["broken", "nothing", "a PDF"],
    )
    def test_file_that_is_no_notebook_earns_nothing_and_is_told(
        self, service: Service, files: dict[str, bytes], told_to_the_student: str
    ) -> None:
        """Nothing is earned, and every question says why; that is no fault of ours."""
        result = service.submit(files)
        assert (service.code, result["score"]) == (0, 0)
        assert {told_to_the_student in html.unescape(test["output"]) for test in result["tests"]} == {True}


HOSTILE = """
import glob, os, signal
seen = []
for pattern in ('/mnt/*', '/mnt/gradescope/*', '/mnt/gradescope/source/**', '/mnt/gradescope/results/*',
                '/mnt/gradescope/venv/lib/python3*/site-packages/autograder/*', '/mnt/gradescope/kernels/*',
                '/mnt/gradescope/venv/*'):
    for path in glob.glob(pattern, recursive=True):
        try:
            seen.append((path, open(path, 'rb').read(100)))
        except OSError as error:
            pass
        try:
            open(path, 'a').write('{"score": 99}')
            seen.append(('WROTE', path))
        except OSError:
            pass
for path in ('/mnt/gradescope/source/solutions/lstm_parameters/lstm_params.py',
             '/mnt/gradescope/results/results.json', '/mnt/gradescope/submission_metadata.json',
             '/mnt/gradescope/submission/a.ipynb', '/mnt/gradescope/source/roster.csv'):
    for mode in ('r', 'w'):
        try:
            open(path, mode).read(10)
            seen.append(('OPENED', path))
        except Exception as error:
            pass
for pid in (os.getppid(), 1, *[int(name) for name in os.listdir('/proc') if name.isdigit()]):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
            seen.append(('KILLED', pid))
        except OSError:
            pass
print('SEEN', seen)
"""


def test_hostile_one_reads_writes_and_kills_nothing(service: Service) -> None:
    """Neither answers, nor the package, nor the result; the grader lives, and pays what was honest."""
    answers = service.right("kim") | {
        "lstm_params": HOSTILE + "\nlstm_params = print",
        "p1": HOSTILE + "\np1 = len(seen)",
    }
    shown = "def dense_params(d, u):\n    raise ValueError(str(seen))"
    result = service.submit(
        {"a.ipynb": service.notebook(answers | {"dense_params": shown}, student="kim", own=HOSTILE)},
        users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
    )
    found = by_question(result)
    lost = ("lstm_params", "p1", "dense_params")
    assert service.code == 0
    assert result["score"] == FULL - sum(found[name]["max_score"] for name in lost)
    text = json.dumps(result)
    assert [word for word in ("WROTE", "OPENED", "KILLED", "SUM(", "example.org") if word in text] == []
    assert "pyvenv.cfg" in found["dense_params"]["output"]  # it did look, and this holds nothing
    assert list((service.machine.folder / "kernels").iterdir()) == []


class TestLateAndAttempts:
    """By the time of handing in, and by what came before."""

    def test_being_late_costs_what_the_course_says(self, service: Service) -> None:
        """Two hours by the course's own policy, as a line of its own; the sum of the questions is kept beside."""
        result = service.submit(
            {"a.ipynb": service.notebook(service.right("kim"), student="kim")},
            users=[{"email": "kim@example.org", "id": 1, "name": "Kim"}],
            created_at="2027-04-01T01:00:00-07:00",
        )
        assert result["score"] == FULL - 1
        assert result["tests"][-1]["name"] == "Late: by 2 h"
        assert result["tests"][-1]["output"] == "1 points were taken off for it."
        assert (result["extra_data"]["raw_score"], result["extra_data"]["late_penalty"]) == (FULL, 1)

    def test_one_attempt_too_many_keeps_the_best_score(self, service: Service) -> None:
        """It is not run at all; what failed by a fault that is not the student's did not count."""
        earlier = [before(9.0), before(3.0, day=2), before(None, failed=True, day=3)]
        third = service.submit({"a.ipynb": service.notebook({})}, previous_submissions=earlier)
        assert "This is attempt 3 of 3." in third["output"]
        fourth = service.submit(
            {"a.ipynb": service.notebook(service.right("kim"), student="kim")},
            previous_submissions=[*earlier, before(0.0, day=4, results=third)],
        )
        assert (service.code, fourth["score"]) == (0, 9)
        assert "You have used your 3 attempts" in fourth["output"]
        assert fourth["tests"] == third["tests"]


class TestFaultsOfOurs:
    """Never a student's zero."""

    @pytest.fixture
    def broken(self, service: Service) -> Iterator[Service]:
        """A course in which a check raises."""
        path = service.machine.folder / "source" / "solutions" / LSTM / "dense_params.py"
        text = path.read_text(encoding="utf-8")
        marker = "def counts_every_layer(got, case, want):\n"
        assert marker in text
        path.write_text(text.replace(marker, f"{marker}    raise KeyError('planted')\n"), encoding="utf-8")
        yield service
        path.write_text(text, encoding="utf-8")

    def test_check_that_raises_gives_no_score(self, broken: Service) -> None:
        """No score anywhere, both languages say so, the program fails, and the teacher sees where and why."""
        result = broken.submit({"a.ipynb": broken.notebook(ANSWERED)})
        assert broken.code == 1
        assert '"score"' not in json.dumps(result)
        assert "This has NOT been graded yet, through no fault of yours" in result["output"]
        assert "아직 채점하지 못했습니다" in result["output"]
        assert "dense_params.py" in broken.stdout and "planted" in broken.stdout
        assert "planted" not in json.dumps(result)

    def test_earlier_score_stands(self, broken: Service) -> None:
        """The best one."""
        earlier = [before(7.5), before(4.0, day=2)]
        result = broken.submit({"a.ipynb": broken.notebook(ANSWERED)}, previous_submissions=earlier)
        assert (broken.code, result["score"]) == (1, 7.5)
        assert "best score so far, 7.5, stands" in result["output"]

    def test_grader_that_is_killed_leaves_a_result_that_says_so(self, service: Service) -> None:
        """Out of memory, or out of time: what was written first is still there."""
        python = service.machine.folder / "venv" / "bin" / "python"
        link = python.readlink()
        python.unlink()
        python.write_text("#!/bin/sh\nkill -9 $$\n")
        python.chmod(0o755)
        try:
            result = service.submit({"a.ipynb": service.notebook({})})
        finally:
            python.unlink()
            python.symlink_to(link)
        assert service.code != 0
        assert '"score"' not in json.dumps(result)
        assert "NOT been graded" in result["output"]

    def test_without_a_seal_nothing_is_run(self, service: Service) -> None:
        """Where what must be closed is open, student code is not run at all."""
        package_folder = next(
            (service.machine.folder / "venv" / "lib").glob("python3*/site-packages/autograder")
        )
        package_folder.chmod(0o755)
        try:
            result = service.submit({"a.ipynb": service.notebook({})})
        finally:
            package_folder.chmod(0o700)
        assert service.code == 1
        assert '"score"' not in json.dumps(result)
        assert "is open to other users" in service.stdout

    def test_out_of_time_is_told(self, service: Service) -> None:
        """A container that is too slow is no fault of the student's."""
        script = service.machine.folder / "run_autograder"
        text = script.read_text()
        script.write_text(text.replace("--minutes 10", "--minutes 0.02"))
        try:
            result = service.submit({"a.ipynb": service.notebook({})})
        finally:
            script.write_text(text)
        assert service.code == 1
        assert '"score"' not in json.dumps(result)
        assert "give the container more CPU, or more time" in service.stdout
