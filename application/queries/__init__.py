"""What people and scripts ask: the read side, one question a file."""
