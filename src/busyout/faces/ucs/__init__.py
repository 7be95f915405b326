"""The face of the UCS context services: server mode, schemas, customer profiles, services, interactions."""
