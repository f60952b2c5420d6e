"""The process behind `autograder worker`: grades, works out what stands, and tells the LMS.

It alone writes the gradebook. With the web process it shares the database and the files, nothing else.
"""
