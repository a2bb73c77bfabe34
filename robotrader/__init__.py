"""robotrader: research of Indian stocks that runs by itself, with a source for every figure."""

__version__ = "0.1.0"
