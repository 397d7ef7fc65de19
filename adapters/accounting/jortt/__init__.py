"""jortt as a destination."""
