"""What the commands print: views made into rich tables and lines. No effects."""
