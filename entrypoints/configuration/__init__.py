"""The YAML of DESIGN 4.2: read strictly, turned into domain objects, and written again."""
