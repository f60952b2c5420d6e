"""Reasons to reject a request or a file: what happened and what to do, as the error page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import AutograderError
from autograder.text import Text


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

    def __init__(self, reason: Reason, *, facts: tuple[tuple[str, str], ...] = ()) -> None:
        self.reason = reason
        self.facts = facts
        """Values that an administrator needs to fix it, as (label, value) pairs; never a token or a secret."""
        super().__init__(reason.name)


_AGAIN = Text(
    ko="LMS의 강좌로 돌아가서 과제를 다시 열어 주세요. 그래도 안 되면 이 화면을 선생님께 보여 주세요.",
    en="Go back to the course in your LMS and open the assignment again. If that does not help, show this page to "
    "your teacher.",
)

UNREADABLE = Reason(
    "unreadable",
    400,
    Text(ko="LMS가 보낸 내용을 읽을 수 없습니다.", en="What the LMS sent cannot be read."),
    _AGAIN,
)
EXPIRED = Reason(
    "expired",
    400,
    Text(ko="이 접속은 시간이 지나 더는 쓸 수 없습니다.", en="This launch has expired."),
    _AGAIN,
)
SPENT = Reason(
    "launch already used",
    400,
    Text(
        ko="이미 한 번 쓴 접속입니다. 새로 고침이나 뒤로 가기를 했기 때문일 수 있습니다.",
        en="This launch was used already, perhaps by a reload or by the back button.",
    ),
    _AGAIN,
)
NO_COOKIE = Reason(
    "no cookie",
    400,
    Text(
        ko="브라우저가 쿠키를 보내지 않아, 이 접속을 시작한 사람이 맞는지 알 수 없습니다.",
        en="Your browser sent no cookie, so we cannot tell that it was you who started this launch.",
    ),
    Text(
        ko="LMS에서 과제를 새 창으로 열거나, 이 사이트의 쿠키를 허용한 뒤 다시 열어 주세요.",
        en="Open the assignment in a new window of your LMS, or allow cookies for this site, and open it again.",
    ),
)
TURNED_DOWN = Reason(
    "login refused by the LMS",
    400,
    Text(ko="LMS가 로그인을 확인해 주지 않았습니다.", en="The LMS did not confirm your login."),
    Text(
        ko="LMS에 다시 로그인한 뒤 과제를 열어 주세요.",
        en="Log in to your LMS again, then open the assignment.",
    ),
)
FORGED = Reason(
    "invalid token",
    401,
    Text(
        ko="이 접속이 등록된 LMS에서 온 것인지 확인할 수 없습니다.",
        en="We cannot confirm that this launch comes from the LMS that is registered here.",
    ),
    _AGAIN,
)
UNKNOWN_PLATFORM = Reason(
    "unknown platform",
    403,
    Text(
        ko="이 LMS는 여기에 등록되어 있지 않습니다.",
        en="This LMS is not registered here.",
    ),
    Text(
        ko="학생이라면 이 화면을 선생님께 보여 주세요. 관리자라면 아래 값으로 LMS를 등록해 주세요.",
        en="If you are a student, show this page to your teacher. If you run this site, register the LMS with the "
        "values below.",
    ),
)
INACTIVE_PLATFORM = Reason(
    "inactive platform",
    403,
    Text(ko="이 LMS의 등록은 꺼져 있습니다.", en="The registration of this LMS is switched off."),
    Text(
        ko="학생이라면 이 화면을 선생님께 보여 주세요. 관리자라면 등록을 다시 켜 주세요.",
        en="If you are a student, show this page to your teacher. If you run this site, switch it on again.",
    ),
)
UNKNOWN_DEPLOYMENT = Reason(
    "unknown deployment",
    403,
    Text(
        ko="LMS는 등록되어 있지만, 그 안의 이 deployment는 등록되어 있지 않습니다.",
        en="The LMS is registered here, this deployment of the tool in it is not.",
    ),
    Text(
        ko="학생이라면 이 화면을 선생님께 보여 주세요. 관리자라면 아래 deployment id를 등록에 더해 주세요.",
        en="If you are a student, show this page to your teacher. If you run this site, add the deployment id below "
        "to the registration.",
    ),
)
NO_KEYS = Reason(
    "no key set",
    503,
    Text(
        ko="LMS의 공개 키를 받아 오지 못해 접속을 확인할 수 없습니다.",
        en="The LMS's public keys cannot be fetched just now, so the launch cannot be checked.",
    ),
    Text(
        ko="잠시 뒤 LMS에서 과제를 다시 열어 주세요. 계속되면 이 화면을 선생님께 보여 주세요.",
        en="Wait a little and open the assignment again from your LMS. If it goes on, show this page to your teacher.",
    ),
)
NOT_SUPPORTED = Reason(
    "not supported",
    400,
    Text(
        ko="LMS가 이 사이트가 모르는 종류의 요청을 보냈습니다.",
        en="The LMS asks for something that this site does not do.",
    ),
    Text(
        ko="이 사이트는 LTI 1.3의 과제 열기와 콘텐츠 선택(Deep Linking)을 압니다. LMS 관리자에게 알려 주세요.",
        en="It knows two things of LTI 1.3: opening an assignment, and selecting content (deep linking). Tell whoever "
        "looks after your LMS.",
    ),
)
NO_ROLE = Reason(
    "no role",
    403,
    Text(
        ko="LMS가 이 강좌에서의 역할을 알려 주지 않았습니다.",
        en="Your LMS names no role of yours in this course.",
    ),
    Text(
        ko="학생이나 강의자로 이 강좌에 등록된 뒤 다시 열어 주세요.",
        en="Be enrolled in the course as a student or a teacher, then open it again.",
    ),
)
NO_ASSIGNMENT = Reason(
    "no assignment",
    404,
    Text(
        ko="이 링크가 어느 과제를 여는지 정해져 있지 않거나, 그런 과제가 없습니다.",
        en="This link does not say which assignment it opens, or there is no such assignment.",
    ),
    Text(
        ko="학생이라면 이 화면을 선생님께 보여 주세요. 선생님은 LMS의 활동 설정에서 ‘콘텐츠 선택’으로 과제를 고르거나, "
        "사용자 정의 매개변수에 ‘assignment=과제이름’을 적어 주세요.",
        en="If you are a student, show this page to your teacher. Teachers: pick the assignment with 'Select content' "
        "in the settings of the activity, or write assignment=NAME into its custom parameters.",
    ),
)
NOT_STAFF = Reason(
    "not for students",
    403,
    Text(
        ko="과제를 고르는 일은 이 강좌의 강의자만 할 수 있습니다.",
        en="Only those who teach this course can pick an assignment.",
    ),
    Text(ko="LMS의 강좌로 돌아가 주세요.", en="Go back to the course in your LMS."),
)
STAFF_ONLY = Reason(
    "staff only",
    403,
    Text(
        ko="이 화면은 이 강좌의 강의자와 조교만 볼 수 있습니다.",
        en="Only those who teach or assist in this course may see this page.",
    ),
    Text(ko="LMS의 강좌로 돌아가 주세요.", en="Go back to the course in your LMS."),
)
TEACHERS_ONLY = Reason(
    "teachers only",
    403,
    Text(
        ko="과제 설정은 이 강좌의 강의자만 바꿀 수 있습니다.",
        en="Only the teachers of this course may change the settings of the activity.",
    ),
    Text(
        ko="바꿀 것이 있으면 강의자에게 부탁해 주세요.",
        en="Ask a teacher of the course for the change.",
    ),
)
NO_INVITATION = Reason(
    "no invitation",
    403,
    Text(
        ko="이 등록 주소는 유효하지 않거나 시간이 지났습니다.",
        en="This registration URL is not valid, or no longer.",
    ),
    Text(
        ko="이 사이트를 운영하는 사람에게 새 등록 주소를 받아 주세요.",
        en="Ask whoever runs this site for a new one.",
    ),
)
NOT_REGISTERED = Reason(
    "not registered",
    400,
    Text(ko="등록하지 못했습니다.", en="The registration did not work."),
    Text(
        ko="LMS의 도구 관리 화면에서 등록 주소를 다시 넣어 주세요. 계속 안 되면 아래 내용을 이 사이트의 운영자에게 "
        "보내 주세요.",
        en="Enter the registration URL into your LMS again. If it still does not work, send what stands below to "
        "whoever runs this site.",
    ),
)
NOT_FOUND = Reason(
    "not found",
    404,
    Text(ko="여기에는 아무것도 없습니다.", en="There is nothing here."),
    _AGAIN,
)
INTERNAL_ERROR = Reason(
    "internal error",
    500,
    Text(
        ko="우리 쪽에 문제가 생겼습니다. 제출한 것은 그대로 있습니다.",
        en="Something went wrong on our side. What you handed in is safe.",
    ),
    _AGAIN,
)
_TRY_AGAIN = Text(
    ko="파일을 그대로 두고 잠시 뒤에 다시 제출해 주세요. 계속되면 이 화면을 선생님께 보여 주세요.",
    en="Keep your file and hand it in again in a little while. If it goes on, show this page to your teacher.",
)

VISIT_OVER = Reason(
    "visit expired",
    400,
    Text(
        ko="이 화면은 열린 지 12시간이 지났거나, 브라우저가 쿠키를 보내지 않아 더는 쓸 수 없습니다.",
        en="This page was opened more than 12 hours ago, or your browser sent no cookie with it, so it can no longer "
        "be used.",
    ),
    Text(
        ko="LMS의 강좌에서 과제를 다시 열어 주세요. ‘제출되었습니다’라는 화면을 본 것은 모두 그대로 있습니다. 방금 "
        "파일을 보냈다면 받지 못했으니 다시 제출해 주세요.",
        en="Open the assignment again from the course in your LMS. Everything that the tool said it received is "
        "still there. If you were sending a file just now, it was not received: hand it in again.",
    ),
)
INVALID_CSRF = Reason(
    "invalid CSRF token",
    403,
    Text(
        ko="보낸 내용이 이 과제 화면의 양식에서 온 것이 아니어서 아무것도 바꾸지 않았습니다.",
        en="What was sent does not come from a form of this assignment's pages, so nothing was changed.",
    ),
    Text(
        ko="과제 화면을 다시 연 뒤 그 안의 단추를 눌러 주세요.",
        en="Open the assignment's page again and use the buttons on it.",
    ),
)
NOT_RECEIVED = Reason(
    "not received",
    503,
    Text(
        ko="파일을 받지 못했습니다. 제출되지 않았습니다.",
        en="Your file was NOT received. It does not count as handed in.",
    ),
    _TRY_AGAIN,
)
NO_FILE = Reason(
    "no file",
    422,
    Text(ko="고른 파일이 없어서 제출되지 않았습니다.", en="No file was chosen, so nothing was handed in."),
    Text(
        ko="과제 화면으로 돌아가 .ipynb 노트북 파일을 고른 뒤 제출해 주세요.",
        en="Go back to the assignment, choose your notebook (.ipynb) and hand it in.",
    ),
)
NOTHING_RELEASED = Reason(
    "nothing released",
    404,
    Text(ko="내려받을 파일이 없습니다.", en="There is no such file to download."),
    Text(
        ko="과제 화면에 있는 다른 파일을 내려받거나, 이 화면을 선생님께 보여 주세요.",
        en="Download another one of the files on the assignment's page, or show this page to your teacher.",
    ),
)
ALREADY_REQUESTED = Reason(
    "already requested",
    409,
    Text(
        ko="이 문제는 이미 선생님께 재검토를 요청했고, 아직 답을 기다리고 있습니다.",
        en="You have asked for a look at this question already, and the answer is not there yet.",
    ),
    Text(
        ko="답이 오면 이 제출의 화면에 나타납니다.",
        en="The answer will appear on the page of this hand-in.",
    ),
)
EMPTY_REQUEST = Reason(
    "empty request",
    422,
    Text(ko="무엇을 봐 달라는 것인지 적혀 있지 않습니다.", en="You did not write what should be looked at."),
    Text(
        ko="왜 채점이 틀렸다고 생각하는지 한두 문장으로 적어 주세요.",
        en="Write in a sentence or two why you think the grading is wrong.",
    ),
)


def wrong_file(reason: Text) -> Reason:
    """Return the reason for a file that is not a submission to this assignment.

    reason: what was expected, what was found, what to do.
    """
    return Reason(
        "wrong file",
        422,
        Text(
            ko="이 파일은 받지 않았습니다. 제출 횟수에도 들어가지 않습니다.",
            en="This file was not taken. It does not count as an attempt.",
        ),
        Text(ko=_sentence(reason.ko), en=_sentence(reason.en)),
    )


def too_large(size: int, limit: int) -> Reason:
    """Return the reason for a file above the size limit. Both in bytes."""
    actual, maximum = f"{size / 1e6:.1f} MB", f"{limit / 1e6:g} MB"
    return Reason(
        "too large",
        413,
        Text(
            ko=f"파일이 너무 커서 받지 않았습니다. {maximum}까지 받는데, 보낸 것은 {actual}입니다.",
            en=f"Your file is too large and was not taken: at most {maximum} can be handed in, this is {actual}.",
        ),
        Text(
            ko="노트북에서 ‘모든 출력 지우기’를 한 뒤 저장하고 다시 제출해 주세요. 채점에는 출력이 필요하지 않습니다.",
            en="Clear all outputs in the notebook, save it and hand it in again. Grading needs no outputs.",
        ),
    )


def too_often(limit: int, minutes: int) -> Reason:
    """Return the reason for more submissions in an hour than `limit`. minutes: until the next one is accepted."""
    return Reason(
        "too often",
        429,
        Text(
            ko=f"한 시간에 {limit}번까지 제출할 수 있어서, 이번 파일은 받지 않았습니다.",
            en=f"At most {limit} hand-ins are taken in an hour, so this file was not taken.",
        ),
        Text(
            ko=f"{minutes}분 뒤에 다시 제출해 주세요.",
            en=f"Hand it in again in {minutes} minute{'' if minutes == 1 else 's'}.",
        ),
    )


def no_attempts_left(made: int) -> Reason:
    """Return the reason for a submission after the last attempt. made: number of attempts."""
    return Reason(
        "no attempts left",
        403,
        Text(
            ko=f"제출할 수 있는 횟수를 모두 썼습니다({made}번). 이번 파일은 받지 않았습니다.",
            en=f"You have used up your attempts ({made}), so this file was not taken.",
        ),
        Text(
            ko="더 제출해야 하는 사정이 있으면 선생님께 말씀드려 주세요.",
            en="If you have a reason to hand in once more, talk to your teacher.",
        ),
    )


def closed(due: Text) -> Reason:
    """Return the reason for a late submission to an activity that refuses them."""
    return Reason(
        "late",
        403,
        Text(
            ko=f"제출 기한({due.ko})이 지나서, 이번 파일은 받지 않았습니다.",
            en=f"This was due on {due.en}, and nothing is taken after that, so this file was not taken.",
        ),
        Text(
            ko="늦은 사정이 있으면 선생님께 말씀드려 주세요.",
            en="If you have a reason for being late, talk to your teacher.",
        ),
    )


def too_long(length: int, limit: int) -> Reason:
    """Return the reason for a text above the length limit. Both in characters."""
    return Reason(
        "too long",
        422,
        Text(
            ko=f"{limit}자까지 쓸 수 있는데, 쓴 것은 {length}자입니다.",
            en=f"There is room for {limit} characters, and you wrote {length}.",
        ),
        Text(ko="뒤로 가서 줄여 주세요.", en="Go back and shorten it."),
    )


def _sentence(text: str) -> str:
    """Return the text with a capital at its start and a full stop at its end."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
