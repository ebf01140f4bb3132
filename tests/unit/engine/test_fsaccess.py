import pytest
from cwltool.errors import WorkflowException
from eodh_runner.engine.fsaccess import EngineFs, Files

BASE = "eodh-store:///ws/jobs/1/s"


@pytest.fixture
def fs():
    asked = []

    def ask(op, **arguments):
        asked.append((op, arguments))
        return None

    EngineFs.files = Files(ask)
    entries = [
        {"path": "a.tif", "kind": "file", "size_bytes": 3, "checksum": "sha1$1"},
        {"path": "b c#.tif", "kind": "file", "size_bytes": 4, "checksum": "sha1$2"},
        {"path": ".hidden", "kind": "file", "size_bytes": 0, "checksum": "sha1$3"},
        {"path": "d", "kind": "directory"},
        {"path": "d/e.tif", "kind": "file", "size_bytes": 0, "checksum": "sha1$4"},
        {"path": "in", "kind": "file", "size_bytes": 9, "location": "eodh-file:///data/in"},
    ]
    EngineFs.files.add_manifest(BASE, entries)
    found = EngineFs(BASE)
    found.asked = asked
    return found


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.tif", ["a.tif", "b%20c%23.tif"]),
        ("d/*", ["d/e.tif"]),
        ("*/e.tif", ["d/e.tif"]),
        (".*", [".hidden"]),
        ("[ab].tif", ["a.tif"]),
        ("nope", []),
    ],
)
def test_glob_of_pattern_gives_manifest_locations(fs, pattern, names):
    assert fs.glob(f"{BASE}/{pattern}") == [f"{BASE}/{name}" for name in names]


@pytest.mark.parametrize("pattern", [f"{BASE}/../x", "eodh-store:///ws/jobs/2/*", "/etc/*"])
def test_glob_outside_the_work_folder_is_refused(fs, pattern):
    with pytest.raises(WorkflowException):
        fs.glob(pattern)


def test_manifest_is_complete_so_absent_files_are_not_asked_for(fs):
    assert not fs.exists(f"{BASE}/nope")
    assert not fs.exists(f"{BASE}/d/nope")
    assert fs.asked == []


def test_empty_file_is_there_with_size_zero(fs):
    assert fs.isfile(f"{BASE}/d/e.tif")
    assert fs.size(f"{BASE}/d/e.tif") == 0


def test_link_to_an_input_has_the_location_of_the_input(fs):
    assert fs.files.stat(f"{BASE}/in")["location"] == "eodh-file:///data/in"


@pytest.fixture
def linked(fs):
    """A work folder that shows the input folder `/data/set`, which the worker knows."""
    child = {"kind": "file", "size_bytes": 7, "location": "eodh-file:///data/set/a%20b"}

    def ask(op, location):
        if op == "list":
            return [{"name": "a b", **child}] if location == "eodh-file:///data/set" else []
        return child if location == child["location"] else None

    EngineFs.files = Files(ask)
    entries = [{"path": "set", "kind": "directory", "location": "eodh-file:///data/set"}]
    EngineFs.files.add_manifest(BASE, entries)
    return EngineFs(BASE)


@pytest.mark.parametrize("pattern", ["set/a b", "set/*", "*/a*"])
def test_glob_below_a_linked_input_gives_the_path_that_the_tool_saw(linked, pattern):
    assert linked.glob(f"{BASE}/{pattern}") == [f"{BASE}/set/a%20b"]


def test_file_below_a_linked_input_has_the_location_of_the_input(linked):
    found = linked.glob(f"{BASE}/set/*")[0]

    assert linked.isfile(found)
    assert linked.size(found) == 7
    assert linked.files.stat(found)["location"] == "eodh-file:///data/set/a%20b"
    assert not linked.exists(f"{BASE}/set/nope")
