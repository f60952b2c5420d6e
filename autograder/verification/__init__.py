"""Prove that a release is good: laws, answer banks, attacks, leaks."""
