"""Code on the student's side of the boundary: imports only the standard library, NumPy and ipykernel."""
