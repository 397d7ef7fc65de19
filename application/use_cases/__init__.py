"""What Billhook does: one use case a file."""
