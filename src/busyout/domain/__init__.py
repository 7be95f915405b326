"""What is true of a voice network under management: values, state tables and rules. No I/O, no clock."""
