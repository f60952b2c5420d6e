"""The `autograder` command: build, verify, new, pool, grade, why, collect, demo, doctor."""

from __future__ import annotations

import argparse
import contextlib
import errno
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder import __version__
from autograder.cli.course_lock import hold
from autograder.cli.lms_commands import add_lms_commands
from autograder.cli.options import (
    Terminal,
    add_command,
    examples,
    jobs_option,
    language_of,
    language_option,
    progress_bar,
    scheduler_option,
    size,
)
from autograder.cli.web_commands import add_web_commands
from autograder.course import Course, folder_of_course
from autograder.engine.preload import expect_workers
from autograder.errors import AutograderError, CourseError, GraderError, NoSeal, NoSecret
from autograder.nbgrader.sqlite_errors import explain_error, untraced
from autograder.permissions import closed_files
from autograder.text import LANGUAGES, Text, visible

if TYPE_CHECKING:
    from autograder.authoring.build import Built
    from autograder.cli.doctor import Finding
    from autograder.course import SubmissionId
    from autograder.engine.messages import Change, Result

INTERRUPTED, MAX_SHOWN = 130, 1000
UNSEALED_WARNING = Text(
    ko="경고: 봉인 없이 채점합니다. 학생 코드가 당신의 권한으로 실행됩니다.",
    en="warning: grading unsealed: student code runs with your own rights",
)


DISK_FULL = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
)  # a failed write has one of these and often no file name


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 told what is wrong, 130 interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser().parse_args(argv)
    console = Terminal(highlight=False)
    try:
        with untraced(), closed_files(folder_of_course()), _alone(arguments, argv):
            code: int = arguments.run(arguments, console)
    except (NoSeal, NoSecret) as error:
        _complain(error.message.in_language(language_of(arguments)))
        return 1
    except AutograderError as error:
        _complain(_database_message(error) or str(error))
        return 1
    except OSError as error:
        if not error.filename and error.errno not in DISK_FULL:
            raise
        _complain(": ".join(filter(None, (error.filename, error.strerror))))
        return 1
    except KeyboardInterrupt:
        Terminal(stderr=True).print("\nstopped; what was done is kept, run the same command again to go on")
        return INTERRUPTED
    except Exception as error:
        message = _database_message(error)
        if not message:
            raise
        _complain(message)
        return 1
    return code


def _alone(arguments: argparse.Namespace, argv: Sequence[str]) -> contextlib.AbstractContextManager[None]:
    """The lock of the course, for a command that needs it."""
    if not arguments.alone:
        return contextlib.nullcontext()
    return hold(Course.open().root, f"autograder {argv[0]}")  # what follows may name a student


def _database_message(error: Exception) -> str:
    """Return the message for an SQLite error; empty for any other error."""
    with contextlib.suppress(AutograderError):  # a command may run outside a course
        return explain_error(error, Course.open().gradebook_url.removeprefix("sqlite:///"))
    return explain_error(error)


def _complain(message: str) -> None:
    Terminal(stderr=True, highlight=False).print(f"[red]autograder:[/] {escape(message)}", soft_wrap=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Exercises that grade themselves: author once, release without answers, grade a class.",
        epilog=examples(
            "autograder demo                    grade our own class and see what comes out",
            "autograder new lstm_parameters q   write a question file to start from",
            "autograder build                   release every assignment, proved",
            "autograder collect downloads       put hand-ins where they are graded",
            "autograder grade lstm_parameters   grade the submissions of one assignment",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    build = add_command(
        commands, "build", _build, "release assignments without answers, proved",
        "Stamps the question files into source/, lets nbgrader make each edition of release/, proves every law, "
        "and swaps the result in. A mistake stops it before anything is written.",
        "autograder build lstm_parameters   release one assignment",
        "autograder build --check           is release/ what source/ and solutions/ build?", alone=True,
    )  # fmt: skip
    build.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="all where none is named")
    build.add_argument(
        "--check",
        action="store_true",
        help="write nothing but the certificate; fail where release/ is not current",
    )
    build.add_argument(
        "--no-solutions",
        action="store_true",
        help="run and write no solved notebook: a cell that raises is not found",
    )
    build.add_argument("--again", action="store_true", help="also prove what was proved before")
    jobs_option(build, "proofs are made")

    verify = add_command(
        commands, "verify", _verify, "prove the release and write its certificate",
        "Proves that release/ is what the sources build and that every law holds for every question and every "
        "variant: right answers are paid, wrong ones refused and explained, attacks come to nothing, nothing "
        "leaks. Writes build/certificate.json and a page for people. What was proved before and has not changed "
        "is not proved again.",
        "autograder verify                 all of it",
        "autograder verify --again         also what was proved before", alone=True,
    )  # fmt: skip
    verify.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="all where none is named")
    verify.add_argument("--again", action="store_true", help="also prove what was proved before")
    jobs_option(verify, "proofs are made")

    new = add_command(
        commands, "new", _new, "write a question file from the template",
        "Writes solutions/ASSIGNMENT/QUESTION.py, a whole question that builds at once: change it step by step. "
        "QUESTION is the name that the student will define.",
        "autograder new my_assignment my_question", alone=True,
    )  # fmt: skip
    new.add_argument("assignment", metavar="ASSIGNMENT")
    new.add_argument("question", metavar="QUESTION")

    pool = add_command(
        commands, "pool", _pool, "fill a pool with numbers that tell every known mistake apart",
        "Writes variants into solutions/ASSIGNMENT/POOL.json: numbers within its `ranges` with which no known "
        "mistake of a question that uses the pool is right, and no two give the same number. Variants that still "
        "hold are kept: only students whose variant has gone, or who draw an added one, get other numbers. Change "
        "pools before students hand in.",
        "autograder pool lstm_parameters problem1",
        "autograder pool lstm_parameters problem1 --size 400", alone=True,
    )  # fmt: skip
    pool.add_argument("assignment", metavar="ASSIGNMENT")
    pool.add_argument("pool", metavar="POOL", help="its name: the file's, without .json")
    pool.add_argument("--size", type=size, default=240, metavar="N", help="variants (default: %(default)s)")

    grade = add_command(
        commands, "grade", _grade, "grade submissions, write feedback and grades",
        "Grades submitted/<student>/<assignment>/<assignment>.ipynb through nbgrader into gradebook.db, writes "
        "feedback/ and grades.csv, and says what the class misunderstood. A grade is kept until its answers, "
        "question files, release, secret, settings or versions change; what is graded again is told, with the reason.",
        "autograder grade                               everything that is new",
        "autograder grade gru_parameters --student kim  one submission",
        "autograder grade --force                       all of it anew",
        "autograder grade --preview                     what would a mended question change?",
        "autograder grade --jobs 8                      eight submissions side by side",
        "autograder grade --scheduler tcp://lab1:8786   on the workers of a Dask cluster", alone=True,
    )  # fmt: skip
    grade.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="all where none is named")
    grade.add_argument(
        "--student", action="append", default=[], metavar="ID", help="only this one (repeatable)"
    )
    grade.add_argument("--force", action="store_true", help="grade anew what has not changed, too")
    grade.add_argument(
        "--preview", action="store_true",
        help="list the scores of earlier runs that would change; write nothing",
    )  # fmt: skip
    grade.add_argument(
        "--new-secret", action="store_true",
        help="where the secret of the course is lost, with its backup: make a new one, and grade everything again",
    )  # fmt: skip
    grade.add_argument(
        "--unsealed", action="store_true",
        help="run student code with your own rights, where no seal holds: only if you trust every submission",
    )  # fmt: skip
    grade.add_argument(
        "--stock-fit", action="store_true",
        help="train models with Keras's own fit alone, which takes longer (the results are the same)",
    )  # fmt: skip
    scheduler_option(grade, "grade on the Dask cluster of this scheduler (default: the course's setting)")
    jobs_option(grade)
    language_option(grade)

    why = add_command(
        commands, "why", _why, "show why an answer got its points",
        "Grades a submission in submitted/ once more, changing nothing, and shows for one question what each check "
        "gave to the answer, what it wanted, what came back and what the diagnosis is. It shows hidden inputs and "
        "right answers: for staff.",
        "autograder why kim lstm_parameters lstm_params",
        "autograder why kim lstm_parameters lstm_params --language ko",
    )  # fmt: skip
    why.add_argument("student", metavar="STUDENT", help="whose submission: a folder of submitted/")
    why.add_argument("assignment", metavar="ASSIGNMENT")
    why.add_argument("question", metavar="QUESTION", help="its name, as the student defines it")
    language_option(why, "of what is shown")

    collect = add_command(
        commands, "collect", _collect, "turn hand-ins, as they really come, into submissions",
        "Looks into every notebook of a folder or archive, whatever its name, and puts the one that counts into "
        "submitted/. The student is the folder a file lies in, or what its name says beside the assignment. Zips of "
        "submissions from Moodle and Canvas are read as they are; a roster tells whose each is.",
        "autograder collect downloads                     downloads/<student>/anything.ipynb",
        "autograder collect 'Copy of x.ipynb' --student kim",
        "autograder collect moodle.zip --assignment cells --worksheet worksheet.csv", alone=True,
    )  # fmt: skip
    collect.add_argument(
        "source", type=Path, metavar="PATH", help="a folder, an archive (.zip, .tar.gz) or a notebook"
    )
    collect.add_argument("--student", default="", metavar="ID", help="whose they all are")
    collect.add_argument("--assignment", default="", metavar="ASSIGNMENT", help="to what they all are")
    collect.add_argument(
        "--worksheet", type=Path, metavar="FILE",
        help="Moodle's grading worksheet of the assignment: who is who in its zip, when they handed in, and extensions",
    )  # fmt: skip

    demo_command = add_command(
        commands, "demo", _demo, "grade our own class and compare with what it deserves",
        "Copies the course, hands in a class of real notebooks (right in many ways, wrong in many ways, broken), "
        "grades it, and compares scores and diagnoses with what the class files say.",
        "autograder demo --assignment lstm_parameters   only a part of it", alone=True,
    )  # fmt: skip
    demo_command.add_argument(
        "--folder", type=Path, default=Path("build/demo"), help="where (default: %(default)s)"
    )
    demo_command.add_argument(
        "--class", dest="class_folder", type=Path, default=None, metavar="FOLDER",
        help="the class: a folder of TOML files (default: tests/demo_class of the course)",
    )  # fmt: skip
    demo_command.add_argument(
        "--assignment", action="append", default=[], metavar="ASSIGNMENT", help="only this one"
    )
    jobs_option(demo_command)
    language_option(demo_command)

    doctor = add_command(
        commands, "doctor", _doctor, "tell what this machine offers for grading",
        "Tries every layer that can seal student code, the strongest first, and says which one a run would use, "
        "what is missing, and what to do where none holds. Where the course has a web tool (c.WebSettings.url) it "
        "looks at that too: address, database, LMSs, what waits. Exits with 1 where no seal holds, or something about "
        "the web tool is wrong.",
        "autograder doctor --language ko",
        "autograder doctor --scheduler tcp://lab1:8786   which workers are sealed, and how",
    )  # fmt: skip
    scheduler_option(doctor, "ask the workers of this Dask cluster instead")
    doctor.add_argument(
        "--language", choices=LANGUAGES, help="of what is told (default: the course's first, else en)"
    )
    add_lms_commands(commands)
    add_web_commands(commands)
    return parser


# Each command imports what it needs when it runs: nbgrader takes a second, and --help should not.


def _build(arguments: argparse.Namespace, console: Console) -> int:
    built = _built(arguments, console, solutions=not arguments.no_solutions, check_only=arguments.check)
    if arguments.check:
        console.print(f"release/ is current: {', '.join(built.assignments)}")
        return 0
    for path in built.changed:
        console.print(f"  wrote {escape(path)}", soft_wrap=True)
    console.print(f"{_totals(built)}; {len(built.changed)} file(s) changed; every law holds", soft_wrap=True)
    return 0


def _verify(arguments: argparse.Namespace, console: Console) -> int:
    built = _built(arguments, console, check_only=True)
    console.print(f"{_totals(built)}: release/ is current and every law holds", soft_wrap=True)
    console.print(f"certificate: {built.certificate}", soft_wrap=True)
    return 0


def _built(arguments: argparse.Namespace, console: Console, **how: bool) -> Built:
    """What a build did, its progress shown and its notes told."""
    from autograder.authoring.build import build
    from autograder.verification.answer_bank import ENOUGH_RIGHT, ENOUGH_WRONG

    course = Course.open()
    course.check_settings()
    with console.status("") as status:
        built = build(
            course, arguments.assignments, step=lambda text: status.update(escape(text)),
            jobs=arguments.jobs, again=arguments.again, **how,
        )  # fmt: skip
    for warning in built.warnings:
        console.print(f"[yellow]note:[/] {escape(warning)}", soft_wrap=True)
    if built.drafts:
        console.print(
            f"[yellow]drafts:[/] {', '.join(built.drafts)} ({ENOUGH_RIGHT} right and {ENOUGH_WRONG} wrong "
            "answers in tests/answers/<question>/ make a draft a question)",
            soft_wrap=True,
        )
    return built


def _totals(built: Built) -> str:
    manual = (
        f", and {len(built.by_hand)} manually graded cell{'s' * (len(built.by_hand) > 1)}, "
        f"{sum(built.by_hand.values()):g} points"
        if built.by_hand
        else ""
    )
    return (
        f"{len(built.assignments)} assignment(s), {built.questions} questions, {built.points:g} points{manual}, in "
        f"{', '.join(Course.open().languages)}"
    )


def _new(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.authoring.build import new_question

    path = new_question(Course.open(), arguments.assignment, arguments.question)
    console.print(f"wrote {escape(str(path))}\nnext: change it, then `autograder build {arguments.assignment}`",
                  soft_wrap=True)  # fmt: skip
    return 0


def _pool(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.authoring.pool_generator import fill

    with console.status("") as status:
        filled = fill(
            Course.open(), arguments.assignment, arguments.pool, size=arguments.size,
            step=lambda text: status.update(escape(text)),
        )  # fmt: skip
    console.print(f"wrote {escape(str(filled.path))}: {filled.kept} variants kept, {filled.added} added, "
                  f"{filled.removed} removed", soft_wrap=True)  # fmt: skip
    for question, chance in filled.chances.items():
        console.print(f"{question}: two students have the same answer with a chance of {chance:.2%}")
    return 0


def _grade(arguments: argparse.Namespace, console: Console) -> int:
    course = Course.open()
    if arguments.unsealed:
        course.config.CourseSettings.seal = "none"
    if arguments.stock_fit:
        course.config.CourseSettings.fit = "stock"
    course.check_settings()  # after the options: settings are cached at the first read
    if not (course.settings.scheduler if arguments.scheduler is None else arguments.scheduler):
        expect_workers(arguments.jobs, apart=True)
    from autograder.engine.batch import find_submissions
    from autograder.grading.hidden_inputs import prepare

    jobs = find_submissions(course, arguments.assignments, arguments.student)
    if arguments.new_secret:
        prepare(course, anew=True)
    language = language_of(arguments)
    return _grade_and_tell(
        course, jobs, console, language, workers=arguments.jobs, force=arguments.force, scheduler=arguments.scheduler,
        preview=arguments.preview,
    )[0]  # fmt: skip


def _grade_and_tell(
    course: Course,
    jobs: list[SubmissionId],
    console: Console,
    language: str,
    *,
    workers: int,
    force: bool,
    scheduler: str | None,
    preview: bool = False,
) -> tuple[int, list[Result]]:
    """Grade with a progress bar, then print the summary; exit code and the results."""
    from autograder.engine.batch import grade_class
    from autograder.reports.grading_summary import (
        preliminary,
        print_changes,
        print_preview,
        print_summary,
        totals_of,
        write_grades_file,
    )

    if course.settings.seal == "none":
        console.print(f"[bold red]{UNSEALED_WARNING.in_language(language)}[/]", soft_wrap=True)

    lost: list[Change] = []

    def changed(found: Sequence[Change]) -> None:
        lost.extend(one for one in found if one.after is None)
        print_changes(console, found, language, course.root / "build" / "regrade.csv", written=not preview)

    with progress_bar(console, len(jobs)) as advance:
        results = grade_class(
            course, jobs, workers=workers, apart=True, force=force, scheduler=scheduler,
            on_result=lambda result: advance(result.submission.student),
            on_message=lambda text: console.print(f"[yellow]{escape(text.in_language(language))}[/]", soft_wrap=True),
            on_progress=lambda text: console.print(f"[dim]{escape(text)}[/]", soft_wrap=True),
            on_changes=changed, preview=preview,
        )  # fmt: skip
    if preview:
        print_preview(console, results, language)
        return (1 if lost or any(result.state == "ungraded" for result in results) else 0), results
    totals = totals_of(course)
    print_summary(console, results, language, totals)
    ungraded = write_grades_file(course)
    console.print(f"grades: {course.root / 'grades.csv'}", soft_wrap=True)
    if note := preliminary(totals, language):
        console.print(f"[yellow]{note}[/]", soft_wrap=True)
    console.print(f"feedback: {course.feedback}", soft_wrap=True)
    failed = ungraded or lost or any(result.state == "ungraded" for result in results)
    return (1 if failed else 0), results


def _why(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.engine.batch import find_submissions, replay_submission
    from autograder.reports.explanation import print_why

    course, language = Course.open(), language_of(arguments)
    [job] = find_submissions(course, [arguments.assignment], [arguments.student])
    with console.status(""):
        seen = replay_submission(course, job, arguments.question)
    if "failed" in seen:
        raise GraderError(seen["failed"])
    print_why(console, seen, language)
    return 0


def _collect(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.cli.deadlines import note_worksheet_times, take_worksheet
    from autograder.submissions.collect import collect

    def shown(name: str) -> str:
        """Return a name from outside as text that the terminal does not interpret."""
        return escape(visible(name, MAX_SHOWN))

    course = Course.open()
    worksheet = None
    if arguments.worksheet:
        worksheet = take_worksheet(course, arguments.assignment, arguments.worksheet, console)
    collected = collect(
        course,
        arguments.source,
        student=arguments.student,
        assignment=arguments.assignment,
        participants={one.number: one.told for one in worksheet.participants} if worksheet else {},
    )
    for one in collected.placed:
        counts = "counts" if one.counts else "[yellow]a newer one counts[/]"
        console.print(
            f"{shown(one.student)} {one.assignment}: {counts}, recognised {one.how}, {one.worked} answer(s) "
            f"worked on [dim]({shown(one.hand_in.name)})[/]",
            soft_wrap=True,
        )
    for lost in collected.unplaced:
        console.print(f"[red]not placed:[/] {shown(lost.name)}: {shown(lost.reason)}", soft_wrap=True)
    if worksheet:
        note_worksheet_times(course, arguments.assignment, worksheet, console)
    counting = sum(one.counts for one in collected.placed)
    console.print(f"{counting} submission(s) collected, {len(collected.unplaced)} hand-in(s) not placed")
    return 1 if collected.unplaced or not counting else 0


def _demo(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.verification import demo_class

    course = Course.open()
    for name in arguments.assignment:
        course.check_assignment(name)
    students = [
        student
        for student in demo_class.read_class(arguments.class_folder or course.root / "tests" / "demo_class")
        if not arguments.assignment or student.assignment in arguments.assignment
    ]
    copied = demo_class.prepare(course, (Path.cwd() / arguments.folder).resolve())
    copied.config.CourseSettings.seal = "preferred"  # our own class: it runs on any machine
    jobs = demo_class.hand_in(copied, students)
    console.print(f"{len(students)} students handed in; grading them in {copied.root}", soft_wrap=True)
    language = arguments.language or course.languages[0]
    _, results = _grade_and_tell(
        copied, jobs, console, language, workers=arguments.jobs, force=True, scheduler=""
    )
    console.print(f"gradebook: {copied.root / 'gradebook.db'}", soft_wrap=True)
    differences = demo_class.compare(students, results)
    for one in differences:
        console.print(
            f"[red]{escape(one.student)} {one.question}:[/] expected {one.expected}, found {one.found}",
            soft_wrap=True,
        )
    if differences:
        console.print(f"[red]{len(differences)} result(s) are not what the class deserves[/]")
        return 1
    console.print(f"every score and diagnosis of the {len(students)} students is what the class deserves")
    return 0


def _doctor(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.cli.doctor import examine, wrong_settings
    from autograder.web.health import look

    language = arguments.language or "en"
    web: tuple[Finding, ...] = ()
    if arguments.scheduler:
        with contextlib.suppress(CourseError):
            language = language_of(arguments)
        return _survey(arguments.scheduler, console, language)
    with console.status(""):
        folder = folder_of_course()
        if folder is not None:  # a machine can be looked at without a course
            web = wrong_settings(folder)
            with contextlib.suppress(CourseError):
                language = language_of(arguments)
                web += look(Course.open(folder))
        diagnosis = examine(folder)
    for finding in (*diagnosis.findings, *web):
        told = ": ".join(part for part in (finding.name.in_language(language), finding.seen) if part)
        mark = "[green]✔[/]" if finding.good else "[red]✘[/]"
        console.print(f"{mark} {escape(told)}", soft_wrap=True)
    console.print(escape(diagnosis.verdict.in_language(language)), soft_wrap=True)
    if diagnosis.weakest is not None:
        console.print(escape(diagnosis.weakest.in_language(language)), soft_wrap=True)
    return 0 if diagnosis.holds is not None and all(one.good for one in web) else 1


def _survey(scheduler: str, console: Console, language: str) -> int:
    """What each worker of a cluster offers."""
    from autograder.engine.cluster.survey import survey

    with console.status(""):
        found = survey(scheduler)
    for worker, good, said in found.findings:
        mark = "[green]✔[/]" if good else "[red]✘[/]"
        console.print(f"{mark} {escape(worker)}: {escape(said.in_language(language))}", soft_wrap=True)
    console.print(escape(found.verdict.in_language(language)), soft_wrap=True)
    return 0 if found.usable else 1


if __name__ == "__main__":
    sys.exit(main())
