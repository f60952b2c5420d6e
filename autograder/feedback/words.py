"""The words of the feedback page."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "kind": Text(ko="채점 결과", en="Feedback"),
    "skip": Text(ko="문제별 피드백으로 건너뛰기", en="Skip to the feedback on each question"),
    "score": Text(ko="점수", en="Score"),
    "of": Text(ko="점 만점에", en="out of"),
    "points": Text(ko="점", en="points"),
    "handed_in": Text(ko="제출한 때", en="Handed in"),
    "late": Text(ko="늦은 제출 감점", en="Late penalty"),
    "attempt": Text(ko="제출 횟수", en="Attempt"),
    "overview": Text(ko="문제", en="Questions"),
    "not_graded": Text(
        ko="아직 채점하지 않았습니다. 답은 그대로 있고, 채점하면 점수와 피드백이 여기에 나옵니다.",
        en="Not graded yet. Your answer is kept; its score and feedback will stand here.",
    ),
    "waiting": Text(
        ko="이 답은 선생님이 읽고 채점합니다. 위의 점수에는 아직 들어 있지 않습니다.",
        en="Your teacher reads and grades this answer. The score above does not include it yet.",
    ),
    "teacher": Text(ko="선생님", en="teacher"),
    "comment": Text(ko="선생님의 의견", en="Your teacher’s comment"),
    "diagnosis": Text(ko="무엇이 틀렸나요?", en="What went wrong"),
    "one_of": Text(
        ko="다음 가운데 하나 이상으로 보입니다.", en="One or more of these seem to have happened."
    ),
    "credit": Text(ko="부분 점수", en="Partial credit"),
    "credited": Text(ko="위의 실수는 일부를 맞힌 것으로 봅니다.", en="For the mistake named above."),
    "numbers": Text(ko="내 수", en="Your numbers"),
    "your_answer": Text(ko="내 답", en="Your answer"),
    "try": Text(ko="직접 확인해 보세요", en="See for yourself"),
    "gives": Text(ko="의 값이 다음과 같은데, 맞지 않습니다.", en="gives the following, which is not right:"),
    "example": Text(ko="문제의 예시", en="The visible example"),
    "example_passed": Text(
        ko="통과합니다. 예시에 없는 입력에서 틀립니다.", en="passes. The answer is wrong for other inputs."
    ),
    "example_failed": Text(
        ko="통과하지 못합니다. 예시 셀을 실행해 보세요.", en="fails. Run the example cell to see where."
    ),
    "reread": Text(ko="다시 읽을 곳", en="Read again"),
    "notes": Text(ko="알아 둘 것", en="Please note"),
    "checks": Text(ko="채점 항목", en="Checks"),
    "code": Text(ko="내가 쓴 코드", en="Your code"),
    "answer": Text(ko="제출한 답", en="What you handed in"),
    "printed": Text(ko="출력", en="Output"),
    "plot": Text(ko="내 노트북이 그린 그림", en="A plot drawn by your notebook"),
    "nothing": Text(ko="비어 있습니다.", en="Nothing."),
    "solution": Text(ko="풀이", en="Worked solution"),
    "only_scores": Text(ko="이 과제는 점수만 알려 줍니다.", en="For this assignment only scores are told."),
    "handed_in_all": Text(ko="제출한 노트북에 쓴 것 모두", en="Everything you wrote in the notebook"),
    "handed_in_note": Text(
        ko="노트북에 나오는 순서입니다. 답은 문제별 피드백에 있습니다.",
        en="In the order of the notebook. Answers stand with the feedback on their question.",
    ),
    "answer_to": Text(ko="답", en="Answer"),
    "top": Text(ko="맨 위로", en="Back to the top"),
    "right_answers": Text(ko="맞힌 문제", en="Right answers"),
}
