"""Comparisons: each module measures one thing and prints its table, `python -m bench` all of them."""
