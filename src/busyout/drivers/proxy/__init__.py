"""The embedded SIP engine: a record-routing proxy over UDP and IPv4 in a process of its own, and its driver."""
