"""What is kept, in SQLite and in files; the only place that holds SQL of the domain."""
