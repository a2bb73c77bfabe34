"""One responsibility each; policy only, the work is done by services and the scheduler."""
