"""The commands of the web tool."""
