"""What a command of a liquid handler that is not connected would make true: the same deck and tips behind a simulator of
PyLabRobot, in which a command of the real one can be thought through. It drives nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ..drivers.exceptions import describe
from ..plr.state import Entries, WorkcellState
from ..plr.workcell import Machine, Workcell
from ..wire.shapes import JsonObject

logger = logging.getLogger("praxis.prediction")

PREDICTION_BACKEND = "LiquidHandlerChatterboxBackend"
# As many as the widest liquid handler has.
PREDICTION_CHANNELS = 16


@dataclass(frozen=True)
class Prediction:
    machine: Machine
    workcell: Workcell
    state: WorkcellState


async def predict(spec: JsonObject, name: str, entries: Entries) -> Prediction | None:
    """None where the machine is no liquid handler: of others no front end can be had without its driver."""
    wanted = next((machine for machine in spec["machines"] if machine["name"] == name), None)
    if wanted is None or wanted["frontend"] != "LiquidHandler":
        return None
    backend = {"backend": PREDICTION_BACKEND, "backendArguments": {"num_channels": PREDICTION_CHANNELS}, "mode": "simulation"}
    labware = [item for item in spec["labware"] if "machine" not in item["location"]]
    try:
        workcell = Workcell({**spec, "machines": [{**wanted, **backend}], "labware": labware})
        await workcell.connect_simulators()
        state = WorkcellState(workcell)
        known = {item["name"] for item in labware}
        state.restore({key: entry for key, entry in entries.items() if entry.get("labware") in known or key == name})
    except Exception as error:  # What the command would have made true is then not told; nothing else depends on it.
        logger.warning("nothing can be predicted for %s: %s", name, describe(error))
        return None
    return Prediction(workcell.machines[name], workcell, state)
