"""An nbgrader course without question files, and what stock nbgrader makes of it."""
