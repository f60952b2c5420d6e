"""Tells LMSs the scores that wait in the outbox, and writes down what they answered."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.errors import LeaseLost
from autograder.web.db import outbox
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Delivery, FinalGrade, Person, ResourceLink
from autograder.web.lti.service_client import Confirmed, Conflict, Outcome, TryAgain
from autograder.web.lti.services import Services
from autograder.web.worker.error_text import format_error
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Taken:
    """A delivery in this sender's hands, with whom it is about."""

    sending: outbox.Sending
    link: ResourceLink
    person: Person
    submitted_at: datetime | None


class ScoreSender(threading.Thread):
    """Sends one score after another until told to stop; several may run side by side."""

    def __init__(
        self,
        database: Database,
        services: Services,
        stop: threading.Event,
        pace: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(name="sender")
        self._database, self._services, self._pace, self._clock = database, services, pace, clock
        self._told_to_stop = stop
        self._held: tuple[_Taken, Outcome | None] | None = None
        """What was taken and the database does not know the end of: what the LMS said, or that it was not asked."""

    def run(self) -> None:
        """Send what is due. A database that is away is waited for."""
        pause = 0.0
        while not self._told_to_stop.is_set():
            try:
                busy = self._step()
            except (SQLAlchemyError, TimeoutError) as error:
                if not pause:
                    log.error("sending waits for the database: %s", format_error(error))
                pause = min(pause * 2 or self._pace.look, self._pace.patience)
                self._told_to_stop.wait(pause)
            except Exception as error:  # no single delivery ends the sender
                log.error("a score was not sent: %s", format_error(error))
                self._told_to_stop.wait(self._pace.patience)
            else:
                if pause:
                    log.info("sending goes on")
                    pause = 0.0
                if not busy:
                    self._told_to_stop.wait(self._pace.look)
        self._part()

    def _step(self) -> bool:
        """Whether there was anything to do."""
        if self._held is not None:
            self._put_down(*self._held)
            self._held = None
            return True
        taken = self._take()
        if taken is None:
            return False
        self._held = taken, None
        outcome = self._send(taken)
        self._held = taken, outcome
        self._put_down(taken, outcome)
        self._held = None
        return True

    def _take(self) -> _Taken | None:
        moment = self._clock()
        with self._database.read() as session:  # nobody stands in line behind a look that finds nothing
            waits = select(Delivery.id).where(Delivery.state == "waiting", Delivery.next_try_at <= moment)
            if session.scalars(waits.limit(1)).first() is None:
                return None
        with self._database.write() as session:
            sending = outbox.claim(session, seconds=self._pace.delivery, at=moment)
            if sending is None:
                return None
            return _Taken(
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

    def _send(self, taken: _Taken) -> Outcome:
        sending = taken.sending
        return self._services.send_score(
            taken.link,
            taken.person,
            score=sending.score,
            maximum=sending.maximum,
            comment=sending.comment,
            timestamp=sending.timestamp,
            submitted_at=taken.submitted_at,
        )

    def _put_down(self, taken: _Taken, outcome: Outcome | None) -> None:
        with self._database.write() as session:
            try:
                self._record(session, taken.sending, outcome)
            except LeaseLost as lost:
                log.warning("%s", lost)
                return
        who, link = taken.person.pseudonym, taken.link.id
        if isinstance(outcome, Confirmed):
            log.info("the score of %s in link %s is with the LMS", who, link)
        elif outcome is not None:
            # the LMS's own words, which may name somebody, are for the teacher's page alone
            log.warning("the score of %s in link %s: %s", who, link, outcome.error.en.partition(":")[0])

    def _record(self, session: Session, sending: outbox.Sending, outcome: Outcome | None) -> None:
        moment = self._clock()
        if outcome is None:
            outbox.give_back(session, sending, at=moment)
        elif isinstance(outcome, Confirmed):
            outbox.confirmed(session, sending, at=moment)
        elif isinstance(outcome, Conflict):
            outbox.conflict(session, sending, outcome.error, at=moment)
        elif isinstance(outcome, TryAgain):
            outbox.try_again(session, sending, outcome.error, after=outcome.after or 0, at=moment)
        else:
            outbox.refused(session, sending, outcome.error)

    def _part(self) -> None:
        """Leave nothing half told: put down what the LMS said, for as long as a database may take to come back."""
        end = time.monotonic() + self._pace.parting
        while self._held is not None:
            try:
                self._put_down(*self._held)
                self._held = None
            except (SQLAlchemyError, TimeoutError):
                if time.monotonic() > end:
                    log.error(
                        "the database is away; a score whose sending was not put down is sent again later"
                    )
                    return
                time.sleep(self._pace.look)
