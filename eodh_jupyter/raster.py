"""Rasters as xarray objects: pixels are fetched when they are used."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, BinaryIO

from .errors import MissingExtra
from .range import open_ranged

if TYPE_CHECKING:
    from .result import Result

RASTERS = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".vrt", ".img", ".asc")
NETCDF = (".nc", ".nc4", ".cdf", ".h5", ".hdf5")


def to_xarray(result: Result, options: dict[str, Any]) -> Any:
    """Give what `Result.to_xarray` says."""
    if result.is_folder:
        return only(result, (*RASTERS, *NETCDF), "raster").to_xarray(**options)
    if isinstance(result.value, list):
        return [entry.to_xarray(**options) for entry in result]
    result.media_type  # noqa: B018  says so when it is no file
    found = _netcdf(result, options) if _is_netcdf(result) else _raster(result, options)
    if hasattr(found, "name"):
        found.name = result.name
    return found


def only(folder: Result, endings: tuple[str, ...], noun: str) -> Result:
    """Give the one file of a kind that a folder holds.

    Raises
    ------
    ValueError
        When there is none, or more than one; names them.
    """
    found = [path for path in folder if str(path).lower().endswith(endings)]
    if len(found) != 1:
        many = f"{len(found)} of them: {', '.join(found[:5])}" if found else "none"
        raise ValueError(
            f"'{folder.name}' is a folder; take one {noun} of it by path. It has {many}"
        )
    return folder[found[0]]


def _is_netcdf(result: Result) -> bool:
    kinds = (
        "application/netcdf",
        "application/x-netcdf",
        "application/x-hdf5",
        "application/x-hdf",
    )
    return result.media_type in kinds or str(result.value["title"]).lower().endswith(NETCDF)


def _raster(result: Result, options: dict[str, Any]) -> Any:
    try:
        import rioxarray
    except ImportError as error:
        raise MissingExtra("to_xarray", "rioxarray") from error
    opener = Opener(result)
    return rioxarray.open_rasterio(opener.path, opener=opener, **options)


def _netcdf(result: Result, options: dict[str, Any]) -> Any:
    try:
        import xarray
    except ImportError as error:
        raise MissingExtra("to_xarray", "xarray") from error
    file = result.open()
    is_classic = file.read(3) == b"CDF"
    file.seek(0)
    engine = "scipy" if is_classic else "h5netcdf"
    try:
        return xarray.open_dataset(file, **{"engine": engine, **options})
    except (ImportError, ValueError) as error:
        if "unrecognized engine" in str(error):
            raise MissingExtra("to_xarray of NetCDF", engine) from error
        raise


class Opener:
    """Opens the one file of a result for GDAL, which sees no other name, and no credentials.

    See rasterio.open, `opener`: GDAL asks for files beside it too, which are not there.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        name = posixpath.basename(str(result.value["title"])) or "raster"
        self.path = f"{result._job_id[:8]}/{name}"

    def __call__(self, path: str, mode: str = "r", **_: Any) -> BinaryIO:
        """Open it."""
        if path != self.path or set(mode) - set("rb"):
            raise FileNotFoundError(path)
        value = self._result.value
        return open_ranged(self._result._http, value["href"], value.get("length"))
