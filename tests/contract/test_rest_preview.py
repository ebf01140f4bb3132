"""Previews of tables, text, JSON and STAC documents."""

import json

import pytest
from eodh_runner.service import table

from .preview import BOX, preview, seen
from .test_rest_browse import OUT, file, folder

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


async def test_table_has_columns_and_its_first_rows(real):
    rows = "".join(f'{n},"two\nlines, {n}",{n / 2}\n' for n in range(150))

    found = await seen(real, "a.csv", f"\ufeffid,words,half\n{rows}".encode())

    assert found["table"]["columns"] == ["id", "words", "half"]
    assert (len(found["table"]["rows"]), found["table"]["is_cut"]) == (100, True)
    assert found["table"]["rows"][1] == ["1", "two\nlines, 1", "0.5"]


@pytest.mark.parametrize(
    ("text", "delimiter", "is_cut", "wanted"),
    [
        ("a\tb\n1\t2\n", "\t", False, {"columns": ["a", "b"], "rows": [["1", "2"]]}),
        ("a;b\n1;2,5\n", ",", False, {"columns": ["a", "b"], "rows": [["1", "2,5"]]}),
        ("a,b\n1,2\n3,", ",", True, {"columns": ["a", "b"], "rows": [["1", "2"]]}),
        ("a\n", ",", False, {"columns": ["a"], "rows": []}),
        ("", ",", False, None),
    ],
)
def test_table_of_text_is_read(text, delimiter, is_cut, wanted):
    found = table.read_table(text, delimiter, is_cut=is_cut)

    assert found == (wanted and {**wanted, "is_cut": is_cut})


def test_table_that_is_wide_or_has_long_cells_is_cut():
    found = table.read_table(",".join("x" * 600 for _ in range(300)), ",", is_cut=False)

    assert (len(found["columns"]), len(found["columns"][0]), found["is_cut"]) == (200, 500, True)


async def test_text_is_its_first_64_kilobytes_and_whole_characters(real):
    long = "é" * 40_000

    found = await seen(real, "a.txt", b"x" + long.encode())
    page = await seen(real, "page.html", b"<script>alert(1)</script>")
    unnamed = await seen(real, "README", b"words\x1b[31m\n")
    nothing = await seen(real, "empty", b"")

    assert (found["kind"], found["is_cut"], len(found["text"])) == ("text", True, 32_768)
    assert (page["kind"], page["text"]) == ("text", "<script>alert(1)</script>")
    assert (unnamed["kind"], unnamed["is_cut"]) == ("text", False)
    assert (nothing["kind"], nothing["text"]) == ("text", "")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"a": [1, null]}', "json"),
        (b" [1]", "json"),
        (b'{"a": NaN}', "text"),
        (b'{"a": 1e999}', "text"),
        (b'{"a": "\\ud800"}', "text"),
        (b'{"a": ', "text"),
        (b"[" * 50_000, "text"),
        (b'{"type": "FeatureCollection", "features": []}', "json"),
    ],
)
async def test_json_is_shown_as_json_where_it_is_some(real, content, kind):
    assert (await seen(real, "a.json", content))["kind"] == kind


async def test_large_json_is_shown_as_text(real):
    content = json.dumps(["x" * 1000] * 1100).encode()

    found = await seen(real, "a.json", content)

    assert (found["kind"], found["is_cut"]) == ("text", True)


STAC = {"stac_version": "1.1.0", "links": [{"rel": "item", "href": "./a.json"}, {"rel": "self"}, 7]}


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (
            {
                **STAC, "type": "Feature", "id": "S2A", "bbox": BOX,
                "properties": {"datetime": "2024-07-01T00:00:00Z", "title": "A scene"},
            },
            {
                "type": "Item", "id": "S2A", "title": "A scene", "bbox": BOX,
                "interval": ["2024-07-01T00:00:00Z", "2024-07-01T00:00:00Z"],
                "links": [{"rel": "item", "href": "./a.json"}, {"rel": "self"}],
            },
        ),
        (
            {
                **STAC, "type": "Collection", "id": "c",
                "extent": {
                    "spatial": {"bbox": [[*BOX[:2], 0, *BOX[2:], 9]]},
                    "temporal": {"interval": [["2024-01-01T00:00:00Z", None]]},
                },
            },
            {
                "type": "Collection", "id": "c", "bbox": BOX,
                "interval": ["2024-01-01T00:00:00Z", None], "items": 1,
                "links": [{"rel": "item", "href": "./a.json"}, {"rel": "self"}],
            },
        ),
        (
            {"type": "FeatureCollection", "features": [{**STAC, "type": "Feature", "id": "i"}]},
            {"type": "ItemCollection", "items": 1},
        ),
        (
            {**STAC, "type": "Catalog", "id": 7, "bbox": "x", "extent": [], "links": {}},
            {"type": "Catalog", "items": 0, "links": []},
        ),
    ],
)  # fmt: skip
async def test_stac_documents_are_told_by_what_they_hold(real, document, wanted):
    found = await seen(real, "a.json", json.dumps(document).encode())

    assert (found["kind"], found["stac"]) == ("stac", wanted)


async def test_values_folders_and_files_of_outputs_have_previews(real):
    real.store.put(f"{OUT}/x", b"words")
    job_id = real.finished({"n": {"a": 1}, "out": folder(), "f": file("x"), "zero": 0})

    assert (await preview(real, job_id, "n"))["json"] == {"a": 1}
    assert (await preview(real, job_id, "zero"))["json"] == 0
    assert "it is a folder" in (await preview(real, job_id, "out"))["reason"]
    assert (await preview(real, job_id, "f"))["text"] == "words"
    for path in ("none", "out/none", "n/b", "out/../x"):
        answer = await real.http.get(f"jobs/{job_id}/preview", params={"path": path})
        assert answer.status_code in (400, 404)
    assert (await real.http.get(f"jobs/{job_id}/preview")).status_code == 400
