"""What runs: kernels and patches, from C source or committed objects to a linked image."""
