"""The ports, made real. An adapter knows its technology and the port; adapters do not know one another."""
