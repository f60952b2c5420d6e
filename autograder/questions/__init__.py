"""Questions: the authoring API, the loader and what it checks."""
