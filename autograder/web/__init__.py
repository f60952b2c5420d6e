"""The web tool: launched from a course's LMS, grades, and sends score and feedback back."""
