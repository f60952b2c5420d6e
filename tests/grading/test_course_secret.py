"""Hidden inputs: drawn from the secret of a course and the code of a submission, and from nothing else."""

from __future__ import annotations

import contextlib
import copy
import json
import stat
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.course import Course, SubmissionId
from autograder.engine.cluster import course_archive
from autograder.errors import CourseError, NoSecret
from autograder.grading.course_secret import (
    KEY_FILE,
    PUBLIC_KEY,
    HandIn,
    ensure_secret,
    key_file_for,
    key_of,
    recorded_hand_in,
    recorded_metadata,
)
from autograder.lms.gradescope.package import package
from autograder.nbgrader.converters import config_of
from autograder.nbgrader.submission_reader import prepare_submission
from autograder.notebooks.cells import cell_metadata, question_of
from autograder.submissions import rebuild
from tests.support import ROOT, cli, course_of_one_question, small_course

GRU = "gru_parameters"
ANSWER = "def gru_params(input_dim, units, reset_after=True):\n    return helper(units)"
HELPER = "def helper(units):\n    return 3 * units"


@pytest.fixture(scope="module")
def released() -> NotebookNode:
    """A released notebook."""
    return nbformat.read(ROOT / "release" / "en" / GRU / f"{GRU}.ipynb", as_version=4)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with its secret."""
    made = Course.open(small_course(tmp_path, languages=("ko", "en")))
    ensure_secret(made)
    return made


def seed_of(released: NotebookNode, answer: str = ANSWER, helper: str = HELPER, *more: NotebookNode) -> int:
    """The seed of a submission with one answer and cells of the student's own, for a key that is no secret."""
    submitted = nbformat.from_dict(json.loads(json.dumps(released)))
    for cell in submitted.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "gru_params":
            cell.source = answer
    submitted.cells[1:1] = [nbformat.v4.new_code_cell(helper), *more]
    return PUBLIC_KEY.seed(rebuild.rebuild(submitted, released).notebook, "kim")


class TestDraws:
    """What decides which inputs a submission is called with."""

    @pytest.mark.parametrize(
        ("answer", "helper"),
        [
            (ANSWER.replace("units)", "units + 0)"), HELPER),
            (f"{ANSWER}  # [(3, 4), 96]", HELPER),
            (f"{ANSWER} ", HELPER),
            (ANSWER, HELPER.replace("3", "4")),
            (ANSWER, f"# a table\n{HELPER}"),
            (ANSWER + "\n  indented wrongly", HELPER),
            ("%%time\n" + ANSWER, HELPER),
        ],
        ids=["answer", "comment", "white space", "helper", "comment of a helper", "no Python", "magic"],
    )
    def test_any_byte_of_an_answer_or_helper_draws_anew(
        self, released: NotebookNode, answer: str, helper: str
    ) -> None:
        """Code can read each of them, so that each could be a table of inputs seen before."""
        assert seed_of(released, answer, helper) != seed_of(released)

    @pytest.mark.parametrize("source", ["other = 7", "# a look", "this is no Python", "%matplotlib inline"])
    def test_any_cell_that_runs_draws_anew(self, released: NotebookNode, source: str) -> None:
        """Answers need not use what it defines by name."""
        assert seed_of(released, ANSWER, HELPER, nbformat.v4.new_code_cell(source)) != seed_of(released)

    def test_cell_of_the_id_draws_anew(self, released: NotebookNode) -> None:
        """It runs first, and may define anything."""
        changed = copy.deepcopy(released)
        [cell] = [cell for cell in changed.cells if cell_metadata(cell).get("part") == "student"]
        cell.source += "\ntable = {}"
        assert PUBLIC_KEY.seed(changed, "kim") != PUBLIC_KEY.seed(released, "kim")

    @pytest.mark.parametrize("part", ["demonstration", "example"])
    def test_cells_that_never_run_draw_nothing_anew(self, released: NotebookNode, part: str) -> None:
        """Demonstrations and examples of the release are not run before answers are called."""
        changed = copy.deepcopy(released)
        cells = [
            cell for cell in changed.cells if part in (cell_metadata(cell).get("part"), *cell_metadata(cell))
        ]
        for cell in cells:
            cell.source += "\nprint('a look')"
        assert cells
        assert PUBLIC_KEY.seed(changed, "kim") == PUBLIC_KEY.seed(released, "kim")

    @pytest.mark.parametrize(
        "cell",
        [
            nbformat.v4.new_markdown_cell("Some prose."),
            nbformat.v4.new_raw_cell("table = {}"),
        ],
        ids=["prose", "raw"],
    )
    def test_prose_keeps_the_draw(self, released: NotebookNode, cell: NotebookNode) -> None:
        """No kernel sees it."""
        assert seed_of(released, ANSWER, HELPER, cell) == seed_of(released)

    def test_outputs_draw_nothing_anew(self, released: NotebookNode) -> None:
        """The notebook may be saved with outputs or without."""
        changed = copy.deepcopy(released)
        for cell in changed.cells:
            if cell.cell_type == "code":
                cell.outputs = [nbformat.v4.new_output("stream", text="x")]
        assert PUBLIC_KEY.seed(changed, "kim") == PUBLIC_KEY.seed(released, "kim")

    def test_order_of_cells_counts(self, released: NotebookNode) -> None:
        """The same bytes in another order compute something else."""
        one, two = nbformat.v4.new_code_cell("a = 1"), nbformat.v4.new_code_cell("a = 2")
        assert seed_of(released, ANSWER, HELPER, one, two) != seed_of(released, ANSWER, HELPER, two, one)

    def test_place_of_a_grade_cell_counts(self, released: NotebookNode) -> None:
        """What cells have run by then decides what an answer computes."""
        changed = copy.deepcopy(released)
        [place] = [index for index, cell in enumerate(changed.cells) if question_of(cell) == "gru_params"]
        own = nbformat.v4.new_code_cell("calls = 0")
        changed.cells.insert(place, own)
        moved = copy.deepcopy(released)
        moved.cells.insert(place + 1, own)
        assert PUBLIC_KEY.seed(changed, "kim") != PUBLIC_KEY.seed(moved, "kim")

    @pytest.mark.parametrize("literal", ["0x" + "f" * 9000, "(" * 90 + ")" * 90, "'\\d'", "'\ud800'"])
    def test_any_text_has_a_draw(self, released: NotebookNode, literal: str) -> None:
        """A long number, a deep tree, a text that Python warns of, and half a character."""
        assert seed_of(released, f"gru_params = {literal}") != seed_of(released)

    def test_each_student_has_inputs_of_their_own(self, released: NotebookNode) -> None:
        """What the code of one kept for that of another, in a place that no seal closes, is of no use."""
        assert PUBLIC_KEY.seed(released, "kim") != PUBLIC_KEY.seed(released, "lee")

    def test_each_hand_in_has_inputs_of_its_own(self, released: NotebookNode) -> None:
        """The same code handed in again may remember what it was called with."""
        assert PUBLIC_KEY.seed(released, "kim", "1") != PUBLIC_KEY.seed(released, "kim", "2")
        assert PUBLIC_KEY.seed(released, "kim1") != PUBLIC_KEY.seed(released, "kim", "1")

    def test_each_assignment_has_inputs_of_its_own(self, course: Course, released: NotebookNode) -> None:
        """A key of one assignment does not tell the draws of another."""
        one, other = key_of(course, "one"), key_of(course, "other")
        assert one.seed(released, "kim") != other.seed(released, "kim")
        assert one.id != other.id


class TestSecret:
    """The file that the draws of a course follow from."""

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes on Windows")
    def test_it_is_closed_to_other_users(self, course: Course) -> None:
        """Only its owner may read it."""
        assert stat.S_IMODE((course.root / KEY_FILE).stat().st_mode) == 0o600

    def test_it_says_what_it_is(self, course: Course) -> None:
        """Whoever finds it reads, in both languages, to keep a copy and to commit it nowhere."""
        text = (course.root / KEY_FILE).read_text(encoding="utf-8")
        assert "Keep a copy outside the course folder." in text
        assert "과목 폴더 밖에 사본을 두세요." in text

    def test_two_commands_make_one(self, tmp_path: Path) -> None:
        """Whoever comes second reads what the first one made."""
        course, found, barrier = Course.open(small_course(tmp_path)), [], threading.Barrier(8)

        def make() -> None:
            barrier.wait()
            ensure_secret(course)
            found.append(key_of(course, "one").id)

        threads = [threading.Thread(target=make) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_lost_one_is_not_replaced(self, course: Course) -> None:
        """Where grades depend on it, the error tells the way out in both languages."""
        graded = course.graded_path(SubmissionId("kim", "one"))
        graded.parent.mkdir(parents=True)
        graded.write_text(json.dumps({"metadata": {"autograder": {"record": {"secret": "12345678"}}}}))
        (course.root / KEY_FILE).unlink()
        with pytest.raises(NoSecret, match="Restore it from a backup") as caught:
            ensure_secret(course)
        assert "--new-secret" in caught.value.message.en
        assert "사본을 되돌려 놓으세요" in caught.value.message.ko
        assert not (course.root / KEY_FILE).exists()

    @pytest.mark.parametrize("text", ["", "course: 12", "course: no number", "assignment other: " + "0" * 64])
    def test_damaged_one_is_refused(self, course: Course, text: str) -> None:
        """Nothing is drawn from what is left of it."""
        (course.root / KEY_FILE).write_text(text)
        with pytest.raises(NoSecret, match="is damaged; restore it from a backup"):
            key_of(course, "one")

    def test_without_one_nothing_is_drawn(self, tmp_path: Path) -> None:
        """It is made by commands that grade, never by what reads it."""
        with pytest.raises(CourseError, match="run the command again"):
            key_of(Course.open(small_course(tmp_path)), "one")

    def test_graders_elsewhere_get_keys_alone(self, course: Course, tmp_path: Path) -> None:
        """They draw what is drawn here, and the secret does not follow from them."""
        written = key_file_for(course, ["one"])
        secret = (course.root / KEY_FILE).read_text(encoding="utf-8").split()[-1]
        assert secret.encode() not in written
        elsewhere = Course.open(small_course(tmp_path / "elsewhere"))
        (elsewhere.root / KEY_FILE).write_bytes(written)
        assert key_of(elsewhere, "one") == key_of(course, "one")
        with pytest.raises(NoSecret):
            key_of(elsewhere, "two")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course of one question with one submission, graded for the first time."""
    made = course_of_one_question(tmp_path_factory.mktemp("draws"))
    path = made.submitted / "kim" / "arithmetic" / "arithmetic.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(made.assignment("arithmetic").release("en").read_bytes())
    assert not (made.root / KEY_FILE).exists()
    assert cli("grade", "--jobs", "1", cwd=made.root).returncode == 0
    yield made


@pytest.mark.seal
class TestOfACourse:
    """The secret of a course that is graded."""

    def test_the_first_grade_makes_it(self, graded: Course) -> None:
        """And every graded notebook records which one it was, by a short hash."""
        record = self.metadata(graded)["record"]
        assert record["secret"] == key_of(graded, "arithmetic").id
        assert len(record["secret"]) == 8

    def test_lost_one_stops_a_grade(self, graded: Course) -> None:
        """In the language asked for; with a new one everything is graded again, and that is told."""
        key = graded.root / KEY_FILE
        backup = key.read_bytes()
        key.unlink()
        refused = cli("grade", "--language", "ko", cwd=graded.root)
        assert refused.returncode == 2
        done = cli("grade", "--new-secret", "--jobs", "1", "--language", "en", cwd=graded.root)
        assert done.returncode == 0
        assert "hidden inputs are drawn from another secret" in done.stdout
        key.write_bytes(backup)
        again = cli("grade", "--jobs", "1", "--language", "en", cwd=graded.root)
        assert "hidden inputs are drawn from another secret" in again.stdout
        kept = cli("grade", "--jobs", "1", "--language", "en", cwd=graded.root)
        assert "hidden inputs are drawn from another secret" not in kept.stdout

    def test_new_secret_keeps_one_that_is_there(self, graded: Course) -> None:
        """A second `--new-secret`, for example after an interruption, says that it draws nothing anew."""
        key = graded.root / KEY_FILE
        before = key.read_bytes()
        done = cli("grade", "--new-secret", "--jobs", "1", "--language", "en", cwd=graded.root)
        assert f"kept: {key}; --new-secret makes a secret only where it is missing" in done.stdout.replace(
            "\n", " "
        )
        assert key.read_bytes() == before

    def test_lost_one_stops_nbgrader(self, graded: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its own command ends before it touches a score."""
        key = graded.root / KEY_FILE
        backup = key.read_bytes()
        key.unlink()
        monkeypatch.chdir(graded.root)
        with pytest.raises(SystemExit) as ended:
            prepare_submission(
                "arithmetic", "kim", [str(graded.submitted / "kim" / "arithmetic" / "a.ipynb")]
            )
        assert "Restore it from a backup" in str(ended.value.__cause__)
        key.write_bytes(backup)

    def test_lost_secret_stops_nbgrader_before_anything_is_removed(self, graded: Course) -> None:
        """It removes what `--force` grades again before it calls a hook; then nothing told that a secret was lost."""
        key = graded.root / KEY_FILE
        backup = key.read_bytes()
        key.unlink()
        before = sorted(graded.autograded.rglob("*.ipynb"))
        config = config_of(graded, graded.root, graded.gradebook_url)
        config.CourseDirectory.assignment_id, config.Autograde.force = "arithmetic", True
        with (
            contextlib.chdir(graded.root),
            pytest.raises(NbGraderException, match="Restore it from a backup"),
        ):
            Autograde(coursedir=CourseDirectory(config=config), config=config).start()
        assert before
        assert sorted(graded.autograded.rglob("*.ipynb")) == before
        assert not key.exists()
        key.write_bytes(backup)

    @pytest.mark.parametrize("packed", ["gradescope", "cluster"])
    def test_it_stays_in_the_course(self, graded: Course, tmp_path: Path, packed: str) -> None:
        """A package holds the key of its assignment, and nothing made for others holds the secret."""
        target = tmp_path / "packed.zip"
        if packed == "gradescope":
            package(graded, "arithmetic", target=target)
        else:
            target.write_bytes(course_archive.pack(graded, ["arithmetic"]))
        secret = (graded.root / KEY_FILE).read_bytes().split()[-1]
        with zipfile.ZipFile(target) as archive:
            assert [name for name in archive.namelist() if secret in archive.read(name)] == []
            assert archive.read(KEY_FILE) == key_file_for(graded, ["arithmetic"])

    def test_recorded_draw_of_an_unchanged_submission_is_used_again(self, graded: Course) -> None:
        """It may have been drawn by a version that draws in another way."""
        path = graded.graded_path(SubmissionId("kim", "arithmetic"))
        notebook = json.loads(path.read_bytes())
        drawn = notebook["metadata"]["autograder"]["draw"]
        assert drawn["secret"] == key_of(graded, "arithmetic").id
        earlier = drawn | {"seed": f"{7:032x}"}
        notebook["metadata"]["autograder"]["draw"] = earlier
        path.write_text(json.dumps(notebook))
        assert cli("grade", "--force", "--jobs", "1", cwd=graded.root).returncode == 0
        assert self.metadata(graded)["draw"] == earlier

    def test_changed_submission_is_drawn_anew(self, graded: Course) -> None:
        """Whatever an earlier grade recorded."""
        before = self.metadata(graded)["draw"]
        path = graded.submitted / "kim" / "arithmetic" / "arithmetic.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell("# another version"))
        nbformat.write(notebook, path)
        assert cli("grade", "--jobs", "1", cwd=graded.root).returncode == 0
        assert self.metadata(graded)["draw"]["seed"] != before["seed"]

    def test_same_file_handed_in_again_is_drawn_anew(self, graded: Course) -> None:
        """Even under a time at which it was handed in before."""
        timestamp = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        draws = []
        for time in ("2026-03-01 10:00:00 UTC", "2026-03-01 11:00:00 UTC", "2026-03-01 10:00:00 UTC"):
            timestamp.write_text(time)
            assert cli("grade", "--jobs", "1", cwd=graded.root).returncode == 0
            draws.append(self.metadata(graded)["draw"])
        timestamp.unlink()
        assert len({draw["seed"] for draw in draws}) == 3
        numbers = [int(draw["hand_in"].partition("#")[2]) for draw in draws]
        assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]

    def test_submission_whose_grade_was_dropped_is_drawn_anew(self, graded: Course) -> None:
        """A student can have a grade dropped, as by code that takes the grader too long, and hand in the file again."""
        path = graded.graded_path(SubmissionId("kim", "arithmetic"))
        draws = []
        for _ in range(3):
            path.unlink()
            assert cli("grade", "--jobs", "1", cwd=graded.root).returncode == 0
            draws.append(self.metadata(graded)["draw"])
        assert len({draw["seed"] for draw in draws}) == 3
        kept = draws[-1]
        assert cli("grade", "--force", "--jobs", "1", cwd=graded.root).returncode == 0
        assert self.metadata(graded)["draw"] == kept

    def test_draw_of_another_secret_is_not_used_again(self, graded: Course) -> None:
        """With a new secret everything is drawn anew."""
        submission = SubmissionId("kim", "arithmetic")
        path, metadata = graded.graded_path(submission), self.metadata(graded)

        def find(path: Path, submitted: str) -> HandIn | None:
            return recorded_hand_in(graded, "arithmetic", recorded_metadata(path), submitted)

        found = find(path, metadata["submitted"])
        assert found is not None
        assert found.seed == int(metadata["draw"]["seed"], 16)
        assert find(path, "another") is None
        assert find(path.parent, metadata["submitted"]) is None
        key = graded.root / KEY_FILE
        backup = key.read_bytes()
        key.write_text(f"course: {'0' * 64}\n")
        assert find(path, metadata["submitted"]) is None
        key.write_bytes(backup)

    def metadata(self, graded: Course) -> Any:
        """What the graded notebook records."""
        notebook = json.loads(graded.graded_path(SubmissionId("kim", "arithmetic")).read_bytes())
        return notebook["metadata"]["autograder"]
