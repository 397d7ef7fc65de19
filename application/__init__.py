"""Use cases, queries and the ports they need. Knows the domain, and no framework."""
