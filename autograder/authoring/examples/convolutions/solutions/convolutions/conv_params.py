"""The number of weights of a Conv2D layer."""

from autograder import Case, Question, Term, Text, expect

question = Question(
    title=Text(en="Weights of a convolution"),
    statement=Text(
        en="""
Complete `conv_params(kernel, channels, filters)` so that it returns how many weights a `Conv2D` layer learns that has
`filters` filters of `kernel` × `kernel` pixels and reads an image with `channels` channels. Each filter has a bias.

- All arguments are whole numbers of at least 1; return one whole number.
- This is graded without TensorFlow: write the formula instead of building a layer.
""",
    ),
    source="an example of `autograder init`",
    terms=[
        Term("kernel*kernel*channels*filters", Text(en="the weights of all windows")),
        Term("filters", Text(en="the biases")),
        Term("kernel*channels*filters"),
        Term("kernel*kernel*filters"),
        Term("kernel*kernel*channels"),
        Term("channels*filters"),
        Term("channels"),
        Term("1"),
    ],
    sample=(3, 3, 8),
    returns="int",
)


@question.answer
def conv_params(kernel, channels, filters):
    """Number of weights of a Conv2D layer with square filters and biases.

    kernel, channels, filters: int >= 1. Returns int.
    """
    one_filter = kernel * kernel * channels + 1
    return filters * one_filter


@question.example
def example(conv_params):
    assert conv_params(1, 1, 1) == 2
    assert conv_params(3, 1, 2) == 20


@question.cases
def cases(rng):
    edges = [Case(1, 4, 6), Case(3, 1, 5), Case(5, 3, 1), Case(3, 7, 7)]
    kernels = rng.integers(2, 12, size=14)
    sizes = rng.permutation(range(2, 66))[:28].reshape(14, 2)
    drawn = zip(kernels, sizes, strict=True)
    return edges + [Case(int(kernel), int(channels), int(filters)) for kernel, (channels, filters) in drawn]


@question.check(
    points=2,
    text=Text(en="counts the windows of a layer of any size, biases aside"),
)
def counts_the_windows(got, case, want):
    expect.near(got, want, within=max(case.args[1:]))


@question.check(points=2, text=Text(en="counts the weights of a layer of any size"))
def counts_every_layer(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(en="The biases are missing. What does a filter add to its sum, and how often is that learned?"),
    fails=[counts_every_layer],
)
def no_bias(kernel, channels, filters):
    return kernel * kernel * channels * filters


@question.misconception(
    text=Text(
        en="One bias was counted for the whole layer. Which output would it belong to, if there are several?"
    ),
    fails=[counts_every_layer],
)
def one_bias_for_all(kernel, channels, filters):
    return kernel * kernel * channels * filters + 1


@question.misconception(
    text=Text(
        en="A bias was counted for each channel of the input. A filter adds up all channels before it adds its bias."
    ),
    fails=[counts_every_layer],
)
def bias_by_channel(kernel, channels, filters):
    return kernel * kernel * channels * filters + channels


@question.misconception(
    text=Text(
        en="A bias was counted for each pair of channel and filter. How many numbers does one filter "
        "write for one place?"
    ),
    fails=[counts_the_windows, counts_every_layer],
    credit=1,
)
def bias_for_each_pair(kernel, channels, filters):
    return (kernel * kernel + 1) * channels * filters


@question.misconception(
    text=Text(
        en="The filters were counted as flat: one window, whatever the number of channels. For an RGB image, which of "
        "the three numbers of a pixel would such a filter read?"
    ),
    fails=[counts_the_windows, counts_every_layer],
)
def channels_left_out(kernel, channels, filters):
    return (kernel * kernel + 1) * filters


@question.misconception(
    text=Text(
        en="A window has a height and a width, but `kernel` was counted only once. Draw one of 3 × 3 pixels."
    ),
    fails=[counts_the_windows, counts_every_layer],
)
def windows_of_one_row(kernel, channels, filters):
    return (kernel * channels + 1) * filters


@question.misconception(
    text=Text(
        en="These are the weights of a single filter. Does every filter of the layer look for the same thing?"
    ),
    fails=[counts_the_windows, counts_every_layer],
)
def one_filter_only(kernel, channels, filters):
    return kernel * kernel * channels + 1


@question.misconception(
    text=Text(
        en="Each filter was connected to every channel with one weight, as a `Dense` layer connects numbers. A filter "
        "reads a whole window of each channel."
    ),
    fails=[counts_the_windows, counts_every_layer],
)
def as_a_dense_layer(kernel, channels, filters):
    return (channels + 1) * filters
