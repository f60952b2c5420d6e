"""What is kept of one student: found, exported, forgotten."""
