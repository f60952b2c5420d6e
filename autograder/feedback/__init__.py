"""Feedback for students on a graded notebook: a card for each question, and the page that holds them."""
