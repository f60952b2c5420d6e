"""Submissions: from downloaded files to a clean notebook."""
