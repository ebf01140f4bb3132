import json

import pytest
from cwl_utils.errors import JavascriptException
from eodh_runner.engine.javascript import QuickJSEngine

#: These run into the time limit, by intent; the integration test has them.
SLOW = ("endless", "toString hook", "catastrophic", "join of a huge")
BETRAYS = ("root:", "uid=", "/bin/", "child_process")


def evaluate(expression, library=""):
    return QuickJSEngine(5.0).eval(expression, library)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 1", 2),
        ("{return [0, false, '', null];}", [0, False, "", None]),
        ("undefined", None),
        ("Date.now()", 946684800000),
        ("new Date().getTime()", 946684800000),
        ("new Date(5).getTime()", 5),
        ("new Date() instanceof Date", True),
        ("typeof process + typeof require + typeof std + typeof os", "undefined" * 4),
    ],
)
def test_expression_gives_value(expression, value):
    assert evaluate(expression) == value


def test_chance_is_the_same_in_each_context():
    assert evaluate("Math.random()") == evaluate("Math.random()")


def test_library_is_seen_by_the_expression():
    assert evaluate("twice(4)", "function twice(x) { return 2 * x; }") == 8


def test_error_names_the_expression_and_the_reason_in_one_line():
    with pytest.raises(JavascriptException) as raised:
        evaluate("inputs.x.y", "var inputs = {};")

    assert str(raised.value) == (
        "the expression inputs.x.y failed: TypeError: cannot read property 'y' of undefined"
    )


def test_hostile_expression_betrays_nothing(shared):
    cases = json.loads((shared / "fixtures/hostile/javascript.json").read_text())
    quick = [case for case in cases if not case["id"].startswith(SLOW)]

    for case in quick:
        try:
            value = json.dumps(evaluate(f"{{return ({case['expression']});}}", "var inputs = {};"))
        except (JavascriptException, ValueError, TypeError):
            continue
        assert not any(word in value for word in BETRAYS), case["id"]
    assert len(quick) > 25
