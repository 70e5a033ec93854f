"""Every number of CPUs at once."""
