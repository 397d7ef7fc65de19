"""Orders as an order management system reports them, and which version of one is the newest."""
