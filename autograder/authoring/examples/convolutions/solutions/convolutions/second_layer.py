"""The weights of the second of two convolutions, with a student's own numbers."""

from autograder import Question, Text, expect

question = Question(
    title=Text(en="The second layer"),
    statement=Text(
        en="""
How many weights does the **second** `Conv2D` layer of the model that is printed above learn? Write the number between
the brackets of `second_layer`, or a calculation such as `3 * (4 + 5)`. This is graded without TensorFlow.
""",
    ),
    source="an example of `autograder init`",
    numbers="small_net",
    returns="int",
    in_quiz=Text(en="How many weights does the second Conv2D layer of this model learn?"),
)


@question.answer
def second_layer(channels, kernel, first, second):
    """Number of weights of the second layer."""
    return (kernel * kernel * first + 1) * second


@question.check(points=2, text=Text(en="the count of the second layer is right"))
def counts_the_second_layer(got, case, want):
    expect.number(got, want)


# a student whose own `conv_params` is wrong loses no points here for the same mistake
@question.follows("conv_params")
def by_own_formula(conv_params, channels, kernel, first, second):
    return conv_params(kernel, first, second)


@question.misconception(
    text=Text(
        en="The second layer was counted as if it read the image. How many channels does the layer below it write?"
    ),
    fails=[counts_the_second_layer],
)
def reads_the_image(channels, kernel, first, second):
    return (kernel * kernel * channels + 1) * second


@question.misconception(
    text=Text(en="This is the first layer. The second is the one written below it."),
    fails=[counts_the_second_layer],
)
def the_first_layer(channels, kernel, first, second):
    return (kernel * kernel * channels + 1) * first


@question.misconception(
    text=Text(en="These are the weights of both layers together; the second one is asked for."),
    fails=[counts_the_second_layer],
)
def both_layers(channels, kernel, first, second):
    return (kernel * kernel * channels + 1) * first + (kernel * kernel * first + 1) * second


@question.misconception(
    text=Text(
        en="The channels of the image were added to those of the first layer. The second layer reads what is right "
        "below it, and nothing else."
    ),
    fails=[counts_the_second_layer],
)
def image_beside_the_first_layer(channels, kernel, first, second):
    return (kernel * kernel * (channels + first) + 1) * second
