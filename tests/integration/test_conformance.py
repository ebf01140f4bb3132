"""The required tests of CWL v1.2, on the engine in its jail and the local executor."""

from ..conformance.__main__ import run


async def test_all_required_tests_of_cwl_1_2_pass(shared, capsys):
    failed = await run(shared, "1.2", required=True, only=None)

    assert failed == 0, capsys.readouterr().out
