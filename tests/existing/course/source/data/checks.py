"""Tests of this assignment, kept beside the notebook."""


def check_mean(mean):
    """Raise AssertionError unless `mean` is the mean of all measured temperatures."""
    assert abs(mean - 6.6) < 1e-9, f"expected the mean of the five measured temperatures, got {mean}"
    print("The mean is right.")
