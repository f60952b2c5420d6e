"""The width of what a convolution gives."""

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(en="Width of the output"),
    statement=Text(
        en="""
Complete `conv_width(width, kernel, stride=1, padding="valid")` so that it returns how many pixels wide the output of a
convolution is.

- `width`, `kernel` and `stride` are whole numbers of at least 1, and `kernel` is at most `width`.
- `padding` is `"valid"`, where every window stays inside the image, or `"same"`, where the output of stride 1 is as
  wide as the input.
- Return one whole number.
""",
    ),
    source="an example of `autograder init`",
    sample=(28, 3),
    returns="int",
)


@question.answer
def conv_width(width, kernel, stride=1, padding="valid"):
    """Width of the output of a convolution.

    width, kernel, stride: int >= 1, kernel <= width. padding: "valid" or "same". Returns int.
    """
    if padding == "same":
        return -(-width // stride)
    return (width - kernel) // stride + 1


@question.example
def example(conv_width):
    assert conv_width(7, 3) == 5
    assert conv_width(7, 3, padding="same") == 7


@question.cases
def cases(rng):
    """Draw widths for which the last window ends at the edge and before it, with both ways of padding."""
    cases = [
        Case(9, 9),
        Case(12, 5),
        Case(11, 3, 2),
        Case(12, 3, 2),
        Case(8, 5, padding="same"),
        Case(10, 4, 2, "same"),
    ]
    for width in rng.permutation(range(20, 80))[:8]:
        kernel, stride = int(rng.integers(3, 9)), int(rng.integers(2, 6))
        # two windows short of the edge, then one pixel more than windows fit
        fitting = kernel + stride * (int(width) // stride)
        cases += [Case(fitting, kernel, stride), Case(fitting + 1, kernel, stride)]
        cases += [
            Case(stride * kernel, kernel, stride, "same"),
            Case(stride * kernel + 1, kernel, stride, "same"),
        ]
    return cases


def is_valid(case):
    return "same" not in (*case.args, *case.kwargs.values())


def is_same(case):
    return not is_valid(case)


@question.check(points=2, when=is_valid, text=Text(en="is right without padding, for any stride"))
def right_without_padding(got, case, want):
    expect.count(got, want)


@question.check(points=1, when=is_same, text=Text(en='is right with `padding="same"`, for any stride'))
def right_with_padding(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(en="The first place was not counted: a window as wide as the image fits once, not never."),
    fails=[right_without_padding],
)
def first_place_left_out(width, kernel, stride=1, padding="valid"):
    return -(-width // stride) if padding == "same" else (width - kernel) // stride


@question.misconception(
    text=Text(
        en="Without padding, a last step was counted for which the window would reach over the edge. The "
        "window stays inside."
    ),
    fails=[right_without_padding],
)
def rounded_up(width, kernel, stride=1, padding="valid"):
    return -(-width // stride) if padding == "same" else -(-(width - kernel) // stride) + 1


@question.misconception(
    text=Text(en="The stride was left out. How far does the window move from one place to the next?"),
    fails=[right_without_padding, right_with_padding],
)
def stride_left_out(width, kernel, stride=1, padding="valid"):
    return width if padding == "same" else width - kernel + 1


@question.misconception(
    text=Text(
        en='With `padding="same"` the stride was left out. The output is as wide as the input only for stride 1.'
    ),
    fails=[right_with_padding],
)
def same_is_the_input(width, kernel, stride=1, padding="valid"):
    return width if padding == "same" else (width - kernel) // stride + 1


@question.misconception(
    text=Text(en='With `padding="same"` a part of a stride at the end counts too, but was rounded away.'),
    fails=[right_with_padding],
    credit=2.5,
)
def same_rounded_down(width, kernel, stride=1, padding="valid"):
    return width // stride if padding == "same" else (width - kernel) // stride + 1


@question.misconception(
    text=Text(en="The padding was left out: both ways of padding give the same width here."),
    fails=[right_with_padding],
)
def padding_left_out(width, kernel, stride=1, padding="valid"):
    return (width - kernel) // stride + 1
