"""Runs step runs as pods: one bare pod each, no shared volume, no shell needed in the image."""
