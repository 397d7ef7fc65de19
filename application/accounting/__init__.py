"""What all accounting destinations share: tokens, pace, and memory of the names things have there."""
