"""What runs on the student's side of the boundary. It imports the standard library, NumPy and ipykernel alone."""
