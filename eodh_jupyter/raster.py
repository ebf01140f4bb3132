"""Rasters as xarray objects: pixels are fetched when they are used."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from .errors import MissingExtra, Problem
from .range import open_ranged

if TYPE_CHECKING:
    from .result import Result

RASTERS = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".vrt", ".img", ".asc")
#: What stands at the root of a group or an array of Zarr, of either format.
ZARR = (".zmetadata", ".zgroup", ".zarray", "zarr.json")
NETCDF = (".nc", ".nc4", ".cdf", ".h5", ".hdf5")


def to_xarray(result: Result, options: dict[str, Any]) -> Any:
    """Give what `Result.to_xarray` says."""
    if result.is_folder and (markers := _zarr_markers(result)):
        return _zarr(result, markers, options)
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


def _zarr_markers(folder: Result) -> set[str]:
    """Give the files that make a folder a part of Zarr; none for another folder."""
    found = set()
    for name in ZARR:
        try:
            folder._http.request("HEAD", folder._address(name))
        except Problem as problem:
            if problem.status not in (400, 404):
                raise
        else:
            found.add(name)
    return found


def _zarr(folder: Result, markers: set[str], options: dict[str, Any]) -> Any:
    try:
        import xarray

        from .zarr_store import ResultStore
    except ImportError as error:
        library = (error.name or "zarr").partition(".")[0]
        raise MissingExtra("to_xarray of Zarr", library) from error
    root = folder["zarr.json"].json() if "zarr.json" in markers else {}
    if ".zarray" in markers or root.get("node_type") == "array":
        raise ValueError(
            f"'{folder.name}' is one array of Zarr, whose group names its dimensions; take the "
            "folder above, or .path() for a copy"
        )
    job = f"jobs/{quote(folder._job_id, safe='')}"
    store = ResultStore(folder._http, job, folder._address().rstrip("/"), folder.name)
    # Metadata of all arrays in one file saves the lists of folders.
    consolidated = ".zmetadata" in markers or bool(root.get("consolidated_metadata"))
    return xarray.open_zarr(store, **{"consolidated": consolidated, "chunks": None, **options})


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
