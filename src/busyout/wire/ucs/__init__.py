"""The REST API of the Genesys UCS context services, as the document "Set Server Mode" and its siblings have it."""
