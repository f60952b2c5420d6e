"""Reasons to reject a request or a file: what happened and what to do, as the error page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import AutograderError
from autograder.i18n import _, ngettext
from autograder.text import Text, sentence


@dataclass(frozen=True)
class Reason:
    """A reason to reject a request."""

    name: str
    """Name in the log; contains nothing of the request."""
    status: int
    problem: Text
    action: Text
    """What the reader can do."""


class RequestRejected(AutograderError):
    """A request that is answered with an error page."""

    def __init__(
        self, reason: Reason, *, facts: tuple[tuple[str | Text, str], ...] = (), cause: str = ""
    ) -> None:
        self.reason, self.cause = reason, cause
        """`cause` says in the log what exactly was wrong; it holds no token, no name and no text of the request."""
        self.facts = facts
        """Values that an administrator needs to fix it, as (label, value) pairs; never a token or a secret."""
        super().__init__(reason.name)


_AGAIN = _(
    "Go back to the course in your LMS and open the assignment again. If that does not help, "
    "show this page to your teacher."
)

UNREADABLE = Reason("unreadable", 400, _("What the LMS sent cannot be read."), _AGAIN)
EXPIRED = Reason("expired", 400, _("This launch has expired."), _AGAIN)
SPENT = Reason(
    "launch already used",
    400,
    _("This launch was used already, perhaps by a reload or by the back button."),
    _AGAIN,
)
NO_COOKIE = Reason(
    "no cookie",
    400,
    _("Your browser sent no cookie, so we cannot tell that it was you who started this launch."),
    _("Open the assignment in a new window of your LMS, or allow cookies for this site, and open it again."),
)
TURNED_DOWN = Reason(
    "login refused by the LMS",
    400,
    _("The LMS did not confirm your login."),
    _("Log in to your LMS again, then open the assignment."),
)
FORGED = Reason(
    "invalid token",
    401,
    _("We cannot confirm that this launch comes from the LMS that is registered here."),
    _AGAIN,
)
UNKNOWN_PLATFORM = Reason(
    "unknown platform",
    403,
    _("This LMS is not registered here."),
    _(
        "If you are a student, show this page to your teacher. If you run this site, register the "
        "LMS with the values below."
    ),
)
INACTIVE_PLATFORM = Reason(
    "inactive platform",
    403,
    _("The registration of this LMS is switched off."),
    _("If you are a student, show this page to your teacher. If you run this site, switch it on again."),
)
UNKNOWN_DEPLOYMENT = Reason(
    "unknown deployment",
    403,
    _("The LMS is registered here, this deployment of the tool in it is not."),
    _(
        "If you are a student, show this page to your teacher. If you run this site, add the "
        "deployment id below to the registration."
    ),
)
NO_KEYS = Reason(
    "no key set",
    503,
    _("The LMS's public keys cannot be fetched just now, so the launch cannot be checked."),
    _(
        "Wait a little and open the assignment again from your LMS. If it goes on, show this page to "
        "your teacher."
    ),
)
NOT_SUPPORTED = Reason(
    "not supported",
    400,
    _("The LMS asks for something that this site does not do."),
    _(
        "It knows two things of LTI 1.3: opening an assignment, and selecting content (deep "
        "linking). Tell whoever looks after your LMS."
    ),
)
NO_ROLE = Reason(
    "no role",
    403,
    _("Your LMS names no role of yours in this course."),
    _("Be enrolled in the course as a student or a teacher, then open it again."),
)
NO_ASSIGNMENT = Reason(
    "no assignment",
    404,
    _("This link does not say which assignment it opens, or there is no such assignment."),
    _(
        "If you are a student, show this page to your teacher. Teachers: pick the assignment with "
        "'Select content' in the settings of the activity, or write assignment=NAME into its custom "
        "parameters."
    ),
)
SEVERAL_NOTEBOOKS = Reason(
    "several notebooks",
    404,
    _("This assignment has several notebooks, and only assignments with one can be opened here."),
    _("If you are a student, show this page to your teacher, who says how to hand it in."),
)
NOT_STAFF = Reason(
    "not for students",
    403,
    _("Only those who teach this course can pick an assignment."),
    _("Go back to the course in your LMS."),
)
UNCONFIRMED = Reason(
    "unconfirmed course",
    403,
    _("This course of your LMS is not connected with the tool yet."),
    _(
        "Nothing can be opened or handed in here until it is. Keep your notebook if you have one, and show "
        "this page to your teacher, who opens the activity to learn what to do."
    ),
)
UNCONFIRMED_FOR_STAFF = Reason(
    "unconfirmed course",
    403,
    _("This course of your LMS is not connected with the tool yet."),
    _(
        "The operator of the tool runs the command below once, in the course's folder. Then open the activity, "
        "or the selection of its content, again. Until then, your students read that it is not connected."
    ),
)
ROLE_WITHDRAWN = Reason(
    "role withdrawn",
    403,
    _("Your LMS does not list you in this course any more."),
    _(
        "If you belong to it, open the activity again from the course in your LMS. If you were sending "
        "something just now, it was not saved: keep it, and send it again from there."
    ),
)
STAFF_ONLY = Reason(
    "staff only",
    403,
    _("Only those who teach or assist in this course may see this page."),
    _("Go back to the course in your LMS."),
)
TEACHERS_ONLY = Reason(
    "teachers only",
    403,
    _("Only the teachers of this course may change the settings of the activity."),
    _("Ask a teacher of the course for the change."),
)
NO_INVITATION = Reason(
    "no invitation",
    403,
    _("This registration URL is not valid, or no longer."),
    _("Ask whoever runs this site for a new one."),
)
NOT_REGISTERED = Reason(
    "not registered",
    400,
    _("The registration did not work."),
    _("Send the details below to whoever runs this site, and ask for a new registration URL."),
)
NOT_FOUND = Reason("not found", 404, _("There is nothing here."), _AGAIN)
INTERNAL_ERROR = Reason(
    "internal error", 500, _("Something went wrong on our side. What you handed in is safe."), _AGAIN
)
_TRY_AGAIN = _(
    "Keep your file and hand it in again in a little while. If it goes on, show this page to your teacher."
)

WINDOW_OVER = Reason(
    "window expired",
    400,
    _("This page can no longer open a new window, since it was opened more than 10 minutes ago."),
    _("Go back to your LMS, reload the page there, and open the new window again."),
)
VISIT_OVER = Reason(
    "visit expired",
    400,
    _(
        "This page was opened more than 12 hours ago, or your browser sent no cookie with it, so it "
        "can no longer be used."
    ),
    _(
        "Open the assignment again from the course in your LMS. Everything that the tool said it "
        "received is still there. If you were sending a file just now, it was not received: hand it "
        "in again."
    ),
)
INVALID_CSRF = Reason(
    "invalid CSRF token",
    403,
    _("What was sent does not come from a form of this assignment's pages, so nothing was changed."),
    _("Open the assignment's page again and use the buttons on it."),
)
NOT_RECEIVED = Reason(
    "not received", 503, _("Your file was NOT received. It does not count as handed in."), _TRY_AGAIN
)
TOO_MANY_AT_ONCE = Reason(
    "too many at once",
    429,
    _("Other files of yours are being received, so this one was not accepted."),
    _("Wait until the pages of those files have loaded, then hand this one in again."),
)
NO_FILE = Reason(
    "no file",
    422,
    _("No file was chosen, so nothing was handed in."),
    _("Go back to the assignment, choose your notebook (.ipynb) and hand it in."),
)
NOTHING_RELEASED = Reason(
    "nothing released",
    404,
    _("There is no such file to download."),
    _("Download another one of the files on the assignment's page, or show this page to your teacher."),
)
ALREADY_REQUESTED = Reason(
    "already requested",
    409,
    _("You have requested a regrade of this question already, and there is no answer yet."),
    _("The answer will appear on the page of this hand-in."),
)


def wrong_file(reason: Text) -> Reason:
    """Return the reason for a file that is not a submission to this assignment.

    reason: what was expected, what was found, what to do.
    """
    return Reason(
        "wrong file",
        422,
        _("We did not accept this file. It does not count as an attempt."),
        reason.map(sentence),
    )


def too_large(size: int, limit: int) -> Reason:
    """Return the reason for a file above the size limit. Both in bytes."""
    actual, maximum = f"{size / 1e6:.1f}\u00a0MB", f"{limit / 1e6:g}\u00a0MB"
    return Reason(
        "too large",
        413,
        _(
            "Your file is too large and was not accepted: at most {maximum} can be handed in, this is {actual}.",
            maximum=maximum,
            actual=actual,
        ),
        _("Clear all outputs in the notebook, save it and hand it in again. Grading needs no outputs."),
    )


def too_often(limit: int, minutes: int) -> Reason:
    """Return the reason for more submissions in an hour than `limit`. minutes: until the next one is accepted."""
    return Reason(
        "too often",
        429,
        _("At most {limit} hand-ins are accepted in an hour, so this file was not.", limit=limit),
        ngettext("Hand it in again in {n} minute.", "Hand it in again in {n} minutes.", minutes),
    )


def no_attempts_left(made: int) -> Reason:
    """Return the reason for a submission after the last attempt. made: number of attempts."""
    return Reason(
        "no attempts left",
        403,
        _("You have used up your attempts ({made}), so this file was not accepted.", made=made),
        _("If you have a reason to hand in once more, talk to your teacher."),
    )


def closed(due: Text) -> Reason:
    """Return the reason for a late submission to an activity that refuses them."""
    return Reason(
        "late",
        403,
        _(
            "This was due on {due}, and nothing is accepted after that, so this file was not accepted.",
            due=due,
        ),
        _("If you have a reason for being late, talk to your teacher."),
    )
