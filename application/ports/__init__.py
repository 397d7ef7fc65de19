"""What the application needs of the world: one Protocol a file."""
