"""Into the LMS that a course already has, by file."""
