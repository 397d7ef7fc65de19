"""The command line: one module for each group of commands. What only some commands need is imported when they run."""
