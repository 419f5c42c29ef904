"""Writes index.json: each word of words.txt with the lines on which it stands (from 1)."""

raise SystemExit("not written yet")
