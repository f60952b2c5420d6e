"""What the cells of our notebooks look like."""
