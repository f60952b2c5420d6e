"""A class on a Dask cluster: the scores of a local run, whoever is killed on the way, and nothing believed unseen."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import distributed  # noqa: F401 - its settings' defaults are there before a test changes one
import pytest
from dask import config

from autograder.authoring import demo_class
from autograder.cli.main import main
from autograder.course import Course, SubmissionId
from autograder.engine.batch import Listener, grade_class
from autograder.engine.cluster import course_archive
from autograder.engine.cluster.connection import Connection
from autograder.engine.cluster.executor import ClusterExecutor
from autograder.engine.cluster.serialization import dumps, from_task, loads, to_task
from autograder.engine.cluster.validation import graded_from, page_from
from autograder.engine.kept_grades import submitted_files
from autograder.engine.messages import GradeTask, Result
from autograder.errors import CourseError, GraderError
from autograder.grading.course_secret import ensure_secret
from autograder.grading.failing_cases import FailingCase, FailingCases, FailingCheck
from autograder.grading.submission_grader import owner_of
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.registration import ensure_registered
from autograder.plain_data import to_data
from autograder.roster import Roster
from autograder.text import Text
from tests.engine.local_cluster import OwnCluster, other_package, own_cluster, wait_for
from tests.engine.test_batch import alive, children
from tests.support import ROOT, cli, command, copy_course, without_draw

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="what is graded on a cluster is sealed, on Linux"),
]
ASSIGNMENT = "lstm_parameters"
LAW = Text(ko="법칙 1", en="law 1")
STUDENTS = (  # of our class: right, wrong in some ways, with an id that is mistyped or another's, broken
    "korean-names", "numpy-integers", "no-bias", "mistyped-id", "borrowed-notebook", "raises", "half-done",
    "broken-file",
)  # fmt: skip
HALF_RIGHT = "no-bias"  # 2 of 4 for its first question
SLOW = "korean-names"  # the first to be handed out


def a_class(number: int = 100, *, seconds: float = 0, slow: float = 0) -> list[demo_class.DemoStudent]:
    """Some of our class, as they hand in to one assignment. seconds: that each notebook takes; slow: that one does."""
    students = [
        student
        for student in demo_class.read_class(ROOT / "solutions")
        if student.assignment == ASSIGNMENT and student.id in STUDENTS
    ]
    return [
        dataclasses.replace(student, extra=f"{student.extra}\nimport time\ntime.sleep({takes})")
        if (takes := (slow if student.id == SLOW else 0) or seconds)
        else student
        for student in students[:number]
    ]


HandsIn = Callable[[Path, list[demo_class.DemoStudent]], tuple[Course, list[SubmissionId]]]


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> HandsIn:
    """Makes a course of one assignment that a class handed in to, with a roster and a group."""
    released = copy_course(tmp_path_factory.mktemp("released"), ASSIGNMENT)
    ensure_registered(Course.open(released), [ASSIGNMENT])
    ensure_secret(Course.open(released))

    def handed_in(folder: Path, students: list[demo_class.DemoStudent]) -> tuple[Course, list[SubmissionId]]:
        shutil.copytree(released, folder, dirs_exist_ok=True)
        course = Course.open(folder)
        jobs = demo_class.submit(course, students)
        lines = [f"{student.id},{student.id}@school.example" for student in students]
        (folder / "roster.csv").write_text("\n".join(["student_id,email", *lines, ""]))
        groups = [f"{ASSIGNMENT},pair,{student.id}" for student in students[:2]]
        (folder / "groups.csv").write_text("\n".join(["assignment,group,student_id", *groups, ""]))
        return course, jobs

    return handed_in


def right(students: list[demo_class.DemoStudent], results: list[Result]) -> bool:
    """Whether every score and every diagnosis is what the class deserves; the second of a group has other numbers."""
    second = students[1].id
    others = [result for result in results if result.submission.student != second]
    assert demo_class.compare([student for student in students if student.id != second], others) == []
    return {result.state for result in results} == {"graded"}


@pytest.mark.full
class TestAClassOnACluster:
    """Two workers of one slot, one of them under a nanny as `dask worker` starts it."""

    @pytest.fixture(scope="class")
    def cluster(self) -> Iterator[OwnCluster]:
        """Its processes; `victim` is a worker that nobody starts anew."""
        with own_cluster() as cluster:
            cluster.start_worker()
            self.__class__.victim = cluster.start_worker("--no-nanny")
            yield cluster

    victim: subprocess.Popen[bytes]

    @pytest.fixture(scope="class")
    def pair(
        self, cluster: OwnCluster, handed_in: HandsIn, tmp_path_factory: pytest.TempPathFactory
    ) -> tuple[Course, Course, list[Result], list[Result]]:
        """The same class graded here and there, and the results of the cluster as they came."""
        students, came = a_class(slow=10), []
        here, jobs = handed_in(tmp_path_factory.mktemp("here"), students)
        there, _ = handed_in(tmp_path_factory.mktemp("there"), students)
        ours = grade_class(here, jobs, workers=2)
        results = grade_class(
            there, jobs, scheduler=cluster.address, listener=Listener(on_result=came.append)
        )
        assert results == ours
        assert right(students, results)
        return here, there, ours, came

    def test_all_that_is_written_is_what_a_local_run_writes(
        self, pair: tuple[Course, Course, list[Result], list[Result]]
    ) -> None:
        """Graded notebooks and feedback pages, but for draws: numbers of groups, foreign ids, broken files."""
        here, there, ours, _ = pair
        assert len(ours) == len(STUDENTS)
        for result in ours:
            for path in (Course.graded_path, Course.feedback_path):
                texts = [
                    without_draw(path(course, result.submission).read_text()) for course in (here, there)
                ]
                assert texts[0] == texts[1], result.submission

    def test_student_code_was_sealed_there(
        self, pair: tuple[Course, Course, list[Result], list[Result]]
    ) -> None:
        """Each result names the seal that the worker had."""
        seals = {result.seal for result in pair[3] if result.submission.student != "broken-file"}
        assert seals
        assert seals <= {
            "namespaces",
            "namespaces in a user namespace",
            "landlock",
            "landlock as another user",
        }

    def test_one_slow_submission_holds_up_no_other(
        self, pair: tuple[Course, Course, list[Result], list[Result]]
    ) -> None:
        """Handed out first, it comes when the other worker has done others meanwhile."""
        came = [result.submission.student for result in pair[3]]
        assert came.index(SLOW) >= 2

    def test_worker_that_is_killed_in_the_middle_loses_nothing(
        self, cluster: OwnCluster, pair: object, handed_in: HandsIn, tmp_path: Path
    ) -> None:
        """What it was at is graded elsewhere, all that it had started ends, and it leaves nothing of the course."""
        students = a_class(4, seconds=1)
        course, jobs = handed_in(tmp_path, students)
        started = children(self.victim.pid)
        assert started

        def kill(result: Result) -> None:
            self.victim.send_signal(signal.SIGKILL)

        assert right(
            students, grade_class(course, jobs, scheduler=cluster.address, listener=Listener(on_result=kill))
        )
        assert self.victim.wait(60) == -signal.SIGKILL
        wait_for(lambda: not [pid for pid in started if alive(pid)], "what it had started has ended")
        wait_for(
            lambda: len([*cluster.folder.glob("autograder-course-*")]) == 1,
            "the course is with the other worker alone",
        )

    @pytest.mark.full
    def test_scheduler_that_is_killed_and_started_again_is_found_again(
        self, cluster: OwnCluster, pair: object, handed_in: HandsIn, tmp_path: Path
    ) -> None:
        """The run goes on, and grades the rest on the workers that come."""
        students, killed = a_class(4, seconds=1), list[Result]()
        course, jobs = handed_in(tmp_path, students)

        def restart(result: Result) -> None:
            if not killed:
                killed.append(result)
                cluster.scheduler.kill()
                cluster.scheduler.wait()
                cluster.start_scheduler()
                cluster.start_worker("--no-nanny")

        assert right(
            students,
            grade_class(course, jobs, scheduler=cluster.address, listener=Listener(on_result=restart)),
        )

    @pytest.mark.full
    def test_scheduler_that_does_not_come_back_ends_the_run_and_the_same_command_goes_on(
        self,
        cluster: OwnCluster,
        pair: object,
        handed_in: HandsIn,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It says that it waits, and what is graded is kept and not graded again."""
        students, came, messages = a_class(4, seconds=1), list[Result](), list[str]()
        course, jobs = handed_in(tmp_path, students)
        monkeypatch.setattr(ClusterExecutor, "patience", 2.0)

        def kill(result: Result) -> None:
            came.append(result)
            cluster.scheduler.kill()

        with pytest.raises(GraderError, match="has not come back within 2 s; finished grades are saved"):
            grade_class(
                course,
                jobs,
                scheduler=cluster.address,
                listener=Listener(on_result=kill, on_message=lambda text: messages.append(text.en)),
            )
        assert f"lost the scheduler at {cluster.address}; waiting up to 2 s for it" in messages
        assert {result.state for result in came} == {"graded"}
        assert len(came) < len(jobs)
        kept = {result.submission for result in came}
        results = grade_class(course, jobs, scheduler="", workers=2)
        assert {result.submission: result.state for result in results} == {
            job: "kept" if job in kept else "graded" for job in jobs
        }


@pytest.mark.full
class TestWorkersThatMayNotGrade:
    """A worker of another version, and one on a machine that has no seal."""

    @pytest.fixture(scope="class")
    def cluster(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
        """A cluster of these two."""
        older = other_package(
            tmp_path_factory.mktemp("older"), "__init__.py", '__version__ = "', '__version__ = "0.0.'
        )
        unsealed = other_package(
            tmp_path_factory.mktemp("unsealed"), "sandbox/seal.py", 'if sys.platform != "linux":', "if True:"
        )  # fmt: skip
        with own_cluster() as cluster:
            cluster.start_worker("--no-nanny", package=older)
            cluster.start_worker("--no-nanny", package=unsealed)
            yield cluster

    def test_where_there_are_no_others_nothing_is_touched(
        self, cluster: OwnCluster, handed_in: HandsIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The command says of each why, and what to do; no submission is marked as anything."""
        course, _ = handed_in(tmp_path, a_class())
        done = cli("grade", "--scheduler", cluster.address, cwd=course.root)
        assert done.returncode == 2
        assert "autograder: no worker can be used" in done.stderr
        assert ": autograder is 0.0." in done.stderr
        assert ": student code is not run here: no seal holds on this machine" in done.stderr
        assert f"`autograder doctor --scheduler {cluster.address}` shows details" in done.stderr
        assert not (course.root / "autograded").exists()
        assert main(["doctor", "--language", "en", "--scheduler", cluster.address]) == 1
        said = capsys.readouterr().out
        assert "1 at once: no seal works" in said
        assert "autograder is 0.0." in said
        assert "0 of 2 workers can grade." in said

    @pytest.fixture(scope="class")
    def with_a_third(self, cluster: OwnCluster) -> OwnCluster:
        """A worker like any other joins them."""
        cluster.start_worker("--no-nanny")
        return cluster

    @pytest.mark.full
    def test_doctor_says_which_are_sealed_and_how(
        self, with_a_third: OwnCluster, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In Korean, as it says of the others in English."""
        assert main(["doctor", "--language", "ko", "--scheduler", with_a_third.address]) == 0
        said = capsys.readouterr().out
        lines = {line[0]: line for line in sorted(said.splitlines())}
        assert "동시에 1개: " in lines["✔"]
        assert "시스템 호출 필터" in lines["✔"]
        assert "동시에 1개: 봉인할 수 없습니다" in said
        assert "autograder 버전이 0.0." in said
        assert "작업자 3개 가운데 1개가 채점할 수 있습니다." in said

    @pytest.mark.full
    def test_the_run_goes_on_with_the_rest(
        self, with_a_third: OwnCluster, handed_in: HandsIn, tmp_path: Path
    ) -> None:
        """As the course's settings say where to grade: the two get no submission, and it says so."""
        students, messages = a_class(), list[Text]()
        course, jobs = handed_in(tmp_path, students)
        with (course.root / "nbgrader_config.py").open("a") as settings:
            settings.write(f'\nc.CourseSettings.scheduler = "{with_a_third.address}"\n')
        assert right(
            students,
            grade_class(Course.open(course.root), jobs, listener=Listener(on_message=messages.append)),
        )
        assert messages
        assert all(text.en.startswith("not used: tcp://") for text in messages)
        assert all(text.ko.startswith("쓰지 않는 작업자 tcp://") for text in messages)


@pytest.mark.full
@pytest.mark.tensorflow
class TestModelsOnACluster:
    """An assignment whose answers build and train models."""

    def test_are_judged_as_on_one_machine(self, tmp_path: Path) -> None:
        """A right answer and a wrong one: scores, diagnoses, and pages to the byte."""
        students = [
            student
            for student in demo_class.read_class(ROOT / "solutions")
            if student.assignment == "tagging" and student.id in ("functional-style", "last-step-only")
        ]
        root = copy_course(tmp_path / "here", "tagging")
        here = Course.open(root)
        jobs = demo_class.submit(here, students)
        ensure_secret(here)  # a copy of the course has its secret, and draws the same inputs
        shutil.copytree(root, tmp_path / "there")
        there = Course.open(tmp_path / "there")
        with own_cluster() as cluster:
            cluster.start_worker("--no-nanny", "--nthreads", "2")
            results = grade_class(there, jobs, scheduler=cluster.address)
        ours = grade_class(here, jobs, workers=2)
        assert [result.reports for result in results] == [result.reports for result in ours]
        assert demo_class.compare(students, results) == []
        for job in jobs:
            assert there.feedback_path(job).read_bytes() == here.feedback_path(job).read_bytes()


def documented(begins: str) -> str:
    """What docs/cluster.md shows after these words, as the Korean page does too."""
    written, korean = (
        (ROOT / "docs" / page).read_text(encoding="utf-8").partition(begins)[2].partition("```")[0]
        for page in ("cluster.md", "cluster.ko.md")
    )
    assert written == korean != ""
    return written


def sign_certificate(folder: Path) -> None:
    """Certificates of an authority of their own, made as docs/cluster.md says."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    folder.mkdir(parents=True)
    commands = "openssl req -x509" + documented("```sh\nopenssl req -x509")
    subprocess.run(["sh", "-ec", commands], cwd=folder, capture_output=True, check=True)


class TestTls:
    """A cluster that speaks TLS, with the certificates and settings of docs/cluster.md."""

    @pytest.fixture(scope="class")
    def settings(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A folder with Dask's settings as they stand there, and certificates where these say."""
        folder = tmp_path_factory.mktemp("tls")
        sign_certificate(folder / "dask-tls")
        settings = documented("```yaml\n")
        (folder / "tls.yaml").write_text(settings.replace("/etc/dask-tls", str(folder / "dask-tls")))
        return folder

    @pytest.fixture(scope="class")
    def cluster(self, settings: Path) -> Iterator[OwnCluster]:
        """A scheduler and a worker with them."""
        with own_cluster("tls", DASK_CONFIG=str(settings)) as cluster:
            cluster.start_worker()
            yield cluster

    @pytest.mark.full
    def test_scores_come_back(
        self,
        cluster: OwnCluster,
        settings: Path,
        handed_in: HandsIn,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """By the command, which needs no more than those settings."""
        assert cluster.address.startswith("tls://127.0.0.1:")
        students = a_class(3)
        course, jobs = handed_in(tmp_path, students)
        monkeypatch.setenv("DASK_CONFIG", str(settings))
        done = command("autograder", "grade", "--scheduler", cluster.address, cwd=course.root)
        assert done.returncode == 0, done.stderr
        kept = grade_class(course, jobs, scheduler="")
        assert {result.state for result in kept} == {"kept"}
        alone = slice(0, None, 2)  # the second is in a group, with the other's numbers
        assert demo_class.compare(students[alone], kept[alone]) == []

    @pytest.mark.parametrize(
        ("scheme", "certificate", "message"),
        [
            ("tls", "none", r"expected distributed\.comm\.tls\.ca-file, .*client\.cert, .*client\.key to name files"),
            ("tls", "gone", r"to name files that can be read, .*; found .*/gone/ca\.pem"),
            ("tls", "of another", "do not accept each other's certificates: expected ones that the same authority"),
            ("tcp", "none", "closes the connection, as a scheduler with TLS does: use tls://"),
        ],
    )  # fmt: skip
    def test_who_has_no_certificate_is_refused(
        self, cluster: OwnCluster, tmp_path: Path, scheme: str, certificate: str, message: str
    ) -> None:
        """Within a minute on the busiest machine, and with a word on what to do."""
        if certificate == "of another":
            sign_certificate(tmp_path / certificate)
        names = {"ca-file": "ca.pem", "client.cert": "cert.pem", "client.key": "key.pem"}
        given = {
            f"distributed.comm.tls.{name}": None
            if certificate == "none"
            else str(tmp_path / certificate / file)
            for name, file in names.items()
        }
        begun = time.monotonic()
        with config.set(given), pytest.raises(CourseError, match=message):
            Connection(cluster.address.replace("tls", scheme))
        assert time.monotonic() - begun < 60


class TestNoCluster:
    """An address at which nobody answers, or none."""

    def test_who_has_no_cluster_imports_no_dask(self) -> None:
        """Dask is an extra: commands, a local run and a cluster's engine do without until one is used."""
        code = (
            "import sys, autograder.cli.main, autograder.engine.batch, autograder.engine.cluster.executor; "
            "print({'dask', 'distributed'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "set()\n"

    def test_it_says_how_to_start_one(self, handed_in: HandsIn, tmp_path: Path) -> None:
        """Soon, with the address, and nothing is touched."""
        course, _ = handed_in(tmp_path, a_class())
        done = cli("grade", "--scheduler", "tcp://127.0.0.1:1", cwd=course.root)
        assert done.returncode == 2
        assert "no scheduler answers at tcp://127.0.0.1:1: expected a running one" in done.stderr
        assert "start it with `dask scheduler`" in done.stderr
        assert not (course.root / "autograded").exists()

    @pytest.mark.parametrize("address", ["nowhere", "tls://127.0.0.1:1"])
    def test_address_that_is_none_is_told(self, address: str, tmp_path: Path) -> None:
        """What was expected, and what was found."""
        done = cli("doctor", "--scheduler", address, cwd=tmp_path)
        assert done.returncode == 2
        assert f"{address}" in done.stderr
        assert "expected " in done.stderr

    def test_who_has_other_things_to_do_is_not_held_up(
        self, handed_in: HandsIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No longer than asked for, and it is an error after a while, as often as it is asked."""
        monkeypatch.setattr(ClusterExecutor, "patience", 4.0)
        course, _ = handed_in(tmp_path, a_class(2))
        engine = ClusterExecutor(course, [ASSIGNMENT], "tcp://127.0.0.1:1", wait=False)
        try:
            begun = time.monotonic()
            assert list(engine.completed(0.1)) == []
            assert time.monotonic() - begun < 3
            assert engine.slots == 0
            for _ in range(2):
                with pytest.raises(GraderError, match="has not come back within 4 s"):
                    while time.monotonic() < begun + 60:
                        list(engine.completed(0.1))
        finally:
            engine.close()

    def test_who_does_not_wait_is_told_of_an_address_that_is_none(
        self, handed_in: HandsIn, tmp_path: Path
    ) -> None:
        """At once: no waiting mends it."""
        course, _ = handed_in(tmp_path, a_class(2))
        with pytest.raises(CourseError, match="invalid scheduler address nowhere"):
            ClusterExecutor(course, [ASSIGNMENT], "nowhere", wait=False)


class TestWhatTravels:
    """To a worker: what grading needs, and no more."""

    def test_of_the_course_only_what_grading_needs(self, handed_in: HandsIn, tmp_path: Path) -> None:
        """No submission, gradebook, roster or group, no answer bank or demo class, and no other assignment."""
        course, _ = handed_in(tmp_path, a_class())
        (course.root / "gradebook.db").touch()
        for place in ("solutions/other", "release/ko/other"):
            (course.root / place).mkdir()
            (course.root / place / "other.py").touch()
        packed = course_archive.pack(course, [ASSIGNMENT])
        names = zipfile.ZipFile(BytesIO(packed)).namelist()
        places = {"hidden_inputs.key", "nbgrader_config.py", "release", "solutions"}
        assert {name.split("/")[0] for name in names} == places
        assert f"release/ko/{ASSIGNMENT}/{ASSIGNMENT}.ipynb" in names
        assert not [name for name in names if "/" in name and f"/{ASSIGNMENT}/" not in name]
        assert not [name for name in names if "/answers/" in name or name.endswith("demo_class.toml")]
        assert packed == course_archive.pack(course, [ASSIGNMENT])


@pytest.fixture(scope="class")
def sent_back(
    handed_in: HandsIn, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GradeTask, dict[str, Any], dict[str, float]]:
    """A submission, what a worker sends back of it, and the points of its questions."""
    students = a_class()
    course, jobs = handed_in(tmp_path_factory.mktemp("course"), students)
    job = next(job for job in jobs if job.student == HALF_RIGHT)
    grade_class(course, [job])
    with GradebookWriter(course) as ledger:
        known, recorded = ledger.known_ids(), ledger.recorded(SubmissionId("", ASSIGNMENT))
    owner = owner_of(course, Roster.of(course), ASSIGNMENT, job.student, known)
    task = GradeTask(job, submitted_files(course, job), recorded, known, owner, prefetch=True)
    data = {
        "submission": dataclasses.asdict(job),
        "notebook": course.graded_path(job).read_text(),
        "reason": "",
        "failing": {},
    }
    return task, data, {question.id: question.points for question in course.assignment(ASSIGNMENT).questions}


Edit = Callable[[dict[str, Any]], None]


def outputs(value: str, **given: float) -> Edit:
    """A grade cell that says another score. given: what else nbgrader's metadata say."""

    def edit(cell: dict[str, Any]) -> None:
        cell["outputs"][1]["data"]["text/plain"] = value
        cell["metadata"]["nbgrader"].update(given)

    return edit


def report(**given: Any) -> Edit:
    """A grade cell whose report says something else."""
    return lambda cell: cell["metadata"]["autograder"]["report"].update(given)


class TestWhatComesBack:
    """A worker's answer is data that is looked at before it is written."""

    def test_submission_travels_whole(self, sent_back: tuple[GradeTask, Any, Any]) -> None:
        """What a worker gets is what was sent: files to the byte, whose they are, and whose numbers count."""
        assert sent_back[0].owner is not None
        strict = dataclasses.replace(sent_back[0].owner, strict=True, group=("kim", "lee"))
        task = dataclasses.replace(sent_back[0], owner=strict, unproved={"lstm_params": LAW})
        assert to_task(loads(dumps(from_task(task)))) == task

    def test_right_answer_is_taken(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """Its scores are read off its notebook."""
        task, data, points = sent_back
        graded = graded_from(data, task, points)
        assert sum(score or 0 for score in graded.auto_scores.values()) == 17.0
        assert set(graded.reports) == set(points)

    @pytest.mark.parametrize(
        ("edit", "message"),
        [
            (outputs("nan"), "lstm_params: expected the score 2 of its report, found 4.0"),
            (outputs("-1.0"), "lstm_params: expected the score 2 of its report, found 4.0"),
            (outputs("7.0"), "cannot be greater than maximum points"),
            (outputs("3.0"), "lstm_params: expected the score 2 of its report, found 3.0"),
            (outputs("60.0", points=60), "lstm_params-check: expected a score from 0 to 4, found 60.0"),
            (outputs("-1.0", points=math.nan), "lstm_params-check: expected a score from 0 to 4, found nan"),
            (lambda cell: cell.update(outputs=[]), "lstm_params: expected the score 2 of its report, found 4.0"),
            (lambda cell: cell["metadata"].pop("nbgrader"), "expected the score 2 of its report, found None"),
            (lambda cell: cell["metadata"].pop("autograder"), "expected reports of"),
            (report(points=7.0), "lstm_params: expected 4 points"),
            (report(checks=[], misconceptions=[]), "expected the score 1 of its report, found 2.0"),
            (report(checks=None), "expected a graded notebook"),
            (report(ungraded={"en": "no time"}), "lstm_params: expected a score, found none"),
        ],
    )  # fmt: skip
    def test_answer_that_was_meddled_with_is_refused(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]], edit: Edit, message: str
    ) -> None:
        """What was expected and what was found; stock nbgrader would have paid some of these in full."""
        task, data, points = sent_back
        notebook = json.loads(data["notebook"])
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "lstm_params-check":
                edit(cell)
        with pytest.raises(ValueError, match=message):
            graded_from(data | {"notebook": json.dumps(notebook)}, task, points)

    def test_question_that_must_not_grade_comes_back_without_a_score(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """None is read off its cell, and the others have theirs."""
        task, data, points = sent_back
        notebook = json.loads(data["notebook"])
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "lstm_params-check":
                report(ungraded=LAW.to_dict(), checks=[], misconceptions=[])(cell)
        asked = dataclasses.replace(task, unproved={"lstm_params": LAW})
        graded = graded_from(data | {"notebook": json.dumps(notebook)}, asked, points)
        assert graded.auto_scores["lstm_params-check"] is None
        assert sum(score or 0 for score in graded.auto_scores.values()) == 15.0

    def test_failing_cases_of_its_questions_are_taken(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """As they were sent; what names no question of the notebook is dropped."""
        task, data, points = sent_back
        case = FailingCase("n=3", "6", "\x1b[2J", Text(en="it is not 6"))
        cases = FailingCases((FailingCheck("counts", Text(en="no"), (case,), 2, 1),), (Text(en="n"),))
        sent = data | {"failing": to_data({"lstm_params": cases, "elsewhere": cases})}
        graded = graded_from(loads(dumps(sent)), task, points)
        assert graded.failing == {"lstm_params": cases}
        assert "it is not 6" not in graded.notebook

    @pytest.mark.parametrize(
        ("failing", "message"),
        [
            (None, "failing cases: Expected `object`, got `null`"),
            ({"lstm_params": []}, "failing cases: Expected `object`, got `array`"),
            ({"lstm_params": {"checks": [{"name": 3}]}}, "failing cases: Expected `str`, got `int`"),
            (
                {"lstm_params": {"checks": [{"name": "c", "message": {}, "cases": ["\x1b[2J"]}]}},
                "failing cases: Expected `object`, got `str`",
            ),
        ],
    )
    def test_failing_cases_of_another_shape_are_refused(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]], failing: Any, message: str
    ) -> None:
        """With the place, what was expected, and what was found."""
        task, data, points = sent_back
        with pytest.raises(ValueError, match=message):
            graded_from(data | {"failing": failing}, task, points)

    def test_another_ones_answer_is_refused(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """Another job, or the notebook of another submission under this one's name."""
        task, data, points = sent_back
        other = {"student": "somebody", "assignment": ASSIGNMENT}
        with pytest.raises(ValueError, match="found that for another"):
            graded_from(data | {"submission": other}, task, points)
        with pytest.raises(ValueError, match="found that for another"):
            page_from({"submission": other, "page": "<p>"}, task.submission)
        with pytest.raises(ValueError, match="expected the submitted notebook, found another"):
            graded_from(data, dataclasses.replace(task, submitted=()), points)

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            (b'{"score": NaN}', "expected finite numbers, found NaN"),
            (b"[1]", "expected a message, found list"),
            (b"\x80\x04K\x01.", "expected JSON"),
            (b"[" * 100_000, "expected JSON"),
        ],
    )  # fmt: skip
    def test_malformed_messages_are_refused(self, raw: bytes, message: str) -> None:
        """A pickle among them: it is not read."""
        with pytest.raises(ValueError, match=message):
            loads(raw)
