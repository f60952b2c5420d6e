"""`autograder serve --try`: the web tool with a small LMS and a simulated class, on this machine alone."""
