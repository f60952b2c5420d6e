"""From question files to a proven release: scaffold, build, proofs, certificate, pools, and the demo class."""
