"""What a teacher learns from a graded class."""
