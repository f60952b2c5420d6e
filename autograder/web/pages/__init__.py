"""The pages of the web tool, one Flask blueprint per module."""
