"""Stops that were acknowledged are never lost: of commands that wait to be asked for again, that are looked at before they are
sent again, and that wait for their machine.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from bridge_process import REPLY_TIMEOUT_S
from device_lab import DeviceLab

from praxis_bridge.commands.queue import Turn


def _die_setting_a_temperature(lab: DeviceLab) -> dict[str, Any]:
    lab.start("after-sent", machines=["heater_shaker"])
    command = lab.make_command("heater_shaker", "set_temperature", {"temperature": 40})
    lab.client.send("command.run", **command)
    assert lab.bridge.wait() == 137, "the fault point was not reached"
    return command


@pytest.mark.parametrize("order", ["stop-first", "ask-first"])
def test_a_stop_of_a_command_that_waits_to_be_asked_for_again_keeps_it_from_being_sent_again(lab: DeviceLab, order: str) -> None:
    command = _die_setting_a_temperature(lab)
    lab.start_bridge()
    if order == "stop-first":
        told = lab.bridge.connect().ask("command.stop", id=command["id"])
        outcome = lab.client.ask("command.run", **command)
    else:
        # As the worker does for a run that ends: both in one go.
        run, stop = lab.client.send("command.run", **command), lab.client.send("command.stop", id=command["id"])
        answers = {message["id"]: message["result"] for message in (lab.client.receive_message(), lab.client.receive_message())}
        told, outcome = answers[stop], answers[run]
    assert told == {"isStopping": True}
    assert lab.list_acts("heater_shaker") == []
    # It was sent before the bridge ended: what it did then nobody knows.
    assert outcome["status"] == "uncertain"
    assert lab.client.ask("command.status", id=command["id"])["phase"] == "ended"


def test_a_stop_is_heard_while_the_machine_is_looked_at_before_a_command_is_sent_again(lab: DeviceLab) -> None:
    command = _die_setting_a_temperature(lab)
    look = lab.devices.add_fault("late-reply", device="heater_shaker", op="get_current_temperature", delayMs=1_000)
    lab.start_bridge()
    run = lab.client.send("command.run", **command)
    deadline = time.monotonic() + REPLY_TIMEOUT_S
    while lab.devices.count_fired(look) == 0:
        assert time.monotonic() < deadline, "the machine was not looked at"
        time.sleep(0.01)
    assert lab.bridge.connect().ask("command.stop", id=command["id"]) == {"isStopping": True}
    assert lab.client.receive(run)["status"] == "uncertain"
    assert lab.list_acts("heater_shaker") == []


def test_who_comes_while_a_turn_is_handed_on_hears_its_stop() -> None:
    async def play() -> list[str]:
        turn, never, stop_of_third = Turn(), asyncio.Event(), asyncio.Event()
        done: list[str] = []

        async def take(name: str, stop_asked: asyncio.Event) -> None:
            done.append(f"{name} {await turn.take(stop_asked)}")

        await turn.take(never)
        second = asyncio.create_task(take("second", never))
        await asyncio.sleep(0)
        # It is the second's from this moment on, and the third comes before the second has noticed.
        turn.release()
        assert turn.is_taken()
        third = asyncio.create_task(take("third", stop_of_third))
        await second
        stop_of_third.set()
        await asyncio.wait_for(third, 5)
        turn.release()
        assert not turn.is_taken()
        return done

    assert asyncio.run(play()) == ["second True", "third False"]


def test_a_turn_that_is_handed_to_one_who_is_stopped_in_the_same_moment_goes_to_the_next() -> None:
    async def play() -> list[bool]:
        turn, never, stop_asked = Turn(), asyncio.Event(), asyncio.Event()
        await turn.take(never)
        stopped, cancelled, last = (asyncio.create_task(turn.take(event)) for event in (stop_asked, never, never))
        await asyncio.sleep(0)
        turn.release()
        stop_asked.set()
        cancelled.cancel()
        return [await stopped, await asyncio.wait_for(last, 5)]

    assert asyncio.run(play()) == [False, True]
