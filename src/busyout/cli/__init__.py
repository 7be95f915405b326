"""`busyout`: the command line, a client of the native API."""
