"""Number questions as quizzes of an LMS."""
