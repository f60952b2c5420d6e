"""Files of an LMS, in and out: rosters, scores, feedback, quizzes, and packages."""
