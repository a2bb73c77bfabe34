"""The table of recurring work and the schemas of the answers asked for."""
