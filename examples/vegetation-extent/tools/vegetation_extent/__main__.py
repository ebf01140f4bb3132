"""`vegetation-extent`: the commands of the application package, each in the current folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(words: list[str] | None = None) -> None:
    """Run one command; what is wrong with its input ends it with one line."""
    sys.stdout.reconfigure(line_buffering=True)  # A log is followed while it is written.
    arguments = make_parser().parse_args(words)

    from .raster import BadInput

    try:
        run(arguments)
    except BadInput as error:
        raise SystemExit(f"error: {error}") from None


def make_parser() -> argparse.ArgumentParser:
    """Give the parser of the four commands."""
    parser = argparse.ArgumentParser(prog="vegetation-extent", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    crop = commands.add_parser("crop", help="cut one band of a STAC item to an area")
    crop.add_argument("--item", type=Path, required=True, help="folder of a STAC item")
    crop.add_argument("--aoi", default="", help="west,south,east,north; empty: all of the item")
    crop.add_argument("--epsg", default="EPSG:4326", help="reference system of the area")
    crop.add_argument("--band", required=True, help="name of the item's asset")
    difference = commands.add_parser("normalized-difference", help="(first-second)/(first+second)")
    difference.add_argument("rasters", type=Path, nargs=2)
    otsu = commands.add_parser("otsu", help="mask of the values above Otsu's threshold")
    otsu.add_argument("raster", type=Path)
    stac = commands.add_parser("stac", help="join masks, measure them, write a STAC catalogue")
    stac.add_argument("--item", type=Path, action="append", required=True)
    stac.add_argument("--mask", type=Path, action="append", required=True)
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Run the command that the arguments name."""
    from . import catalogue, crop, index, threshold

    if arguments.command == "crop":
        crop.crop(arguments.item, arguments.aoi, arguments.epsg, arguments.band)
    elif arguments.command == "normalized-difference":
        index.normalized_difference(*arguments.rasters)
    elif arguments.command == "otsu":
        threshold.otsu(arguments.raster)
    else:
        catalogue.make_catalogue(arguments.item, arguments.mask)


if __name__ == "__main__":
    main()
