"""Settings of the course, read by nbgrader and by `autograder`. Data only."""

from autograder import configure

c = get_config()  # noqa: F821
configure(c, course_id="rnn", languages=["ko", "en"])  # the first is the one that nbgrader releases

c.CourseSettings.graded_with = {"numpy": "2.4", "tensorflow": "2.21"}
c.CourseSettings.timezone = "Asia/Seoul"
