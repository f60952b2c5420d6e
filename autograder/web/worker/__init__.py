"""The process behind `autograder worker`: grades attempts, computes final grades and sends scores to the LMS.

It is the only writer of the gradebook. It shares the database and the files with the web process, and nothing else.
"""
