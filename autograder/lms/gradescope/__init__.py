"""Gradescope programming assignments: the autograder zip, and how it grades a submission there."""
