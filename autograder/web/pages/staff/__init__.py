"""The pages for teachers and assistants."""
