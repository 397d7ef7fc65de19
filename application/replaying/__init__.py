"""How each kind of thing is driven again."""
