"""The web tool: an LTI tool that accepts submissions, grades them, and sends scores and feedback to the LMS."""
