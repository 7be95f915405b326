"""Between the context services' wire and ours: pure functions."""
