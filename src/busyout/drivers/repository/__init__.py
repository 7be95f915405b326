"""Files behind URLs, read from HTTP, HTTPS, FTP and one folder, and kept only when they are whole."""
