"""Comparisons of what a person's library does in the browser, run on Node."""
