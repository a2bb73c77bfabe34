"""robotrader: research, market watch and risk checks for Indian stocks, run from the command line."""

__version__ = "0.1.0"
