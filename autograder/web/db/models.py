"""The tables of the web tool.

Scores have one truth, nbgrader's gradebook. What stands here is who launched what from which LMS, what was handed
in, and what the LMS has still to be told. A change here needs a migration; a test holds the two equal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from autograder.web.db.types import Table

Role = Literal["student", "teacher", "assistant"]
AttemptPolicy = Literal["best", "last"]
LateRule = Literal["accept", "deduct", "refuse"]
AttemptState = Literal["queued", "grading", "graded", "ungraded"]
JobState = Literal["queued", "leased", "done"]
DeliveryState = Literal["waiting", "confirmed", "refused", "replaced"]


def now() -> datetime:
    """The time, in UTC and aware."""
    return datetime.now(UTC)


def _of(column: str) -> Any:
    """A reference to a row that takes this one along when it goes, so that forgetting a person is one delete."""
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), index=True)


class Platform(Table):
    """An LMS that may launch the tool; hosted Canvas has one issuer for all its customers, hence the client id."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    auth_login_url: Mapped[str]
    auth_token_url: Mapped[str]
    key_set_url: Mapped[str]
    audience: Mapped[str | None]
    """Of the token request, where it is not `auth_token_url`."""
    deployments: Mapped[list[str]] = mapped_column(default=list)
    """Deployment ids; assign a new list, a change inside one is not seen."""
    name: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ToolKey(Table):
    """A key pair of the tool; a retired one is still published until what it signed has expired."""

    __tablename__ = "tool_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    private_pem: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class Launch(Table):
    """One login that an LMS began, and the launch that it became: a state and a nonce are good for one each."""

    __tablename__ = "launch"

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = _of("platform.id")
    token: Mapped[str | None] = mapped_column(unique=True)
    """Names the launch in our own pages, once there are claims; not to be guessed."""
    state: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the login brought along."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
    claims: Mapped[dict[str, Any] | None]

    platform: Mapped[Platform | None] = relationship()


class Context(Table):
    """A course as the LMS knows it; its roster and its links hang on it."""

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("platform_id", "deployment", "lms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = _of("platform.id")
    deployment: Mapped[str]
    lms_id: Mapped[str] = mapped_column(default="")
    """The context claim's id; empty where the LMS sends none."""
    title: Mapped[str] = mapped_column(default="")
    nrps_url: Mapped[str | None]

    platform: Mapped[Platform] = relationship()


class ResourceLink(Table):
    """One activity in an LMS course that opens one assignment, with the teacher's choices for it."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("context_id", "resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = _of("context.id")
    resource_link_id: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    assignment: Mapped[str | None]
    """None until a teacher has chosen one."""
    lineitem_url: Mapped[str | None]
    lineitems_url: Mapped[str | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    """Of the score service; assign a new list, a change inside one is not seen."""
    attempts_allowed: Mapped[int | None]
    """None: as many as one likes."""
    stands: Mapped[AttemptPolicy] = mapped_column(default="best")
    due_at: Mapped[datetime | None]
    """None: when the course's settings say, if they do."""
    late_rule: Mapped[LateRule] = mapped_column(default="accept")
    """`accept`: what being late costs is the course's own policy in nbgrader."""
    late_percent: Mapped[float] = mapped_column(default=0.0)
    """Of the score, for each day begun, where the rule is `deduct`."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    context: Mapped[Context] = relationship()


class Person(Table):
    """Somebody as one LMS names them."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = _of("platform.id")
    subject: Mapped[str]
    """The LMS's own id, `sub` of a launch; scores go out under it."""
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    student_id: Mapped[str | None] = mapped_column(index=True)
    """In the gradebook; None until it is known who this is."""
    locale: Mapped[str] = mapped_column(default="")
    pseudonym: Mapped[str] = mapped_column(unique=True)
    """Stands for the person in logs; drawn, not derived, so that it tells nothing once the person is forgotten."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    platform: Mapped[Platform] = relationship()


class Membership(Table):
    """What somebody is in an LMS course: the strongest role that the LMS says."""

    __tablename__ = "membership"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    context_id: Mapped[int] = mapped_column(
        ForeignKey("context.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role]
    active: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship()
    context: Mapped[Context] = relationship()


class Attempt(Table):
    """One file that somebody handed in, and what became of it."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "course_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    person_id: Mapped[int] = _of("person.id")
    received_at: Mapped[datetime] = mapped_column(default=now)
    sha256: Mapped[str]
    path: Mapped[str]
    """Of the file, relative to the folder that submissions are kept in."""
    file_name: Mapped[str] = mapped_column(default="")
    """As the browser named it."""
    edition: Mapped[str] = mapped_column(default="")
    state: Mapped[AttemptState] = mapped_column(default="queued", index=True)
    score: Mapped[float | None]
    points: Mapped[float | None]
    """The most that could be earned."""
    report: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    """Why it is ungraded."""
    versions: Mapped[dict[str, Any] | None]
    """Of what graded it."""
    graded_at: Mapped[datetime | None]

    course_link: Mapped[ResourceLink] = relationship()
    person: Mapped[Person] = relationship()


class GradingJob(Table):
    """That an attempt is to be graded, and who is at it; read and written through `jobs` alone."""

    __tablename__ = "grading_job"
    __table_args__ = (Index(None, "state", "free_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), unique=True)
    state: Mapped[JobState] = mapped_column(default="queued")
    free_at: Mapped[datetime] = mapped_column(default=now)
    """From when on any worker may claim it: at once, after a pause, or when the lease has run out."""
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    lease: Mapped[str | None]
    """Drawn anew for each claim: who holds an older one may not write."""

    attempt: Mapped[Attempt] = relationship()


class Delivery(Table):
    """One change of a score on its way to an LMS; read and written through `outbox` alone."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(None, "course_link_id", "person_id"),
        Index(None, "state", "next_try_at"),
        Index(
            "uq_delivery_waiting",
            "course_link_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    person_id: Mapped[int] = _of("person.id")
    score: Mapped[float]
    maximum: Mapped[float]
    comment: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[DeliveryState] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    """From when on any sender may take it; while one has it, when its lease runs out."""
    timestamp: Mapped[datetime | None]
    """What the LMS was told last; whole seconds, since Moodle compares no finer."""
    lease: Mapped[str | None]
    lms_error: Mapped[str] = mapped_column(default="")
    """Why the LMS has not confirmed it, in English or in the LMS's own words; empty if nothing went wrong."""
    lms_error_ko: Mapped[str | None]
    """The same in Korean; None in rows that were written before this column existed."""
    confirmed_at: Mapped[datetime | None]

    course_link: Mapped[ResourceLink] = relationship()
    person: Mapped[Person] = relationship()


class Extension(Table):
    """What a teacher grants one person in one course link beyond the rest of the class."""

    __tablename__ = "extension"

    course_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    due_at: Mapped[datetime | None]
    """In the place of the link's; None where only attempts are granted."""
    more_attempts: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str] = mapped_column(default="")
    """A name, which outlives the account."""
    made_at: Mapped[datetime] = mapped_column(default=now)


class Override(Table):
    """Points that a teacher gives for one grade cell, whatever the grader found.

    The gradebook holds them as nbgrader's manual score, so regrading leaves them; here stand who and why.
    """

    __tablename__ = "override"
    __table_args__ = (Index(None, "course_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    person_id: Mapped[int] = _of("person.id")
    cell: Mapped[str]
    """Its grade id, such as `lstm_params-check`."""
    points: Mapped[float | None]
    """None takes back what was given before."""
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
    applied_at: Mapped[datetime | None]
    """When the worker wrote it into the gradebook."""


class FinalGrade(Table):
    """The score that stands for one person in one course link, as the gradebook had it when it was last read."""

    __tablename__ = "final_grade"

    course_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    attempt_id: Mapped[int | None] = _of("attempt.id")
    """The one that counts; None while none is graded."""
    score: Mapped[float | None]
    """With what a teacher gave, and without what is taken off for being late."""
    maximum: Mapped[float | None]
    """Without bonus questions."""
    late: Mapped[float] = mapped_column(default=0.0)
    """Points that are taken off for being late."""
    cells: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By grade id: `{"score": 3.0, "points": 4.0, "manual": false}`, and `comment` where a person wrote one."""
    stale: Mapped[bool] = mapped_column(default=True, index=True)
    """Whether the worker has still to work it out anew."""
    changed_at: Mapped[datetime] = mapped_column(default=now)


class RegradeRequest(Table):
    """That a student asks for a human look at a check, and what came of it."""

    __tablename__ = "regrade_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = _of("attempt.id")
    question: Mapped[str]
    check: Mapped[str]
    """Its name; empty for the whole question."""
    words: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str | None]
    answered_by: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship()


class Replay(Table):
    """That a question of an attempt is run once more to show staff why it earned these points, and what was seen."""

    __tablename__ = "replay"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = _of("attempt.id")
    question: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    free_at: Mapped[datetime] = mapped_column(default=now, index=True)
    """From when on a worker may take it: at once, or when the one that has it is late."""
    seen: Mapped[dict[str, Any] | None]
    """None until it has run: inputs, what was wanted, what came back, by check; or `{"failed": reason}`."""
    seen_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship()
