"""The steps by which plug-ins and their packages come, go and are brought up to date."""
