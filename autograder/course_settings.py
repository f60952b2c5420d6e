"""The settings of a course, as written in its `nbgrader_config.py`."""

from __future__ import annotations

from typing import Literal

from traitlets import Dict, Enum, List, Unicode
from traitlets.config import Configurable

FeedbackLevel = Literal["score", "diagnosis", "solution"]


class CourseSettings(Configurable):  # type: ignore[misc]
    """The settings of a course in `nbgrader_config.py`, in addition to nbgrader's own."""

    languages = List(
        Unicode(),
        ["en"],
        help="Languages of every text of the course, as tags such as 'en' or 'pt-BR'; the first is the default.",
    ).tag(config=True)

    graded_with = Dict(
        help="Package versions that the course is graded with, shown in the last cell of a notebook."
    ).tag(config=True)

    feedback = Dict(
        help="Level of detail of the feedback, by assignment: 'score', 'diagnosis' (the default) or 'solution', which "
        "adds the worked solution once the assignment has closed."
    ).tag(config=True)

    seal = Enum(
        ("required", "preferred", "none"),
        "required",
        help="'required': student code runs sealed or not at all. 'preferred': it runs with the operator's own rights "
        "if no seal works. 'none': it always does, as with `autograder grade --unsealed`; only for trusted "
        "submissions.",
    ).tag(config=True)

    fit = Enum(
        ("fast", "stock"),
        "fast",
        help="How models are trained while grading. 'fast': simple calls use a single data iterator, which gives the "
        "same result to the last bit, as a self-test checks first. 'stock': Keras's own fit, as with `autograder "
        "grade --stock-fit`.",
    ).tag(config=True)

    limits = Dict(
        help="Time limits of student code in seconds: 'cell' (60), 'call' of an answer (20), 'training' (300) of a "
        "model, 'session' (1800) for the whole notebook. Limits that are not named keep their default."
    ).tag(config=True)

    attempts = Dict(
        help="Maximum number of graded submissions per student at Gradescope, by assignment; unlimited if not named. "
        "Further submissions keep the best score so far."
    ).tag(config=True)

    finished = List(
        Unicode(),
        help="Assignments whose scores are to stay: `autograder grade` grades them only where they are named.",
    ).tag(config=True)

    together = List(
        Unicode(),
        help="Tests of nbgrader's own that are to run among the student's code, which may forge them, although they "
        "pass apart from it: as 'ps1/notebook/grade_id'.",
    ).tag(config=True)

    roster = Unicode(
        "roster.csv",
        help="CSV file with the identifiers of each student, one line per student. Optional.",
    ).tag(config=True)

    groups = Unicode(
        "groups.csv",
        help="CSV file of groups that submit together, with the columns assignment, group and student_id.",
    ).tag(config=True)

    scores_hidden_until = Dict(
        help="Times, by assignment, until which students see neither scores nor feedback, as ISO 8601 dates and times "
        "with an offset. See `autograder docs course` for what this covers."
    ).tag(config=True)

    contact = Unicode(
        help="Contact for questions about scores, such as an e-mail address, shown at the end of each feedback page."
    ).tag(config=True)

    questions_until = Dict(
        help="Times, by assignment, until which students may ask about their scores, as ISO 8601 dates and times with "
        "an offset; shown beside `contact`."
    ).tag(config=True)

    timezone = Unicode(
        "UTC", help="Time zone of the course, such as 'Asia/Seoul', for times without an offset."
    ).tag(config=True)

    due = Dict(
        help="Due dates by assignment, as ISO 8601 dates and times with an offset. They are written to the gradebook "
        "for nbgrader's late policy. Assignments that are not named keep the gradebook's own."
    ).tag(config=True)

    own_numbers = Enum(
        ("expected", "strict"),
        "expected",
        help="Whose variant counts in number questions. 'expected': a notebook without an id, or with an unknown one, "
        "is graded on the numbers that it showed, and staff are notified. 'strict': only the student's own numbers "
        "earn points, as the notebooks say once they are built again.",
    ).tag(config=True)

    other_ids = Dict(
        value_trait=List(Unicode()),
        help="Other ids that a student may write into a notebook, by student id. Each draws other numbers in number "
        "questions, for example for a second try.",
    ).tag(config=True)

    not_handed_in = Enum(
        ("zero", "blank"), "zero", help="Score, in files for an LMS, of students without a submission."
    ).tag(config=True)

    graders = List(
        Unicode(),
        help="Who grades by hand, by names of your choice. The students of the course are divided among them: "
        "question_scores.csv names the grader of each manually graded cell.",
    ).tag(config=True)

    scheduler = Unicode(
        "",
        help="Scheduler address of a Dask cluster to grade on, such as 'tcp://10.0.0.1:8786'. If empty, this machine "
        "grades. See `autograder docs cluster`.",
    ).tag(config=True)

    closes = Dict(help="Closing times by assignment, as ISO 8601 dates and times with an offset.").tag(
        config=True
    )
