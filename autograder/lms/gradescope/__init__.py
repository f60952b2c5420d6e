"""Gradescope's programming assignments: an autograder to upload, and what it does with a submission there."""
