"""What a wrong answer shows of the mistake in it."""
