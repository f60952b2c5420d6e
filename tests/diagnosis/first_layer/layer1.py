"""Problem 3: the first layer of two LSTM layers under a Dense layer."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 3-1: 첫 번째 층", en="Problem 3.1: the first layer"),
    statement=Text(
        ko="""
위에 출력된 문제 3의 모델에서 **첫 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `layer1`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **first layer** of problem 3 have, in the model printed above with your numbers? Between
the brackets of `layer1`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers="problem3",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 첫 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the first layer of this model learn?",
    ),
)


@question.answer
def layer1(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of parameters of the first layer."""
    return 4 * first_units * (input_dim + first_units + 1)


@question.check(
    points=0.5,
    text=Text(ko="첫 번째 층의 파라미터 개수가 맞는다", en="the count of the first layer is right"),
)
def counts_the_first_layer(got, case, want):
    expect.number(got, want)
