"""What is owed to a destination, and how one try of it may end."""
