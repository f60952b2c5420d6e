"""Sends the scores in the outbox to the LMSs, and records the outcomes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.errors import LeaseLost
from autograder.web.db import job_queue, outbox
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Delivery, FinalGrade, Person, ResourceLink
from autograder.web.lti.service_client import Confirmed, Conflict, Outcome, TryAgain
from autograder.web.lti.services import Services
from autograder.web.worker.error_text import format_error
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _ClaimedDelivery:
    """A delivery that this sender has claimed, with its person and link."""

    sending: outbox.Sending
    link: ResourceLink
    person: Person
    submitted_at: datetime | None


class ScoreSender(threading.Thread):
    """Sends one score after another until it is stopped; several may run in parallel.

    hidden: returns the assignments whose scores students may not see yet; those wait.
    """

    def __init__(
        self,
        database: Database,
        services: Services,
        stop: threading.Event,
        timing: Timing,
        clock: Callable[[], datetime],
        hidden: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        super().__init__(name="sender")
        self._hidden = hidden
        self._database, self._services, self._timing, self._clock = database, services, timing, clock
        self._stop_requested = stop
        self._doubtful = ""
        """The lease of a claim of which it is not known whether it was committed."""
        self._unrecorded: tuple[_ClaimedDelivery, Outcome | None] | None = None
        """A claimed delivery whose outcome is not in the database yet; None as the outcome: it was not sent."""

    def run(self) -> None:
        """Send what is due, and wait for an unavailable database."""
        pause = 0.0
        while not self._stop_requested.is_set():
            try:
                busy = self._step()
            except (SQLAlchemyError, TimeoutError) as error:
                if not pause:
                    log.error("sending scores waits for the database: %s", format_error(error))
                pause = min(pause * 2 or self._timing.poll, self._timing.max_pause)
                self._stop_requested.wait(pause)
            except Exception as error:  # no single delivery stops the sender
                log.error("cannot send a score: %s", format_error(error))
                self._stop_requested.wait(self._timing.max_pause)
            else:
                if pause:
                    log.info("sending scores works again")
                    pause = 0.0
                if not busy:
                    self._stop_requested.wait(self._timing.poll)
        self._shut_down()

    def _step(self) -> bool:
        """Send or record one delivery. Returns whether there was one."""
        if self._unrecorded is not None:
            self._record(*self._unrecorded)
            self._unrecorded = None
            return True
        claimed = self._claim()
        if claimed is None:
            return False
        self._unrecorded = claimed, None
        outcome = self._send(claimed)
        self._unrecorded = claimed, outcome
        self._record(claimed, outcome)
        self._unrecorded = None
        return True

    def _claim(self) -> _ClaimedDelivery | None:
        moment, hidden = self._clock(), self._hidden()
        if self._doubtful:
            with self._database.write() as session:
                outbox.void_leases(session, lease=self._doubtful, at=moment)
            self._doubtful = ""
        with self._database.read() as session:  # an empty poll takes no write lock
            waits = select(Delivery.id).where(
                Delivery.state == "waiting",
                Delivery.lease.is_(None),
                Delivery.next_try_at <= moment,
                ~outbox.of(hidden),
            )
            if session.scalars(waits.limit(1)).first() is None:
                return None
        lease = self._doubtful = job_queue.new_lease()
        with self._database.write() as session:
            claimed = self._claimed(session, lease, moment, hidden)
        self._doubtful = ""
        return claimed

    def _claimed(
        self, session: Session, lease: str, moment: datetime, hidden: Collection[str]
    ) -> _ClaimedDelivery | None:
        sending = outbox.claim(session, lease=lease, at=moment, hidden=hidden)
        if sending is None:
            return None
        return _ClaimedDelivery(
            sending,
            session.get_one(ResourceLink, sending.course_link),
            session.get_one(Person, sending.person),
            session.scalar(
                select(Attempt.received_at)
                .join(FinalGrade, FinalGrade.attempt_id == Attempt.id)
                .where(
                    FinalGrade.course_link_id == sending.course_link,
                    FinalGrade.person_id == sending.person,
                )
            ),
        )

    def _send(self, claimed: _ClaimedDelivery) -> Outcome:
        sending = claimed.sending
        return self._services.send_score(
            claimed.link,
            claimed.person,
            score=sending.score,
            maximum=sending.maximum,
            comment=sending.comment,
            timestamp=sending.timestamp,
            submitted_at=claimed.submitted_at,
        )

    def _record(self, claimed: _ClaimedDelivery, outcome: Outcome | None) -> None:
        with self._database.write() as session:
            try:
                self._record_outcome(session, claimed.sending, outcome)
            except LeaseLost as lost:
                log.warning("%s", lost)
                return
        person, link = claimed.person.pseudonym, claimed.link.id
        if isinstance(outcome, Confirmed):
            log.info("the LMS confirmed the score of %s in link %s", person, link)
        elif outcome is not None:
            # the LMS's own words may name a person, so only the teacher's page shows them
            log.warning("the score of %s in link %s: %s", person, link, outcome.error.en.partition(":")[0])

    def _record_outcome(self, session: Session, sending: outbox.Sending, outcome: Outcome | None) -> None:
        moment = self._clock()
        if outcome is None:
            outbox.give_back(session, sending, at=moment)
        elif isinstance(outcome, Confirmed):
            outbox.confirmed(session, sending, at=moment)
        elif isinstance(outcome, Conflict):
            outbox.conflict(session, sending, outcome.error, at=moment)
        elif isinstance(outcome, TryAgain):
            outbox.schedule_retry(session, sending, outcome.error, after=outcome.after or 0, at=moment)
        else:
            outbox.refused(session, sending, outcome.error)

    def _shut_down(self) -> None:
        """Record the last outcome, and wait for an unavailable database no longer than the timeout."""
        end = time.monotonic() + self._timing.shutdown
        while self._unrecorded is not None:
            try:
                self._record(*self._unrecorded)
                self._unrecorded = None
            except (SQLAlchemyError, TimeoutError):
                if time.monotonic() > end:
                    log.error(
                        "the database is unavailable; a score whose outcome was not recorded is sent again later"
                    )
                    return
                time.sleep(self._timing.poll)
