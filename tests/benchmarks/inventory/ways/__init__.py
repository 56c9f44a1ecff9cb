"""What is measured: a function makes ready, and returns what is measured."""
