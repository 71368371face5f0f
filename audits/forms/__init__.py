"""What is typed in this app."""
