"""What is known of a command in doubt: what was asked, how far it was sent, what the sensors say, and where tips and
liquids are likely to be. It stands in the outcome, and so before the person who has to say what happened.

Volumes that the command may have changed get an interval in the state, from what was before it to what would be if done.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..plr.foresee import foresee
from ..plr.intervals import list_volumes, span
from ..plr.live import LiveWorkcell
from ..plr.state import Entries, WorkcellState
from ..wire.errors import BridgeError, CommandError
from ..wire.jsontext import dump_json
from ..wire.shapes import CommandIdentity, JsonObject
from .prediction import Prediction

# The facts travel in the outcome, through the workflow and into the inbox. What is longer is left out, the largest first.
FACTS_LIMIT_BYTES = 64 * 1024

Facts = JsonObject


@dataclass(frozen=True)
class Sent:
    """How far a command came on its way to the machine."""

    steps: int
    steps_ended: int
    # Writes at the wire; None where the process that counted them is gone.
    writes: int | None
    last_step_method: str | None
    # `returned` with an error, still `running`, or `gone` with its bridge.
    driver: str

    def to_json(self) -> Facts:
        return {
            "steps": self.steps,
            "stepsEnded": self.steps_ended,
            "writes": self.writes,
            "lastStepMethod": self.last_step_method,
            "driver": self.driver,
        }


@dataclass(frozen=True)
class Doubt:
    command: CommandIdentity
    sent: Sent
    # From probe_machine; empty where nobody could be asked.
    told: JsonObject = field(default_factory=dict)


def weigh_doubt(doubt: Doubt, live: LiveWorkcell, prediction: Prediction | None = None) -> tuple[Facts, Facts]:
    """The facts, and the intervals that were there before. Sets the new intervals, which the next delta holds. Where the machine itself is
    not connected, the command is thought through in the prediction."""
    command = doubt.command
    machine, workcell, state = live.find_machine(command["machine"]), live.workcell, live.state
    asked = {"machine": command["machine"], "method": command["method"], "arguments": command["arguments"]}
    facts: Facts = {"asked": asked, "sent": doubt.sent.to_json(), **doubt.told}
    if machine is None or workcell is None or state is None:
        return _limit({**facts, "likely": {"because": "the bridge has no such machine now"}}), {}
    prediction = prediction or Prediction(machine, workcell, state)
    try:
        done = _foresee_from_before(prediction, command)
    except (BridgeError, CommandError) as error:
        return _limit({**facts, "likely": {"because": f"what it would have made true can't be told: {error}"}}), {}
    before = {name: prediction.state.entries.get(name, {}) for name in done}
    likely = _describe_likely(before, done, machine.name)
    _add_sensed_tips(likely, doubt.told.get("sensors", {}))
    return _limit({**facts, "likely": likely}), _set_intervals(state, before, done)


def _foresee_from_before(prediction: Prediction, command: CommandIdentity) -> Entries:
    """What its front end has already made of its sensors is set aside meanwhile: nothing can be thought done twice."""
    state, name = prediction.state, prediction.machine.name
    before = state.read_taken_before(name)
    if not before:
        return foresee(prediction.machine, command, prediction.workcell, state)
    taken = {each: entry for each, entry in state.read_delta(name).items() if each in before}
    state.make_new(before)
    try:
        return foresee(prediction.machine, command, prediction.workcell, state)
    finally:
        state.make_new(taken)


def settle_intervals(state: WorkcellState, delta: Entries, ranges_before: Facts) -> None:
    """The doubt of one command is over: what earlier commands left in doubt stays so."""
    for name, entry in delta.items():
        current = list_volumes(name, state.entries.get(name, {}))
        for key, held in list_volumes(name, entry).items():
            if "volumeRangeUl" in held:
                tracked_ul = current.get(key, held)["volumeUl"]
                state.set_interval(key, tracked_ul, ranges_before.get(key))


def _set_intervals(state: WorkcellState, before: Entries, done: Entries) -> Facts:
    ranges_before: Facts = {}
    for name, entry in done.items():
        known = list_volumes(name, before[name])
        for key, held in list_volumes(name, entry).items():
            if key not in known or held == known[key]:
                continue
            if "volumeRangeUl" in known[key]:
                ranges_before[key] = known[key]["volumeRangeUl"]
            state.set_interval(key, known[key]["volumeUl"], span(known[key], held))
    return ranges_before


def _describe_likely(before: Entries, done: Entries, machine: str) -> Facts:
    """Per container, tip spot, channel and place: what was before, and what is if the command was done."""
    likely: dict[str, Facts] = {"wells": {}, "spots": {}, "channels": {}, "channels96": {}, "places": {}}
    for name, entry in done.items():
        was, where = before[name], _name_place(name, entry)
        if entry.get("volumeUl") != was.get("volumeUl"):
            likely["wells"][where] = {"beforeUl": was.get("volumeUl"), "ifDoneUl": entry["volumeUl"], **span(was, entry)}
        if ("tip" in entry) and (entry["tip"] is None) != (was.get("tip") is None):
            likely["spots"][where] = {"before": was.get("tip") is not None, "ifDone": entry["tip"] is not None}
        if entry.get("place") != was.get("place"):
            likely["places"][where] = {"before": was.get("place"), "ifDone": entry.get("place")}
        if name == machine:
            likely["channels"].update(_describe_head(was.get("head", {}), entry.get("head", {})))
            likely["channels96"].update(_describe_head(was.get("head96", {}), entry.get("head96", {})))
            likely["machine"] = _describe_fields(was, entry)
    return {group: members for group, members in likely.items() if members}


def _describe_head(was: Entries, done: Entries) -> Facts:
    changed = [channel for channel in {**was, **done} if was.get(channel) != done.get(channel)]
    return {channel: {"before": _describe_tip(was.get(channel)), "ifDone": _describe_tip(done.get(channel))} for channel in changed}


def _describe_tip(tip: Entries | None) -> Facts | None:
    return None if tip is None else {"tip": tip.get("origin"), "volumeUl": tip["volumeUl"]}


def _describe_fields(was: Entries, done: Entries) -> Facts:
    """What the machine remembers beside its heads: a target, a door, what it grips."""
    fields = [
        name
        for name in done
        if name not in ("head", "head96", "simulated", "grip", "blowOutAirUl", "known") and done[name] != was.get(name)
    ]
    return {name: {"before": was.get(name), "ifDone": done[name]} for name in fields}


def _name_place(name: str, entry: Entries) -> str:
    labware, item = entry.get("labware"), entry.get("item")
    return name if labware is None else str(labware) if item is None else f"{labware}:{item}"


def _add_sensed_tips(likely: Facts, sensors: Facts) -> None:
    presence = sensors.get("tipPresence")
    if not isinstance(presence, list):
        return
    for channel, entry in likely.get("channels", {}).items():
        if int(channel) < len(presence) and isinstance(presence[int(channel)], bool):
            entry["sensedTip"] = presence[int(channel)]


def _limit(facts: Facts) -> Facts:
    for name in ("asked", "sensors", "likely"):
        if len(dump_json(facts)) <= FACTS_LIMIT_BYTES:
            break
        if name == "asked":
            facts = {**facts, "asked": {**facts["asked"], "arguments": {"$leftOut": "too long"}}}
        elif name in facts:
            facts = {**facts, name: {"because": f"more than {FACTS_LIMIT_BYTES} bytes"}}
    return facts
