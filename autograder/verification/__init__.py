"""Whether a release is good: laws, answer banks, attacks, leaks."""
