"""Notebook cells: their vocabulary, and what is written into and read from them."""
