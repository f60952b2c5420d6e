"""From a download to a clean notebook."""
