"""What an author writes."""
