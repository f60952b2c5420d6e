"""Into Moodle and out of it by file: names as a real Moodle writes them, a worksheet in two languages, groups."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.cli.main import main
from autograder.course import Course, SubmissionId
from autograder.nbgrader.gradebook import mark_ungraded
from tests.lms.hardnames import (
    ASSIGNMENT,
    FOLDERS,
    MOODLE,
    SCORES,
    STUDENTS,
    TEAMS,
    grade,
    gradebook_scores,
    moodle_zip,
    notebook_of,
    released_course,
    team_zip,
)
from tests.support import cli, clone

READ_AS_MOODLE = """
$rows = [];
$file = fopen($argv[1], "r");
while (($row = fgetcsv($file, 0, ",", '"', "\\\\")) !== false) { $rows[] = $row; }
echo json_encode($rows);
"""
"""PHP's reader of CSV, with which Moodle reads a worksheet, and its backslash that escapes."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course."""
    return released_course(tmp_path_factory.mktemp("released") / "course").root


@pytest.fixture
def course(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A clone of the released course, with a roster from Moodle's own file, in which commands run."""
    course = clone(released, tmp_path)
    monkeypatch.chdir(course.root)
    assert main(["roster", str(MOODLE / "worksheet-en-identity.csv"), "--new-by", "username"]) == 0
    return course


@pytest.fixture(scope="module")
def graded_once(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class collected out of Moodle's zip with its worksheet, and graded."""
    course = clone(released, tmp_path_factory.mktemp("graded"))
    given = moodle_zip(course, course.root / "moodle.zip")
    worksheet = MOODLE / "worksheet-en-identity.csv"
    for arguments in (
        ("roster", str(worksheet), "--new-by", "username"),
        ("collect", str(given), "--assignment", ASSIGNMENT, "--worksheet", str(worksheet)),
    ):
        done = cli(*arguments, cwd=course.root)
        assert done.returncode == 0, done.stdout + done.stderr
    grade(course)
    return course.root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the graded course."""
    root = tmp_path / "graded"
    shutil.copytree(graded_once, root)
    monkeypatch.chdir(root)
    return Course.open(root)


def read_by_php(path: Path) -> list[list[str]]:
    """The rows of a CSV file as PHP reads them."""
    if shutil.which("php") is None:
        pytest.skip("needs PHP, to read as Moodle does")
    done = subprocess.run(
        ["php", "-r", READ_AS_MOODLE, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    rows = json.loads(done.stdout)
    rows[0][0] = rows[0][0].removeprefix("\ufeff")
    return rows


def grades_in(path: Path, *, language: str = "en") -> dict[str, str]:
    """The grades in a worksheet, by participant number."""
    header, *rows = read_by_php(path)
    grade = header.index("Grade" if language == "en" else "성적")
    return {"".join(filter(str.isdigit, row[0])): row[grade] for row in rows}


def owners(course: Course) -> dict[str, str]:
    """Whose each submission is: by its folder, the student who wrote what is in it."""
    written = {
        notebook_of(course, student, language=language): student
        for student in SCORES
        for language in ("en", "ko")
    }
    return {
        path.parent.parent.name: written[path.read_bytes()]
        for path in course.submitted.glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    }


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


NUMBERS = {"6": "s1min", "4": "s2minji", "2": "s3sum", "3": "s4oneil", "1": "s5jorg", "7": "s6same", "9": "s7same",
           "5": "s8path", "8": "s9none"}  # fmt: skip


class TestWhoseIsWhat:
    """A zip of submissions as Moodle gives it."""

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("flat", [False, True], ids=["folders", "no folders"])
    def test_every_hand_in_finds_its_student(
        self, course: Course, tmp_path: Path, language: str, flat: bool
    ) -> None:
        """With the worksheet, whatever Moodle leaves out of a name and in whatever order it writes it."""
        given = moodle_zip(course, tmp_path / "moodle.zip", language=language, flat=flat)
        worksheet = MOODLE / f"worksheet-{language}.csv"
        assert main(["collect", str(given), "--assignment", ASSIGNMENT, "--worksheet", str(worksheet)]) == 0
        assert owners(course) == {student: student for student in FOLDERS[language].values()}

    def test_two_of_one_name_are_nobody_without_the_worksheet(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """They are listed with the near names; all others are found by their names."""
        given = moodle_zip(course, tmp_path / "moodle.zip")
        assert main(["collect", str(given), "--assignment", ASSIGNMENT]) == 1
        assert (
            "'Alex Park' matches several students in the roster: s6same (Alex Park), s7same (Alex Park)"
            in printed(capsys)
        )
        assert owners(course) == {student: student for student in SCORES if not student.endswith("same")}

    def test_without_a_roster_nobody_is_guessed(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Not even where the folder would make an id."""
        (course.root / "roster.csv").unlink()
        given = moodle_zip(course, tmp_path / "moodle.zip")
        assert main(["collect", str(given), "--assignment", ASSIGNMENT]) == 2
        assert (
            "an LMS named it (name 민지 김, moodle_participant 4), and only a roster identifies the student"
            in printed(capsys)
        )
        assert not course.submitted.exists()

    def test_number_of_another_name_is_nobody(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A worksheet of another assignment gives other people the same numbers; the names tell."""
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
            archive.writestr("Pat Nobody_3_assignsubmission_file/x.ipynb", notebook_of(course, "s4oneil"))
        worksheet = MOODLE / "worksheet-en.csv"
        code = main(
            [
                "collect",
                str(tmp_path / "other.zip"),
                "--assignment",
                ASSIGNMENT,
                "--worksheet",
                str(worksheet),
            ]
        )
        assert code == 2
        assert "the worksheet lists participant 3 as \"Pat O'Neil\", not as 'Pat Nobody'" in printed(capsys)
        assert not course.submitted.exists()

    @pytest.mark.parametrize(
        "name",
        [
            "Pat ONeil_3_assignsubmission_file_x.ipynb",
            "Pat ONeil_3_assignsubmission_file/x.ipynb",
            "a_3_1_x.ipynb",
        ],
    )
    def test_students_own_file_name_makes_it_nobody_elses(
        self, course: Course, tmp_path: Path, name: str
    ) -> None:
        """Moodle names the outermost folder; all that lies in it is the student's choice."""
        with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
            folder = "Minji Kim, Min_6_assignsubmission_file"
            archive.writestr(f"{folder}/{name}", notebook_of(course, "s1min"))
            archive.writestr(f"{folder}/notes.txt", b"what I thought")
        worksheet = MOODLE / "worksheet-en.csv"
        given = str(tmp_path / "moodle.zip")
        assert main(["collect", given, "--assignment", ASSIGNMENT, "--worksheet", str(worksheet)]) == 0
        assert owners(course) == {"s1min": "s1min"}

    def test_who_handed_in_no_notebook_is_listed(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A document in the place of a notebook is not passed over in silence."""
        with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
            archive.writestr("Minji Kim, Min_6_assignsubmission_file/answer.pdf", b"%PDF")
        assert main(["collect", str(tmp_path / "moodle.zip"), "--assignment", ASSIGNMENT]) == 2
        assert "answer.pdf: it is not a notebook; ask for the .ipynb file" in printed(capsys)

    def test_folder_of_nobody_is_not_graded(self, course: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """Where there is a roster; the near names are told, and what to mend."""
        for student in ("s1min", "s1mim"):
            path = course.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(notebook_of(course, "s1min"))
        assert main(["grade", "--language", "en"]) == 1
        assert "s1mim arithmetic: no student 's1mim' in the roster; did you mean s1min" in printed(capsys)
        rows = {row[3]: row for row in read_by_php(course.root / "grades.csv")}
        assert rows["s1mim"][-2] == ""
        assert rows["s1min"][-2] == "5.0"

    def test_names_survive_in_the_grades(self, graded: Course) -> None:
        """`grades.csv` has them as the roster does: commas, quotes, Korean letters; a leading = is quoted."""
        assert main(["grade"]) == 0
        rows = {row[3]: row for row in read_by_php(graded.root / "grades.csv")}
        names = {student: row[4] for student, row in rows.items()}
        assert (names["s3sum"], names["s2minji"]) == ("'=SUM(1,2) Lee", "민지 김")  # it is no formula
        assert rows["s1min"][4:6] == ["Minji Kim", '"Min"']
        assert rows["s3sum"][6] == "'=sum@example.test"


class TestGroups:
    """Groups that hand in together."""

    @pytest.fixture
    def collected(self, course: Course, tmp_path: Path) -> Course:
        """A team's zip, collected with its worksheet."""
        given = team_zip(course, tmp_path / "team.zip")
        worksheet = MOODLE / "worksheet-team-en.csv"
        assert main(["collect", str(given), "--assignment", ASSIGNMENT, "--worksheet", str(worksheet)]) == 0
        return course

    def test_every_member_gets_what_the_group_handed_in(self, collected: Course) -> None:
        """Moodle numbers the folders by groups: number 1 is no participant's here."""
        expected = {member: members[0] for members in TEAMS.values() for member in members}
        assert owners(collected) == expected

    def test_every_member_gets_the_score(self, collected: Course) -> None:
        """One hand-in, the same score for all who made it."""
        grade(collected)
        expected = {member: float(SCORES[members[0]]) for members in TEAMS.values() for member in members}
        assert gradebook_scores(collected) == expected

    def test_the_feedback_goes_into_the_groups_own_folders(self, collected: Course, tmp_path: Path) -> None:
        """As they are named in the zip of submissions, and only with it."""
        grade(collected)
        arguments = [
            "export",
            "moodle",
            ASSIGNMENT,
            str(MOODLE / "worksheet-team-en.csv"),
            "--to",
            str(tmp_path),
        ]
        assert main(arguments) == 0
        assert not (tmp_path / "feedback.zip").exists()
        assert main([*arguments, "--submissions", str(tmp_path / "team.zip")]) == 0
        with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
            assert {name.split("/")[0] for name in archive.namelist()} == {
                f"{folder}_assignsubmission_file" for folder in TEAMS
            }


class TestTimes:
    """When they handed in, from the worksheet."""

    def test_nbgrader_finds_the_hour_in_its_own_zone(self, graded: Course) -> None:
        """The worksheet says 10:15 AM in Seoul."""
        path = graded.submitted / "s1min" / ASSIGNMENT / "timestamp.txt"
        assert path.read_text(encoding="utf-8").strip() == "2026-05-08 01:15:00 UTC"

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_late_costs_what_the_policy_says_but_not_within_an_extension(
        self, course: Course, tmp_path: Path, language: str
    ) -> None:
        """Due on the 9th: one is late, one as well but extended to the 12th."""
        with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f'c.CourseSettings.due = {{"{ASSIGNMENT}": "2026-05-08T12:00+09:00"}}\n')
            file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
        course = Course.open(course.root)
        given = moodle_zip(course, tmp_path / "moodle.zip", language=language)
        worksheet = MOODLE / f"worksheet-{language}.csv"
        assert main(["collect", str(given), "--assignment", ASSIGNMENT, "--worksheet", str(worksheet)]) == 0
        grade(course)
        with Gradebook(course.gradebook_url, course.id) as gradebook:
            penalties = {
                one.student.id: one.late_submission_penalty
                for one in gradebook.assignment_submissions(ASSIGNMENT)
            }
        late = {student for student, penalty in penalties.items() if penalty}
        assert late == {"s2minji"}  # and s5jorg, whose score of 0 has nothing to lose
        assert main(["export", "moodle", ASSIGNMENT, str(worksheet), "--to", str(tmp_path)]) == 0
        assert grades_in(tmp_path / "worksheet.csv", language=language)["4"] == "0"

    def test_extension_granted_later_gives_the_points_back(self, course: Course, tmp_path: Path) -> None:
        """A file of ours extends; the next `grade` sees it, though nothing was handed in anew."""
        with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f'c.CourseSettings.due = {{"{ASSIGNMENT}": "2026-05-01T12:00+09:00"}}\n')
            file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
        course = Course.open(course.root)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "s4oneil.ipynb").write_bytes(notebook_of(course, "s4oneil"))
        main(["collect", str(tmp_path / "in"), "--assignment", ASSIGNMENT])
        times = tmp_path / "times.csv"
        times.write_text(
            f"student_id,assignment,handed_in\ns4oneil,{ASSIGNMENT},2026-05-02 09:00\n", encoding="utf-8"
        )
        assert main(["deadlines", str(times)]) == 0
        assert main(["grade"]) == 0
        assert penalty(course, "s4oneil") == 4
        times.write_text(
            f"student_id,assignment,extended_until\npat.oneil@example.test,{ASSIGNMENT},2026-05-03 09:00\n",
            encoding="utf-8",
        )
        assert main(["deadlines", str(times)]) == 0
        assert main(["grade"]) == 0
        assert penalty(course, "s4oneil") in (None, 0)

    @pytest.mark.parametrize(
        ("until", "message"),
        [
            ("2026-05-03", "'2026-05-03' names no hour; expected a time such as 2027-03-31 23:59"),
            ("03/04/2027 23:59", "Invalid isoformat string: '03/04/2027 23:59'"),
            ("tomorrow at noon", "Invalid isoformat string"),
        ],
    )
    def test_time_that_can_be_misread_is_refused(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], until: str, message: str
    ) -> None:
        """In a file of ours; the message has the line."""
        times = tmp_path / "times.csv"
        times.write_text(
            f"student_id,assignment,extended_until\ns1min,{ASSIGNMENT},{until}\n", encoding="utf-8"
        )
        assert main(["deadlines", str(times)]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert "times.csv:2: " in error
        assert message in error


def penalty(course: Course, student: str) -> float | None:
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        return gradebook.find_submission(ASSIGNMENT, student).late_submission_penalty


class TestWorksheet:
    """The worksheet filled, read as Moodle reads it, against the gradebook."""

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_every_score_stands_in_its_row(self, graded: Course, tmp_path: Path, language: str) -> None:
        """Scaled to Moodle's maximum of 25; a bonus beyond it is cut; nothing handed in is 0."""
        worksheet = MOODLE / f"worksheet-{language}.csv"
        assert main(["export", "moodle", ASSIGNMENT, str(worksheet), "--to", str(tmp_path)]) == 0
        scores = gradebook_scores(graded)
        assert scores == SCORES
        expected = {number: min(25, scores.get(student, 0) * 25 / 4) for number, student in NUMBERS.items()}
        found = grades_in(tmp_path / "worksheet.csv", language=language)
        assert {number: float(text) for number, text in found.items()} == pytest.approx(expected, abs=0.005)

    @pytest.mark.parametrize(
        "name", sorted(path.name for path in MOODLE.glob("*.csv") if "team" not in path.name)
    )
    def test_nothing_else_in_it_changes(self, graded: Course, tmp_path: Path, name: str) -> None:
        """Names, addresses, dates: as PHP reads them before and after, in the order they stood."""
        assert main(["export", "moodle", ASSIGNMENT, str(MOODLE / name), "--to", str(tmp_path)]) == 0
        before, after = read_by_php(MOODLE / name), read_by_php(tmp_path / "worksheet.csv")
        assert len(before) == len(after) == 10
        ours = {
            before[0].index(column)
            for column in before[0]
            if column in ("Grade", "성적", "Feedback comments", "피드백 코멘트")
        }
        for row, filled in zip(before, after, strict=True):
            assert [text for place, text in enumerate(row) if place not in ours] == [
                text for place, text in enumerate(filled) if place not in ours
            ]

    def test_rows_cut_scores_and_missing_settings_are_told(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """How many rows, whose bonus was cut, what Moodle should say."""
        main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
        output = printed(capsys)
        assert "scaled: 4 points here are 25 in Moodle" in output
        assert "9 rows filled, 1 with 0 because nothing was submitted" in output
        assert 'cut to Moodle\'s maximum: s1min (Minji Kim, "Min"): 31.25 of 25' in output
        assert "it should say that it updated 9 grades" in output

    def test_output_is_in_the_language_asked_for(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whatever the terminal's locale is."""
        sheet = str(MOODLE / "worksheet-en.csv")
        main(["export", "moodle", ASSIGNMENT, sheet, "--to", str(tmp_path), "--language", "ko"])
        assert "채점표: " in printed(capsys)

    def test_ungraded_submission_is_blank_and_listed(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """All other rows are written, and the command exits with 1."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            mark_ungraded(gradebook, SubmissionId("s3sum", ASSIGNMENT))
        assert (
            main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
            == 1
        )
        assert "not graded, left as it is: s3sum (=SUM(1,2) Lee)" in printed(capsys)
        found = grades_in(tmp_path / "worksheet.csv")
        assert found.pop("2") == ""
        assert "" not in found.values()

    def test_hand_in_that_was_not_collected_is_no_zero(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The worksheet says that there is one."""
        text = (MOODLE / "worksheet-en.csv").read_text(encoding="utf-8-sig")
        lines = [
            line.replace(",Yes,-,-,", ',Yes,"Friday, 8 May 2026, 10:15 AM",-,') if "No Sub" in line else line
            for line in text.splitlines()
        ]
        (tmp_path / "later.csv").write_text("\n".join(lines), encoding="utf-8")
        assert main(["export", "moodle", ASSIGNMENT, str(tmp_path / "later.csv"), "--to", str(tmp_path)]) == 1
        assert "s9none (No Submission): the LMS has a submission that was not collected" in printed(capsys)
        assert grades_in(tmp_path / "worksheet.csv")["8"] == ""

    def test_submission_collected_after_grading_is_no_zero(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Somebody handed in after the class was graded, and nobody ran `grade` again."""
        path = graded.submitted / "s9none" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook_of(graded, "s4oneil"))
        assert (
            main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
            == 1
        )
        assert "not graded, left as it is: s9none (No Submission)" in printed(capsys)
        assert grades_in(tmp_path / "worksheet.csv")["8"] == ""

    def test_nothing_handed_in_can_be_blank(self, graded: Course, tmp_path: Path) -> None:
        """By a setting, in the worksheet and in `grades.csv`."""
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write('c.CourseSettings.not_handed_in = "blank"\n')
        assert (
            main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
            == 0
        )
        assert grades_in(tmp_path / "worksheet.csv")["8"] == ""
        assert main(["grade"]) == 0
        rows = read_by_php(graded.root / "grades.csv")
        assert next(row for row in rows if row[3] == "s9none")[-2:] == ["", "4.0"]

    def test_student_without_a_row_is_listed(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A score that reaches nobody is an error; a row that is nobody's is told with the near names."""
        text = (MOODLE / "worksheet-en.csv").read_text(encoding="utf-8-sig")
        text = text.replace("Pat O'Neil", "Pat O'Neill").replace("pat.oneil@", "pat.oneill@")
        (tmp_path / "other.csv").write_text(text, encoding="utf-8")
        assert main(["export", "moodle", ASSIGNMENT, str(tmp_path / "other.csv"), "--to", str(tmp_path)]) == 1
        output = printed(capsys)
        assert 'no student "pat.oneill@example.test Pat O\'Neill" in the roster' in output
        assert "did you mean s4oneil (Pat O'Neil)" in output
        assert "graded, and not in Moodle's file: s4oneil" in output
        assert grades_in(tmp_path / "worksheet.csv")["3"] == ""

    def test_export_without_a_roster_says_how_to_make_one(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A score of a folder that nothing links to Moodle's people reaches nobody, until there is a roster."""
        (graded.root / graded.settings.roster).unlink()
        text = (MOODLE / "worksheet-en.csv").read_text(encoding="utf-8-sig")
        worksheet = tmp_path / "Grades.csv"
        worksheet.write_text(
            text.replace("Pat O'Neil", "P. O.").replace("pat.oneil@", "p.o@"), encoding="utf-8"
        )
        assert main(["export", "moodle", ASSIGNMENT, str(worksheet), "--to", str(tmp_path)]) == 1
        assert f"`autograder roster {worksheet} --match` makes it from this file" in printed(capsys)

    def test_one_person_under_two_ids_gets_neither_score(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Which of the two hand-ins counts is for the teacher to say."""
        path = graded.submitted / "min.kim@example.test" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook_of(graded, "s5jorg"))
        grade(graded)
        assert (
            main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
            == 1
        )
        assert "match the same student of the roster; keep one of the two submissions" in printed(capsys)
        assert grades_in(tmp_path / "worksheet.csv")["6"] == ""

    def test_locked_row_is_left(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Moodle would skip it without a word."""
        text = (MOODLE / "worksheet-en.csv").read_text(encoding="utf-8-sig")
        lines = [
            line.replace(",25.00,Yes,", ",25.00,No,") if "민지" in line else line
            for line in text.splitlines()
        ]
        (tmp_path / "locked.csv").write_text("\n".join(lines), encoding="utf-8")
        main(["export", "moodle", ASSIGNMENT, str(tmp_path / "locked.csv"), "--to", str(tmp_path)])
        assert "not graded, left as it is: s2minji (민지 김): locked in Moodle" in printed(capsys)
        assert grades_in(tmp_path / "worksheet.csv")["4"] == ""

    def test_comment_names_the_mistake(self, graded: Course, tmp_path: Path) -> None:
        """As HTML, since Moodle keeps it as such."""
        main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
        header, *rows = read_by_php(tmp_path / "worksheet.csv")
        comment = next(row for row in rows if row[0] == "Participant 4")[header.index("Feedback comments")]
        assert "The sum of two numbers: 0 / 2<br>– The numbers were multiplied, not added." in comment

    def test_teachers_comment_is_left_and_ours_is_renewed(
        self, graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Unless it is asked for; Moodle gives comments back without their line breaks."""
        main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
        text = (tmp_path / "worksheet.csv").read_text(encoding="utf-8-sig").replace("<br>", "")
        text = text.replace("0 / 2–", "1 / 2–")
        lines = [
            line.replace(',-,"The', ',-,"Well done! The') if "Participant 9" in line else line
            for line in text.splitlines()
        ]
        (tmp_path / "second.csv").write_text("\n".join(lines), encoding="utf-8")
        printed(capsys)
        main(["export", "moodle", ASSIGNMENT, str(tmp_path / "second.csv"), "--to", str(tmp_path / "again")])
        output = printed(capsys)
        header, *rows = read_by_php(tmp_path / "again" / "worksheet.csv")
        comments = {row[0]: row[header.index("Feedback comments")] for row in rows}
        assert comments["Participant 9"].startswith("Well done! The sum")
        assert "0 / 2<br>– The numbers were multiplied" in comments["Participant 4"]
        assert "1 existing comment was kept (--replace-comments overwrites it)" in output

    def test_file_that_is_no_worksheet_is_refused(
        self, graded: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The message says which columns were expected, and where to download it."""
        assert main(["export", "moodle", ASSIGNMENT, str(graded.root / "roster.csv")]) == 2
        error = capsys.readouterr().err
        assert (
            "no column Identifier / 식별자, Grade / 성적, Last modified (grade) / 마지막 수정됨(성적)"
            in " ".join(error.split())
        )


class TestFeedbackZip:
    """The zip of feedback pages."""

    def test_each_student_has_their_own_page(self, graded: Course, tmp_path: Path) -> None:
        """In a folder whose number is theirs, with a name that Moodle's importer does not stumble over."""
        main(["export", "moodle", ASSIGNMENT, str(MOODLE / "worksheet-en.csv"), "--to", str(tmp_path)])
        with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
            found = {}
            for name in archive.namelist():
                folder, _, file = name.partition("/")
                person, number, *plugin = folder.split("_")
                assert plugin == ["assignsubmission", "file"]
                assert "*" not in person and "?" not in person
                assert file == f"{ASSIGNMENT}-feedback.html"
                found[NUMBERS[number]] = archive.read(name)
        assert found == {
            student: (graded.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_bytes()
            for student in STUDENTS
            if student != "s9none"
        }


def test_scores_that_students_may_not_see_yet_are_not_exported(
    graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For neither LMS is a file written before the date."""
    hidden = f'c.CourseSettings.scores_hidden_until = {{"{ASSIGNMENT}": "2999-03-01T00:00+00:00"}}'
    with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\n{hidden}\n")
    gradebook = tmp_path / "Grades.csv"
    gradebook.write_text(f"Student,ID,Section,{ASSIGNMENT} (1)\nKim Minji,1,a,\n", encoding="utf-8")
    for lms, file in (("moodle", MOODLE / "worksheet-en-identity.csv"), ("canvas", gradebook)):
        assert main(["export", lms, ASSIGNMENT, str(file), "--to", str(tmp_path / lms)]) == 2
        message = f"students see no scores and no feedback of {ASSIGNMENT} before Fri, Mar 1, 2999"
        assert message in capsys.readouterr().err
        assert not (tmp_path / lms).exists()


def test_page_with_another_score_than_the_gradebook_is_not_exported(
    graded: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written; `grade` makes the page anew, and then it is."""
    with Gradebook(graded.gradebook_url, graded.id) as gradebook:
        [submission, *_] = gradebook.assignment_submissions(ASSIGNMENT)
        student = submission.student.id
        [grade_, *_] = submission.notebooks[0].grades
        grade_.manual_score = 0.5
        gradebook.db.commit()
    worksheet = str(MOODLE / "worksheet-en-identity.csv")
    arguments = ["export", "moodle", ASSIGNMENT, worksheet, "--to", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert (
        f"1 feedback page of {ASSIGNMENT} shows other scores or comments than the gradebook: {student}; "
        f"run `autograder grade {ASSIGNMENT}`"
    ) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["grade", ASSIGNMENT]) == 0
    main(arguments)
    assert (tmp_path / "out" / "feedback.zip").exists()
