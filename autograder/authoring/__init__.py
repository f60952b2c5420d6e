"""From question files to a release: scaffold, pools, build."""
