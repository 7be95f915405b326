"""Scripts of the project's own: setting up, checking the house, drawing and writing what is made from the code."""
