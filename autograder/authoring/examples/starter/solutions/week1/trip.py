"""A number question: every student gets numbers of their own, from the pool `journey.json`."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="여행 시간", en="How long is the journey?"),
    statement=Text(
        ko="""
위에 출력된 여행은 모두 몇 초 걸립니까? 그 수를 `trip`의 괄호 안에 쓰세요. `60 * 60`처럼 계산식으로 써도 됩니다.
""",
        en="""
How many seconds does the journey that is printed above take? Write the number between the brackets of `trip`, or a
calculation such as `60 * 60`.
""",
    ),
    source="an example of `autograder init`",
    numbers="journey",
    returns="int",
)


@question.answer
def trip(hours, minutes):
    """Seconds of the journey."""
    return 3600 * hours + 60 * minutes


@question.check(points=1, text=Text(ko="초의 수가 맞는다", en="the number of seconds is right"))
def is_right(got, case, want):
    expect.number(got, want)


# what follows from a student's own `seconds` is right here, so that a mistake costs points once;
# the misconceptions of `seconds` are known here, too
@question.follows("seconds")
def by_own_function(seconds, hours, minutes):
    return seconds(hours, minutes)


@question.misconception(
    text=Text(
        ko="분을 한 시간의 백분의 일로 읽었습니다. 7시간 30분은 7.30시간이 아닙니다.",
        en="The minutes were read as hundredths of an hour, but 7 hours 30 minutes are not 7.30 hours.",
    ),
    fails=[is_right],
)
def minutes_as_hundredths(hours, minutes):
    return 3600 * hours + 36 * minutes
