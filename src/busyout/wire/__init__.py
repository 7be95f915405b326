"""Messages as they are on the wire, field for field; one module or package per document."""
