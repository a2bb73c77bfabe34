"""Reading answers: three layers a dataset, pure, never raising."""
