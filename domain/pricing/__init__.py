"""What a line costs and at which tax rate."""
