"""What the tests of the card share: a process whose jobs do what is asked, and notebooks."""

import base64
import json
import struct
import urllib.request
import zlib

from .server import TOKEN


def picture():
    """Give a PNG of 64 by 64 pixels, base64."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(64) for v in (46, 100 + (x ^ y), 60)) for y in range(64)
    )

    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


MIME_TYPE = "application/vnd.eodh.job+json"


def tool(command, inputs, outputs):
    return {
        "class": "CommandLineTool",
        "requirements": {"InlineJavascriptRequirement": {}},
        "inputs": {name: {"type": kind} for name, kind in inputs.items()},
        "arguments": ["sh", "-c", command],
        "outputs": outputs,
    }


def named(name):
    return {"type": "File", "outputBinding": {"glob": name}}


CROP = (
    "echo cropping $(inputs.part); sleep $(inputs.seconds); "
    "echo done > crop.txt; exit $(inputs.code)"
)
MERGE = f"echo merging; echo a,b > table.csv; echo {picture()} | base64 -d > quick.png"
#: prepare → crop (for each part) → merge → publish; and prepare → publish.
WORKFLOW = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "vegetation-extent",
    "label": "Vegetation extent",
    "requirements": {"ScatterFeatureRequirement": {}},
    "inputs": {
        "parts": {"type": "string[]", "default": ["a", "b"]},
        "seconds": {"type": "float", "default": 0},
        "code": {"type": "int", "default": 0},
    },
    "steps": {
        "prepare": {
            "in": {},
            "out": ["scene"],
            "run": tool("echo one; echo x > scene.txt", {}, {"scene": named("scene.txt")}),
        },
        "crop": {
            "scatter": "part",
            "in": {"part": "parts", "scene": "prepare/scene", "seconds": "seconds", "code": "code"},
            "out": ["cropped"],
            "run": tool(
                CROP,
                {"part": "string", "scene": "File", "seconds": "float", "code": "int"},
                {"cropped": named("crop.txt")},
            ),
        },
        "merge": {
            "in": {"crops": "crop/cropped"},
            "out": ["table", "picture"],
            "run": tool(
                MERGE,
                {"crops": "File[]"},
                {"table": named("table.csv"), "picture": named("quick.png")},
            ),
        },
        "publish": {
            "in": {"table": "merge/table", "scene": "prepare/scene"},
            "out": ["report"],
            "run": tool(
                "echo all is well > report.txt",
                {"table": "File", "scene": "File"},
                {"report": named("report.txt")},
            ),
        },
    },
    "outputs": {
        "picture": {"type": "File", "outputSource": "merge/picture"},
        "table": {"type": "File", "outputSource": "merge/table"},
        "report": {"type": "File", "outputSource": "publish/report"},
    },
}


def saved(job_id, process="vegetation-extent", status="accepted", **more):
    """Give what a notebook keeps of a job."""
    return {
        "version": 1,
        "jobID": job_id,
        "processID": process,
        "saved": "2026-03-12T10:05:00+00:00",
        "status": {"status": status, "created": "2026-03-12T10:00:00+00:00"},
        "steps": [],
        "results": [],
        "result_count": 0,
        **more,
    }


def cell(source, *bundles):
    outputs = [
        {"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles
    ]
    return {
        "cell_type": "code",
        "id": f"c{abs(hash(source)) % 10**8}",
        "source": source,
        "metadata": {},
        "execution_count": 1,
        "outputs": outputs,
    }


def card_cell(kept, number=0):
    bundle = {MIME_TYPE: kept, "text/html": "<b>a snapshot</b>", "text/plain": "a snapshot"}
    return cell(f"%workflow status {number}", bundle)


def write_notebook(lab, name, cells):
    """Put a notebook where the server keeps files."""
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": cells,
    }
    return contents(lab, "PUT", name, {"type": "notebook", "content": content})


def contents(lab, method, name, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{lab}/api/contents/{name}", data=data, method=method)
    request.add_header("Authorization", f"token {TOKEN}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")
