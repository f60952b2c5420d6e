"""The course's side of nbgrader: preprocessors, exporters, plugins, and access to the gradebook."""
