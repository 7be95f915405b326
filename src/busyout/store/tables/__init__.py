"""One module for each port of the store; the tables a module writes are read and written by no other."""
