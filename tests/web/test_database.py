"""Opening the database, its schema, and what a transaction promises; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    create_engine,
    delete,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from autograder.errors import CourseError
from autograder.grading.failing_cases import FailingCase, FailingCases, FailingCheck
from autograder.text import Text
from autograder.web.db import kept_cases
from autograder.web.db.database import VERSION, Database, migrating, upgrade
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    KeptCases,
    Launch,
    Membership,
    Person,
    Platform,
    RegradeRequest,
    ResourceLink,
    ToolKey,
)
from autograder.web.db.types import Table
from autograder.web.lti import tool_keys
from tests.web import database_rows

pytestmark = pytest.mark.long

OPEN = """
import sys
from autograder.web.db.types import Table
from autograder.web.db.database import Database
print("ready", flush=True)
sys.stdin.readline()
database = Database.open(sys.argv[1])
with database.write() as session:
    print("opened", flush=True)
"""


def fill_first_version(connection: Connection) -> None:
    """Add one row to each table that was changed since, and the rows to which it refers."""
    at, first = datetime(2026, 3, 2, tzinfo=UTC), MetaData()
    first.reflect(connection)
    owned = {"course_link_id": 3, "person_id": 4}
    urls = dict.fromkeys(("issuer", "auth_login_url", "auth_token_url", "key_set_url"), "https://lms.example")
    for name, row in {
        "platform": {"id": 1, "client_id": "c", "deployments": [], "name": "", "active": True, "created_at": at}
        | urls,
        "context": {"id": 2, "platform_id": 1, "deployment": "1", "lms_id": "", "title": ""},
        "course_link": {"id": 3, "context_id": 2, "resource_link_id": "link", "title": "LSTM", "scopes": []}
        | {"stands": "best", "late_rule": "accept", "late_percent": 0, "created_at": at},
        "person": {"id": 4, "platform_id": 1, "subject": "s", "name": "", "email": "", "locale": ""}
        | {"pseudonym": "p", "created_at": at},
        "attempt": {"id": 7, "received_at": at, "sha256": "0", "path": "1/a.ipynb", "file_name": "", "edition": ""}
        | {"state": "graded", "reason": "no seal"} | owned,
        "delivery": {"id": 8, "score": 1, "maximum": 2, "comment": "", "made_at": at, "state": "refused", "tries": 1}
        | {"next_try_at": at, "lms_said": "HTTP 403"} | owned,
        "job": {"id": 5, "attempt_id": 7, "state": "done", "free_at": at, "tries": 1},
        "allowance": {"more_attempts": 1, "made_by": "", "made_at": at} | owned,
        "standing": {"attempt_id": 7, "late": 0, "cells": {"q-check": {"score": 3.0}}, "stale": False}
        | {"changed_at": at} | owned,
        "look": {"id": 6, "attempt_id": 7, "question": "q", "check": "", "words": "", "asked_at": at}
        | {"answered_by": ""},
        "replay": {"id": 9, "attempt_id": 7, "question": "q", "asked_at": at, "free_at": at, "seen": {"given": "n=3"}},
    }.items():  # fmt: skip
        connection.execute(first.tables[name].insert().values(row))


def upgraded_from_first_version(url: str, by_way_of: str = "0001") -> Database:
    """Fill a database as the first version did, and open it with this one. by_way_of: a version in between."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with migrating(engine) as connection:
        upgrade(connection, "0001")
        fill_first_version(connection)
        upgrade(connection, by_way_of)
    engine.dispose()
    return Database.open(url)


def difference(database: Database, metadata: MetaData = Table.metadata) -> list[object]:
    with database.engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION, "compare_type": True}
        )
        return list(compare_metadata(context, metadata))


def drawn(database: Database) -> set[str]:
    """All that the database says of its tables and indexes, as text."""
    asked = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'autograder_version'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> "
        "'autograder_version' UNION SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'autograder%'",
    }
    with database.engine.begin() as connection:
        said = [row[0] for row in connection.execute(text(asked[database.engine.dialect.name]))]
    # a table's constraints may stand in any order, and SQLite quotes the name of a renamed table
    said = [one.replace('"', "") for one in said]
    # and it puts an added column on the line of the one before
    lines = [[part.strip() for part in re.split(r",(?![^(]*\))|\n", one)] for one in said]
    return {"\n".join(sorted(filter(None, parts))) for parts in lines}


class TestTheSchema:
    """What the migrations make is what the tables say."""

    def test_is_that_of_the_tables(self, database: Database) -> None:
        """Alembic finds nothing to do after the migrations."""
        assert difference(database) == []

    def test_difference_would_be_seen(self, database: Database) -> None:
        """A column and an index that no migration made are found."""
        planted = MetaData()
        for table in Table.metadata.tables.values():
            table.to_metadata(planted)
        CoreTable("person", planted, Column("shoe_size", String, index=True), extend_existing=True)
        assert [change[0] for change in difference(database, planted)] == ["add_column", "add_index"]

    def test_is_the_same_to_the_last_condition(self, database: Database) -> None:
        """Rules of deletion and the condition of an index, which alembic does not compare, are equal too."""
        migrated = drawn(database)
        with database.engine.begin() as connection:
            Table.metadata.drop_all(connection)
            Table.metadata.create_all(connection)
        assert drawn(database) == migrated
        assert any("waiting" in line for line in migrated)
        assert any("ON DELETE CASCADE" in line for line in migrated)

    def test_may_change_without_a_loss(self, database: Database) -> None:
        """A step that makes a table anew, as SQLite must to change a column, keeps what refers to its rows."""
        with database.write() as session:
            database_rows.attempts(session, 2)
        with migrating(database.engine) as connection:
            steps = Operations(MigrationContext.configure(connection))
            with steps.batch_alter_table("platform") as table:
                table.alter_column("name", nullable=True)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Attempt)) == 2
        with pytest.raises(IntegrityError), database.write() as session:
            database_rows.attempt(session, 1, 12345)

    def test_of_the_first_version_is_brought_up_to_date(self, url: str) -> None:
        """Rows of changed tables stay, with what refers to them, and go with the person to whom they belong."""
        database = upgraded_from_first_version(url)
        renamed = (ResourceLink, GradingJob, Extension, FinalGrade, RegradeRequest)
        with database.read() as session:
            assert [session.scalar(select(func.count()).select_from(table)) for table in renamed] == [1] * 5
            job = session.scalars(select(GradingJob)).one()
            assert (job.id, job.attempt.course_link.title, job.attempt.id) == (5, "LSTM", 7)
            assert session.scalars(select(FinalGrade.cells)).one() == {"q-check": {"score": 3.0}}
            assert session.scalars(select(Attempt.reason)).one() == Text(en="no seal")
            assert session.scalars(select(Delivery.lms_error)).one() == Text(en="HTTP 403")
        with database.write() as session:
            session.add(ResourceLink(context_id=2, resource_link_id="another"))
            session.execute(delete(Person))
        with database.read() as session:
            left = [session.scalar(select(func.count()).select_from(table)) for table in renamed]
            assert left == [2, 0, 0, 0, 0]
        database.close()

    @pytest.mark.parametrize("version", [f"{number:04}" for number in range(1, 7)])
    def test_of_each_version_keeps_cases_in_the_place_of_replays(self, url: str, version: str) -> None:
        """The table of replays goes with the hidden inputs in it; cases are kept, and go with the person."""
        database = upgraded_from_first_version(url, by_way_of=version)
        assert "replay" not in inspect(database.engine).get_table_names()
        kept = FailingCases((FailingCheck("c", Text(en="no"), (FailingCase("n=3", "6", "5", Text()),)),))
        with database.write() as session:
            assert kept_cases.load(session, 7, "q") is None
            kept_cases.store(session, 7, {"q": kept})
        with database.read() as session:
            assert kept_cases.load(session, 7, "q") == kept
        with database.write() as session:
            session.execute(delete(Person))
        with database.read() as session:
            assert session.scalars(select(KeptCases)).all() == []
        database.close()

    def test_courses_in_use_stay_confirmed(self, url: str) -> None:
        """An upgrade locks nobody out of a course of the LMS that opened activities before."""
        database = upgraded_from_first_version(url)
        with database.write() as session:
            assert session.scalars(select(Context.confirmed_at)).one() is not None
            session.add(Context(platform_id=1, deployment="1", lms_id="new"))
            session.flush()
            assert session.scalars(select(Context.confirmed_at).where(Context.lms_id == "new")).one() is None
        database.close()


class TestOpening:
    """A database of ours is opened, and nothing else."""

    def test_again_keeps_what_is_in_it(self, url: str) -> None:
        """A second start finds the rows of the first."""
        first = Database.open(url)
        with first.write() as session:
            database_rows.platform(session)
        first.close()
        second = Database.open(url)
        with second.read() as session:
            assert session.scalar(select(func.count()).select_from(Platform)) == 1
        second.close()

    def test_by_several_processes_at_once(self, url: str) -> None:
        """Four that start together on a new database all succeed."""
        started = [
            subprocess.Popen(
                [sys.executable, "-c", OPEN, url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in started:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in started:
            said, wrong = one.communicate(timeout=60)
            assert (said, wrong) == ("opened\n", "")

    def test_newer_one_is_refused(self, url: str) -> None:
        """A schema that this program does not know is left alone, and the operator is told what to do."""
        database = Database.open(url)
        with database.write() as session:
            session.execute(text("UPDATE autograder_version SET version_num = '9999'"))
        database.close()
        with pytest.raises(CourseError) as refused:
            Database.open(url)
        assert "was used by a newer version of autograder" in str(refused.value)
        assert "install that version" in str(refused.value)

    def test_foreign_database_is_refused(self, url: str) -> None:
        """A gradebook given by mistake gets no tables of ours."""
        driver = url.replace("postgresql:", "postgresql+psycopg:")
        other = create_engine(driver)
        with other.begin() as connection:
            connection.execute(text("CREATE TABLE submitted_assignment (id int)"))
        with pytest.raises(CourseError, match=r"belongs to another program .tables submitted_assignment"):
            Database.open(url)
        assert inspect(other).get_table_names() == ["submitted_assignment"]
        other.dispose()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("mysql://carol:secret@host/web", r"unsupported database URL mysql://carol:\*\*\*@host/web;"),
            ("sqlite://", "sqlite:///path/to/file.db"),
            ("web.db", "sqlite:///path/to/file.db"),
            ("sqlite:////no/such/folder/web.db", r"cannot open the database .*No such file"),
            ("postgresql://carol:secret@127.0.0.1:1/web", r"cannot open the database .*refused"),
        ],
    )
    def test_wrong_place_is_told(self, wrong: str, said: str) -> None:
        """The message names the place and what is wrong, and keeps the password."""
        with pytest.raises(CourseError, match=said) as refused:
            Database.open(wrong)
        assert "secret" not in str(refused.value)

    def test_file_that_is_no_database_is_told(self, tmp_path: Path) -> None:
        """A notebook given by mistake is not touched."""
        file = tmp_path / "lstm.ipynb"
        file.write_text("{}" * 500)
        with pytest.raises(CourseError, match="not a database"):
            Database.open(file)
        assert file.read_text() == "{}" * 500

    def test_the_file_is_its_owners(self, tmp_path: Path) -> None:
        """Keys and names stand in it: nobody else may read the file, or what SQLite puts beside it."""
        database = Database.open(tmp_path / "web.db")
        with database.write() as session:
            database_rows.platform(session)
            made = list(tmp_path.glob("web.db*"))
            assert len(made) == 3
            assert {stat.S_IMODE(one.stat().st_mode) for one in made} == {0o600}
        database.close()


class TestATransaction:
    """All of a block or nothing, and readers that only read."""

    def test_that_raises_leaves_nothing(self, database: Database) -> None:
        """What was written before an error is gone."""
        with pytest.raises(ZeroDivisionError), database.write() as session:
            database_rows.platform(session)
            raise ZeroDivisionError
        with database.read() as session:
            assert session.scalars(select(Platform)).all() == []

    def test_for_reading_writes_nothing(self, database: Database) -> None:
        """A reader's change is an error, and the next writer on the same connection may write."""
        with pytest.raises(DBAPIError, match=r"readonly|read-only"), database.read() as session:
            database_rows.platform(session)
        with database.write() as session:
            database_rows.platform(session)

    def test_readers_and_writers_do_not_wait_for_each_other(self, database: Database) -> None:
        """While somebody reads others commit, and while somebody writes others see what was there before."""
        with database.read() as reading:
            assert reading.scalars(select(Platform)).all() == []
            with database.write() as writing:
                database_rows.platform(writing)
                with database.read() as other:
                    assert other.scalars(select(Platform)).all() == []
        with database.read() as reading:
            assert len(reading.scalars(select(Platform)).all()) == 1

    def test_writers_stand_in_line(self, database: Database) -> None:
        """By the time that one of eight threads has written a hundred times, none is far behind."""
        counts = [0] * 8

        def write(mine: int) -> None:
            while max(counts) < 100:
                with database.write() as session:
                    database_rows.platform(session)
                counts[mine] += 1

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        assert min(counts) >= 5, counts

    def test_two_of_a_kind_are_refused(self, database: Database) -> None:
        """A launch's state is good for one."""
        ends = datetime.now(UTC)
        with database.write() as session:
            session.add(Launch(state="s", nonce="1", expires_at=ends))
        with pytest.raises(IntegrityError), database.write() as session:
            session.add(Launch(state="s", nonce="2", expires_at=ends))

    def test_lost_connection_costs_nobody_a_request(self, url: str, database: Database) -> None:
        """A PostgreSQL that was restarted meanwhile is called anew; a file has no connection to lose."""
        if database.engine.dialect.name == "postgresql":
            other = Database.open(url)
            ask = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            with other.write() as session:
                assert session.scalars(text(ask + " AND datname = current_database()")).all() == [True]
            other.close()
        with database.write() as session:
            database_rows.platform(session)


class TestARow:
    """What comes back is what was put in."""

    @pytest.mark.parametrize("name", database_rows.HARD_NAMES)
    def test_keeps_a_hard_name(self, database: Database, name: str) -> None:
        """Quotes, Korean, formulas and semicolons."""
        with database.write() as session:
            made = database_rows.person(session, database_rows.platform(session), name)
        with database.read() as session:
            assert session.get_one(Person, made).name == name

    def test_keeps_a_time_with_its_zone(self, database: Database) -> None:
        """A time in Seoul comes back as the same moment in UTC, to the microsecond."""
        seoul = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
        with database.write() as session:
            session.add(ToolKey(kid="k", private_pem="-", created_at=seoul))
        with database.read() as session:
            back = session.scalars(select(ToolKey.created_at)).one()
        assert back == seoul
        assert back.isoformat() == "2026-03-02T00:00:00.123456+00:00"

    def test_refuses_a_time_without_a_zone(self, database: Database) -> None:
        """Nobody knows what moment that is."""
        with pytest.raises(StatementError, match="has no time zone"), database.write() as session:
            session.add(ToolKey(kid="k", private_pem="-", created_at=datetime(2026, 3, 2)))

    def test_refuses_a_word_that_is_none_of_its_own(self, database: Database) -> None:
        """A role that we do not know is an error, not a row."""
        with pytest.raises(StatementError), database.write() as session:
            where = database_rows.platform(session)
            session.add(
                Membership(person_id=database_rows.person(session, where), context_id=1, role="dean")  # type: ignore[arg-type]
            )

    def test_keeps_what_it_can_of_broken_text(self, database: Database) -> None:
        """A NUL or half a character in a name is replaced; the launch does not fail."""
        with database.write() as session:
            made = database_rows.person(session, database_rows.platform(session), "Kim\0Min\ud83d")
        with database.read() as session:
            assert session.get_one(Person, made).name == "Kim\ufffdMin?"

    def test_says_nothing_as_every_column_does(self, database: Database) -> None:
        """No report is NULL, whether it was never written or taken away again, and not JSON's own null."""
        with database.write() as session:
            first, _ = database_rows.attempts(session, 2)
            session.get_one(Attempt, first).report = {"checks": []}
        with database.write() as session:
            session.get_one(Attempt, first).report = None
        with database.read() as session:
            asked = select(func.count()).select_from(Attempt).where(Attempt.report.is_(None))
            assert session.scalar(asked) == 2

    def test_refuses_what_is_no_json(self, database: Database) -> None:
        """NaN in a report is an error on both, not only where the database looks."""
        with database.write() as session:
            (one,) = database_rows.attempts(session, 1)
        with (
            pytest.raises((StatementError, ValueError), match="not JSON compliant"),
            database.write() as session,
        ):
            session.get_one(Attempt, one).report = {"got": float("nan")}

    def test_of_a_forgotten_person_takes_all_along(self, database: Database) -> None:
        """One delete leaves no attempt and no job."""
        with database.write() as session:
            made = database_rows.attempts(session, 2)
            session.add_all(GradingJob(attempt_id=one) for one in made)
            gone = session.get_one(Attempt, made[0]).person_id
            session.execute(delete(Person).where(Person.id == gone))
        with database.read() as session:
            assert session.scalars(select(Attempt.id)).all() == [made[1]]
            assert session.scalars(select(GradingJob.attempt_id)).all() == [made[1]]


def test_two_processes_create_one_signing_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool and its worker on a new database, at the same time: what one has signed, the other accepts."""
    look = tool_keys._current

    def look_slowly(session: Session) -> tool_keys.SigningKey | None:
        found = look(session)
        time.sleep(
            0.3
        )  # there is no event to wait for: the other one may have to wait until this one has written
        return found

    monkeypatch.setattr(tool_keys, "_current", look_slowly)
    with closing(Database.open(url)) as tool, closing(Database.open(url)) as worker:
        with ThreadPoolExecutor(2) as threads:
            assert len(set(threads.map(tool_keys.signing_key, (tool, worker)))) == 1
        assert len(tool_keys.published_keys(tool)["keys"]) == 1
