"""LTI 1.3 Advantage: an LMS launches the tool, and its services take scores and give the roster."""
