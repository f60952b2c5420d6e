"""Reports for the instructor on a graded class."""
