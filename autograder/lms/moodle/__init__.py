"""Moodle's files: its grading worksheet and the feedback zip."""
