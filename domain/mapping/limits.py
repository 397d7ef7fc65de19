"""The sizes a field map keeps to, so that neither a map nor a message can use up a worker."""

PATH_DEPTH_MAX = 16
NAME_LENGTH_MAX = 100
FIELDS_MAX = 500
RULES_PER_FIELD_MAX = 50
SOURCES_MAX = 20
FUNCTIONS_MAX = 20
TABLE_ENTRIES_MAX = 10_000
# Of a text that a map itself holds: a separator, a prefix, a constant.
ARGUMENT_LENGTH_MAX = 1_000
DIGITS_MAX = 40
TEXT_LENGTH_MAX = 100_000
LIST_LENGTH_MAX = 100_000
# Over a whole application of a map: each value counts one, and one more for every so many characters of it.
WORK_MAX = 5_000_000
CHARACTERS_PER_WORK = 16
