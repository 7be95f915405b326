"""What is done with the context of customers: schemas, profiles, services, and what keeps them in order."""
