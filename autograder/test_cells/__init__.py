"""nbgrader's own tests: cells of a notebook that an author wrote for nbgrader, run unmodified under the seal.

A test runs in a kernel without student code, to which the student's values come as data and the student's functions
as calls; or, where that cannot work, in the student's kernel.
"""
