"""From a notebook to a report."""
