"""The workcell of the demonstration is built as it stands, and its gripper reaches every machine on the deck."""

from __future__ import annotations

import json

from bridge_process import BRIDGE_FOLDER, BridgeProcess
from test_places import Lab

DEMO_WORKCELL = BRIDGE_FOLDER.parent / "deploy" / "demo-workcell.json"


def test_the_demonstration_is_built_and_its_gripper_reaches_its_machines(bridge: BridgeProcess) -> None:
    spec = json.loads(DEMO_WORKCELL.read_text())
    lab = Lab(bridge, spec)
    handler = next(machine["name"] for machine in spec["machines"] if machine["frontend"] == "LiquidHandler")
    plate = next(item["name"] for item in spec["labware"] if item["category"] == "plate")
    began = lab.read(plate)
    for machine in spec["machines"]:
        lab.read(machine["name"])
        if "location" in machine:
            if machine["frontend"] == "PlateReader":
                lab.do(machine["name"], "open")
            lab.do(handler, "pick_up_resource", resource={"$ref": plate})
            lab.do(handler, "drop_resource", destination={"$ref": machine["name"]})
            assert lab.read(plate)["parent"] == machine["name"]
    lab.do(handler, "pick_up_resource", resource={"$ref": plate})
    lab.do(handler, "drop_resource", destination={"$ref": began["parent"]})
    assert lab.read(plate) == began
