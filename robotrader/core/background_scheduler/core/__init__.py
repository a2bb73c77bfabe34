"""The life of tasks: plan, claim, run, recover."""
