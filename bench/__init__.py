"""One script for each promise of speed and memory; each prints a ratio against a peer measured in the same run."""
