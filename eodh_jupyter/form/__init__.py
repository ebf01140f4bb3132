"""A launch form of Jupyter widgets, made of the fields that the runner describes."""

from .launch import LaunchForm

__all__ = ["LaunchForm"]
