"""Everything that touches nbgrader."""
