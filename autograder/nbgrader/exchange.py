"""nbgrader's exchange with editions and a roster: releases every edition, collects any, and releases feedback.

These classes run on the instructor's side only: students fetch and submit with stock nbgrader.
"""

from __future__ import annotations

import glob
import shutil
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.course import Course, SubmissionId
from autograder.course_lock import hold
from autograder.errors import CourseError, UnreadableSubmission
from autograder.grading.given_out import give_out
from autograder.nbgrader.gradebook import put_environment_on_path
from autograder.nbgrader.gradebook_queries import check_pages
from autograder.permissions import make_closed
from autograder.roster import Roster, Unmatched
from autograder.submissions.safe_read import copy_folder, is_plain_throughout
from autograder.submissions.selection import edition_name

put_environment_on_path()  # collecting may create the gradebook


class ReleaseEditions(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Releases every edition into the folder that students fetch, the first language under the assignment's name."""

    def init_src(self) -> None:
        """Find the editions. Fail if one is not built."""
        super().init_src()
        self._course = Course.open(Path(self.coursedir.root))
        for path in self._other_editions().values():
            if not path.is_file():
                self.fail(f"expected the edition {path}; run `autograder build` first")

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy the first edition with its data files, then the other editions' notebooks beside it."""
        super().do_copy(src, dest, log)
        for name, path in self._other_editions().items():
            shutil.copy(path, Path(dest) / name)

    def _other_editions(self) -> dict[str, Path]:
        """Return all editions but the first, by the file name that students see."""
        course, assignment = self._course, self.coursedir.assignment_id
        return {
            edition_name(assignment, language, course.languages): course.assignment(assignment).release(
                language
            )
            for language in course.languages[1:]
        }


class CollectByRoster(ExchangeCollect):  # type: ignore[misc]
    """Collects each submission under the student id that the roster gives for the user of the machine.

    With a roster, unknown users are reported and not collected. Without one, the user name is the id. Submissions that
    another user wrote, or that contain a link, are not collected either.
    """

    src_records: list[dict[str, Any]]
    inbound_path: str
    check_owner: bool

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Return the record of a submission; a name that nbgrader did not write is refused, for that one alone."""
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except Exception as error:
            name = Path(path).name
            return {
                "username": name.partition("+")[0], "filename": name, "timestamp": datetime(1970, 1, 1),
                "refused": f"its name is none of nbgrader's: {error}",
            }  # fmt: skip
        return record

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sort the newest first, but refused ones last: nbgrader takes the first."""
        return sorted(super()._sort_by_timestamp(records), key=lambda record: bool(self._refusal(record)))

    def _refusal(self, record: dict[str, Any]) -> str:
        """Return why a submission is refused; empty if it is not. Every student can write into its folder."""
        if "refused" in record:
            return str(record["refused"])
        path = Path(self.inbound_path, record["filename"])
        try:
            plain = not path.is_symlink() and is_plain_throughout(path)
        except OSError as error:  # it changes meanwhile, or is nested without end
            return f"it cannot be read: {error}"
        except UnreadableSubmission as error:
            return error.reason.en
        if not plain:
            return "it is or contains a link, which would be followed with the instructor's rights"
        owner = _owner(path)
        if self.check_owner and owner != record["username"]:
            return (
                f"it claims to be from {record['username']}, but {owner} wrote it (if all students share one system "
                "user, set c.ExchangeCollect.check_owner = False)"
            )
        return ""

    def copy_files(self) -> None:
        """Collect the submissions from the exchange."""
        course = Course.open(Path(self.coursedir.root))
        roster = Roster.of(course)
        records = []
        for record in self.src_records:
            user, refusal = record["username"], self._refusal(record)
            person = roster.find({"hub_user": user, "student_id": user}) if roster else None
            if refusal:
                self.log.error(f"not collected: {record['filename']}: {refusal}")
            elif isinstance(person, Unmatched):
                self.log.error(f"not collected (fix {roster.path}): {person}")
            else:
                records.append((record if person is None else record | {"username": person.student_id}, user))
        inbound, strict = self.inbound_path, self.check_owner
        self.check_owner = False
        if not records:
            self.src_records = []
            super().copy_files()
        make_closed(course.set_aside("collected"))
        for record, user in records:
            with tempfile.TemporaryDirectory(dir=course.set_aside("collected")) as private:
                source, target = Path(inbound, record["filename"]), Path(private, record["filename"])
                try:
                    copy_folder(source, target, owner=_user_id(user) if strict else None)
                except (OSError, KeyError, UnreadableSubmission) as error:
                    reason = error.reason.en if isinstance(error, UnreadableSubmission) else error
                    self.log.error(f"not collected: {record['filename']}: {reason}")
                    continue
                self.inbound_path, self.src_records = private, [record]
                super().copy_files()


def _user_id(user: str) -> int:
    import pwd  # missing on Windows, which has no exchange

    return pwd.getpwnam(user).pw_uid


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return "a user without a name"


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases a submission's feedback page under the name of every notebook submitted with it.

    A student's nbgrader looks for one page per notebook, and offers feedback only once all are there. A submission that
    did not come through the exchange cannot go back through it, and does not block the others.
    """

    def copy_files(self) -> None:
        """Release the pages in `feedback/<student>/<assignment>` under the names of the submitted notebooks."""
        course, assignment = Course.open(Path(self.coursedir.root)), self.coursedir.assignment_id
        try:
            check_pages(course, assignment)
        except CourseError as error:
            self.fail(str(error))
        excluded = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        pages = {}
        for folder in glob.glob(self.src_path):  # noqa: PTH207  nbgrader's own pattern, with an absolute path
            page, student = Path(folder, f"{assignment}.html"), Path(folder).parent.name
            if student in excluded or not page.exists():
                continue
            if secret := _secret(page):
                pages[student] = page, secret
            else:
                self.log.warning(f"{student} did not submit through the exchange: deliver {page} yourself")
                excluded.add(student)
        self.coursedir.student_id_exclude = ",".join(sorted(excluded))
        try:
            with hold(course.root, "nbgrader release_feedback"):
                submissions = [SubmissionId(student, assignment) for student in pages]
                give_out(course, submissions, "nbgrader release_feedback")
        except CourseError as error:
            self.fail(str(error))
        super().copy_files()
        released = Path(self.dest_path)
        for student, (page, secret) in pages.items():
            for path in course.submitted_folder(SubmissionId(student, assignment)).glob("*.ipynb"):
                # the student chose the name, which may not be valid text
                name = path.stem.encode("utf-8", "replace").decode()
                key = notebook_hash(secret=secret, notebook_id=name)
                shutil.copy(page, released / f"{key}.html")
        for path in released.glob("*.html"):
            # the page in the course is private, but this copy is for the student
            if not path.stat().st_mode & stat.S_IROTH:
                path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH)


def _secret(page: Path) -> str:
    """Return the secret that a page is found by; empty if the exchange's files beside it are missing or not text."""
    try:
        return (
            page.with_name("timestamp.txt").read_text()
            and page.with_name("submission_secret.txt").read_text()
        )
    except (OSError, ValueError):
        return ""
