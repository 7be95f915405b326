"""Elements that live in the server itself: they carry no calls, and are there as long as the server is."""
