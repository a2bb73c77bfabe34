"""The command line: one file a group of commands; each parses, calls the program behind it, and prints."""
