"""The serial dilution of row A as commands, the way a protocol sends them."""

from __future__ import annotations

from typing import Any

from bridge_process import at_item, make_command

VOLUME_UL = 100
MIX_UL = 80
COLUMNS = 8


def list_dilution_commands(run: str, fence: int = 1) -> list[dict[str, Any]]:
    """Fills columns 2 to 9 with diluent, then dilutes from column to column: 98 commands."""
    calls: list[tuple[str, dict[str, Any]]] = [_on_tip("pick_up_tips", "A1")]
    diluent = {"$ref": "diluent_1"}
    for column in range(2, COLUMNS + 2):
        calls += [_move("aspirate", diluent, VOLUME_UL), _move("dispense", _well(column), VOLUME_UL)]
    calls.append(_on_tip("drop_tips", "A1"))
    for step in range(1, COLUMNS + 1):
        tip = f"{'ABCDEFGH'[step % 8]}{1 + step // 8}"
        calls += [_on_tip("pick_up_tips", tip), _move("aspirate", _well(step), VOLUME_UL), _move("dispense", _well(step + 1), VOLUME_UL)]
        calls += [_move(op, _well(step + 1), MIX_UL) for _ in range(3) for op in ("aspirate", "dispense")]
        calls.append(_on_tip("drop_tips", tip))
    return [
        make_command(n, method, arguments, id=f"{run}/dilution/{n}/0", runId=run, callPath="dilution", fence=fence)
        for n, (method, arguments) in enumerate(calls, 1)
    ]


def _on_tip(method: str, position: str) -> tuple[str, dict[str, Any]]:
    return method, {"tip_spots": [at_item("tips_1", position)]}


def _move(method: str, place: dict[str, Any], volume_ul: float) -> tuple[str, dict[str, Any]]:
    return method, {"resources": [place], "vols": [volume_ul]}


def _well(column: int) -> dict[str, Any]:
    return at_item("plate_1", f"A{column}")
