"""What must be true of the state that is known before a method may begin, and what is known of a machine after one.

Generated from domain/catalogue/interlocks.ts by tools/generate-machines.ts; do not edit.
"""

from __future__ import annotations

from typing import NamedTuple


class Interlock(NamedTuple):
    frontend: str
    methods: tuple[str, ...]
    arguments: tuple[str, ...]
    rule: str
    code: str
    message: str
    remedy: str


INTERLOCKS: tuple[Interlock, ...] = (
    Interlock(
        "LiquidHandler",
        (
            "pick_up_tips",
            "drop_tips",
            "aspirate",
            "dispense",
            "pick_up_tips96",
            "drop_tips96",
            "aspirate96",
            "dispense96",
        ),
        (
            "tip_spots",
            "resources",
            "tip_rack",
            "resource",
        ),
        "not-gripped",
        "INTERLOCKED",
        "{what} hangs in the gripper of {machine}.",
        "Put it down first: dropResource, or movePlate instead of pickUpResource.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "pick_up_resource",
            "drop_resource",
            "pick_up_tips",
            "drop_tips",
            "aspirate",
            "dispense",
            "pick_up_tips96",
            "drop_tips96",
            "aspirate96",
            "dispense96",
        ),
        (
            "resource",
            "destination",
            "tip_spots",
            "resources",
            "tip_rack",
            "resource",
        ),
        "door-open",
        "INTERLOCKED",
        "Nothing reaches {what}: the last thing known of {machine} is: {known}.",
        "Open {machine} first, and close it when the arm has left.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "pick_up_resource",
            "pick_up_tips",
            "drop_tips",
            "aspirate",
            "dispense",
            "pick_up_tips96",
            "drop_tips96",
            "aspirate96",
            "dispense96",
        ),
        (
            "resource",
            "destination",
            "tip_spots",
            "resources",
            "tip_rack",
            "resource",
        ),
        "carrier-reaches",
        "INTERLOCKED",
        "{what} is {known}, where no arm of the deck reaches it.",
        "Bring it to a place on the deck first; an incubator hands plates over at its tray: fetchPlateToLoadingTray.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "pick_up_resource",
            "drop_resource",
        ),
        (
            "resource",
            "destination",
        ),
        "not-shaking",
        "INTERLOCKED",
        "Nothing takes or puts down {what}: the last thing known of {machine} is: {known}.",
        "Stop {machine} first: stopShaking.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "pick_up_resource",
            "drop_resource",
        ),
        (
            "resource",
            "destination",
        ),
        "clamp-open",
        "INTERLOCKED",
        "Nothing takes or puts down {what}: the last thing known of {machine} is: {known}.",
        "Unlock {machine} first: unlockPlate.",
    ),
    Interlock(
        "LiquidHandler",
        ("pick_up_resource",),
        ("destination",),
        "place-free",
        "BAD_ARGUMENTS",
        "{what} is taken: {known} stands there.",
        "Name a free place, or move away what stands there.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "aspirate",
            "dispense",
            "pick_up_tips",
            "drop_tips",
        ),
        (
            "resources",
            "tip_spots",
        ),
        "offset-inside",
        "BAD_ARGUMENTS",
        "With this offset the channel would be {known} of {what}.",
        "Give an offset within the container: from its middle, and from its bottom up.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "aspirate",
            "dispense",
            "aspirate96",
            "dispense96",
        ),
        ("mix",),
        "mix-fits",
        "TOO_LITTLE_ROOM",
        "Strokes of {known} do not fit: {what}.",
        "Mix with less than the tip has room for and the container holds.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "pick_up_tips",
            "pick_up_tips96",
        ),
        (),
        "channels-free",
        "TIP_PRESENT",
        "{what} of {machine} holds {known}.",
        "Discard the mounted tips, of channels and of the 96-head: praxis run discard_tips --wait.",
    ),
    Interlock(
        "LiquidHandler",
        (
            "aspirate96",
            "dispense96",
            "drop_tips96",
            "return_tips96",
            "discard_tips96",
        ),
        (),
        "head96-has-tips",
        "TIP_MISSING",
        "The 96-head of {machine} holds no tips.",
        "Pick up tips first: pickUpTips96.",
    ),
    Interlock(
        "PlateReader",
        (
            "read_absorbance",
            "read_fluorescence",
            "read_luminescence",
        ),
        ("wells",),
        "wells-inside",
        "BAD_ARGUMENTS",
        "{what} does not stand in {machine}; {known}.",
        "Name wells of the plate that stands in {machine}, or move the other one in.",
    ),
    Interlock(
        "Imager",
        ("capture",),
        ("well",),
        "wells-inside",
        "BAD_ARGUMENTS",
        "{what} does not stand in {machine}; {known}.",
        "Name a well of the plate that stands in {machine}, or move the other one in.",
    ),
    Interlock(
        "PlateReader",
        (
            "read_absorbance",
            "read_fluorescence",
            "read_luminescence",
        ),
        (),
        "door-closed",
        "INTERLOCKED",
        "The last thing known of {machine} is: {known}. It reads nothing but light of the room.",
        "Close {machine} first.",
    ),
    Interlock(
        "PlateReader",
        ("close",),
        (),
        "no-gripper-inside",
        "INTERLOCKED",
        "{what} hangs in a gripper that has taken it from {machine} and not moved away: {known}.",
        "Put it down or carry it away first: dropResource, or movePickedUpResource.",
    ),
    Interlock(
        "Thermocycler",
        ("close_lid",),
        (),
        "no-gripper-inside",
        "INTERLOCKED",
        "{what} hangs in a gripper that has taken it from {machine} and not moved away: {known}.",
        "Put it down or carry it away first: dropResource, or movePickedUpResource.",
    ),
    Interlock(
        "Centrifuge",
        ("close_door",),
        (),
        "no-gripper-inside",
        "INTERLOCKED",
        "{what} hangs in a gripper that has taken it from {machine} and not moved away: {known}.",
        "Put it down or carry it away first: dropResource, or movePickedUpResource.",
    ),
    Interlock(
        "IncubatorShakerStack",
        ("close_all",),
        (),
        "no-gripper-inside",
        "INTERLOCKED",
        "{what} hangs in a gripper that has taken it from {machine} and not moved away: {known}.",
        "Put it down or carry it away first: dropResource, or movePickedUpResource.",
    ),
)

LEARNED: dict[str, dict[str, tuple[str, str]]] = {
    "Centrifuge": {
        "open_door": ("door", "open"),
        "close_door": ("door", "closed"),
    },
    "IncubatorShakerStack": {
        "open_all": ("door", "open"),
        "close_all": ("door", "closed"),
    },
    "LiquidHandler": {
        "pick_up_resource": ("gripper", "where it took hold"),
        "move_picked_up_resource": ("gripper", "moved away"),
        "drop_resource": ("gripper", "empty"),
    },
    "PlateReader": {
        "open": ("door", "open"),
        "close": ("door", "closed"),
    },
    "Shaker": {
        "lock_plate": ("clamp", "locked"),
        "unlock_plate": ("clamp", "unlocked"),
        "shake": ("motion", "shaking"),
        "stop_shaking": ("motion", "at rest"),
    },
    "Thermocycler": {
        "open_lid": ("door", "open"),
        "close_lid": ("door", "closed"),
    },
}
