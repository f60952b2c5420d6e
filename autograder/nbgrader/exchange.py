"""nbgrader's exchange with editions and a roster: every edition goes out, either comes in, and feedback goes back.

These run on the instructor's side alone: students fetch and submit with nbgrader as it is.
"""

from __future__ import annotations

import glob
import shutil
import stat
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader.gradebook import put_environment_on_path
from autograder.nbgrader.grades_csv import check_pages
from autograder.roster import Roster, Unmatched
from autograder.submissions.safe_read import is_plain
from autograder.submissions.selection import edition_name

put_environment_on_path()  # collecting may be what makes the gradebook


class ReleaseEditions(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Puts every edition into the folder that students fetch, the first language's under the assignment's name."""

    def init_src(self) -> None:
        """Where the editions lie. Fails where one is not built."""
        super().init_src()
        self._course = Course.open(Path(self.coursedir.root))
        for path in self._others().values():
            if not path.is_file():
                self.fail(f"expected the edition {path}; run `autograder build` first")

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy the first edition with its data files, then the other editions' notebooks beside it."""
        super().do_copy(src, dest, log)
        for name, path in self._others().items():
            shutil.copy(path, Path(dest) / name)

    def _others(self) -> dict[str, Path]:
        """The editions beside the first, by the name that students see."""
        course, assignment = self._course, self.coursedir.assignment_id
        return {
            edition_name(assignment, language, course.languages): course.release(assignment, language)
            for language in course.languages[1:]
        }


class CollectByRoster(ExchangeCollect):  # type: ignore[misc]
    """Collects each submission under the student's id, where a roster tells who the user of the machine is.

    With a roster, who is nobody in it is named and not collected; without one, a user's name is the id. What another
    user put there, or what holds a link, is not collected either.
    """

    src_records: list[dict[str, Any]]
    check_owner: bool

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """nbgrader takes the first: the newest, but nothing that will be refused before what will not."""
        return sorted(super()._sort_by_timestamp(records), key=lambda record: bool(self._refusal(record)))

    def _refusal(self, record: dict[str, Any]) -> str:
        """Why a submission is not taken: every student can write into the folder that it lies in."""
        path = Path(self.inbound_path, record["filename"])
        if path.is_symlink() or not all(map(is_plain, path.rglob("*"))):
            return "it is or holds a link, which would be followed with the instructor's rights"
        owner = _owner(path)
        if self.check_owner and owner != record["username"]:
            return (
                f"it says it is from {record['username']}, but {owner} put it there (where all students are one user "
                "of the system, set c.ExchangeCollect.check_owner = False)"
            )
        return ""

    def copy_files(self) -> None:
        """Collect what was found in the exchange."""
        course = Course.open(Path(self.coursedir.root))
        roster = Roster.of(course)
        records = []
        for record in self.src_records:
            user, refusal = record["username"], self._refusal(record)
            person = roster.find({"hub_user": user, "student_id": user}) if roster else None
            if refusal:
                self.log.error(f"not collected: {record['filename']}: {refusal}")
            elif isinstance(person, Unmatched):
                self.log.error(f"not collected: {person}; mend {roster.path}")
            else:
                records.append(record if person is None else record | {"username": person.student_id})
        self.src_records, self.check_owner = records, False
        super().copy_files()


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return "a user without a name"


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases a submission's page for every notebook that was handed in with it.

    A student's nbgrader looks for one page for each, and its list offers feedback only when all are there. What did
    not come through the exchange has no way back through it, and does not keep the others from theirs.
    """

    def copy_files(self) -> None:
        """Release the pages in `feedback/<student>/<assignment>`, under the names of what was handed in."""
        course, assignment = Course.open(Path(self.coursedir.root)), self.coursedir.assignment_id
        try:
            check_pages(course, assignment)
        except CourseError as error:
            self.fail(str(error))
        kept_out = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        found = {}
        for folder in glob.glob(self.src_path):  # noqa: PTH207  nbgrader's own pattern, with an absolute path
            page, student = Path(folder, f"{assignment}.html"), Path(folder).parent.name
            if student in kept_out or not page.exists():
                continue
            if secret := _secret(page):
                found[student] = page, secret
            else:
                self.log.warning(f"{student} did not hand in through the exchange: give {page} by hand")
                kept_out.add(student)
        self.coursedir.student_id_exclude = ",".join(sorted(kept_out))
        super().copy_files()
        released = Path(self.dest_path)
        for student, (page, secret) in found.items():
            for path in (course.submitted / student / assignment).glob("*.ipynb"):
                name = path.stem.encode(
                    "utf-8", "replace"
                ).decode()  # it is the student's, and may be no text
                key = notebook_hash(secret=secret, notebook_id=name)
                shutil.copy(page, released / f"{key}.html")
        for path in released.glob("*.html"):
            # the page in the course is closed, and this copy is the student's
            if not path.stat().st_mode & stat.S_IROTH:
                path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH)


def _secret(page: Path) -> str:
    """What a page is found by; empty where the exchange's two files beside it are gone, or are what no text is."""
    try:
        return (
            page.with_name("timestamp.txt").read_text()
            and page.with_name("submission_secret.txt").read_text()
        )
    except (OSError, ValueError):
        return ""
