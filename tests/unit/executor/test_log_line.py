"""The line of a log that is shown."""

import pytest
from eodh_runner.staging.collect import log_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", None),
        (b"\n  \n", None),
        (b"one\ntwo\n\n", "two"),
        (b"start\nERROR 4: no such file\nmore\n", "ERROR 4: no such file"),
        (b"a\nFatal: x\nerror: y\n", "Fatal: x"),
        (
            b"error early\nTraceback (most recent call last):\n  File 'x'\n    y()\n"
            b"ValueError: bad band\nbye\n",
            "ValueError: bad band",
        ),
        (b"\x1b[31merror:\x1b[0m red\x07\r\n", "error: red"),
        (b"\x1b]0;title\x07shown\n", "shown"),
        (b"bad \xff\xfe bytes", "bad \ufffd\ufffd bytes"),
        (b"x" * 1000, "x" * 300),
        ("caf\u00e9 \u202e error".encode(), "caf\u00e9  error"),
        (b"10%\r50%\rlast part", "last part"),
    ],
)
def test_log_line_gives_the_useful_one(text, expected):
    assert log_line(text) == expected
