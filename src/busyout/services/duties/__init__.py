"""What the server does unasked, again and again."""
