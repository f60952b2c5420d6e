"""Hand-ins as they really come: whose they are, what they are, which one counts, and what is left alone."""

from __future__ import annotations

import copy
import io
import json
import os
import stat
import tarfile
import time
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from rich.markup import escape
from rich.table import Table

from autograder.cli.options import Terminal
from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.submissions import archives
from autograder.submissions.collect import Collected, collect
from autograder.submissions.placement import attempt_of
from tests.support import cli, nested_folders, small_course

EARLIER, LATER = 1_700_000_000, 1_700_000_600
NO_JSON = (
    "the file handed in is no notebook (not JSON) and cannot be read; save the notebook and hand it in again"
)
WHOSE = ": put it into a folder named after the student, or give --student"
RULE = ": only letters, digits and . _ @ + - are allowed, as in carol_kim"


def stub(name: str) -> str:
    return f"{name} = (\n    ...  # write your answer here\n)"


def released(assignment: str, *names: str) -> NotebookNode:
    """A released notebook as the build writes it: a title, then an answer and a grade cell for each name."""
    cells = [nbformat.v4.new_markdown_cell(f"# {assignment}", id="title-en")]
    for name in names:
        for kind in ("answer", "grade"):
            solution = kind == "answer"
            cells.append(
                nbformat.v4.new_code_cell(
                    stub(name) if solution else f"# {name}",
                    id=f"{name}-{kind}",
                    metadata={
                        "autograder": {"question": name, "part": kind},
                        "nbgrader": {
                            "grade_id": name if solution else f"{name}-check", "solution": solution,
                            "grade": not solution, "locked": not solution, "schema_version": 3,
                        },
                    },
                )
            )  # fmt: skip
    metadata = {"autograder": {"assignment": assignment, "edition": "en"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


RELEASED = {"counting": ("p1", "p2"), "tagging": ("t1",)}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of two assignments with their releases."""
    root = tmp_path / "course"
    small_course(root)
    for assignment, names in RELEASED.items():
        for name in names:
            question = root / "solutions" / assignment / f"{name}.py"
            question.parent.mkdir(parents=True, exist_ok=True)
            question.touch()
        release = root / "release" / "en" / assignment / f"{assignment}.ipynb"
        release.parent.mkdir(parents=True)
        nbformat.write(released(assignment, *names), release)
    return Course.open(root)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The folder that hand-ins come in."""
    folder = tmp_path / "hand-ins"
    folder.mkdir()
    return folder


def handed_in(assignment: str = "counting", **answers: str) -> NotebookNode:
    """A release with answers in it."""
    notebook = copy.deepcopy(released(assignment, *RELEASED[assignment]))
    for cell in notebook.cells:
        name = cell["id"].removesuffix("-answer")
        if name in answers:
            cell.source = answers[name]
    return notebook


def raw(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def put(path: Path, content: bytes | None = None, *, at: int = EARLIER) -> Path:
    """A file that was handed in at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw(handed_in(p1="p1 = 72")) if content is None else content)
    os.utime(path, (at, at))
    return path


def zipped(path: Path, entries: dict[str, bytes], *, date: tuple[int, ...] = (2026, 3, 2, 9, 0, 0)) -> Path:
    """A zip with these entries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, date), content, zipfile.ZIP_DEFLATED)
    return path


def submitted(course: Course) -> dict[str, str]:
    """What stands in `submitted/`: the first answer of each file, by its path."""
    found = {}
    for path in sorted((course.root / "submitted").rglob("*")):
        if path.is_file():
            cells = json.loads(path.read_bytes())["cells"]
            place = path.relative_to(course.root / "submitted").as_posix()
            found[place] = "".join(cells[1]["source"]) if len(cells) > 1 else ""
    return found


def reasons(collected: Collected) -> list[str]:
    return [one.reason.en for one in collected.unplaced]


def everything(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


class TestWhose:
    """A hand-in's student is its folder, else what its file name says beside the assignment."""

    @pytest.mark.parametrize(
        "name",
        [
            "kim/counting.ipynb",
            "kim/Copy of counting.ipynb",
            "kim/counting (1).ipynb",
            "kim/Copy of Copy of counting (2).ipynb",
            "kim/Untitled7.ipynb",
            "kim/COUNTING.IPYNB",
            "kim/week 1/counting.ipynb",
            "kim_counting.ipynb",
            "counting_kim.ipynb",
            "counting-kim.ipynb",
            "kim counting.ipynb",
            "Copy of kim_counting.ipynb",
            "kim_counting (1).ipynb",
            "kim_counting (1) (2).ipynb",
            "kim_counting-copy.ipynb",
            "kim_counting copy 2.ipynb",
            "사본 - kim_counting.ipynb",
            "kim_counting의 사본.ipynb",
            "kim_counting - 복사본.ipynb",
        ],
    )
    def test_any_file_name_finds_its_student(self, course: Course, box: Path, name: str) -> None:
        """What Colab, browsers and file managers make of a name does not matter."""
        put(box / name)
        collected = collect(course, box)
        assert reasons(collected) == []
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    @pytest.mark.parametrize("name", ["counting.ipynb", "Copy of counting.ipynb", "counting (1).ipynb"])
    def test_name_that_says_nothing_is_not_placed(self, course: Course, box: Path, name: str) -> None:
        """Without a student in folder or name the operator is told what to do."""
        put(box / name)
        collected = collect(course, box)
        assert reasons(collected) == [f"its name does not identify a student{WHOSE}"]
        assert submitted(course) == {}

    @pytest.mark.parametrize(
        ("archive", "inner", "student"),
        [
            ("ida.zip", "homework/x.ipynb", "ida"),
            ("ida_counting (1).zip", "homework 3/x.ipynb", "ida"),
            ("ida.zip", "counting/counting.ipynb", "ida"),
            ("ida.zip", "counting.ipynb", "ida"),
            ("ida.zip", "과제/x.ipynb", "ida"),
            ("class.zip", "kim/x.ipynb", "kim"),
            ("week3.zip", "kim/x.ipynb", "kim"),
            ("rnn.zip", "kim_counting.ipynb", "kim"),
            ("class.zip", "homework/x.ipynb", "homework"),
        ],
    )
    @pytest.mark.parametrize("within", ["argument", "folder"])
    def test_archive_names_the_student_if_its_folder_does_not(
        self, course: Course, box: Path, archive: str, inner: str, student: str, within: str
    ) -> None:
        """Without a roster, a folder such as `homework` is no student where the archive has a student's name."""
        path = zipped(box / archive, {inner: raw(handed_in(p1="p1 = 72"))})
        assert reasons(collect(course, path if within == "argument" else box)) == []
        assert submitted(course) == {f"{student}/counting/counting.ipynb": "p1 = 72"}

    def test_the_operator_can_say_whose_it_is(self, course: Course, box: Path) -> None:
        """`student` counts for every file that is collected, a single one here."""
        collect(course, put(box / "counting.ipynb"), student="kim")
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_checkpoint_is_no_hand_in(self, course: Course, box: Path) -> None:
        """Jupyter's own copies are not looked at."""
        put(box / "kim" / ".ipynb_checkpoints" / "counting-checkpoint.ipynb")
        assert collect(course, box) == Collected([], [])

    def test_korean_name_is_one_name_however_it_is_spelt(self, course: Course, box: Path) -> None:
        """A name taken apart into letters, as some systems do, is the same student."""
        put(box / unicodedata.normalize("NFD", "학생1_counting (1).ipynb"), at=LATER)
        put(box / unicodedata.normalize("NFC", "학생1_counting.ipynb"), raw(handed_in(p1="p1 = 1")))
        put(box / unicodedata.normalize("NFD", "학생2_counting의 사본.ipynb"))
        collect(course, box)
        assert submitted(course) == {
            unicodedata.normalize("NFC", "학생1/counting/counting.ipynb"): "p1 = 72",
            unicodedata.normalize("NFC", "학생2/counting/counting.ipynb"): "p1 = 72",
        }

    @pytest.mark.parametrize(
        "student", ["..", ".", "../kim", "kim/lee", "/kim", "-kim", "_", "k" * 101, "a b", "\0"]
    )
    def test_invalid_student_ids_are_refused(self, course: Course, box: Path, student: str) -> None:
        """No student's id is a path of its own; nothing is written."""
        before = everything(course.root)
        collected = collect(course, put(box / "counting.ipynb"), student=student)
        assert reasons(collected) == [f"invalid student id {student!r}{RULE}"]
        assert everything(course.root) == before


class TestWhat:
    """A hand-in's assignment is told by what is in it, not by its name."""

    @pytest.mark.parametrize(
        ("spoil", "how"),
        [
            ([], "by its metadata"),
            (["metadata"], "by its grade ids"),
            (["metadata", "nbgrader"], "by its cell ids"),
            (["metadata", "nbgrader", "ids"], "by the names it defines"),
        ],
    )
    def test_each_mark_that_is_left_will_do(
        self, course: Course, box: Path, spoil: list[str], how: str
    ) -> None:
        """Metadata, else grade ids, else cell ids, else the names defined; how is told."""
        notebook = handed_in(p1="p1 = 72")
        if "metadata" in spoil:
            notebook.metadata = {}
        for place, cell in enumerate(notebook.cells):
            if "nbgrader" in spoil:
                cell.metadata = {}
            if "ids" in spoil:
                cell["id"] = f"cell-{place}"
        put(box / "kim" / "homework.ipynb", raw(notebook))
        (placed,) = collect(course, box).placed
        assert (placed.student, placed.assignment, placed.recognized_by.en) == ("kim", "counting", how)
        assert placed.counts
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_notebook_from_colab_is_recognised(self, course: Course, box: Path) -> None:
        """Colab drops nbgrader's metadata and ours, and keeps cell ids in the metadata."""
        cells = [
            {
                "cell_type": "code",
                "source": cell.source.splitlines(keepends=True),
                "metadata": {"id": cell["id"]},
            }
            for cell in handed_in(p1="p1 = 72").cells
        ]
        colab = {
            "cells": cells,
            "metadata": {"colab": {"provenance": []}},
            "nbformat": 4,
            "nbformat_minor": 0,
        }
        put(box / "kim" / "Untitled0.ipynb", raw(colab))
        (placed,) = collect(course, box).placed
        assert (placed.assignment, placed.recognized_by.en) == ("counting", "by its cell ids")

    def test_the_content_wins_over_the_file_name(self, course: Course, box: Path) -> None:
        """A file called as one assignment that holds another is the other."""
        put(box / "kim" / "counting.ipynb", raw(handed_in("tagging", t1="t1 = 5")))
        collect(course, box)
        assert submitted(course) == {"kim/tagging/tagging.ipynb": "t1 = 5"}

    def test_the_operator_can_say_what_it_is(self, course: Course, box: Path) -> None:
        """`assignment` places what nothing in it tells."""
        put(box / "kim" / "x.ipynb", raw({"cells": []}))
        (placed,) = collect(course, box, assignment="counting").placed
        assert (placed.assignment, placed.recognized_by.en) == ("counting", "by --assignment")

    def test_unknown_assignment_is_told(self, course: Course, box: Path) -> None:
        """A slip in `assignment` is told with the near names, before anything is read."""
        with pytest.raises(CourseError, match="no assignment 'countin'; did you mean counting"):
            collect(course, box, assignment="countin")

    @pytest.mark.parametrize(
        "notebook",
        [
            {"cells": []},
            {"cells": [{"cell_type": "code", "source": "print('p1')", "id": "x"}]},
            {"cells": [], "metadata": {"autograder": {"assignment": "other"}}},
            {"cells": [], "metadata": {"autograder": {"assignment": "../.."}}},
            # the same number of marks of two assignments
            {"cells": [{"cell_type": "code", "source": "p1 = 1"}, {"cell_type": "code", "source": "t1 = 1"}]},
            {"cells": [{"cell_type": "markdown", "source": "", "id": "title-en"}]},
        ],
    )
    def test_unrecognised_notebooks_are_not_placed(self, course: Course, box: Path, notebook: Any) -> None:
        """Nothing is guessed; the file is listed with the reason."""
        put(box / "kim" / "x.ipynb", raw(notebook))
        collected = collect(course, box)
        assert reasons(collected) == ["nothing in it belongs to a released assignment"]
        assert submitted(course) == {}

    def test_broken_file_still_has_an_owner(self, course: Course, box: Path) -> None:
        """A file that is no notebook, but named as one, becomes a submission whose feedback says so."""
        path = put(box / "kim_counting (1).ipynb", b"<html>sign in</html>")
        (placed,) = collect(course, box).placed
        assert placed.recognized_by.en == "by its file name; it cannot be read, and its feedback will say so"
        target = course.root / "submitted" / "kim" / "counting" / "counting.ipynb"
        assert target.read_bytes() == path.read_bytes()

    def test_broken_file_of_another_name_is_listed(self, course: Course, box: Path) -> None:
        """Where the name does not say what it is either, the operator is told."""
        put(box / "kim" / "homework.ipynb", b"{")
        assert reasons(collect(course, box)) == [NO_JSON]
        assert submitted(course) == {}

    @pytest.mark.parametrize("kind", ["link", "pipe", "folder", "loose link"])
    def test_links_pipes_and_folders_are_listed(self, course: Course, box: Path, kind: str) -> None:
        """Links, pipes and folders called as notebooks are neither read nor waited on."""
        (box / "kim").mkdir()
        path = box / "kim" / "counting.ipynb"
        if kind == "link":
            path.symlink_to(course.assignment("counting").release("en"))
        elif kind == "loose link":
            path.symlink_to(box / "nowhere")
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
        put(box / "lee" / "counting.ipynb")
        collected = collect(course, box)
        assert reasons(collected) == [
            "not read: the submission is too large or is not a regular file; submit the .ipynb itself, its outputs "
            "cleared"
        ]
        assert list(submitted(course)) == ["lee/counting/counting.ipynb"]

    def test_course_without_releases_is_told(self, course: Course, box: Path) -> None:
        """Nothing can be recognised before a release is there."""
        for name in RELEASED:
            course.assignment(name).release("en").unlink()
        with pytest.raises(CourseError, match=r"nothing is released in .*; run `autograder build` first"):
            collect(course, box)

    def test_source_that_is_not_there_is_told(self, course: Course, box: Path) -> None:
        """A slip in the path is told."""
        with pytest.raises(
            CourseError, match=r"nowhere is not a folder, an archive \(\.zip, \.tar\.gz\) or a notebook"
        ):
            collect(course, box / "nowhere")


class TestWhich:
    """Of several hand-ins of one student to one assignment exactly one counts."""

    def test_the_newest_counts(self, course: Course, box: Path) -> None:
        """Whatever the names say, and however many answers it has."""
        put(box / "kim" / "counting (1).ipynb", raw(handed_in(p1="p1 = 1", p2="p2 = 1")), at=EARLIER)
        put(box / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 72")), at=LATER)
        collected = collect(course, box)
        assert {Path(one.file.name).name: one.counts for one in collected.placed} == {
            "counting (1).ipynb": False,
            "counting.ipynb": True,
        }
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    @pytest.mark.parametrize("names", [("a.ipynb", "b.ipynb"), ("b.ipynb", "a.ipynb")])
    def test_of_equally_new_ones_the_one_with_more_answers(
        self, course: Course, box: Path, names: tuple[str, str]
    ) -> None:
        """A download gives all files one time: the copy that was worked on counts, in any order of names."""
        worked, bare = names
        put(box / "kim" / worked, raw(handed_in(p1="p1 = 72", p2="p2 = 5")))
        put(box / "kim" / bare, raw(handed_in(p1="p1 = 1")))
        collected = collect(course, box)
        assert {Path(one.file.name).name: one.worked for one in collected.placed} == {worked: 2, bare: 1}
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_each_student_and_assignment_has_one(self, course: Course, box: Path) -> None:
        """Students and assignments do not get into each other's way."""
        put(box / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 1")))
        put(box / "lee" / "counting.ipynb", raw(handed_in(p1="p1 = 2")), at=LATER)
        put(box / "kim" / "tagging.ipynb", raw(handed_in("tagging", t1="t1 = 3")))
        collected = collect(course, box)
        assert all(one.counts for one in collected.placed)
        assert submitted(course) == {
            "kim/counting/counting.ipynb": "p1 = 1",
            "kim/tagging/tagging.ipynb": "t1 = 3",
            "lee/counting/counting.ipynb": "p1 = 2",
        }

    def test_replaced_submission_is_kept(self, course: Course, box: Path) -> None:
        """What a new hand-in replaces moves to build/replaced, and no further time."""
        path = put(box / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 1")))
        collect(course, box)
        assert not (course.root / "build").exists()
        old = path.read_bytes()
        put(path, raw(handed_in(p1="p1 = 72")), at=LATER)
        collect(course, box)
        (kept,) = (course.root / "build" / "replaced" / "kim").iterdir()
        assert kept.read_bytes() == old
        assert kept.name.startswith("counting-")
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_attempts_are_counted_by_what_was_replaced(self, course: Course, box: Path) -> None:
        """The third notebook of an assignment is the third attempt; a single one has no number."""
        path = put(box / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 1")))
        collect(course, box)
        job = SubmissionId("kim", "counting")
        assert attempt_of(course, job) is None
        for number in (2, 3):
            put(path, raw(handed_in(p1=f"p1 = {number}")), at=LATER)
            collect(course, box)
            assert attempt_of(course, job) == number
        collect(course, box)
        assert attempt_of(course, job) == 3
        assert attempt_of(course, SubmissionId("kim", "count")) is None
        assert attempt_of(course, SubmissionId("lee", "counting")) is None

    def test_another_edition_that_was_submitted_is_replaced_too(self, course: Course, box: Path) -> None:
        """What nbgrader's exchange had brought beside it would be graded in its place."""
        old = raw(handed_in(p1="p1 = 1", p2="p2 = 1"))
        put(course.submitted / "kim" / "counting" / "counting.en.ipynb", old)
        put(box / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 72")))
        collect(course, box)
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}
        (kept,) = (course.root / "build" / "replaced" / "kim").iterdir()
        assert kept.name.startswith("counting.en-")
        assert kept.read_bytes() == old

    def test_collecting_again_replaces_nothing(self, course: Course, box: Path) -> None:
        """The same hand-ins give the same submissions, and no copy of them."""
        put(box / "kim" / "counting.ipynb")
        collect(course, box)
        before = everything(course.root)
        collect(course, box)
        assert everything(course.root) == before

    def test_hand_ins_are_left_as_they_were(self, course: Course, box: Path) -> None:
        """Collecting copies; it never moves or changes what came."""
        path = put(box / "kim" / "counting.ipynb")
        before = path.read_bytes()
        collect(course, box)
        assert path.read_bytes() == before
        assert path.stat().st_mtime == EARLIER


class TestOlderDownloads:
    """A download that is collected later than a newer one never takes its place."""

    @pytest.fixture
    def newer(self, course: Course, box: Path) -> Path:
        """A collected submission, and the folder of an older download of the same student."""
        collect(
            course,
            put(box / "new" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 72")), at=LATER).parents[1],
        )
        put(box / "old" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 1")), at=EARLIER)
        return box / "old"

    def test_older_file_leaves_the_newer_submission(self, course: Course, newer: Path) -> None:
        """It is listed with both times and what takes it all the same, and the command exits with 1."""
        done = cli("collect", str(newer), cwd=course.root)
        assert done.returncode == 2
        assert "kim counting: not taken: it is of " in done.stdout
        assert "is newer (--replace-newer takes it)" in done.stdout
        assert "0 submissions collected" in done.stdout
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}
        assert not course.set_aside("replaced").exists()

    def test_older_file_replaces_the_newer_submission_on_request(self, course: Course, newer: Path) -> None:
        """With the option it is taken, reported, and older than the next download."""
        done = cli("collect", str(newer), "--replace-newer", cwd=course.root)
        assert done.returncode == 0
        assert "kim counting: replaces the submission of" in done.stdout
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 1"}
        assert collect(course, newer.parent / "new").placed[0].is_taken

    def test_older_zip_leaves_the_newer_submission(self, course: Course, newer: Path, box: Path) -> None:
        """The times in the zip of a class are those of its submissions, however late it was downloaded."""
        at = (2020, 3, 2, 9, 0, 0)
        path = zipped(box / "class.zip", {"kim/counting.ipynb": raw(handed_in(p1="p1 = 1"))}, date=at)
        assert [one.is_taken for one in collect(course, path).placed] == [False]
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_newer_file_is_reported_as_a_replacement(self, course: Course, newer: Path, box: Path) -> None:
        """Replacing a submission is right, and is said with the times of both."""
        put(box / "newest" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 9")), at=LATER + 600)
        done = cli("collect", str(box / "newest"), cwd=course.root)
        assert done.returncode == 0
        assert "kim counting: replaces the submission of" in done.stdout
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 9"}

    def test_recorded_time_of_a_submission_counts(self, course: Course, newer: Path, box: Path) -> None:
        """A time that the LMS gave is known even if the file was copied with an older one."""
        folder = course.submitted / "kim" / "counting"
        (folder / "timestamp.txt").write_text("2026-05-08 01:15:00 UTC\n", encoding="utf-8")
        put(box / "newest" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 9")), at=LATER + 600)
        (placed,) = collect(course, box / "newest").placed
        assert [one.outcome for one in placed.placements] == ["older"]

    def test_unknown_time_is_said(self, course: Course, newer: Path, box: Path) -> None:
        """A file without a time is taken, and the line says that it may be the older one."""
        path = put(box / "none" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 9")), at=0)
        done = cli("collect", str(path.parents[1]), cwd=course.root)
        assert done.returncode == 0
        assert "by one of an unknown time: which one is newer is not known" in done.stdout
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 9"}

    def test_zip_without_dates_has_the_time_of_the_download(
        self, course: Course, newer: Path, box: Path
    ) -> None:
        """Tools that write no dates give 1980: the time of the archive stands in."""
        date = (1980, 1, 1, 0, 0, 0)
        path = zipped(box / "class.zip", {"kim/counting.ipynb": raw(handed_in(p1="p1 = 1"))}, date=date)
        os.utime(path, (EARLIER, EARLIER))
        assert [one.outcome for one in collect(course, path).placed[0].placements] == ["older"]

    def test_time_in_the_future_blocks_nothing(self, course: Course, box: Path) -> None:
        """Whoever makes an archive chooses its times: a later submission still replaces it."""
        path = zipped(box / "kim.zip", {"kim/counting.ipynb": raw(handed_in(p1="p1 = 1"))}, date=FAR)
        collect(course, path)
        put(box / "next" / "kim" / "counting.ipynb", raw(handed_in(p1="p1 = 2")), at=int(time.time()) + 60)
        collect(course, box / "next")
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 2"}

    def test_member_of_a_group_keeps_a_newer_submission(self, course: Course, newer: Path, box: Path) -> None:
        """A group's older file is given to the members who have no newer one."""
        (course.root / "groups.csv").write_text(
            "assignment,group,student_id\ncounting,g,lee\ncounting,g,kim\n", encoding="utf-8"
        )
        put(box / "team" / "lee" / "counting.ipynb", raw(handed_in(p1="p1 = 5")), at=EARLIER)
        done = cli("collect", str(box / "team"), cwd=course.root)
        assert done.returncode == 2
        assert "kim counting: not taken: " in done.stdout
        assert submitted(course) == {
            "kim/counting/counting.ipynb": "p1 = 72",
            "lee/counting/counting.ipynb": "p1 = 5",
        }

    def test_unknown_member_of_a_group_is_listed(self, course: Course, box: Path) -> None:
        """An id in the file of groups that the roster does not have is reported with similar ones."""
        (course.root / "roster.csv").write_text("student_id\nkim\nlee\n", encoding="utf-8")
        (course.root / "groups.csv").write_text(
            "assignment,group,student_id\ncounting,g,lee\ncounting,g,KIM\n", encoding="utf-8"
        )
        put(box / "lee" / "counting.ipynb")
        done = cli("collect", str(box), cwd=course.root)
        assert done.returncode == 1
        assert "groups.csv: no student 'KIM' in the roster; did you mean kim?" in done.stdout


class TestZip:
    """Archives are read in memory; no name in one becomes a path."""

    @pytest.mark.parametrize(
        "name",
        ["kim/counting.ipynb", "kim\\counting.ipynb", "kim_counting.ipynb", "kim/x/Copy of counting.ipynb"],
    )
    def test_class_s_zip(self, course: Course, box: Path, name: str) -> None:
        """Folders in it are students, as on disk; Windows separates them in its own way."""
        path = zipped(
            box / "class.zip", {name: raw(handed_in(p1="p1 = 72")), "__MACOSX/kim/._x.ipynb": b"\0"}
        )
        collected = collect(course, path)
        assert reasons(collected) == []
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_zip_in_a_student_s_folder(self, course: Course, box: Path) -> None:
        """Whatever the folders in it are called, it is that student's."""
        zipped(box / "kim" / "homework.ZIP", {"rnn/counting.ipynb": raw(handed_in(p1="p1 = 72"))})
        collect(course, box)
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    @pytest.mark.parametrize(
        ("name", "student"),
        [
            ("../counting.ipynb", ".."),
            ("../../etc/counting.ipynb", ".."),
            ("..\\counting.ipynb", ".."),
            ("/etc/counting.ipynb", "/"),
            ("./counting.ipynb", ""),
        ],
    )
    def test_names_that_lead_out_are_nobody_s(
        self, course: Course, box: Path, name: str, student: str
    ) -> None:
        """Such an entry is listed and nothing is written for it, inside the course or outside."""
        path = zipped(box / "class.zip", {name: raw(handed_in()), "lee/counting.ipynb": raw(handed_in())})
        outside = everything(course.root.parent) - everything(course.root)
        collected = collect(course, path)
        whose = (
            f"invalid student id {student!r}{RULE}"
            if student
            else f"its name does not identify a student{WHOSE}"
        )
        assert reasons(collected) == [whose]
        assert list(submitted(course)) == ["lee/counting/counting.ipynb"]
        after = {path for path in everything(course.root.parent) if not path.startswith("course/")}
        assert after <= outside | {"course"}

    def test_name_that_leads_out_further_down_stays_its_folder_s(self, course: Course, box: Path) -> None:
        """Only the first folder counts, and the file is always called as its assignment."""
        collect(course, zipped(box / "class.zip", {"kim/../../../counting.ipynb": raw(handed_in())}))
        assert list(submitted(course)) == ["kim/counting/counting.ipynb"]

    def test_link_in_a_zip_is_listed(self, course: Course, box: Path) -> None:
        """A symbolic link in an archive is never followed."""
        link = zipfile.ZipInfo("kim/counting.ipynb")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(box / "class.zip", "w") as archive:
            archive.writestr(link, str(course.assignment("counting").release("en")))
        assert reasons(collect(course, box)) == ["it is a link or too large"]
        assert submitted(course) == {}

    def test_entry_that_is_too_big_is_listed(
        self, course: Course, box: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The cap on a file holds in an archive too; the others are placed."""
        big = raw(handed_in(p1="p1 = 72  # " + "x" * 100_000))
        zipped(box / "class.zip", {"kim/counting.ipynb": big, "lee/counting.ipynb": raw(handed_in())})
        monkeypatch.setattr(archives, "MAX_FILE", 100_000)
        assert reasons(collect(course, box)) == ["it is a link or too large"]
        assert list(submitted(course)) == ["lee/counting/counting.ipynb"]

    def test_zip_bomb_is_not_opened(self, course: Course, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An archive that says it unpacks to more than the cap is refused as a whole."""
        zipped(box / "class.zip", {"kim/counting.ipynb": raw(handed_in()), "zeros.bin": b"\0" * 1_000_000})
        monkeypatch.setattr(archives, "MAX_ARCHIVE", 1_000_000)
        put(box / "lee" / "counting.ipynb")
        (reason,) = reasons(collect(course, box))
        assert reason == "it would unpack to more than 1,000,000 bytes or 100,000 files; not opened"
        assert list(submitted(course)) == ["lee/counting/counting.ipynb"]

    @pytest.mark.parametrize("limit", ["bytes", "files"])
    def test_archives_of_a_student_unpack_to_as_much_as_one(
        self, course: Course, box: Path, monkeypatch: pytest.MonkeyPatch, limit: str
    ) -> None:
        """Many small archives, each within the cap, cost as much as a large one; other students have their own."""
        monkeypatch.setattr(archives, "MAX_ARCHIVE", 2_500_000 if limit == "bytes" else 10**9)
        monkeypatch.setattr(archives, "MAX_ENTRIES", 100_000 if limit == "bytes" else 5)
        for student, name in (("kim", "a"), ("kim", "b"), ("kim", "c"), ("lee", "a")):
            (box / student).mkdir(exist_ok=True)
            files = {"zeros.bin": b"\0" * 1_000_000, "counting.ipynb": raw(handed_in())}
            zipped(box / student / f"{name}.zip", files)
        unplaced = [(Path(one.name).name, one.reason.en) for one in collect(course, box).unplaced]
        refused = [name for name, reason in unplaced if "and the other archives beside it" in reason]
        assert refused == ["c.zip"]
        assert list(submitted(course)) == ["kim/counting/counting.ipynb", "lee/counting/counting.ipynb"]

    @pytest.mark.parametrize("content", [b"", b"PK", b"no zip", None])
    def test_broken_zip_is_listed(self, course: Course, box: Path, content: bytes | None) -> None:
        """A truncated or renamed file is listed, and the other hand-ins are placed."""
        if content is None:
            content = zipped(box / "whole.zip", {"kim/counting.ipynb": raw(handed_in())}).read_bytes()[:-30]
            (box / "whole.zip").unlink()
        put(box / "broken.zip", content)
        put(box / "lee" / "counting.ipynb")
        (reason,) = reasons(collect(course, box))
        assert reason.startswith("the archive cannot be read: ")
        assert list(submitted(course)) == ["lee/counting/counting.ipynb"]

    @pytest.mark.parametrize("damage", ["data", "checksum", "encrypted", "method", "date"])
    def test_one_damaged_entry_does_not_cost_the_others(self, course: Course, box: Path, damage: str) -> None:
        """The damaged entry is listed, and those before and behind it are placed."""
        notebook = raw(handed_in(p1="p1 = 72"))
        names = ("a/counting.ipynb", "kim/counting.ipynb", "z/counting.ipynb")
        path = zipped(box / "class.zip", dict.fromkeys(names, notebook))
        path.write_bytes(damaged(path.read_bytes(), "kim/counting.ipynb", damage))
        collected = collect(course, path)
        left = {one.student for one in collected.placed}
        assert {"a", "z"} <= left
        if damage != "date":  # a date that no calendar knows is no reason to lose the notebook
            assert len(collected.unplaced) == 1
            assert "kim/counting.ipynb" in collected.unplaced[0].name

    @pytest.mark.parametrize("kind", ["", "gz", "bz2", "xz"])
    def test_tar_archive(self, course: Course, box: Path, kind: str) -> None:
        """Like a zip; what is no regular file in it is listed, and nothing is written where a name points to."""
        content = raw(handed_in(p1="p1 = 72"))
        with tarfile.open(box / f"class.tar{'.' if kind else ''}{kind}", f"w:{kind}") as archive:
            for name in ("kim/counting.ipynb", "../../lee/counting.ipynb"):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            for name, link in (
                ("park/counting.ipynb", tarfile.SYMTYPE),
                ("choi/counting.ipynb", tarfile.LNKTYPE),
            ):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = link, str(course.assignment("counting").release("en"))
                archive.addfile(entry)
        assert sorted(reasons(collect(course, box))) == [
            "invalid student id '..': only letters, digits and . _ @ + - are allowed, as in carol_kim",
            "it is a link or too large",
            "it is a link or too large",
        ]
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_archive_in_an_archive_is_listed(self, course: Course, box: Path) -> None:
        """It is not dropped in silence."""
        zipped(box / "class.zip", {"kim/homework.zip": b"PK"})
        assert reasons(collect(course, box)) == ["it is an archive inside an archive; unpack it first"]

    @pytest.mark.parametrize("within", ["argument", "folder"])
    def test_the_times_in_a_zip_choose_within_it(self, course: Course, box: Path, within: str) -> None:
        """Of two notebooks of a student in one archive the one that was saved last, wherever the archive lies."""
        old, new = raw(handed_in(p1="p1 = 1", p2="p2 = 1")), raw(handed_in(p1="p1 = 72"))
        with zipfile.ZipFile(box / "class.zip", "w") as archive:
            archive.writestr(zipfile.ZipInfo("kim/b/counting.ipynb", (2026, 3, 2, 10, 0, 0)), new)
            archive.writestr(zipfile.ZipInfo("kim/a/counting.ipynb", (2026, 3, 2, 9, 0, 0)), old)
        collect(course, box / "class.zip" if within == "argument" else box)
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}

    def test_the_times_in_a_zip_choose_nothing_outside_it(self, course: Course, box: Path) -> None:
        """Who made the archive chose them: against another hand-in the time of the archive itself counts."""
        old, new = raw(handed_in(p1="p1 = 1", p2="p2 = 1")), raw(handed_in(p1="p1 = 72"))
        path = zipped(box / "kim" / "a.zip", {"counting.ipynb": old}, date=(2099, 3, 2, 9, 0, 0))
        os.utime(path, (EARLIER, EARLIER))
        put(box / "kim" / "counting.ipynb", new, at=LATER)
        collect(course, box)
        assert submitted(course) == {"kim/counting/counting.ipynb": "p1 = 72"}


ROSTER = "student_id,name,canvas_id\nmallory,Mal Lee,222\nbob,Bob Kim,111\n"
FAR = (2099, 1, 1, 0, 0, 0)


class TestSomebodyElse:
    """Nobody hands in as another student."""

    @pytest.fixture
    def course(self, course: Course) -> Course:
        """The course with a roster."""
        (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
        return course

    @pytest.mark.parametrize(
        ("archive", "bobs"),
        [
            ("mallory_222_9002_homework.zip", "bob_111_9001_counting.ipynb"),
            ("mallory_LATE_222_9002_homework-1.zip", "bob_111_9001_counting.ipynb"),
            ("Mal Lee_77_assignsubmission_file_homework.zip", "Bob Kim_76_assignsubmission_file/x.ipynb"),
            ("Mal Lee_77_assignsubmission_file/homework.zip", "Bob Kim_76_assignsubmission_file/x.ipynb"),
            ("mallory_counting (1).zip", "bob_counting.ipynb"),
            ("Mal Lee.zip", "bob/counting.ipynb"),
            ("mallory/homework.zip", "bob/counting.ipynb"),
        ],
    )
    @pytest.mark.parametrize(
        "inner", ["bob/counting.ipynb", "bob_111_9001_counting.ipynb", "counting_bob.ipynb"]
    )
    def test_files_in_an_archive_belong_to_its_student(
        self, course: Course, box: Path, archive: str, bobs: str, inner: str
    ) -> None:
        """By the name that an LMS or the roster gives the archive, whatever the folders and files in it are called."""
        put(box / bobs, raw(handed_in(p1="p1 = 1")))
        zipped(box / archive, {inner: raw(handed_in(p1="p1 = 72"))}, date=FAR)
        assert reasons(collect(course, box)) == []
        assert submitted(course) == {
            "bob/counting/counting.ipynb": "p1 = 1",
            "mallory/counting/counting.ipynb": "p1 = 72",
        }

    def test_lms_s_archive_of_one_student_is_that_student_s_when_it_is_named(
        self, course: Course, box: Path
    ) -> None:
        """An operator who collects the archives one by one is protected as well."""
        path = zipped(
            box / "mallory_222_9002_homework.zip", {"bob/counting.ipynb": raw(handed_in(p1="p1 = 72"))}
        )
        assert reasons(collect(course, path)) == []
        assert submitted(course) == {"mallory/counting/counting.ipynb": "p1 = 72"}

    @pytest.mark.parametrize(
        ("name", "other", "names"),
        [
            ("bob_counting.ipynb", "counting_bob.ipynb", "bob_counting, counting_bob"),
            ("bob_counting.ipynb", "Bob Kim.ipynb", "bob kim, bob_counting"),
            ("bob/counting.ipynb", "bob_counting.ipynb", "bob/, bob_counting"),
            ("bob_111_9001_counting.ipynb", "bob_counting.ipynb", "111, bob_counting"),
        ],
    )
    def test_files_under_different_names_are_left_to_the_operator(
        self, course: Course, box: Path, name: str, other: str, names: str
    ) -> None:
        """Where students name the files, the newer one may be somebody else's: neither is taken."""
        put(box / name, raw(handed_in(p1="p1 = 1")))
        put(box / other, at=LATER)
        message = (
            f"several different files come as bob's, under different names ({names}): find out which is theirs and "
            "collect that one by itself, with --student bob"
        )
        assert reasons(collect(course, box)) == [message, message]
        assert submitted(course) == {}
        collect(course, box / name, student="bob")
        assert submitted(course) == {"bob/counting/counting.ipynb": "p1 = 1"}

    def test_archive_that_names_nobody_takes_nobody_s_place(self, course: Course, box: Path) -> None:
        """The folders in it tell, as in what a whole class handed in, but not against another hand-in."""
        put(box / "bob_counting.ipynb", raw(handed_in(p1="p1 = 1")))
        entries = {f"{name}/counting.ipynb": raw(handed_in(p1="p1 = 72")) for name in ("bob", "mallory")}
        zipped(box / "homework.zip", entries, date=FAR)
        assert [reason.split(",")[0] for reason in reasons(collect(course, box))] == (
            ["several different files come as bob's"] * 2
        )
        assert submitted(course) == {"mallory/counting/counting.ipynb": "p1 = 72"}

    def test_the_same_under_several_names_is_no_doubt(self, course: Course, box: Path) -> None:
        """An archive beside what was unpacked from it."""
        put(box / "bob" / "counting.ipynb")
        zipped(box / "submissions.zip", {"bob/counting.ipynb": raw(handed_in(p1="p1 = 72"))})
        assert reasons(collect(course, box)) == []
        assert submitted(course) == {"bob/counting/counting.ipynb": "p1 = 72"}

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("bob_counting.ipynb", "bob_counting (1).ipynb"),
            ("bob_counting.ipynb", "Copy of bob_counting.ipynb"),
            ("bob_111_9001_counting.ipynb", "bob_LATE_111_9005_counting-1.ipynb"),
            ("bob/counting.ipynb", "bob/again/Untitled.ipynb"),
            ("bob_counting.zip", "bob_counting (1).zip"),
            ("class.zip", "class (1).zip"),
        ],
    )
    def test_who_hands_in_again_is_served(self, course: Course, box: Path, first: str, second: str) -> None:
        """The newer of two that LMSs and browsers name counts."""
        for name, answer, at in ((first, "p1 = 1", EARLIER), (second, "p1 = 72", LATER)):
            content = raw(handed_in(p1=answer))
            if name.endswith(".zip"):
                zipped(box / name, {"bob/counting.ipynb": content})
                os.utime(box / name, (at, at))
            else:
                put(box / name, content, at=at)
        assert reasons(collect(course, box)) == []
        assert submitted(course) == {"bob/counting/counting.ipynb": "p1 = 72"}


def damaged(archive: bytes, name: str, how: str) -> bytes:
    """An archive with one entry spoilt, in its local header, its data or the central directory."""
    content = bytearray(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as whole:
        entry = whole.getinfo(name)
    local = entry.header_offset
    central = archive.rindex(name.encode()) - 46  # the name stands last in its record of the directory
    start = local + 30 + len(name)
    if how == "data":
        content[start : start + entry.compress_size] = b"\xff" * entry.compress_size
    elif how == "checksum":
        content[central + 16] ^= 0xFF
        content[local + 14] ^= 0xFF
    elif how == "encrypted":
        content[central + 8] |= 1
        content[local + 6] |= 1
    elif how == "method":
        content[central + 10] = content[local + 8] = 99
    elif how == "date":
        content[central + 14 : central + 16] = content[local + 12 : local + 14] = b"\0\0"
    return bytes(content)


class TestNothingVanishes:
    """What cannot be a submission is told, and no student gets another's work."""

    def test_file_that_is_no_notebook_is_listed(self, course: Course, tmp_path: Path) -> None:
        """A report handed in instead of the notebook is not passed over in silence."""
        box = tmp_path / "others"
        (box / "kim").mkdir(parents=True)
        (box / "kim" / "answer.py").write_text("p1 = 364", encoding="utf-8")
        collected = collect(course, box)
        assert [one.reason.en for one in collected.unplaced] == [
            "it is not a notebook; ask for the .ipynb file"
        ]

    def test_linked_archive_is_listed(self, course: Course, tmp_path: Path) -> None:
        """It leads to another student's, or to any file of this machine; the operator's own is followed."""
        others = zipped(tmp_path / "others.zip", {"counting.ipynb": raw(handed_in(p1="p1 = 72"))})
        box = tmp_path / "box"
        (box / "mallory").mkdir(parents=True)
        (box / "mallory" / "mine.zip").symlink_to(others)
        collected = collect(course, box)
        assert submitted(course) == {}
        assert reasons(collected) == ["mine.zip is a link, or no regular file"]
        (tmp_path / "latest.zip").symlink_to(others)
        collect(course, tmp_path / "latest.zip", student="bob")
        assert set(submitted(course)) == {"bob/counting/counting.ipynb"}

    def test_unreadable_folder_costs_nobody_else(
        self, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is listed with the system's reason; a link to a folder is listed, too."""
        box = tmp_path / "box"
        put(box / "bob" / "counting.ipynb", raw(handed_in(p1="p1 = 72")))
        (box / "mallory" / "closed").mkdir(parents=True)
        (box / "mallory" / "linked").symlink_to(tmp_path)
        scandir = os.scandir

        def refuse(path: Any) -> Any:
            if Path(path).name == "closed":
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        collected = collect(course, box)
        assert set(submitted(course)) == {"bob/counting/counting.ipynb"}
        assert reasons(collected) == [
            "closed cannot be read: Permission denied",
            "linked is a link, or no regular file",
        ]

    def test_endless_folders_cost_nobody_else(self, course: Course, tmp_path: Path) -> None:
        """They are listed, not followed to the end."""
        box = tmp_path / "box"
        put(box / "bob" / "counting.ipynb", raw(handed_in(p1="p1 = 72")))
        with nested_folders(box / "mallory"):
            collected = collect(course, box)
        assert "bob/counting/counting.ipynb" in submitted(course)
        assert "its folders are nested more than 20 deep" in reasons(collected)

    def test_bytes_of_each_student_are_bounded(
        self, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All files of a class are in memory at once."""
        content = raw(handed_in(p1="p1 = 72"))
        monkeypatch.setattr(archives, "MAX_STUDENT", len(content) * 3 // 2)
        box = tmp_path / "box"
        for student, number in (("bob", 1), ("mallory", 1), ("mallory", 2)):
            put(box / student / f"counting{number}.ipynb", content)
        collected = collect(course, box)
        assert set(submitted(course)) == {"bob/counting/counting.ipynb", "mallory/counting/counting.ipynb"}
        assert [text.startswith("its folder exceeds") for text in reasons(collected)] == [True]

    def test_one_student_does_not_get_the_work_of_several_folders(
        self, course: Course, tmp_path: Path
    ) -> None:
        """`--student` with a whole class's folder is refused."""
        box = tmp_path / "several"
        for name in ("kim", "lee"):
            (box / name).mkdir(parents=True)
            (box / name / "x.ipynb").write_text("{}", encoding="utf-8")
        with pytest.raises(
            CourseError, match=r"would assign the files of several folders \(kim, lee\) to one student"
        ):
            collect(course, box, student="park")


def test_name_does_nothing_to_the_terminal(course: Course, tmp_path: Path) -> None:
    """Its control characters are shown."""
    folder = tmp_path / "downloads" / "mal"
    folder.mkdir(parents=True)
    (folder / "evil\x1b]0;title\x07.docx").write_text("no notebook")
    output = cli("collect", str(tmp_path / "downloads"), cwd=course.root).stdout
    assert "\\x1b]0;title\\x07.docx" in output
    assert "\x1b]" not in output


def test_no_listing_of_any_command_gives_the_terminal_a_command(tmp_path: Path) -> None:
    """In a line, in a table and in an error, with our own colours and line ends left; also where a name is no text."""
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    console = Terminal(file=terminal, force_terminal=True, width=100, highlight=False)
    name = "kim\x1b]0;title\x07\x9b31m\u202egpj\udcff"
    console.print(f"[red]lost:[/] {escape(name)}\n\tnext")
    table = Table("student", box=None)
    table.add_row(name)
    console.print(table)
    terminal.flush()
    text = terminal.buffer.getvalue().decode()  # type: ignore[attr-defined]
    shown = "kim\\x1b]0;title\\x07\\x9b31m\\u202egpj\\udcff"
    assert text.startswith(f"\x1b[31mlost:\x1b[0m {shown}\n")
    assert text.count(shown) == 2


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_tar_with_a_name_of_megabytes_is_not_read(tmp_path: Path, kind: bytes) -> None:
    """It would be held in memory as a whole, however small the archive is; others are read on."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, 2_000_000
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    with tarfile.open(downloads / "evil.tar.gz", "w:gz") as archive:
        archive.addfile(header, io.BytesIO(b"a" * header.size))
    (downloads / "kim.ipynb").write_text("{}")
    found = {Path(one.name).name: str(one.refused or "") for one in archives.files_in(downloads)}
    assert "a name or attribute in it has 2,000,000 bytes" in found["evil.tar.gz"]
    assert found["kim.ipynb"] == ""


@pytest.mark.parametrize("kind", ["gnu", "pax"])
def test_sparse_file_in_a_tar_is_refused(tmp_path: Path, kind: str) -> None:
    """Its map of holes is read into memory whole, and may be of any size."""
    entry = tarfile.TarInfo("counting.ipynb")
    content = b"1\n0\n2\n".ljust(512, b"\0") + b"{}"
    if kind == "gnu":
        entry.type = tarfile.GNUTYPE_SPARSE
    else:
        entry.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "2"}
    entry.size = len(content)
    with tarfile.open(tmp_path / "kim.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(content))
    [file] = archives.files_in(tmp_path / "kim.tar")
    assert file.refused is not None
    assert "a file in it is sparse" in file.refused.en
