"""Building a release: what is written, what stops it, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.build import BuildRefused, build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError, QuestionError
from tests.questions.test_loader import SOUND
from tests.support import cli, small_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course on another topic, in one language, with one question."""
    opened = Course.open(small_course(tmp_path / "course"))
    new_question(opened, "arithmetic", "add_two")
    return opened


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file of a course's sources and releases."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in ("source", "release")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def edit(course: Course, old: str, new: str, question: str = "add_two") -> None:
    path = course.root / "solutions" / "arithmetic" / f"{question}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_question_from_the_template_builds_at_once(course: Course) -> None:
    """`new` and `build` release a question of one language, with nothing changed in the package."""
    built = build(course, solutions=False)
    assert built.changed == [
        "source/arithmetic/arithmetic.ipynb",
        "release/en/arithmetic/arithmetic.ipynb",
    ]


def test_building_twice_gives_the_same_bytes(course: Course) -> None:
    """A second build changes nothing, and says so."""
    build(course, solutions=False)
    before = snapshot(course.root)
    assert build(course, solutions=False).changed == []
    assert snapshot(course.root) == before


def test_release_holds_the_stub_and_no_solution(course: Course) -> None:
    """What a student gets asks for the answer and does not hold it."""
    build(course, solutions=False)
    text = course.assignment("arithmetic").release("en").read_text(encoding="utf-8")
    assert '"def add_two(first, second):\\n",\n    "    ..."' in text
    for private in ("total_of_both", "SOLUTION", "HIDDEN TESTS", "RuntimeError", "stamp"):
        assert private not in text


def test_solved_and_executed_notebooks_come_out_for_assistants(course: Course) -> None:
    """Under build/solution stands the solved notebook, run, without an error and without the guard."""
    build(course)
    path = course.root / "build" / "solution" / "en" / "arithmetic" / "arithmetic.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert "add_two                  answered" in str(outputs)
    assert not [output for output in outputs if output["output_type"] == "error"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("fails=[adds_any_two]", "fails=[]", "misconception multiplied fails no check"),
        ("return first * second", "return first + second", "law 4: misconception multiplied fails []"),
        ("== 7", "== 8", "law 3: the reference does not pass"),
        ("title=Text(", "titel=Text(", "did you mean 'title'?"),
        (
            "fails=[adds_any_two]",
            'fails=[adds_any_two], section=Text(en="Arithmatic")',
            "section “Arithmatic”, which is no heading of the notebook in English; did you mean “arithmetic”?",
        ),
        ("the sum of two whole numbers.", "this: `total_of_both = first + second`", "holds `total_of_both"),
    ],
)
def test_mistake_stops_the_build_and_nothing_is_written(
    course: Course, old: str, new: str, problem: str
) -> None:
    """A mistake in a question file is told, and sources, release and gradebook stay as they were."""
    build(course, solutions=False)
    gradebook = (course.root / "gradebook.db").read_bytes()
    before = snapshot(course.root)
    edit(course, old, new)
    with pytest.raises((QuestionError, BuildRefused)) as error:
        build(course, solutions=False)
    assert problem in str(error.value)
    assert snapshot(course.root) == before
    assert (course.root / "gradebook.db").read_bytes() == gradebook


def test_build_tells_all_mistakes_of_all_question_files(course: Course) -> None:
    """Two mistakes of one file, a syntax error, a missing pool and a broken law are told in one run."""
    build(course, solutions=False)
    folder = course.root / "solutions" / "arithmetic"
    for name in ("no_python", "no_check", "breaks_a_law"):
        new_question(course, "arithmetic", name)
    *_rest, pool = new_question(course, "arithmetic", "no_pool", kind="number")
    pool.unlink()
    for name, old, new in (
        ("no_python", "def no_python(", "def no_python("[:-1]),
        ("no_check", "fails=[adds_any_two]", "fails=[], credit=9"),
        ("breaks_a_law", "return first * second", "return first + second"),
    ):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        assert old in text
        (folder / f"{name}.py").write_text(text.replace(old, new), encoding="utf-8")
    before = snapshot(course.root)
    with pytest.raises(BuildRefused) as error:
        build(course, solutions=False)
    problems = [str(problem) for problem in error.value.problems]
    for file, problem in (
        ("no_python.py", "the file is not valid Python"),
        ("no_check.py", "misconception multiplied fails no check"),
        ("no_check.py", "misconception multiplied earns 9 of 2 points"),
        ("no_pool_numbers.json", "there is no such pool"),
        ("breaks_a_law.py", "law 4: misconception multiplied fails []"),
    ):
        assert [text for text in problems if file in text and problem in text], problem
    assert str(error.value).startswith("nothing was written, for 5 reasons:\n- ")
    assert snapshot(course.root) == before


def test_build_tells_mistakes_of_several_notebooks(course: Course) -> None:
    """A section that no heading has in one assignment does not hide a notebook that is broken in another."""
    new_question(course, "geometry", "add_sides")
    build(course, solutions=False)
    edit(course, "fails=[adds_any_two]", 'fails=[adds_any_two], section=Text(en="Arithmatic")')
    source = course.assignment("geometry").source
    source.write_text("<<<<<<< HEAD\n" + source.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(BuildRefused, match="for 2 reasons") as error:
        build(course, solutions=False)
    assert "section “Arithmatic”, which is no heading" in str(error.value)
    assert f"{source} is not a valid notebook: " in str(error.value)


def test_question_added_after_submissions_is_refused_and_the_gradebook_kept(course: Course) -> None:
    """nbgrader's refusal comes before anything is written."""
    build(course, solutions=False)
    target = course.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_bytes(course.assignment("arithmetic").release("en").read_bytes())
    assert cli("grade", cwd=course.root).returncode == 0
    before, gradebook = snapshot(course.root), (course.root / "gradebook.db").read_bytes()
    new_question(course, "arithmetic", "add_more")
    with pytest.raises(CourseError, match="arithmetic has submissions, so no graded cell can be added to it"):
        build(course, solutions=False)
    moved = course.assignment("arithmetic").folder / "add_two.py"
    content = moved.read_bytes()
    moved.unlink()
    with pytest.raises(CourseError, match=r"add_two is in the release, and there is no .* put the file back"):
        build(course, solutions=False)
    moved.write_bytes(content)
    assert snapshot(course.root) == before
    assert (course.root / "gradebook.db").read_bytes() == gradebook


def test_stamped_cell_edited_by_hand_is_told_with_both_texts(course: Course) -> None:
    """The author learns which file to edit, and nothing is overwritten."""
    build(course, solutions=False)
    path = course.assignment("arithmetic").source
    path.write_text(path.read_text(encoding="utf-8").replace("of two whole numbers.", "of 2 numbers."))
    with pytest.raises(QuestionError) as error:
        build(course, solutions=False)
    assert "was edited by hand" in str(error.value)
    assert "of 2 numbers." in str(error.value)
    assert "of two whole numbers." in str(error.value)
    assert "add_two.py" in str(error.value)


def test_check_fails_where_the_release_is_stale(course: Course) -> None:
    """`build --check` writes nothing and exits with an error naming the file."""
    build(course, solutions=False)
    before = snapshot(course.root)
    edit(course, "The sum of two numbers", "The sum of two")
    done = cli("build", "--check", cwd=course.root)
    assert done.returncode == 2
    assert "release/en/arithmetic/arithmetic.ipynb is not what source/ and solutions/ build" in done.stderr
    assert snapshot(course.root) == before


def test_unchanged_question_is_not_proved_again(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editing one question proves that one alone."""
    new_question(course, "arithmetic", "add_more")
    build(course, solutions=False)
    proved: list[str] = []
    monkeypatch.setattr(
        "autograder.verification.proofs.violations",
        lambda question, cells, data, pool: proved.append(question.id) or [],
    )
    edit(course, "The sum of two numbers", "The sum of two", question="add_more")
    build(course, solutions=False)
    assert proved == ["add_more"]


def test_new_refuses_a_name_that_python_cannot_define(course: Course) -> None:
    """A question is named as the student's answer is."""
    with pytest.raises(CourseError, match="'2nd' is not a Python identifier"):
        new_question(course, "arithmetic", "2nd")
    with pytest.raises(CourseError, match="already exists"):
        new_question(course, "arithmetic", "add_two")


def test_source_that_is_no_notebook_is_told_with_its_file(course: Course) -> None:
    """As a merge that was not finished leaves it; nothing is written."""
    build(course, solutions=False)
    source = course.assignment("arithmetic").source
    source.write_text("<<<<<<< HEAD\n" + source.read_text(encoding="utf-8"), encoding="utf-8")
    before = snapshot(course.root)
    done = cli("build", cwd=course.root)
    assert done.returncode == 2
    assert f"{source} is not a valid notebook: " in done.stderr
    assert "check it for merge conflict markers, or restore the file" in done.stderr
    assert snapshot(course.root) == before


def test_new_leaves_nothing_half_written(course: Course) -> None:
    """Where no file can grow, as on a full disk, it is said in words, and there is no empty question file."""
    before = snapshot(course.root)
    program = Path(sys.executable).parent / "autograder"
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", program, "new", "arithmetic", "another"],
        cwd=course.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"autograder: {course.root}/solutions/arithmetic/another.py: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(course.root) == before


@pytest.mark.parametrize("arguments", [["build", "arithmetik"], ["grade", "arithmetik"]])
def test_unknown_assignment_is_told_with_the_near_names(course: Course, arguments: list[str]) -> None:
    """The error names what it could have meant."""
    done = cli(*arguments, cwd=course.root)
    assert done.returncode == 2
    assert "no assignment 'arithmetik'; did you mean arithmetic?" in done.stderr


def test_outside_a_course_the_command_says_where_to_go(tmp_path: Path) -> None:
    """Without nbgrader_config.py there is no course."""
    done = cli("build", cwd=tmp_path)
    assert done.returncode == 2
    assert "no course here: expected nbgrader_config.py in" in done.stderr


def test_the_committed_release_keeps_its_files_fresh(course: Course) -> None:
    """A release that did not change keeps its files: their times do not move."""
    build(course, solutions=False)
    path = course.assignment("arithmetic").release("en")
    os.utime(path, (time.time() - 1000, time.time() - 1000))
    before = path.stat().st_mtime_ns
    build(course, solutions=False)
    assert path.stat().st_mtime_ns == before


def test_check_that_raises_is_told_once(course: Course) -> None:
    """By the law that it breaks, with its line and the value; the proof of the notebook adds nothing to that."""
    path = next((course.root / "solutions" / "arithmetic").glob("*.py"))
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(?m)^    expect\.", "    got + []\n    expect.", text, count=1), encoding="utf-8"
    )
    with pytest.raises(BuildRefused) as error:
        build(course, solutions=False)
    [problem] = map(str, error.value.problems)
    assert f"{path.name}: law 1: " in problem
    assert "raised TypeError: unsupported operand type(s) for +" in problem
    assert "for the value " in problem and problem.endswith("let it raise Fail")


def test_test_cell_of_nbgrader_is_released_without_its_hidden_tests(course: Course) -> None:
    """It stays in the source notebook, and its points count beside those of the questions."""
    build(course, solutions=False)
    path = course.assignment("arithmetic").source
    notebook = nbformat.read(path, as_version=4)
    test = {
        "grade": True,
        "grade_id": "mytest",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
    }
    source = (
        "assert callable(add_two)\n### BEGIN HIDDEN TESTS\nassert add_two(1, 2) == 3\n### END HIDDEN TESTS"
    )
    cell = nbformat.v4.new_code_cell(source, id="mytest", metadata={"nbgrader": test})
    notebook.cells.append(cell)
    nbformat.write(notebook, path)
    built = build(course, solutions=False)
    assert built.tests == {("arithmetic", "mytest"): 2}
    released = nbformat.read(course.assignment("arithmetic").release(), as_version=4)
    [kept] = [one for one in released.cells if one.id == "mytest"]
    assert kept.source == "assert callable(add_two)"


def test_essay_without_a_prompt_in_a_second_language_is_refused(tmp_path: Path) -> None:
    """A course that got a second language is not built with essays that ask nothing in it."""
    course = Course.open(small_course(tmp_path / "course"))
    new_question(course, "arithmetic", "why", kind="manual")
    path = course.assignment("arithmetic").folder / "total.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOUND, encoding="utf-8")
    build(course, solutions=False)
    small_course(course.root, languages=("en", "ko"))
    before = snapshot(course.root)
    with pytest.raises(BuildRefused) as error:
        build(Course.open(course.root), solutions=False)
    problems = "\n".join(map(str, error.value.problems))
    assert "the manually graded cell why has no prompt in 한국어: add a markdown cell above it" in problems
    assert snapshot(course.root) == before


class TestCellsThatRaise:
    """A cell of the author's that raises in the solved notebook stops the build, unless it is meant to."""

    RAISING = "# read what was measured\nwith open('measured.csv') as file:\n    print(file.read())"

    def with_cell(self, course: Course, source: str, **metadata: object) -> None:
        """Put a code cell behind the heading of the built source notebook."""
        build(course, solutions=False)
        path = course.assignment("arithmetic").source
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(1, nbformat.v4.new_code_cell(source, id="measured", metadata=metadata))
        nbformat.write(notebook, path)

    @pytest.mark.parametrize("metadata", [{}, {"autograder": {"demonstration": True}}])
    def test_it_stops_the_build_and_nothing_is_written(
        self, course: Course, metadata: dict[str, object]
    ) -> None:
        """The message shows the notebook, the first line of code, the error, and what to do."""
        self.with_cell(course, self.RAISING, **metadata)
        before, gradebook = snapshot(course.root), (course.root / "gradebook.db").read_bytes()
        done = cli("build", cwd=course.root)
        assert done.returncode == 2
        assert done.stderr == (
            "autograder: nothing was written, for 1 reason:\n"
            "- source/arithmetic/arithmetic.ipynb: the cell that begins with `with open('measured.csv') as file:` "
            "raises FileNotFoundError: [Errno 2] No such file or directory: 'measured.csv', in the solved notebook "
            "(en); fix the cell, or give it the tag raises-exception if it is meant to raise\n"
        )
        assert snapshot(course.root) == before
        assert (course.root / "gradebook.db").read_bytes() == gradebook
        assert not (course.root / "build" / "solution").exists()

    def test_it_builds_with_the_tag_of_jupyter(self, course: Course) -> None:
        """A cell that shows an error on purpose says so."""
        self.with_cell(course, self.RAISING, tags=["raises-exception"])
        build(course)
        solved = course.root / "build" / "solution" / "en" / "arithmetic" / "arithmetic.ipynb"
        assert "FileNotFoundError" in solved.read_text(encoding="utf-8")

    @pytest.mark.full
    def test_file_beside_the_notebook_counts(self, course: Course) -> None:
        """The cell runs once its file is there, and raises again once it is gone: no earlier run hides that."""
        self.with_cell(course, self.RAISING)
        data = course.assignment("arithmetic").source.with_name("measured.csv")
        data.write_text("1,2\n", encoding="utf-8")
        build(course)
        data.unlink()
        with pytest.raises(BuildRefused, match="raises FileNotFoundError"):
            build(course)

    def test_verify_finds_it_too(self, course: Course) -> None:
        """A release that was built without running the solved notebooks does not hold."""
        self.with_cell(course, "nothing_of_this_name")
        build(course, solutions=False)
        done = cli("verify", cwd=course.root)
        assert done.returncode == 2
        assert "the release does not hold, for 1 reason" in done.stderr
        assert "the cell that begins with `nothing_of_this_name` raises NameError: name" in done.stderr
        assert not (course.root / "build" / "solution").exists()

    @pytest.mark.full
    def test_cell_of_both_editions_is_told_once(self, tmp_path: Path) -> None:
        """With the editions in which it raises."""
        both = Course.open(small_course(tmp_path / "both", languages=("ko", "en")))
        new_question(both, "arithmetic", "add_two")
        self.with_cell(both, "1 / 0  # 100% wrong")
        with pytest.raises(BuildRefused) as error:
            build(both)
        [problem] = map(str, error.value.problems)
        assert "`1 / 0  # 100% wrong` raises ZeroDivisionError: division by zero, in" in problem
        assert "(ko, en)" in problem

    @pytest.mark.full
    def test_module_that_is_not_installed_is_told_as_such(self, course: Course) -> None:
        """It may be the machine and not the cell."""
        self.with_cell(course, "import no_such_module")
        with pytest.raises(BuildRefused, match="install the module on this machine, or fix the cell"):
            build(course)


class TestABrokenFileOfAnotherAssignment:
    """A question file that cannot be read stops its own assignment alone."""

    @pytest.fixture(scope="class")
    def built(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A course of two assignments."""
        course = Course.open(small_course(tmp_path_factory.mktemp("two") / "course"))
        for assignment, question in (("arithmetic", "add_two"), ("geometry", "add_sides")):
            new_question(course, assignment, question)
        build(course, solutions=False)
        return course.root

    @pytest.fixture
    def broken(self, built: Path, tmp_path: Path) -> Course:
        """One in which a question file of the other assignment cannot be read any more."""
        course = Course.open(shutil.copytree(built, tmp_path / "broken"))
        path = course.root / "solutions" / "geometry" / "add_sides.py"
        path.write_text(path.read_text(encoding="utf-8").replace("title=Text(", "titel=Text("))
        return course

    @pytest.mark.parametrize("command", ["build", pytest.param("verify", marks=pytest.mark.full)])
    def test_the_named_assignment_is_built_and_a_note_tells_the_rest(
        self, broken: Course, command: str
    ) -> None:
        """What was not looked for is told, with the file and the mistake in it, and stands in the certificate."""
        edit(broken, "The sum of two numbers", "The sum of two")
        if command == "verify":
            build(broken, ["arithmetic"], solutions=False)
        done = cli(command, "arithmetic", cwd=broken.root)
        assert done.returncode == 0, done.stderr
        assert (
            "note: could not search the release for answers of geometry: "
            f"{broken.root}/solutions/geometry/add_sides.py:7: loading it raised TypeError"
        ) in done.stdout
        assert "did you mean 'title'?" in done.stdout
        assert "The sum of two (" in broken.assignment("arithmetic").release("en").read_text(encoding="utf-8")
        folder = broken.root / "build"
        certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
        assert certificate["leaks"]["not_searched"] == ["geometry"]
        page = (folder / "certificate.en.html").read_text(encoding="utf-8")
        assert "because their question files could not be read: geometry." in page

    @pytest.mark.parametrize("arguments", [[], ["geometry"], ["arithmetic", "geometry"]])
    def test_it_stops_a_build_of_its_own_assignment(self, broken: Course, arguments: list[str]) -> None:
        """Named, or meant as one of all."""
        before = snapshot(broken.root)
        edit(broken, "The sum of two numbers", "The sum of two")
        done = cli("build", *arguments, cwd=broken.root)
        assert done.returncode == 2
        assert "add_sides.py:7: loading it raised TypeError" in done.stderr
        assert snapshot(broken.root) == before

    def test_the_other_one_is_graded(self, broken: Course) -> None:
        """The class that waits for its grades has nothing to do with it."""
        target = broken.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(broken.assignment("arithmetic").release("en").read_bytes())
        done = cli("grade", "arithmetic", cwd=broken.root)
        assert done.returncode == 0, done.stderr
        assert "1 graded, 0 kept from before, 0 not graded" in done.stdout


class TestTheSwap:
    """The built files take the place of the old ones."""

    def test_notebook_is_there_at_every_moment(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """A command that reads meanwhile, or a build that is killed, finds the old one or the new one."""
        build(course, solutions=False)
        edit(course, "The sum of two numbers", "The sum of two")
        notebooks = [course.assignment("arithmetic").source, course.assignment("arithmetic").release("en")]
        missing: list[Path] = []
        replace = Path.replace

        def watched(path: Path, target: Path) -> Path:
            done = replace(path, target)
            missing.extend(notebook for notebook in notebooks if not notebook.exists())
            return done

        monkeypatch.setattr(Path, "replace", watched)
        assert len(build(course, solutions=False).changed) == 2
        assert missing == []

    def test_file_that_is_gone_from_the_sources_leaves_the_release(self, course: Course) -> None:
        """With its folder, where that holds nothing else."""
        build(course, solutions=False)
        data = course.assignment("arithmetic").source.parent / "data" / "numbers.csv"
        data.parent.mkdir()
        data.write_text("1,2\n", encoding="utf-8")
        build(course, solutions=False)
        released = course.assignment("arithmetic").release("en").parent / "data" / "numbers.csv"
        assert released.read_text(encoding="utf-8") == "1,2\n"
        data.unlink()
        data.parent.rmdir()
        assert build(course, solutions=False).changed == ["release/en/arithmetic/data/numbers.csv"]
        assert not released.parent.exists()

    def test_unfinished_file_of_a_killed_build_is_not_released(self, course: Course) -> None:
        """A file that was still being written is nobody's."""
        build(course, solutions=False)
        course.assignment("arithmetic").source.with_name(".numbers.csv.part").write_text(
            "1,", encoding="utf-8"
        )
        edit(course, "The sum of two numbers", "The sum of two")
        assert len(build(course, solutions=False).changed) == 2
        assert not [*(course.root / "release").rglob("*.part")]
