"""One student's data: shown, exported, forgotten, and nobody else's."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.cli.main import main
from autograder.course import Course
from autograder.nbgrader.grades_csv import write_grades_files
from autograder.roster import Group, Roster, RosterEntry, write, write_groups
from autograder.web.db import job_queue, outbox
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    ClassRegrade,
    Extension,
    FinalGrade,
    GradingJob,
    KeptCases,
    Launch,
    Membership,
    Override,
    Person,
    Platform,
    RegradedAttempt,
    RegradeRequest,
    ResourceLink,
    StaffMessage,
    now,
)
from autograder.web.db.types import Table
from autograder.web.settings import folder_of
from autograder.web.worker_lock import worker_lock
from tests.support import copy_course
from tests.web import database_rows
from tests.web.conftest import Cluster

MINJI = ("김민지", "minji@example.org", "subject-of-minji", "minji_k", "WRITTEN-BY-MINJI")
JOERG = ("Müller, Jörg", "joerg@example.org", "subject-of-joerg", "joerg_m", "WRITTEN-BY-JOERG")
TEACHER = "Who Teaches"


def enrol(session: Session, link: int, who: tuple[str, str, str, str, str]) -> None:
    """Somebody with a row in every table."""
    name, email, subject, student_id, words = who
    activity = session.get_one(ResourceLink, link)
    person = Person(
        platform_id=activity.context.platform_id, subject=subject, name=name, email=email, student_id=student_id,
        pseudonym=f"p-{student_id[:3]}",
    )  # fmt: skip
    session.add(person)
    session.flush()
    attempt = Attempt(
        course_link_id=link, person_id=person.id, sha256="0" * 64, path=f"1/{student_id}-1/hand-in.ipynb",
        file_name=f"{name}.ipynb", report={"edition": "ko", "claim": [student_id, True], "questions": []},
    )  # fmt: skip
    regrade = ClassRegrade(
        course_link_id=link, assignment="shapes", questions="", state="applied", made_by=TEACHER
    )
    session.add_all([attempt, regrade])
    session.flush()
    keys = {"course_link_id": link, "person_id": person.id}
    launch = {"platform_id": person.platform_id, "expires_at": now() + timedelta(hours=1)}
    for row in (
        Membership(person_id=person.id, context_id=activity.context_id, role="student"),
        Extension(**keys, made_by=TEACHER),
        Override(**keys, cell="lstm-check", points=1, reason=f"asked by {name}", made_by=TEACHER),
        FinalGrade(**keys, attempt_id=attempt.id, score=1.0, maximum=2.0),
        StaffMessage(**keys, words=f"come and see me, {name}", made_by=TEACHER),
        RegradeRequest(attempt_id=attempt.id, question="lstm", check="", words=words),
        RegradedAttempt(regrade_id=regrade.id, attempt_id=attempt.id),
        KeptCases(attempt_id=attempt.id, question="lstm", cases={"checks": f"HIDDEN-INPUT {words}"}),
        Launch(
            **launch, token=f"SECRET-{student_id}", state=f"s-{student_id}", nonce=f"n-{student_id}",
            claims={"person": person.id, "role": "student", "language": "ko"},
        ),
    ):  # fmt: skip
        session.add(row)
    job_queue.enqueue(session, attempt.id)
    outbox.announce(session, link, person.id, score=1, maximum=2, comment=f"for {name}")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which two students handed in: files, gradebook, roster, a group."""
    course = Course.open(copy_course(tmp_path_factory.mktemp("template") / "course", "shapes"))
    people = [
        RosterEntry(student_id, name, email=email, lti_subject=subject)
        for name, email, subject, student_id, _ in (MINJI, JOERG)
    ]
    write(course.root / "roster.csv", people)
    write_groups(course, "shapes", [Group("team", (MINJI[3], JOERG[3]))])
    for name, _, _, student_id, words in (MINJI, JOERG):
        files = folder_of(course) / "files" / "1" / f"{student_id}-1"
        for folder, file in (
            (files, "hand-in.ipynb"), (files, "feedback.html"), (files, "graded.ipynb"),
            (course.submitted / student_id / "shapes", "shapes.ipynb"),
            (course.root / "autograded" / student_id / "shapes", "shapes.ipynb"),
            (course.root / "feedback" / student_id / "shapes", "shapes.html"),
        ):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
            hidden = file == "graded.ipynb" or "autograded" in folder.parts
            (folder / file).write_text(f"{name} {words}{' HIDDEN-TEST' if hidden else ''}", encoding="utf-8")
    course.reports.mkdir()
    (course.reports / "shapes.json").write_text(MINJI[0], encoding="utf-8")
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_assignment("shapes")
        for name, email, _, student_id, _ in (MINJI, JOERG):
            gradebook.add_student(student_id, first_name="", last_name=name, email=email)
            with gradebook.db.no_autoflush:
                gradebook.add_submission("shapes", student_id)
    write_grades_files(course)
    return course.root


@pytest.fixture
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: SQLite, where a test does not ask for both kinds."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/web.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new()


ON_BOTH = pytest.mark.parametrize(
    "where", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True
)


@pytest.fixture
def course(template: Path, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course of the template with its rows."""
    root = tmp_path / "course"
    shutil.copytree(template, root)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\nc.WebSettings.database = {where!r}\n")
    database = Database.open(where)
    with database.write() as session:
        link = database_rows.course_link(session, database_rows.platform(session), "shapes")
        for one in (MINJI, JOERG):
            enrol(session, link, one)
    database.close()
    monkeypatch.chdir(root)
    return Course.open(root)


@pytest.fixture
def store(course: Course, where: str) -> Iterator[Database]:
    """The database as another process holds it, as `serve` and a worker do."""
    opened = Database.open(where)
    with opened.read() as session:
        session.scalars(select(Person)).all()
    yield opened
    opened.close()


def everything(course: Course, store: Database, *, raw: bool = True) -> str:
    """All that is kept anywhere: every row of every table, every file with its path.

    raw: also the files of databases, where deleted rows may leave traces. The file that commands lock is left out.
    """
    with store.read() as session:
        kept = [
            repr(tuple(row))
            for table in Table.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
    around = course.root.parent  # the database of the web tool lies beside the course
    files = [
        f"{path.relative_to(around)} {path.read_bytes().decode(errors='replace')}"
        for path in sorted(around.rglob("*"))
        if path.is_file() and path.name != "command.lock" and (raw or ".db" not in path.name)
    ]
    return "\n".join([*kept, *files])


@pytest.mark.parametrize("query", MINJI[1:4])
def test_it_shows_what_it_would_delete(
    course: Course, store: Database, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    """By address, LMS subject or id the student is found, and without --yes nothing goes."""
    before = everything(course, store, raw=False)
    assert main(["erase-student", query]) == 1
    words = capsys.readouterr().out
    assert "found: minji_k at https://lms.example (in logs: p-min)" in words
    assert "1 row of attempt\n" in words
    assert "1 row of launch\n" in words
    assert "1 row of kept_cases\n" in words
    assert str(course.root / "feedback" / "minji_k") in words
    assert "the student and all scores in the gradebook\n" in words
    assert "the line in roster.csv\n" in words
    assert "the place in a group of shapes\n" in words
    assert "nothing is deleted yet: run it again with --yes" in words
    assert everything(course, store, raw=False) == before


@ON_BOTH
def test_nothing_of_a_forgotten_student_is_left(
    course: Course, store: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither rows nor files, nor traces in a database's file, hold name, address, subject, id or words."""
    assert all(one in everything(course, store) for one in (*MINJI, *JOERG))
    assert main(["erase-student", MINJI[1], "--yes"]) == 0
    assert "deleted. What the LMS holds, backups" in capsys.readouterr().out
    left = everything(course, store)
    assert [one for one in MINJI if one in left] == []
    assert main(["erase-student", MINJI[1]]) == 2
    assert "no student 'minji@example.org'" in capsys.readouterr().err


def test_records_of_regrades_forget_one_student_alone(course: Course, store: Database) -> None:
    """What was given out, who moved, and the files that a regrade has replaced."""
    with store.read() as session:
        student = session.scalars(select(Person.student_id).where(Person.email == MINJI[1])).one()
    folder = course.root / "regrades"
    folder.mkdir()
    record = {"shapes": {str(student): "2027-03-01", "another": "2027-03-01"}}
    (folder / "given_out.json").write_text(json.dumps(record), encoding="utf-8")
    change = {"assignment": "shapes", "question": "q", "before": 1, "after": 2, "why": {}}
    changes = [change | {"student": name} for name in (student, "another")]
    log = {
        "number": 1, "at": "", "account": "", "because": "", "question": "", "keep_better": False, "reasons": [],
        "versions": {}, "changes": changes, "undone": None,
    }  # fmt: skip
    (folder / "001.json").write_text(json.dumps(log), encoding="utf-8")
    states = course.root / "build" / "regrades" / "001"
    states.mkdir(parents=True)
    (states / "page.html").write_text(str(student), encoding="utf-8")
    assert main(["erase-student", MINJI[1], "--yes"]) == 0
    left = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.json"))
    assert str(student) not in left
    assert left.count("another") == 2
    assert not states.exists()


@ON_BOTH
def test_others_keep_everything(course: Course, store: Database, tmp_path: Path) -> None:
    """Whoever is forgotten, another student's rows and files stay as they are."""
    assert main(["export-student-data", JOERG[3], "--to", str(tmp_path / "before.zip")]) == 0
    assert main(["erase-student", MINJI[3], "--yes"]) == 0
    assert main(["export-student-data", JOERG[3], "--to", str(tmp_path / "after.zip")]) == 0
    before, after = (contents(tmp_path / name) for name in ("before.zip", "after.zip"))
    before.pop("README.txt"), after.pop("README.txt")  # it tells when it was made
    assert after == before
    assert [one.student_id for one in Roster.of(course).people] == ["joerg_m"]


@ON_BOTH
def test_who_is_being_graded_is_not_forgotten_yet(
    course: Course, store: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a worker has a hand-in, which it would write down anew, nothing is deleted; once it has ended, all."""
    with store.write() as session:
        for job in session.scalars(select(GradingJob)):
            job.state = "leased"
    with worker_lock(course) as acquired:
        assert acquired
        before = everything(course, store, raw=False)
        assert main(["erase-student", MINJI[3], "--yes"]) == 2
    assert "is being graded; nothing was deleted. Try again in a minute" in capsys.readouterr().err
    assert everything(course, store, raw=False) == before
    assert main(["erase-student", MINJI[3], "--yes"]) == 0


def test_ambiguous_subjects_are_refused(
    course: Course, store: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A subject that two LMSs use is refused, with those whom it fits; what stands for one in logs tells them apart."""
    with store.write() as session:
        elsewhere = database_rows.platform(session)
        session.add(Person(platform=elsewhere, subject=MINJI[2], name="N. N.", pseudonym="p-other"))
    for command in (
        ["erase-student", MINJI[2], "--yes"],
        ["export-student-data", MINJI[2], "--to", str(tmp_path / "x.zip")],
    ):
        assert main(command) == 2
        errors = capsys.readouterr().err
        assert (
            "'subject-of-minji' matches 2 people: minji_k at https://lms.example (in logs: p-min); without"
            in errors
        )
        assert "(in logs: p-other)" in errors
    assert not (tmp_path / "x.zip").exists()
    assert main(["erase-student", "p-other", "--yes"]) == 0
    with store.read() as session:
        assert [one.student_id for one in session.scalars(select(Person))] == ["minji_k", "joerg_m"]


def test_wrong_id_gets_the_near_ones(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is nobody is told who is near."""
    assert main(["erase-student", "minji_kk"]) == 2
    assert "no student 'minji_kk'; did you mean minji_k?" in capsys.readouterr().err


def test_id_that_only_folders_have_is_found(
    course: Course, store: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who handed in by file and never came from an LMS can be forgotten too; a path is no id."""
    (course.submitted / "old_one" / "shapes").mkdir(parents=True)
    assert main(["erase-student", "old_one", "--yes"]) == 0
    assert not (course.submitted / "old_one").exists()
    capsys.readouterr()
    assert main(["erase-student", "../source", "--yes"]) == 2
    assert "no student '../source'" in capsys.readouterr().err
    assert (course.root / "source").is_dir()


def test_folder_that_the_configuration_renames_is_erased_too(course: Course) -> None:
    """Graded notebooks may lie elsewhere than in `autograded`."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.CourseDirectory.autograded_directory = "marked"\n')
    graded = course.root / "marked" / "old_one"
    graded.mkdir(parents=True)
    assert main(["erase-student", "old_one", "--yes"]) == 0
    assert not graded.exists()


def test_path_that_leads_elsewhere_is_left(course: Course, store: Database) -> None:
    """A row whose path leads out of the folder of hand-ins deletes nothing there."""
    with store.write() as session:
        for attempt in session.scalars(select(Attempt)):
            attempt.path = "../../source/hand-in.ipynb"
    assert main(["erase-student", MINJI[3], "--yes"]) == 0
    assert (course.root / "source" / "shapes" / "shapes.ipynb").is_file()


@ON_BOTH
def test_who_taught_stays_as_a_pseudonym(course: Course, store: Database) -> None:
    """A forgotten teacher's name is nowhere, and what they gave to students stays."""
    with store.write() as session:
        platform = session.scalars(select(Platform)).one()
        link = session.scalars(select(ResourceLink)).one()
        teacher = Person(platform=platform, subject="subject-of-teacher", name=TEACHER, pseudonym="p-teach")
        session.add(teacher)
        session.flush()
        session.add(Membership(person_id=teacher.id, context_id=link.context_id, role="teacher"))
        for look in session.scalars(select(RegradeRequest)):
            look.answer, look.answered_by = "Yes.", TEACHER
    assert TEACHER in everything(course, store)
    assert main(["erase-student", "subject-of-teacher", "--yes"]) == 0
    assert TEACHER not in everything(course, store)
    with store.read() as session:
        assert {one.made_by for one in session.scalars(select(Override))} == {"p-teach"}
        assert {one.answered_by for one in session.scalars(select(RegradeRequest))} == {"p-teach"}


def contents(path: Path) -> dict[str, str]:
    """The files of a zip by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@ON_BOTH
def test_export_holds_all_of_one_and_nothing_of_another(
    course: Course, store: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every table's rows, files and gradebook of one student; nobody else's, no secret, no hidden test or input."""
    target = tmp_path / "out" / "minji.zip"
    assert main(["export-student-data", MINJI[1], "--to", str(target)]) == 0
    assert f"wrote {target}: everything that is kept of minji_k" in capsys.readouterr().out
    assert target.stat().st_mode & 0o077 == 0
    found = contents(target)
    data = json.loads(found["data.json"])
    about = {table for table, kept in data.items() if kept}
    nobodys, for_staff = {"platform", "tool_key", "context", "resource_link", "class_regrade"}, {"kept_cases"}
    assert about == Table.metadata.tables.keys() - nobodys - for_staff | {"activity", "gradebook", "roster"}
    assert not for_staff & data.keys()
    assert data["person"][0]["email"] == "minji@example.org"
    assert data["person"][0]["lms"] == "https://lms.example"
    assert data["override"][0]["reason"] == "asked by 김민지"
    assert data["regrade_request"][0]["words"] == "WRITTEN-BY-MINJI"
    assert data["gradebook"]["submissions"][0]["assignment"] == "shapes"
    attempt = data["attempt"][0]["id"]
    assert set(found) == {
        "README.txt", "data.json", f"hand-ins/{attempt}/hand-in.ipynb", f"hand-ins/{attempt}/feedback.html",
        "course/submitted/shapes/shapes.ipynb", "course/feedback/shapes/shapes.html",
    }  # fmt: skip
    assert "김민지" in found["README.txt"]
    assert "This file was made on" in found["README.txt"]
    whole = "\n".join(found.values())
    assert [one for one in (*JOERG, "SECRET", "HIDDEN-INPUT", "HIDDEN-TEST") if one in whole] == []
    assert main(["export-student-data", MINJI[1], "--to", str(target)]) == 2
    assert "already exists; choose another file" in capsys.readouterr().err
