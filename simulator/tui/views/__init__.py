"""What the panes show: each is a pure function from a scene and a size to text."""
