"""What people and programs read: one renderer per file, each a function from values to text or JSON."""
