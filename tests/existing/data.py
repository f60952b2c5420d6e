"""Assignment `data`: tables, dates, sets, files and modules beside the notebook, and plots."""

from tests.existing.cells import Notebook, answer, free, locked, prose, test

TABLES = Notebook(
    "data",
    (
        prose("# Temperatures"),
        free(
            """
            import json
            from datetime import date, timedelta

            import numpy as np
            import pandas as pd
            """
        ),
        locked("modules", "from helper import fahrenheit"),
        answer(
            "table",
            """
            ### BEGIN SOLUTION
            table = pd.read_csv("measurements.csv", parse_dates=["day"])
            ### END SOLUTION
            """,
            half='table = pd.read_csv("measurements.csv")',
        ),
        test(
            "table-shape",
            1,
            """
            assert isinstance(table, pd.DataFrame)
            assert list(table.columns) == ["day", "station", "celsius"]
            assert table.shape == (6, 3)
            """,
            earned=(1, 0, 1),
        ),
        # half: the days are text
        test(
            "table-days",
            1,
            """
            assert table["celsius"].isna().sum() == 1
            ### BEGIN HIDDEN TESTS
            assert table["day"].dt.day.tolist() == [1, 1, 2, 2, 3, 3]
            assert table["day"].max() == pd.Timestamp("2024-03-03")
            ### END HIDDEN TESTS
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "mean",
            """
            ### BEGIN SOLUTION
            mean = table["celsius"].mean()
            ### END SOLUTION
            """,
        ),
        test("mean-test", 1, "from checks import check_mean\n\ncheck_mean(mean)", earned=(1, 0, 1)),
        answer(
            "by-station",
            """
            ### BEGIN SOLUTION
            by_station = table.groupby("station")["celsius"].mean()
            ### END SOLUTION
            """,
            half='by_station = table.groupby("station")["celsius"].max()',
        ),
        test(
            "by-station-test",
            2,
            """
            expected = pd.Series({"north": 5.0, "south": 9.0})
            pd.testing.assert_series_equal(by_station, expected, check_names=False)
            """,
            earned=(2, 0, 0),
        ),
        answer(
            "clean",
            """
            def clean(frame):
                ### BEGIN SOLUTION
                return frame.dropna()
                ### END SOLUTION
            """,
            half="""
            def clean(frame):
                frame["kept"] = frame.notna().all(axis=1)
                return frame[frame["kept"]]
            """,
        ),
        test(
            "clean-result",
            1,
            """
            toy = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": ["x", "y", "z"]})
            assert clean(toy)["b"].tolist() == ["x", "z"]
            """,
            earned=(1, 0, 1),
        ),
        test(
            "clean-copy",
            1,
            """
            toy = pd.DataFrame({"a": [1.0, np.nan, 3.0]})
            clean(toy)
            assert toy.shape == (3, 1), "leave the table that you were given as it is"
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "days",
            """
            ### BEGIN SOLUTION
            opening = date(2024, 3, 1)


            def days_between(a, b):
                return (b - a).days
            ### END SOLUTION
            """,
            half="""
            opening = date(2024, 3, 1)


            def days_between(a, b):
                return abs((b - a).days)
            """,
        ),
        test("opening", 1, 'assert opening.isoformat() == "2024-03-01"', earned=(1, 0, 1)),
        test(
            "days-between",
            1,
            """
            assert days_between(opening, opening + timedelta(days=30)) == 30
            ### BEGIN HIDDEN TESTS
            assert days_between(date(2024, 3, 1), date(2024, 2, 28)) == -2
            ### END HIDDEN TESTS
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "stations",
            """
            ### BEGIN SOLUTION
            stations = set(table["station"])
            ranges = {name: (part.min(), part.max()) for name, part in table.groupby("station")["celsius"]}
            ### END SOLUTION
            """,
            half="""
            stations = sorted(set(table["station"]))
            ranges = {name: (part.min(), part.max()) for name, part in table.groupby("station")["celsius"]}
            """,
        ),
        test("stations-test", 1, 'assert stations == {"north", "south"}', earned=(1, 0, 0)),
        test(
            "ranges-test",
            1,
            'assert isinstance(ranges["north"], tuple)\nassert ranges == {"north": (4, 6), "south": (8, 10)}',
            earned=(1, 0, 1),
        ),
        answer(
            "warmest",
            """
            ### BEGIN SOLUTION
            warmest = fahrenheit(table["celsius"].max())
            ### END SOLUTION
            """,
        ),
        test("warmest-test", 1, "assert warmest == fahrenheit(10)", earned=(1, 0, 1)),
        answer(
            "limits",
            """
            ### BEGIN SOLUTION
            with open("data/limits.json") as file:
                limits = json.load(file)
            ### END SOLUTION
            """,
            half='limits = {"low": 0, "high": 20}',
        ),
        test(
            "limits-test",
            1,
            """
            with open("data/limits.json") as file:
                assert limits == json.load(file)
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "summary",
            """
            ### BEGIN SOLUTION
            with open("summary.txt", "w") as file:
                file.write(f"{mean:.1f}")
            ### END SOLUTION
            """,
        ),
        # a file that the student's code has written
        test(
            "summary-test",
            1,
            """
            with open("summary.txt") as file:
                assert file.read() == "6.6"
            """,
            earned=(1, 0, 1),
        ),
    ),
)

PLOTS = Notebook(
    "plots",
    (
        free("import matplotlib.pyplot as plt"),
        answer(
            "curve",
            """
            ### BEGIN SOLUTION
            fig, ax = plt.subplots()
            ax.plot([0, 1, 2], [0, 1, 4], label="square")
            ax.set_xlabel("n")
            ax.legend()
            ### END SOLUTION
            """,
            half="""
            fig, ax = plt.subplots()
            ax.plot([0, 1, 2], [0, 1, 4], label="square")
            ax.set_xlabel("n")
            """,
        ),
        test(
            "curve-line",
            1,
            """
            (line,) = ax.get_lines()
            assert list(line.get_ydata()) == [0, 1, 4]
            assert ax.get_xlabel() == "n"
            """,
            earned=(1, 0, 1),
        ),
        test("curve-legend", 1, 'assert ax.get_legend() is not None, "add a legend"', earned=(1, 0, 0)),
        answer(
            "bars",
            """
            def draw_bars(heights):
                ### BEGIN SOLUTION
                plt.figure()
                plt.bar(range(len(heights)), heights)
                ### END SOLUTION
            """,
            half="""
            def draw_bars(heights):
                plt.bar(range(len(heights)), heights)
            """,
        ),
        # the test looks at the current figure; half draws into what is current, and inline figures are closed
        test(
            "bars-test",
            1,
            """
            draw_bars([3, 1])
            assert [patch.get_height() for patch in plt.gca().patches] == [3, 1]
            plt.close("all")
            """,
            earned=(1, 0, 1),
        ),
    ),
)

NOTEBOOKS = (TABLES, PLOTS)
