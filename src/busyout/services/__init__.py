"""What the server does, between the faces that ask and the drivers that act."""
