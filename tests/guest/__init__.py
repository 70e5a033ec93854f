"""Tests of the guest layer: objects, linking, images, the toolchain."""
