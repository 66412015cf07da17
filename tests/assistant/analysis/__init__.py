"""What becomes of conversations."""
