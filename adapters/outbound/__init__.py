"""Where deliveries may connect to. The other adapters are given what is here; they do not import it."""
