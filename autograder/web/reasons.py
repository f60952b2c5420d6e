"""Why somebody who was launched gets no further, or a file is not taken."""

from __future__ import annotations

from autograder.text import Text
from autograder.web.lti.refused import Reason

_TRY_AGAIN = Text(
    ko="파일을 그대로 두고 잠시 뒤에 다시 제출해 주세요. 계속되면 이 화면을 선생님께 보여 주세요.",
    en="Keep your file and hand it in again in a little while. If it goes on, show this page to your teacher.",
)

VISIT_OVER = Reason(
    "visit over",
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
STRANGE_FORM = Reason(
    "form of another page",
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
ASKED_ALREADY = Reason(
    "asked already",
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
NO_WORDS = Reason(
    "no words",
    422,
    Text(ko="무엇을 봐 달라는 것인지 적혀 있지 않습니다.", en="You did not write what should be looked at."),
    Text(
        ko="왜 채점이 틀렸다고 생각하는지 한두 문장으로 적어 주세요.",
        en="Write in a sentence or two why you think the grading is wrong.",
    ),
)


def not_taken(reason: Text) -> Reason:
    """A file that is no hand-in to this assignment. reason: what was expected, found and is to be done."""
    return Reason(
        "wrong file",
        422,
        Text(
            ko="이 파일은 받지 않았습니다. 제출 횟수에도 들어가지 않습니다.",
            en="This file was not taken. It does not count as an attempt.",
        ),
        Text(ko=_sentence(reason.ko), en=_sentence(reason.en)),
    )


def too_large(found: int, allowed: int) -> Reason:
    """A file of more bytes than may be handed in."""
    here, most = f"{found / 1e6:.1f} MB", f"{allowed / 1e6:g} MB"
    return Reason(
        "too large",
        413,
        Text(
            ko=f"파일이 너무 커서 받지 않았습니다. {most}까지 받는데, 보낸 것은 {here}입니다.",
            en=f"Your file is too large and was not taken: at most {most} can be handed in, this is {here}.",
        ),
        Text(
            ko="노트북에서 ‘모든 출력 지우기’를 한 뒤 저장하고 다시 제출해 주세요. 채점에는 출력이 필요하지 않습니다.",
            en="Clear all outputs in the notebook, save it and hand it in again. Grading needs no outputs.",
        ),
    )


def too_often(limit: int, minutes: int) -> Reason:
    """More hand-ins in an hour than are taken."""
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
    """All attempts are used up."""
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
    """Late, where nothing late is taken."""
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


def too_long(found: int, allowed: int) -> Reason:
    """More words than there is room for."""
    return Reason(
        "too long",
        422,
        Text(
            ko=f"{allowed}자까지 쓸 수 있는데, 쓴 것은 {found}자입니다.",
            en=f"There is room for {allowed} characters, and you wrote {found}.",
        ),
        Text(ko="뒤로 가서 줄여 주세요.", en="Go back and shorten it."),
    )


def _sentence(text: str) -> str:
    """One that begins with a capital and ends with a stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
