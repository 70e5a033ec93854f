"""What the pytest plugin does, without pytest: from what a test names to a verdict and the text of a failure."""
