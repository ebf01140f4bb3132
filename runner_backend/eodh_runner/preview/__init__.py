"""Quick looks of rasters and pictures, drawn in jailed children that ask for every byte."""

from .host import Drawing, Renderer, Undrawable

__all__ = ["Drawing", "Renderer", "Undrawable"]
