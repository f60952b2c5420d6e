"""The tables of the web tool.

Scores have one source of truth, nbgrader's gradebook. This database records who launched what from which LMS, what
was submitted, and what is still to be sent to the LMS. A change here needs a migration; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from autograder.text import Text
from autograder.web.db.types import Table

Role = Literal["student", "teacher", "assistant"]
AttemptPolicy = Literal["best", "last"]
LateRule = Literal["accept", "deduct", "refuse"]
AttemptState = Literal["queued", "grading", "graded", "ungraded"]
JobState = Literal["queued", "leased", "done"]
RegradeState = Literal["grading", "applying", "applied", "undoing", "undone", "stopping"]
RegradedState = Literal["waiting", "graded", "ungraded", "applied", "left", "undone"]
DeliveryState = Literal["waiting", "confirmed", "refused", "replaced"]


def now() -> datetime:
    """Return the current time in UTC, timezone-aware."""
    return datetime.now(UTC)


def _foreign_key(column: str, *, index: bool = True, **options: Any) -> Any:
    """Return a reference that cascades deletion, so that erasing a person is one delete."""
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), index=index, **options)


class Platform(Table):
    """An LMS that may launch the tool; hosted Canvas has one issuer for all customers, hence the client id."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    auth_login_url: Mapped[str]
    auth_token_url: Mapped[str]
    key_set_url: Mapped[str]
    audience: Mapped[str | None]
    """Of token requests, if it is not `auth_token_url`."""
    deployments: Mapped[list[str]] = mapped_column(default=list)
    """Deployment ids; assign a new list, since a change in place is not detected."""
    name: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ToolKey(Table):
    """A key pair of the tool; a retired one stays published until what it signed has expired."""

    __tablename__ = "tool_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    private_pem: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class Launch(Table):
    """A verified launch, whose state and nonce are valid for one, or an invitation to register an LMS."""

    __tablename__ = "launch"

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = _foreign_key("platform.id")
    token: Mapped[str | None] = mapped_column(unique=True)
    """Identifies the launch in our own pages, once there are claims; unguessable."""
    state: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
    claims: Mapped[dict[str, Any] | None]

    platform: Mapped[Platform | None] = relationship()


class Context(Table):
    """A course of the LMS, with its roster and its resource links."""

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("platform_id", "deployment", "lms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = _foreign_key("platform.id")
    deployment: Mapped[str]
    lms_id: Mapped[str] = mapped_column(default="")
    """The id of the context claim; empty if the LMS sends none."""
    title: Mapped[str] = mapped_column(default="")
    nrps_url: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    """When a person confirmed that this course uses the tool; None gives nobody access."""

    platform: Mapped[Platform] = relationship()


class ResourceLink(Table):
    """An activity in an LMS course that opens an assignment, with the teacher's settings for it."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("context_id", "resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = _foreign_key("context.id")
    resource_link_id: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    assignment: Mapped[str | None]
    """None until a teacher selects one."""
    lineitem_url: Mapped[str | None]
    lineitems_url: Mapped[str | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    """Of the score service; assign a new list, since a change in place is not detected."""
    attempts_allowed: Mapped[int | None]
    """None: unlimited."""
    stands: Mapped[AttemptPolicy] = mapped_column(default="best")
    due_at: Mapped[datetime | None]
    """None: the due date of the course's settings, if any."""
    late_rule: Mapped[LateRule] = mapped_column(default="accept")
    """`accept`: the late penalty is that of the course's policy in nbgrader."""
    late_percent: Mapped[float] = mapped_column(default=0.0)
    """Percent of the score per started day, if the rule is `deduct`."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    context: Mapped[Context] = relationship()


class Person(Table):
    """A user of an LMS."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = _foreign_key("platform.id")
    subject: Mapped[str]
    """The LMS's user id, `sub` of a launch; scores are sent under it."""
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    student_id: Mapped[str | None] = mapped_column(index=True)
    """In the gradebook; None until the user is identified."""
    locale: Mapped[str] = mapped_column(default="")
    pseudonym: Mapped[str] = mapped_column(unique=True)
    """Identifies the person in logs; random, not derived, so that it reveals nothing once the person is erased."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    platform: Mapped[Platform] = relationship()


class Membership(Table):
    """A person's role in an LMS course, as launches and the roster state it; see `lti.memberships`."""

    __tablename__ = "membership"

    person_id: Mapped[int] = _foreign_key("person.id", primary_key=True, index=False)
    context_id: Mapped[int] = _foreign_key("context.id", primary_key=True)
    role: Mapped[Role]
    """The one that holds."""
    launch_role: Mapped[Role | None]
    """The one of the newest launch; None before one, and once it was withdrawn."""
    roster_role: Mapped[Role | None]
    """The one of the newest roster; None before one, and once it was withdrawn."""
    active: Mapped[bool] = mapped_column(default=True)
    stated_at: Mapped[datetime | None]
    """When the LMS stated this; None: before statements had a time."""

    person: Mapped[Person] = relationship()
    context: Mapped[Context] = relationship()


class Attempt(Table):
    """A submitted file and its result."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "course_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = _foreign_key("resource_link.id", index=False)
    person_id: Mapped[int] = _foreign_key("person.id")
    received_at: Mapped[datetime] = mapped_column(default=now)
    sha256: Mapped[str]
    path: Mapped[str]
    """Of the file, relative to the folder of the submitted files."""
    file_name: Mapped[str] = mapped_column(default="")
    """As sent by the browser."""
    edition: Mapped[str] = mapped_column(default="")
    state: Mapped[AttemptState] = mapped_column(default="queued", index=True)
    score: Mapped[float | None]
    points: Mapped[float | None]
    """The maximum score."""
    report: Mapped[dict[str, Any] | None]
    reason: Mapped[Text | None]
    """Why it could not be graded, or not be regraded."""
    versions: Mapped[dict[str, Any] | None]
    """Versions of the software and the question files that graded it."""
    graded_at: Mapped[datetime | None]

    course_link: Mapped[ResourceLink] = relationship()
    person: Mapped[Person] = relationship()


class GradingJob(Table):
    """The job of grading an attempt; read and written only through `job_queue`."""

    __tablename__ = "grading_job"
    __table_args__ = (Index(None, "state", "free_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = _foreign_key("attempt.id", unique=True, index=False)
    state: Mapped[JobState] = mapped_column(default="queued")
    free_at: Mapped[datetime] = mapped_column(default=now)
    """When the worker may claim it: at once, or after a pause."""
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    lease: Mapped[str | None]
    """Drawn for each claim: the holder of an older one may not write."""

    attempt: Mapped[Attempt] = relationship()


class Delivery(Table):
    """A change of a score to send to an LMS; read and written only through `outbox`."""

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
    course_link_id: Mapped[int] = _foreign_key("resource_link.id", index=False)
    person_id: Mapped[int] = _foreign_key("person.id")
    score: Mapped[float]
    maximum: Mapped[float]
    comment: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[DeliveryState] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    """When a sender may claim it."""
    timestamp: Mapped[datetime | None]
    """The last timestamp sent to the LMS; whole seconds, since Moodle compares no finer."""
    lease: Mapped[str | None]
    lms_error: Mapped[Text | None]
    """Why the LMS has not confirmed it; None if nothing went wrong."""
    confirmed_at: Mapped[datetime | None]

    course_link: Mapped[ResourceLink] = relationship()
    person: Mapped[Person] = relationship()


class Extension(Table):
    """A later due date or more attempts that a teacher grants one person in one resource link."""

    __tablename__ = "extension"

    course_link_id: Mapped[int] = _foreign_key("resource_link.id", primary_key=True, index=False)
    person_id: Mapped[int] = _foreign_key("person.id", primary_key=True)
    due_at: Mapped[datetime | None]
    """Replaces the due date of the link; None if only attempts are granted."""
    more_attempts: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str] = mapped_column(default="")
    """A name, which stays when the account is deleted."""
    made_at: Mapped[datetime] = mapped_column(default=now)


class Override(Table):
    """Points that a teacher sets for one grade cell, whatever the grader found.

    The gradebook stores them as nbgrader's manual score, so they survive regrading; this row stores who and why.
    """

    __tablename__ = "override"
    __table_args__ = (Index(None, "course_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = _foreign_key("resource_link.id", index=False)
    person_id: Mapped[int] = _foreign_key("person.id")
    cell: Mapped[str]
    """The grade id, such as `lstm_params-check`."""
    points: Mapped[float | None]
    """None withdraws an earlier override."""
    reason: Mapped[str]
    made_by: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
    applied_at: Mapped[datetime | None]
    """When the worker wrote it to the gradebook."""


class FinalGrade(Table):
    """The score that counts for one person in one resource link, as last read from the gradebook."""

    __tablename__ = "final_grade"

    course_link_id: Mapped[int] = _foreign_key("resource_link.id", primary_key=True, index=False)
    person_id: Mapped[int] = _foreign_key("person.id", primary_key=True)
    attempt_id: Mapped[int | None] = _foreign_key("attempt.id")
    """The attempt that counts; None while none is graded."""
    score: Mapped[float | None]
    """Including overrides, before the late penalty."""
    maximum: Mapped[float | None]
    """Excluding bonus questions."""
    late: Mapped[float] = mapped_column(default=0.0)
    """The late penalty in points."""
    cells: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By grade id: `{"score": 3.0, "points": 4.0, "manual": false}`, with `comment` if a person wrote one."""
    stale: Mapped[bool] = mapped_column(default=True, index=True)
    """Whether the worker still has to recompute it."""
    changed_at: Mapped[datetime] = mapped_column(default=now)


class RegradeRequest(Table):
    """A student's request that a human look at a check, and the answer."""

    __tablename__ = "regrade_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = _foreign_key("attempt.id")
    question: Mapped[str]
    check: Mapped[str]
    """The name of the check; empty for the whole question."""
    words: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str | None]
    answered_by: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship()


class StaffMessage(Table):
    """A message of staff to one student, who reads it on the page of the assignment."""

    __tablename__ = "staff_message"
    __table_args__ = (Index(None, "course_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = _foreign_key("resource_link.id", index=False)
    person_id: Mapped[int] = _foreign_key("person.id")
    words: Mapped[str]
    made_by: Mapped[str] = mapped_column(default="")
    """A name, which stays when the account is deleted."""
    made_at: Mapped[datetime] = mapped_column(default=now)


class ClassRegrade(Table):
    """A regrade of the attempts of an activity; read and written only through `regrades`."""

    __tablename__ = "class_regrade"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_link_id: Mapped[int] = _foreign_key("resource_link.id")
    assignment: Mapped[str]
    """That the activity opened when the regrade was asked for."""
    question: Mapped[str] = mapped_column(default="")
    """The only question whose scores change; empty for all."""
    keep_better: Mapped[bool] = mapped_column(default=False)
    everything: Mapped[bool] = mapped_column(default=False)
    """Whether attempts are graded again for which nothing has changed."""
    questions: Mapped[str]
    """A hash of the question files that the attempts are graded by; see `questions_digest`."""
    up_to_date: Mapped[int] = mapped_column(default=0)
    """Attempts that were left out, because nothing has changed since they were graded."""
    state: Mapped[RegradeState] = mapped_column(default="grading", index=True)
    """`grading`: attempts are graded, and none of their scores changes before a person says so."""
    made_by: Mapped[str]
    """A name, which stays when the account is deleted."""
    made_at: Mapped[datetime] = mapped_column(default=now)
    because: Mapped[str] = mapped_column(default="")
    """Why, in a sentence."""
    answered: Mapped[list[str]] = mapped_column(default=list)
    """The questions whose open regrade requests are answered with the reason."""
    applied_by: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]
    log: Mapped[int | None]
    """The number of its file in `regrades/`."""


class RegradedAttempt(Table):
    """An attempt in a regrade of the class. Its results, before and after, are files beside the submitted one."""

    __tablename__ = "regraded_attempt"
    __table_args__ = (UniqueConstraint("regrade_id", "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    regrade_id: Mapped[int] = _foreign_key("class_regrade.id", index=False)
    attempt_id: Mapped[int] = _foreign_key("attempt.id")
    state: Mapped[RegradedState] = mapped_column(default="waiting")
    """`left`: it was graded again since, so the regrade leaves it alone."""
    why: Mapped[Text | None]
    """Why it is graded again; None until it is."""
    reason: Mapped[Text | None]
    """Why it could not be graded."""
    counts: Mapped[bool] = mapped_column(default=False)
    """Whether it was the attempt that counts when it was graded, or when its result was written."""
    changes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """The scores that change, by question, as `ScoreChange` has them."""

    regrade: Mapped[ClassRegrade] = relationship()
    attempt: Mapped[Attempt] = relationship()


class KeptCases(Table):
    """The failing cases of a question without full marks in an attempt; read and written only through `kept_cases`.

    For staff alone: they hold hidden inputs and right answers.
    """

    __tablename__ = "kept_cases"

    attempt_id: Mapped[int] = _foreign_key("attempt.id", primary_key=True, index=False)
    question: Mapped[str] = mapped_column(primary_key=True)
    cases: Mapped[dict[str, Any]]
    """As `FailingCases` in plain data."""
