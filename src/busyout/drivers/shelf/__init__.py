"""Plug-ins and their packages as directories on disk: judged, unpacked apart, switched into place at once."""
