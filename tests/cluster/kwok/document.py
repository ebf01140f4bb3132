"""A scatter over `xs` whose pods need no time."""

MANY = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "many",
    "requirements": {"ScatterFeatureRequirement": {}},
    "inputs": {"xs": "int[]"},
    "outputs": {},
    "steps": {
        "one": {
            "run": {
                "class": "CommandLineTool",
                "baseCommand": "true",
                "requirements": {"ResourceRequirement": {"coresMin": 0.1, "ramMin": 64}},
                "inputs": {"x": "int"},
                "outputs": {},
            },
            "scatter": "x",
            "in": {"x": "xs"},
            "out": [],
        }
    },
}
