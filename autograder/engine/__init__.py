"""Many submissions: what goes in and what comes out is data."""
