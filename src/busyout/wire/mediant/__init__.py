"""The Mediant REST API of May 2015 (LTRT-41760), member for member; later additions say where they come from."""
