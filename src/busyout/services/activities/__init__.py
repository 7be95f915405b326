"""What an operation does to an element, one module per activity."""
