"""The exit code and the last line of every command."""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.authoring.build import build
from autograder.authoring.pool_generator import fill
from autograder.authoring.scaffold import new_question
from autograder.cli import doctor
from autograder.cli.exit_codes import finish
from autograder.cli.main import _parser
from autograder.cli.options import Terminal
from autograder.course import Course
from autograder.engine.batch import Listener, find_submissions, grade_class
from autograder.errors import CourseError, is_part_done
from autograder.nbgrader import grades_csv
from autograder.sandbox import seal
from autograder.text import Text
from autograder.web import server
from autograder.web.db import outbox
from autograder.web.db.database import Database
from autograder.web.db.models import Delivery
from autograder.web.settings import database_of
from tests.support import cli, small_course
from tests.web import database_rows

Prepare = Callable[[Path], object]
URL = "--url=https://tool.example.org"
NO_DATABASE = "--database=mysql://here"
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
)
CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,Arithmetic (1)\n    Points Possible,,,,,4\n"
RIGHT = "def add_two(a, b):\n    return a + b"


def write(name: str, text: str) -> Prepare:
    """Return what writes a file of the course."""
    return lambda root: (root / name).write_text(text, encoding="utf-8")


def nothing(root: Path) -> None:
    """Leave the course as it is."""


def lose_a_file(root: Path) -> None:
    """Leave a folder of a submission without its notebook."""
    (root / "submitted" / "lee" / "arithmetic").mkdir(parents=True)


def download(root: Path, *names: str) -> None:
    """Write a download, with a notebook of each name."""
    for name in names:
        path = root / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "release" / "en" / "arithmetic" / "arithmetic.ipynb", path)


def add_a_stranger(root: Path) -> None:
    """Write a download with a file that is not a notebook."""
    download(root, "lee/a.ipynb")
    (root / "downloads" / "kay").mkdir()
    (root / "downloads" / "kay" / "a.ipynb").write_text("no notebook", encoding="utf-8")


def break_question(root: Path) -> None:
    """Leave a question file that cannot be read."""
    (root / "solutions" / "arithmetic" / "add_two.py").write_text("def", encoding="utf-8")


def give_out_and_fail(root: Path) -> None:
    """Give a score out, and leave a question that must not grade."""
    cli("grade", "--given-out", cwd=root)
    path = root / "solutions" / "arithmetic" / "add_two.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    expect.count(got, want)", "    1 / 0"), encoding="utf-8")


def demo_class(score: int) -> Prepare:
    """Return what writes a simulated class of one, who is said to deserve a score."""
    return write(
        "solutions/arithmetic/demo_class.toml",
        f'[points]\nadd_two = {score}\n[right]\nadd_two = """{RIGHT}"""\n[[student]]\nid = "one"\n',
    )


def roster(*students: str) -> Prepare:
    """Return what writes a roster."""
    rows = "".join(f"{student},{student.title()},{student}@example.org\n" for student in students)
    return write("roster.csv", f"student_id,name,email\n{rows}")


def lms_file(name: str, header: str, *rows: str) -> Prepare:
    """Return what writes a file of an LMS, and a roster of the student who handed in."""

    def prepare(root: Path) -> None:
        roster("kim")(root)
        write(name, header + "".join(f"{row}\n" for row in rows))(root)

    return prepare


def registered(root: Path) -> None:
    """Register an LMS."""
    assert (
        cli("lms", "register", "--moodle", "https://m.example.org", "--client-id", "c1", cwd=root).returncode
        == 0
    )


def activity(root: Path) -> None:
    """Open an activity in a course of an LMS."""
    database = Database.open(database_of(Course.open(root)))
    with contextlib.closing(database), database.write() as session:
        database_rows.course_link(session, database_rows.platform(session))


def refused_score(root: Path) -> None:
    """Leave a score that the LMS refused."""
    database = Database.open(database_of(Course.open(root)))
    with contextlib.closing(database), database.write() as session:
        where = database_rows.platform(session)
        link = database_rows.course_link(session, where)
        outbox.announce(session, link, database_rows.person(session, where), score=1, maximum=2, comment="")
        for delivery in session.query(Delivery):
            delivery.state = "refused"


COLUMNS = "student_id,assignment,handed_in\n"
TIME = "kim,arithmetic,2027-03-31 23:59\n"
KIM = "Participant 1,Kim,kim@example.org,Submitted for grading,,4.00,-,"
NOBODY = "Participant 2,No Body,nobody@example.org,No submission,,4.00,-,"
Case = tuple[str, Prepare]
CASES: dict[str, tuple[Case, Case | None, Case]] = {
    "init": (("init ../new", nothing), None, ("init inside", nothing)),
    "build": (("build --no-solutions", nothing), None, ("build", break_question)),
    "verify": (("verify", nothing), None, ("verify", break_question)),
    "new": (("new arithmetic more", nothing), None, ("new arithmetic add_two", nothing)),
    "pool": (("pool arithmetic sides_numbers", nothing), None, ("pool arithmetic sides_nombers", nothing)),
    "grade": (("grade", nothing), ("grade", lose_a_file), ("grade arithmetik", nothing)),
    "regrade": (("regrade", nothing), ("regrade", give_out_and_fail), ("regrade arithmetik", nothing)),
    "essays": (
        ("essays question_scores.csv", nothing),
        None,
        ("essays x.csv", write("x.csv", "assignment,student_id,question,score\narithmetic,kim,essay,1\n")),
    ),
    "report": (("report", nothing), None, ("report arithmetik", nothing)),
    "explain": (
        ("explain kim arithmetic add_two", nothing), None, ("explain kim arithmetic add_too", nothing),
    ),
    "collect": (
        ("collect downloads", lambda root: download(root, "lee/a.ipynb")),
        ("collect downloads", add_a_stranger),
        ("collect downloads", lambda root: (root / "downloads").mkdir()),
    ),
    "demo": (("demo", demo_class(2)), ("demo", demo_class(1)), ("demo --assignment arithmetik", demo_class(2))),
    "doctor": (("doctor", roster("kim")), ("doctor", roster("lee")), ("doctor --scheduler nowhere", nothing)),
    "roster": (("roster", roster("kim")), ("roster", roster("lee")), ("roster none.csv", roster("kim"))),
    "deadlines": (
        ("deadlines x.csv", write("x.csv", COLUMNS + TIME)),
        ("deadlines x.csv", write("x.csv", COLUMNS + TIME + TIME.replace("kim", "kin"))),
        ("deadlines x.csv", write("x.csv", COLUMNS + TIME.replace("kim", "kin"))),
    ),
    "export moodle": (
        ("export moodle arithmetic x.csv", lms_file("x.csv", MOODLE, KIM)),
        ("export moodle arithmetic x.csv", lms_file("x.csv", MOODLE, NOBODY)),
        ("export moodle arithmetic roster.csv", roster("kim")),
    ),
    "export canvas": (
        ("export canvas arithmetic x.csv", lms_file("x.csv", CANVAS, "Kim,9,,kim,A,")),
        ("export canvas arithmetic x.csv", lms_file("x.csv", CANVAS, "No Body,8,,nobody,A,")),
        ("export canvas arithmetic x.csv --feedback 7", lms_file("x.csv", CANVAS, "Kim,9,,kim,A,")),
    ),
    "quiz": (("quiz", nothing), None, ("quiz arithmetik", nothing)),
    "package gradescope": (
        ("package gradescope arithmetic", nothing), None, ("package gradescope arithmetik", nothing),
    ),
    "docs": (("docs", nothing), None, ("docs quetsions", nothing)),
    "archive": (("archive x.zip", nothing), None, ("archive roster.csv", roster("kim"))),
    "serve": ((f"serve {URL} --listen 127.0.0.1:0", nothing), None, (f"serve {URL} --listen nowhere", nothing)),
    "worker": (
        ("worker --once --jobs 1", nothing),
        ("worker --once --jobs 1", refused_score),
        (f"worker --once {NO_DATABASE}", nothing),
    ),
    "lms register": (
        (f"lms register --invite {URL}", nothing), None, ("lms register --moodle https://m.example.org", nothing),
    ),
    "lms list": (("lms list", registered), None, (f"lms list {NO_DATABASE}", nothing)),
    "lms confirm": (("lms confirm 1", activity), None, ("lms confirm 2", activity)),
    "lms show": ((f"lms show {URL}", nothing), None, ("lms show", nothing)),
    "lms disable": (
        ("lms disable https://m.example.org c1", registered), None,
        ("lms disable https://m.example.org c2", registered),
    ),
    "lms rotate-key": (("lms rotate-key", nothing), None, (f"lms rotate-key {NO_DATABASE}", nothing)),
    "erase-student": (
        ("erase-student kim --yes", nothing), ("erase-student kim", nothing), ("erase-student kin", nothing),
    ),
    "export-student-data": (
        ("export-student-data kim --to x.zip", nothing), None, ("export-student-data kin --to x.zip", nothing),
    ),
}  # fmt: skip
"""For each command: a situation that ends with 0, one that ends with 1 if there is one, and one that ends with 2."""


def leaves(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the commands that do something."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser.prog.removeprefix("autograder ")
    for group in groups:
        for command in group.choices.values():
            yield from leaves(command)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a released course of a function and a number, in which one student was graded."""
    root = small_course(tmp_path_factory.mktemp("codes") / "course")
    course = Course.open(root)
    new_question(course, "arithmetic", "add_two")
    pool = new_question(course, "arithmetic", "sides", kind="number")[-1]
    fill(course, "arithmetic", pool.stem)
    build(course, solutions=False)
    download(root, "kim/a.ipynb")
    assert cli("collect", "downloads", cwd=root).returncode == 0
    assert cli("grade", "--jobs", "1", cwd=root).returncode == 0
    shutil.rmtree(root / "downloads")
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the course on a machine that seals, whose web tool ends as soon as it listens."""
    monkeypatch.delenv("CANVAS_API_TOKEN", raising=False)
    holds = seal.candidates()[0]
    monkeypatch.setattr(
        doctor, "examine", lambda folder: doctor.Diagnosis((), holds, Text.same("sealed"), None)
    )
    monkeypatch.setattr(server, "serve", lambda made, on_ready: (on_ready(), made.close()))
    return Path(shutil.copytree(graded, tmp_path / "course"))


def files(root: Path) -> dict[Path, bytes]:
    """Return what people keep of a course: not the lock, the web tool's empty database, or the cache of proofs."""
    kept = (path for path in root.rglob("*") if path.is_file())
    return {
        path: path.read_bytes()
        for path in kept
        if path.relative_to(root).parts[0] not in ("build", "web") and path.suffix != ".pyc"
    }


def test_every_command_has_situations() -> None:
    """A new command is put into the scheme."""
    assert set(leaves(_parser())) == set(CASES)


@pytest.mark.parametrize("command", CASES)
@pytest.mark.parametrize("code", [0, 1, 2])
def test_command_ends_with(command: str, code: int, course: Path) -> None:
    """With 1 the last line says how much needs a person, and with 2 nothing was changed."""
    case = CASES[command][code]
    if case is None:
        return
    words, prepare = case
    prepare(course)
    before = files(course)
    done = cli(*words.split(), cwd=course)
    assert done.returncode == code, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1:]
    if code == 1 and command != "erase-student":
        assert last[0].endswith(("; 1 needs you, see above", "; 2 need you, see above"))
    if code == 2:
        assert files(course) == before
        assert done.stderr.startswith("autograder: ") or last[0].endswith("; nothing was changed, see above")


def stop(*arguments: object) -> None:
    """Raise an error."""
    raise CourseError("the roster is gone")


def test_error_after_the_first_grade_is_marked(course: Path) -> None:
    """A grade that is kept from before changes nothing, and a new one does."""
    opened = Course.open(course)
    for force in (False, True):
        submissions = find_submissions(opened, ["arithmetic"])
        with pytest.raises(CourseError, match="the roster is gone") as raised:
            grade_class(opened, submissions, force=force, listener=Listener(on_result=stop))
        assert is_part_done(raised.value) == force


@pytest.mark.parametrize("language", ["en", "ko"])
def test_run_that_stops_halfway_is_not_one_that_changed_nothing(
    language: str, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error after the first grade was written ends with 1, and the last line says to run the command again."""
    download(course, "lee/a.ipynb")
    assert cli("collect", "downloads", cwd=course).returncode == 0

    monkeypatch.setattr(grades_csv, "write_grades_files", stop)
    done = cli("grade", "--jobs", "1", "--language", language, cwd=course)
    assert done.returncode == 1
    assert "autograder: the roster is gone\n" in done.stderr
    last = {
        "en": "stopped before the end; finished work is saved. Fix the problem, then run the same command again",
        "ko": "도중에 멈췄습니다. 끝난 작업은 저장되어 있습니다. 문제를 고친 뒤 같은 명령을 다시 실행하세요",
    }
    assert done.stderr.splitlines()[-1] == last[language]


@pytest.mark.parametrize(
    ("needs", "changed", "code", "english", "korean"),
    [
        (0, True, 0, "297 graded", "297명 채점"),
        (
            1,
            True,
            1,
            "297 graded; 1 needs you, see above",
            "297명 채점. 직접 확인할 것이 1건 있습니다. 위를 보세요",
        ),
        (
            3,
            True,
            1,
            "297 graded; 3 need you, see above",
            "297명 채점. 직접 확인할 것이 3건 있습니다. 위를 보세요",
        ),
        (
            3,
            False,
            2,
            "297 graded; nothing was changed, see above",
            "297명 채점. 바뀐 것은 없습니다. 이유는 위를 보세요",
        ),
    ],
)
def test_last_line_says_what_is_left(needs: int, changed: bool, code: int, english: str, korean: str) -> None:
    """In both languages, with the code that goes with it."""
    for language, line in (("en", english), ("ko", korean)):
        text = io.StringIO()
        console = Terminal(file=text, width=200, language=language)
        assert finish(console, Text(en="297 graded", ko="297명 채점"), needs, changed=changed) == code
        assert text.getvalue() == f"{line}\n"
