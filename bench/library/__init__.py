"""Comparisons of what a person's library does, on Node and in Chromium."""
