"""A function question: how many seconds are so many hours and minutes?"""

from autograder import Case, Question, Term, Text, expect

question = Question(
    title=Text(ko="시간을 초로", en="Hours and minutes in seconds"),
    statement=Text(
        ko="""
`hours`시간 `minutes`분이 모두 몇 초인지 돌려주는 함수 `seconds(hours, minutes)`를 완성하세요.

두 인자는 0 이상의 정수이고, 정수 하나를 돌려줍니다.
""",
        en="""
Complete `seconds(hours, minutes)` so that it returns how many seconds `hours` hours and `minutes` minutes are.

Both arguments are whole numbers of at least 0; return one whole number.
""",
    ),
    source="an example of `autograder init`",
    # the terms that an answer may be a sum of: from these, feedback shows the formula that a wrong function computes
    terms=[
        Term("hours", Text(ko="시간", en="the hours")),
        Term("minutes", Text(ko="분", en="the minutes")),
        Term("1"),
    ],
    sample=(1, 30),  # arguments with which the last cell of the notebook tries an answer
    returns="int",
)


@question.answer
def seconds(hours, minutes):
    """Seconds in so many hours and minutes.

    hours, minutes: int >= 0. Returns int.
    """
    all_minutes = 60 * hours + minutes
    return 60 * all_minutes


@question.example
def example(seconds):
    assert seconds(0, 2) == 120


@question.cases
def cases(rng):
    """Draw the hidden inputs: corner cases that a mistake depends on, then random ones."""
    drawn = rng.permutation(range(2, 60))[:16].reshape(8, 2)
    return [Case(0, 5), Case(3, 0), *(Case(int(hours), int(minutes)) for hours, minutes in drawn)]


@question.check(
    points=2, text=Text(ko="어떤 시간이든 초의 수가 맞는다", en="is right for any hours and minutes")
)
def is_right(got, case, want):
    """Pass silently if the answer is right; `expect` raises `Fail` with a message that helps the student."""
    expect.count(got, want)


@question.misconception(
    text=Text(
        ko="한 시간을 60초로 셌습니다. 한 시간은 몇 분이고, 그 1분은 저마다 몇 초인가요?",
        en="An hour was counted as 60 seconds. How many minutes has an hour, and how many seconds has each of them?",
    ),
    fails=[is_right],
    credit=0.5,
)
def hour_of_sixty_seconds(hours, minutes):
    return 60 * hours + 60 * minutes


@question.misconception(
    text=Text(
        ko="분을 초로 바꾸지 않고 더했습니다. 더하는 두 수의 단위가 같은지 보세요.",
        en="The minutes were added as they are. Have the two numbers that you add the same unit?",
    ),
    fails=[is_right],
    credit=0.5,
)
def minutes_not_converted(hours, minutes):
    return 3600 * hours + minutes


@question.misconception(
    text=Text(
        ko="초가 아니라 분으로 답했습니다. 1분은 몇 초인가요?",
        en="This is the time in minutes. How many seconds has each of them?",
    ),
    fails=[is_right],
    credit=0.5,
)
def in_minutes(hours, minutes):
    return 60 * hours + minutes
