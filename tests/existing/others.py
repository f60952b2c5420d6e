"""Assignments of one trait each: `essays` are graded by hand, `magics` are not plain Python, `julia` is not Python."""

from tests.existing.cells import Notebook, answer, free, locked, manual, prose, task, test

REPORT = Notebook(
    "report",
    (
        prose("# What the data say"),
        manual(
            "conclusion",
            5,
            """
            ### BEGIN SOLUTION
            The trend is weak.
            ### END SOLUTION
            """,
            half="There may be a trend.",
        ),
        manual(
            "simulation",
            3,
            """
            ### BEGIN SOLUTION
            simulated = [k / 10 for k in range(10)]
            ### END SOLUTION
            """,
            half="simulated = []",
            code=True,
        ),
        # extra credit: no points in the notebook, and what the grader adds
        manual("bonus", 0, "### BEGIN SOLUTION\nA second opinion.\n### END SOLUTION", half="None."),
        task("interview", 4, "Ask a person about the weather and add cells with what they said."),
        prose("They said that it rained."),
        test("simulation-test", 2, "assert len(simulated) == 10", earned=(2, 0, 0)),
    ),
)

TRICKS = Notebook(
    "notebook tricks",
    (
        free("%matplotlib inline\nimport matplotlib.pyplot as plt"),
        locked("shell", "!echo ready"),
        locked("shell-lines", "lines = !echo one"),
        answer(
            "shown",
            """
            %%capture shown
            ### BEGIN SOLUTION
            print("Hello")
            ### END SOLUTION
            """,
            half='%%capture shown\nprint("Bye")',
        ),
        test("shown-test", 1, 'assert shown.stdout == "Hello\\n"', earned=(1, 0, 0)),
        test("lines-test", 1, 'assert list(lines) == ["one"]', earned=(1, 1, 1)),
        answer(
            "total",
            """
            ### BEGIN SOLUTION
            total = sum(range(5))
            ### END SOLUTION
            """,
            half="total = 10",
        ),
        # half has the number without the sum; the cell is worth nothing either way
        test("total-history", 0, "%rerun", earned=(0, 0, 0)),
        test("total-magic", 1, "%time assert total == 10", earned=(1, 0, 1)),
        test("total-captured", 1, "%%capture\nprint(total)\nassert total % 2 == 0", earned=(1, 0, 1)),
    ),
)

JULIA = Notebook(
    "julia",
    (
        prose("# Vectors"),
        answer(
            "norm",
            """
            ### BEGIN SOLUTION
            norm2(v) = sqrt(sum(v .^ 2))
            ### END SOLUTION
            """,
        ),
        test("norm-test", 2, "@assert norm2([3, 4]) == 5", earned=(2, 0, 2)),
    ),
    {"name": "julia-1.10", "display_name": "Julia 1.10", "language": "julia"},
)
