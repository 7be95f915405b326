"""What the services need from outside, as small protocols."""
