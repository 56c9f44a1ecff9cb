"""What is selected: its metadata, and its value as JSON, text, image or bytes."""
