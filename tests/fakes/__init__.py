"""Hand-written stand-ins for the world outside: they keep state, and fail on demand."""
