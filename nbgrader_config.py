"""Settings of the course, read by nbgrader and by `autograder`. Data only."""

c = get_config()  # noqa: F821

# The course
c.CourseDirectory.course_id = "rnn"
c.CourseSettings.languages = ["ko", "en"]  # the first is the one that `nbgrader generate_assignment` makes
c.CourseSettings.graded_with = {"numpy": "2.4", "tensorflow": "2.21"}
c.CourseSettings.timezone = "Asia/Seoul"

# Where nbgrader finds things
c.CourseDirectory.release_directory = "release/ko"
c.CourseDirectory.solution_directory = "build/solution"  # nbgrader deletes this folder: never solutions/

# Releasing
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    "autograder.nbgrader.Edition",
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ClearSolutions.code_stub = {"python": "...  # 여기에 답을 쓰세요 / write your answer here"}

# The exchange: every edition goes out, and feedback comes back whichever was handed in
c.ExchangeFactory.release_assignment = "autograder.exchange.ReleaseEditions"
c.ExchangeFactory.collect = "autograder.exchange.CollectByRoster"
c.ExchangeFactory.release_feedback = "autograder.exchange.ReleaseFeedback"

# Solved notebooks for teaching assistants
c.GenerateSolution.force = True
c.GenerateSolution.preprocessors = [
    "autograder.nbgrader.Edition",
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.Execute",
]
c.Execute.timeout = 600

# Grading: student code runs in a kernel that holds no test; the checks run outside it
c.Autograde.pre_convert_hook = "autograder.nbgrader.prepare_submission"
c.Autograde.exporter_class = "autograder.nbgrader.SubmissionReader"
c.Autograde.sanitize_preprocessors = [
    "autograder.nbgrader.Rebuild",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.Grade",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Feedback and grades
c.GenerateFeedback.exporter_class = "autograder.nbgrader.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbgrader.preprocessors.ClearHiddenTests",
    "autograder.nbgrader.TellFeedback",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.ExportApp.plugin_class = "autograder.export.GradesExport"
