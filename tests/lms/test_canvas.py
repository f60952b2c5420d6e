"""Into Canvas by the gradebook file that it exported, and feedback through its API."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from nbgrader.api import Gradebook

from autograder.cli.main import main
from autograder.course import Course, SubmissionId
from autograder.nbgrader.gradebook import mark_ungraded
from autograder.roster import RosterEntry, write
from tests.lms.hardnames import ASSIGNMENT, SCORES, grade, gradebook_scores, notebook_of, released_course

READ_AS_CANVAS = (
    'require "csv"; require "json"; puts JSON.generate(CSV.parse(File.read(ARGV[0], encoding: "bom|utf-8")))'
)
"""Ruby's reader of CSV, with which Canvas reads a gradebook."""

NAMES = {
    "s1min": 'Kim, "Min" Minji',
    "s2minji": "김민지",
    "s3sum": '="=SUM(1,2)"',  # as Canvas's exporter writes a name with a leading =
    "s4oneil": "O'Neil, Pat",
    "s5jorg": "Müller; Dr, Jörg",
    "s6same": "Park, Alex",
    "s7same": "Park, Alex",
    "s8path": "X_Y, A/B\\C:D",
    "s9none": "Submission, No",
}
COLUMN = "Arithmetic (20041)"


def exported_gradebook(
    path: Path, *, most: str = "4.00", column: str = COLUMN, cells: dict[str, str] | None = None
) -> Path:
    """A gradebook file with the rows and columns of Canvas's exporter."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "Essay (20040)", column,
             "Essay Current Score", "Final Score"]
        )  # fmt: skip
        writer.writerow(["", "", "", "", "", "", "", "Manual Posting", "", ""])
        writer.writerow(
            ["    Points Possible", "", "", "", "", "", "10.00", most, "(read only)", "(read only)"]
        )
        for number, (student, name) in enumerate(NAMES.items()):
            cell = (cells or {}).get(student, "")
            writer.writerow(
                [name, 900 + number, f"n-{student}", student, "A, B", "", "7.50", cell, "75.0", "75.0"]
            )
        writer.writerow(["Student, Test", "999", "", "f1f0", "A, B", "", "", "", "", ""])
    return path


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class with hard names, its roster, and what it deserves in the gradebook."""
    course = released_course(tmp_path_factory.mktemp("canvas") / "course")
    people = [
        RosterEntry(student, name.removeprefix('="').rstrip('"'), f"n-{student}")
        for student, name in NAMES.items()
    ]
    write(course.root / "roster.csv", people)
    for student in SCORES:
        path = course.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook_of(course, student))
    grade(course)
    return course.root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the graded course, in which commands run."""
    root = tmp_path / "graded"
    shutil.copytree(graded_once, root)
    monkeypatch.chdir(root)
    return Course.open(root)


def read_by_ruby(path: Path) -> list[list[str | None]]:
    """The rows of a CSV file as Ruby reads them."""
    if shutil.which("ruby") is None:
        pytest.skip("needs Ruby, to read as Canvas does")
    command = ["ruby", "-e", READ_AS_CANVAS, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def grades_in(path: Path) -> dict[str, str | None]:
    """What stands in the column of the assignment, by login."""
    header, _, _, *rows = read_by_ruby(path)
    return {str(row[3]): row[header.index(COLUMN)] for row in rows}


class TestGradebook:
    """One column filled, read as Canvas reads it, against nbgrader's gradebook."""

    def test_every_score_stands_in_its_row(self, graded: Course, tmp_path: Path) -> None:
        """A bonus beyond the points possible is cut; who handed in nothing has 0; the test student has nothing."""
        given = exported_gradebook(tmp_path / "given.csv")
        assert main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")]) == 0
        found = grades_in(tmp_path / "filled.csv")
        assert gradebook_scores(graded) == SCORES
        assert found.pop("f1f0") is None
        assert {student: float(text or "nan") for student, text in found.items()} == {
            student: min(4.0, SCORES.get(student, 0)) for student in NAMES
        }

    def test_nothing_else_in_it_changes(self, graded: Course, tmp_path: Path) -> None:
        """Names with commas, quotes, Korean letters and a leading =, other assignments, read-only columns."""
        given = exported_gradebook(tmp_path / "given.csv")
        main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")])
        before, after = read_by_ruby(given), read_by_ruby(tmp_path / "filled.csv")
        place = before[0].index(COLUMN)
        for rows in (before, after):
            for row in rows[3:]:
                del row[place]
        assert after == before

    def test_bonus_is_kept_where_it_is_asked_for(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And never passes unnoticed where it is not."""
        given = exported_gradebook(tmp_path / "given.csv")
        arguments = ["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")]
        main(arguments)
        assert 'cut to Canvas\'s maximum: s1min (Kim, "Min" Minji): 5 of 4' in capsys.readouterr().out
        main([*arguments, "--keep-bonus"])
        assert grades_in(tmp_path / "filled.csv")["s1min"] == "5"

    @pytest.mark.parametrize(
        ("most", "expected"), [("10.00", "7.5"), ("10,00", "7.5"), ("1.000,00", "750"), ("", "3")]
    )
    def test_scores_are_scaled_to_the_points_possible(
        self, graded: Course, tmp_path: Path, most: str, expected: str
    ) -> None:
        """However Canvas writes them; written with a plain point. Without them our own points stand."""
        given = exported_gradebook(tmp_path / "given.csv", most=most)
        main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")])
        assert grades_in(tmp_path / "filled.csv")["s6same"] == expected

    def test_ungraded_submission_is_blank_and_listed(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """All other rows are written, and the command exits with 1."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            mark_ungraded(gradebook, SubmissionId("s2minji", ASSIGNMENT))
        given = exported_gradebook(tmp_path / "given.csv")
        assert main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")]) == 1
        assert "not graded, left as it is: s2minji (김민지)" in capsys.readouterr().out
        found = grades_in(tmp_path / "filled.csv")
        assert not found["s2minji"]
        assert sum(bool(text) for text in found.values()) == 8

    def test_entries_of_a_teacher_stay_for_those_who_handed_in_nothing(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An oral exam's points, or an excuse."""
        given = exported_gradebook(tmp_path / "given.csv", cells={"s9none": "EX", "s8path": "-"})
        main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")])
        found = grades_in(tmp_path / "filled.csv")
        assert (found["s9none"], found["s8path"]) == ("EX", "4")
        assert "left as it is: s9none (Submission, No): excused in Canvas" in capsys.readouterr().out

    def test_assignment_of_another_title_is_asked_for(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A new title would make a new assignment in Canvas: the command lists those there are."""
        given = exported_gradebook(tmp_path / "given.csv", column="Week 3 (20041)")
        assert main(["export", "canvas", ASSIGNMENT, str(given)]) == 2
        assert "name one with --column: Essay (20040), Week 3 (20041)" in " ".join(
            capsys.readouterr().err.split()
        )
        code = main(
            [
                "export",
                "canvas",
                ASSIGNMENT,
                str(given),
                "--column",
                "Week 3",
                "--to",
                str(tmp_path / "filled.csv"),
            ]
        )
        assert code == 0
        assert [row[7] for row in read_by_ruby(tmp_path / "filled.csv")][3] == "4"

    def test_two_of_one_name_without_an_id_are_nobody(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Their scores are listed as not delivered."""
        given = exported_gradebook(tmp_path / "given.csv")
        text = re.sub(r"90[56],n-s[67]same,s[67]same", "905,,", given.read_text(encoding="utf-8"))
        given.write_text(text, encoding="utf-8")
        assert main(["export", "canvas", ASSIGNMENT, str(given), "--to", str(tmp_path / "filled.csv")]) == 1
        output = capsys.readouterr().out
        assert "'905 Park, Alex' matches several students in the roster" in output
        assert "graded, and not in Canvas's file: s6same" in output

    def test_zip_of_submissions_is_collected_by_canvas_ids(self, graded: Course, tmp_path: Path) -> None:
        """As Canvas names files: the sortable name in small letters, LATE, its number of the user, of the file."""
        given = exported_gradebook(tmp_path / "given.csv")
        assert main(["roster", str(given), "--new-by", "username"]) == 0
        assert "Test" not in (graded.root / "roster.csv").read_text(encoding="utf-8")
        shutil.rmtree(graded.submitted)
        (tmp_path / "in").mkdir()
        for name, student in (
            ("kimminminji_900_5501_x.ipynb", "s1min"),
            ("parkalex_LATE_906_5502_Copy of x (1).ipynb", "s7same"),
        ):
            (tmp_path / "in" / name).write_bytes(notebook_of(graded, student))
        assert main(["collect", str(tmp_path / "in")]) == 0
        for student in ("s1min", "s7same"):
            path = graded.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            assert path.read_bytes() == notebook_of(graded, student)


@dataclass
class Api:
    """What a Canvas was told through its API."""

    comments: list[tuple[str, str]] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict)
    unauthorised: int = 0
    refuses: set[str] = field(default_factory=set)


SUBMISSION = re.compile(r"/api/v1/courses/77/assignments/20041/submissions/(\d+)(/comments/files)?$")


def handler_of(api: Api) -> type[BaseHTTPRequestHandler]:
    """Canvas's API, as far as feedback uses it: as its documentation describes it."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body: Any, code: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def user(self) -> str:
            found = SUBMISSION.match(self.path.split("?")[0])
            return found[1] if found else ""

        def do_GET(self) -> None:
            if self.headers.get("Authorization") != "Bearer secret":
                api.unauthorised += 1
                self.answer({"errors": [{"message": "Invalid access token."}]}, 401)
            elif self.path.startswith("/api/v1/courses/77/assignments/20041/submissions"):
                refused = self.user() in api.refuses
                self.answer({"message": "no"} if refused else
                            {"user_id": int(self.user()), "assignment_id": 20041}, 404 if refused else 200)  # fmt: skip
            elif "assignments" in self.path:
                self.answer({"id": 20041, "course_id": 77})
            else:
                self.answer({"id": 77})

        def do_POST(self) -> None:
            body = self.body()
            if self.path.startswith("/api"):
                where = f"http://{self.headers['Host']}/upload/{self.user()}"
                self.answer({"upload_url": where, "upload_params": {"key": "k"}})
            else:
                number = f"5{self.path.rsplit('/', 1)[1]}"
                api.pages[number] = body
                self.answer({"id": int(number), "url": "http://x"})

        def do_PUT(self) -> None:
            fields = parse_qs(self.body().decode())
            for name, values in fields.items():
                api.comments.append((self.user(), f"{name}={values[0]}"))
            self.answer({"user_id": int(self.user()), "assignment_id": 20041})

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server on loopback that answers as Canvas's documentation says."""
    api = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(api))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("CANVAS_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("CANVAS_API_TOKEN", "secret")
    yield api
    server.shutdown()
    server.server_close()
    thread.join(10)


# the library warns of a plain http address, which the loopback is
@pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly when making requests to HTTP")
class TestFeedback:
    """Comments on submissions, through the library that speaks Canvas's API."""

    def test_each_graded_student_gets_words_and_page_once(
        self, graded: Course, tmp_path: Path, canvas: Api
    ) -> None:
        """A second run sends nothing; nobody who handed in nothing is written to."""
        given = exported_gradebook(tmp_path / "given.csv")
        arguments = [
            "export",
            "canvas",
            ASSIGNMENT,
            str(given),
            "--to",
            str(tmp_path / "f.csv"),
            "--feedback",
            "77",
        ]
        assert main(arguments) == 0
        texts = {user: text for user, text in canvas.comments if text.startswith("comment[text_comment]=")}
        assert sorted(texts) == [
            str(900 + number) for number, student in enumerate(NAMES) if student in SCORES
        ]
        assert "The numbers were multiplied, not added." in texts["901"]
        page = (graded.root / "feedback" / "s2minji" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_bytes()
        assert page in canvas.pages["5901"]
        assert ("901", "comment[file_ids][]=5901") in canvas.comments
        sent = len(canvas.comments)
        assert main(arguments) == 0
        assert len(canvas.comments) == sent

    def test_one_refusal_keeps_nobody_else_from_theirs(
        self, graded: Course, tmp_path: Path, canvas: Api, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is listed, and sent when the command is run again."""
        canvas.refuses.add("901")
        given = exported_gradebook(tmp_path / "given.csv")
        arguments = [
            "export",
            "canvas",
            ASSIGNMENT,
            str(given),
            "--to",
            str(tmp_path / "f.csv"),
            "--feedback",
            "77",
        ]
        assert main(arguments) == 1
        assert "feedback not sent: s2minji: ResourceDoesNotExist" in capsys.readouterr().out
        assert {user for user, _ in canvas.comments} == {f"90{n}" for n in (0, 2, 3, 4, 5, 6, 7)}
        canvas.refuses.clear()
        canvas.comments.clear()
        assert main(arguments) == 0
        assert {user for user, _ in canvas.comments} == {"901"}

    def test_without_a_token_it_says_what_it_needs(
        self,
        graded: Course,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The file is written all the same."""
        monkeypatch.delenv("CANVAS_API_TOKEN", raising=False)
        given = exported_gradebook(tmp_path / "given.csv")
        arguments = [
            "export",
            "canvas",
            ASSIGNMENT,
            str(given),
            "--to",
            str(tmp_path / "f.csv"),
            "--feedback",
            "77",
        ]
        assert main(arguments) == 2
        assert "--feedback needs CANVAS_API_URL and CANVAS_API_TOKEN" in capsys.readouterr().err
        assert not (tmp_path / "f.csv").exists()
