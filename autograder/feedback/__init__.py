"""What a student reads about a graded notebook: one card per question, and the page that holds them."""
