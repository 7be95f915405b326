"""The context of customers: what is kept of them by schemas that operators make, and how they are being served."""
