"""A course of one's own: from an example, and from an earlier term."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import new_course as making
from autograder.authoring.term_archive import pack
from autograder.cli.exit_codes import UNCHANGED
from autograder.course import Course
from autograder.errors import CourseError
from autograder.permissions import PRIVATE
from autograder.questions.variants import own_numbers
from tests.support import cli, command

pytestmark = pytest.mark.long
KOREAN = re.compile("[가-힣]")


def texts_below(root: Path) -> dict[str, str]:
    """Return the text of each file below a folder, by relative path."""
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course that `autograder init` makes in English."""
    root = tmp_path_factory.mktemp("new") / "my_course"
    done = cli("init", str(root), "--language", "en", cwd=root.parent)
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.full
class TestOnABareMachine:
    """With the installed command and an empty folder: what a stranger types."""

    def course(self, folder: Path, *words: str) -> tuple[Path, str]:
        """Make a course, build it, grade its class and verify it; return the course and all that was printed."""
        root = folder / "course"
        printed = ""
        for place, *line in (
            (folder, "init", "course", *words),
            (root, "build"),
            (root, "demo", "--language", "en"),
            (root, "verify"),
        ):
            done = command("autograder", *line, cwd=place)
            assert done.returncode == 0, done.stdout + done.stderr
            printed += done.stdout
        return root, printed

    def test_course_in_one_language_grades_at_once(self, tmp_path: Path) -> None:
        """In a language without translations, too: English stands in, and no third language shows anywhere."""
        root, printed = self.course(tmp_path, "--language", "de")
        assert "every score and diagnosis of the 8 students is what the class deserves" in printed
        assert "release/ is current and every law holds" in printed
        assert "1 assignment, 2 questions, 3 points, 1 manually graded cell (2 points), in de" in printed
        assert [path.name for path in (root / "release").iterdir()] == ["de"]
        shown = [
            path
            for path in root.rglob("*")
            if path.suffix in (".ipynb", ".html", ".md", ".py", ".csv", ".key")
            and "autograded" not in path.parts  # it holds reports as data, in every language of the interface
        ]
        assert {"release", "feedback", "reports"} <= {part for path in shown for part in path.parts}
        assert [path for path in shown if KOREAN.search(path.read_text(encoding="utf-8"))] == []

    def test_the_example_on_convolutions_holds(self, tmp_path: Path) -> None:
        """Its questions are proved, and its class of students gets what it deserves."""
        _root, printed = self.course(tmp_path, "--example", "convolutions", "--language", "en")
        assert "students is what the class deserves" in printed
        assert "2 assignments, 5 questions, 15 points, 1 manually graded cell (3 points), in en" in printed


class TestStarter:
    """What is in a new course."""

    def test_it_has_three_kinds_of_questions(self, starter: Path) -> None:
        """A function, a number with a pool, and an essay."""
        course = Course.open(starter)
        questions = {question.id: question for question in course.assignment("week1").questions}
        assert not questions["seconds"].is_number
        assert len(questions["trip"].student_variants) == 40
        source = nbformat.read(course.assignment("week1").source, as_version=4)
        assert "essay" in [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in source.cells]

    def test_its_settings_are_its_own_alone(self, starter: Path) -> None:
        """A short file: the hooks of nbgrader are the package's."""
        config = (starter / "nbgrader_config.py").read_text(encoding="utf-8")
        assert 'configure(c, course_id="my_course", languages=["en"])' in config
        assert len(config.splitlines()) <= 15
        Course.open(starter).check_settings()

    def test_its_gitignore_keeps_students_out(self, starter: Path) -> None:
        """What is private, but the sources, which a private repository is for; and the secret of the hidden inputs."""
        ignored = (starter / ".gitignore").read_text(encoding="utf-8").splitlines()
        listed = {line.strip("/*") for line in ignored}
        assert set(PRIVATE) - {"source", "solutions"} <= listed
        assert "hidden_inputs.key" in listed

    def test_nothing_is_in_another_language(self, starter: Path, tmp_path: Path) -> None:
        """An English course has no Korean, and a Korean one tells its assistants in Korean."""
        assert [name for name, text in texts_below(starter).items() if KOREAN.search(text)] == []
        cli("init", "korean", "--language", "ko", cwd=tmp_path)
        texts = texts_below(tmp_path / "korean")
        assert "조교를 위한 안내" in texts["README.md"]
        assert 'title=Text(ko="시간을 초로")' in texts["solutions/week1/seconds.py"]
        assert [name for name, text in texts.items() if "en=" in text or '"lang": "en"' in text] == []

    def test_it_says_what_to_do_next(self, tmp_path: Path) -> None:
        """Commands to copy."""
        done = cli("init", "my course", cwd=tmp_path)
        for line in (
            "cd 'my course'",
            "autograder build",
            "autograder demo",
            "autograder new week1 my_question",
        ):
            assert f"  {line}  " in done.stdout

    def test_files_are_never_overwritten(self, tmp_path: Path) -> None:
        """The first ones that are in the way are named, and nothing is written."""
        (tmp_path / "README.md").write_text("mine", encoding="utf-8")
        done = cli("init", ".", cwd=tmp_path)
        assert done.returncode == 2
        assert "README.md already exists, and nothing was written" in " ".join(done.stderr.split())
        assert texts_below(tmp_path) == {"README.md": "mine"}

    def test_unknown_example_is_told(self, tmp_path: Path) -> None:
        """With the one that may be meant."""
        done = cli("init", "c", "--example", "convolution", cwd=tmp_path)
        assert "no example 'convolution'; did you mean convolutions?" in done.stderr

    def test_texts_are_in_the_languages_of_the_course(self) -> None:
        """Each in its own where the example has it, else in English; tags that are no names are spelled out."""
        source = 'title = Text(ko="하나", en="one")\n'
        assert making.texts_in(source, ["en"]) == 'title = Text(en="one")\n'
        assert making.texts_in(source, ["ko", "de"]) == 'title = Text(ko="하나", de="one")\n'
        assert making.texts_in(source, ["pt-BR"]) == 'title = Text(**{"pt-BR": "one"})\n'


@pytest.fixture
def finished(starter: Path, tmp_path: Path) -> Course:
    """A course at the end of a term: dates, a submission, grades and a secret."""
    root = tmp_path / "spring"
    shutil.copytree(starter, root)
    for name, text in {
        "submitted/kim/week1/week1.ipynb": "{}",
        "feedback/kim/week1/week1.html": "kim",
        "grades.csv": "student_id\nkim\n",
        "roster.csv": "student_id\nkim\n",
        "hidden_inputs.key": "course: 00\n",
        "build/proofs.json": "{}",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        gradebook.execute("CREATE TABLE kim (score REAL)")
    gradebook.close()
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.CourseSettings.due = {\n    "week1": "2027-03-31T23:59+09:00"\n}\n')
        file.write('c.CourseSettings.closes = {"week1": "2027-04-03T23:59+09:00"}\n')
        file.write('c.CourseSettings.scores_hidden_until = {"week1": "2027-04-03T23:59+09:00"}\n')
        file.write('c.CourseSettings.feedback = {"week1": "score"}\n')
    return Course.open(root)


class TestArchive:
    """A finished term in one file."""

    def test_it_holds_the_term(self, finished: Course, tmp_path: Path) -> None:
        """Work, grades, feedback, versions; readable by its owner alone, with a checksum beside it and of each file."""
        packed = pack(finished, tmp_path / "spring.zip")
        assert packed.students == 1
        for path in (packed.path, tmp_path / "spring.zip.sha256"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (tmp_path / "spring.zip.sha256").read_text(
            encoding="utf-8"
        ) == f"{packed.sha256}  spring.zip\n"
        with zipfile.ZipFile(packed.path) as file:
            names = file.namelist()
            sums = file.read("SHA256SUMS").decode()
        wanted = {
            "submitted/kim/week1/week1.ipynb",
            "feedback/kim/week1/week1.html",
            "gradebook.db",
            "versions.json",
        }
        assert wanted <= set(names)
        assert "build/proofs.json" not in names
        assert all(f"  {name}\n" in sums for name in names if name != "SHA256SUMS")

    def test_folder_that_the_configuration_renames_keeps_its_usual_name(
        self, finished: Course, tmp_path: Path
    ) -> None:
        """Graded notebooks lie elsewhere than in `autograded`."""
        with (finished.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write('c.CourseDirectory.autograded_directory = "marked"\n')
        (finished.root / "marked").mkdir()
        (finished.root / "marked" / "week1.ipynb").write_text("{}", encoding="utf-8")
        with zipfile.ZipFile(pack(Course.open(finished.root), tmp_path / "spring.zip").path) as file:
            assert "autograded/week1.ipynb" in file.namelist()

    def test_links_are_left_out(self, finished: Course, tmp_path: Path) -> None:
        """What a student linked to is not the student's work."""
        (tmp_path / "secret").write_text("x", encoding="utf-8")
        (finished.submitted / "kim" / "week1" / "link.txt").symlink_to(tmp_path / "secret")
        with zipfile.ZipFile(pack(finished, tmp_path / "spring.zip").path) as file:
            assert "submitted/kim/week1/link.txt" not in file.namelist()

    def test_it_is_never_overwritten(self, finished: Course, tmp_path: Path) -> None:
        """Also where only the checksum is left."""
        (tmp_path / "spring.zip.sha256").write_text("x", encoding="utf-8")
        with pytest.raises(
            CourseError, match=r"spring\.zip\.sha256 already exists; archives are never overwritten"
        ):
            pack(finished, tmp_path / "spring.zip")
        assert not (tmp_path / "spring.zip").exists()

    def test_course_without_grades_is_told(self, starter: Path, tmp_path: Path) -> None:
        """There is no term to keep."""
        with pytest.raises(CourseError, match="nothing was graded yet; run `autograder grade` first"):
            pack(Course.open(starter), tmp_path / "spring.zip")

    def test_the_command_names_it_by_course_and_day(self, finished: Course) -> None:
        """In a folder that is as private as the others."""
        done = cli("archive", cwd=finished.root)
        [path] = (finished.root / "archives").glob("*.zip")
        assert re.fullmatch(r"my_course-\d{4}-\d\d-\d\d\.zip", path.name)
        assert f"wrote {path}" in done.stdout


class TestNextTerm:
    """`init --from`: the same questions, nobody's data."""

    @pytest.mark.parametrize("archived", [False, True])
    def test_it_has_the_questions_and_nobodys_data(
        self, finished: Course, tmp_path: Path, archived: bool
    ) -> None:
        """From the folder of the earlier course, and from its archive."""
        earlier = pack(finished, tmp_path / "spring.zip").path if archived else finished.root
        done = cli("init", "autumn", "--from", str(earlier), *(["--yes"] * archived), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        before, after = (
            texts_below(finished.root / "solutions"),
            texts_below(tmp_path / "autumn" / "solutions"),
        )
        assert before == after
        names = {path.name for path in (tmp_path / "autumn").iterdir()}
        assert names == {"nbgrader_config.py", "README.md", ".gitignore", "solutions", "source"}
        assert "kim" not in "".join(texts_below(tmp_path / "autumn").values())

    def test_settings_of_an_archive_run_only_after_a_yes(self, finished: Course, tmp_path: Path) -> None:
        """They are a program, of whoever made the archive."""
        config, ran = finished.root / "nbgrader_config.py", tmp_path / "ran"
        before = config.read_text(encoding="utf-8")
        config.write_text(
            f"{before}\nfrom pathlib import Path\nPath({str(ran)!r}).touch()\n", encoding="utf-8"
        )
        pack(finished, tmp_path / "spring.zip")
        config.write_text(before, encoding="utf-8")
        done = cli("init", "autumn", "--from", "spring.zip", cwd=tmp_path)
        assert done.returncode == UNCHANGED
        assert "--yes" in done.stdout
        assert not ran.exists()
        assert not (tmp_path / "autumn").exists()
        assert cli("init", "autumn", "--from", "spring.zip", "--yes", cwd=tmp_path).returncode == 0
        assert ran.exists()

    def test_students_get_other_variants(self, finished: Course, tmp_path: Path) -> None:
        """They depend on the id of the course, which is new."""
        making.next_term(tmp_path / "autumn", finished.root)
        course = Course.open(tmp_path / "autumn")
        assert (finished.id, course.id) == ("my_course", "autumn")
        [pool] = [question.pool for question in course.assignment("week1").questions if question.pool]
        students = [f"student{number}" for number in range(40)]
        drawn = [
            [own_numbers(name, student, pool.name, pool.variants) for student in students]
            for name in (finished.id, course.id)
        ]
        assert sum(one == other for one, other in zip(*drawn, strict=True)) < 10

    def test_the_same_id_is_refused(self, finished: Course, tmp_path: Path) -> None:
        """Students who repeat the course would get the same numbers."""
        with pytest.raises(CourseError, match="give it another with --course-id"):
            making.next_term(tmp_path / "autumn", finished.root, course_id="my_course")

    def test_dates_are_to_be_filled_in(self, finished: Course, tmp_path: Path) -> None:
        """They stay as comments; what is no date stays as it is."""
        making.next_term(tmp_path / "autumn", finished.root)
        config = (tmp_path / "autumn" / "nbgrader_config.py").read_text(encoding="utf-8")
        assert (
            "# Dates of the earlier term. Fill in those of the new one:\n# c.CourseSettings.due = {" in config
        )
        assert '\n#     "week1": "2027-03-31T23:59+09:00"\n# }\n' in config
        settings = Course.open(tmp_path / "autumn").settings
        assert (settings.due, settings.closes, settings.scores_hidden_until) == ({}, {}, {})
        assert settings.feedback == {"week1": "score"}

    def test_damaged_archive_is_refused(self, finished: Course, tmp_path: Path) -> None:
        """A file that is not what was archived is named."""
        good, bad = pack(finished, tmp_path / "spring.zip").path, tmp_path / "bad.zip"
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                new.writestr(name, b"changed" if name == "solutions/week1/trip.py" else old.read(name))
        with pytest.raises(CourseError, match=r"solutions/week1/trip\.py has changed since it was archived"):
            making.next_term(tmp_path / "autumn", bad)
        (tmp_path / "text.zip").write_text("x", encoding="utf-8")
        with pytest.raises(CourseError, match="is not an archive of `autograder archive`"):
            making.next_term(tmp_path / "autumn", tmp_path / "text.zip")
