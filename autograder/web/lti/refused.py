"""Why a launch goes no further: what happened and what to do, for whoever reads the page."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import AutograderError
from autograder.text import Text


@dataclass(frozen=True)
class Reason:
    """One way in which a request is turned down."""

    name: str
    """Stands in the log; says nothing of what was sent."""
    status: int
    happened: Text
    todo: Text


class Refused(AutograderError):
    """A request that is turned down with a page of its own."""

    def __init__(self, reason: Reason, *, facts: tuple[tuple[str, str], ...] = ()) -> None:
        self.reason = reason
        self.facts = facts
        """What an administrator needs to mend it, as pairs of a word and a value; never a token or a secret."""
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
    "spent",
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
    "turned down by the LMS",
    400,
    Text(ko="LMS가 로그인을 확인해 주지 않았습니다.", en="The LMS did not confirm your login."),
    Text(
        ko="LMS에 다시 로그인한 뒤 과제를 열어 주세요.",
        en="Log in to your LMS again, then open the assignment.",
    ),
)
FORGED = Reason(
    "not the LMS's",
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
    "platform switched off",
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
    "for staff",
    403,
    Text(
        ko="이 화면은 이 강좌의 강의자와 조교만 볼 수 있습니다.",
        en="Only those who teach or assist in this course may see this page.",
    ),
    Text(ko="LMS의 강좌로 돌아가 주세요.", en="Go back to the course in your LMS."),
)
TEACHERS_ONLY = Reason(
    "for teachers",
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
NOT_HERE = Reason(
    "not here",
    404,
    Text(ko="여기에는 아무것도 없습니다.", en="There is nothing here."),
    _AGAIN,
)
OURS = Reason(
    "our fault",
    500,
    Text(
        ko="우리 쪽에 문제가 생겼습니다. 제출한 것은 그대로 있습니다.",
        en="Something went wrong on our side. What you handed in is safe.",
    ),
    _AGAIN,
)
