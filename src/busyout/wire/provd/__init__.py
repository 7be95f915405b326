"""provd: its notation of operations in progress, its messages, its media type. Both roles use it."""
