"""Running claimed tasks, and deciding what follows from a failed attempt."""
