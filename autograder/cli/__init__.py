"""The `autograder` command: a module for each command."""
