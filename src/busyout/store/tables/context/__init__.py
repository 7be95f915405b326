"""What is kept of the context of customers: schemas, customers, services, interactions."""
