"""Between the messages of provd and what the services speak. No I/O."""
