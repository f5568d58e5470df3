"""What an exception of a driver says about the instrument, and what a person is told of it.

PyLabRobot's exceptions carry no codes, so they are told apart by class name. The codes are those of domain/errors/.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3

from ..wire.errors import BridgeError, CommandError, Failure, Progress
from ..wire.jsontext import make_visible
from ..wire.shapes import ErrorRecord, JsonObject

MESSAGE_LIMIT_CHARACTERS = 2000

CODE_BY_CLASS_NAME = {
    "NoTipError": "TIP_MISSING",
    "HasTipError": "TIP_PRESENT",
    "TooLittleLiquidError": "TOO_LITTLE_LIQUID",
    "TooLittleVolumeError": "TOO_LITTLE_ROOM",
    "ResourceNotFoundError": "LABWARE_NOT_FOUND",
    "NoLocationError": "LABWARE_NOT_FOUND",
    "NoChannelError": "BAD_ARGUMENTS",
    "ChannelsDoNotFitError": "BAD_ARGUMENTS",
    "BlowOutVolumeError": "BAD_ARGUMENTS",
    "TypeError": "BAD_ARGUMENTS",
    "ValueError": "BAD_ARGUMENTS",
    "AssertionError": "BAD_ARGUMENTS",
    "KeyError": "BAD_ARGUMENTS",
    "IndexError": "BAD_ARGUMENTS",
}

# PyLabRobot tells these only in words; return_tips and discard_tips raise them where no channel holds a tip.
CODE_BY_RUNTIME_ERROR = {
    "No tips have been picked up.": "TIP_MISSING",
    "No tips have been picked up and no channels were specified.": "TIP_MISSING",
}

# How PyLabRobot says that a package for a kind of connection is not installed.
MISSING_EXTRA = re.compile(r"pip install pylabrobot\[(\w+)\]")

# The device itself answered with an error: it knows what it did, so the outcome is known.
DEVICE_REPLY_CLASS_NAMES = frozenset(
    {
        "STARFirmwareError",
        "VantageFirmwareError",
        "TecanError",
        "MolecularDevicesFirmwareError",
        "MettlerToledoError",
        "EL406DeviceError",
        "PreciseFlexError",
        "MicroSpinError",
        "DeviceReplyError",
    }
)


def classify_failure(error: BaseException, progress: Progress) -> Failure:
    """Says what is known of a command whose driver raised: failed where the outcome is known, uncertain otherwise."""
    message = describe(error)
    if progress.sends == 0 and progress.steps_ended == 0:
        record: ErrorRecord = {"code": find_code(error), "message": message}
        remedy = getattr(error, "remedy", None) if isinstance(error, CommandError) else None
        if remedy:
            record["remedy"] = remedy
        return Failure("failed", _with_channels(error, progress, record))
    if progress.open_sends == 0:
        done = f"{progress.steps_ended} step{'' if progress.steps_ended == 1 else 's'} of the command ended, the next one did not begin"
        return Failure("failed", {"code": "PARTLY_DONE", "message": f"{done}: {message}"})
    if is_channelized(error):
        failed = {int(channel) for channel in error.errors}  # type: ignore[attr-defined]
        some_done = progress.steps_ended > 0 or bool(set(progress.use_channels) - failed)
        code = "PARTLY_DONE" if some_done else find_code(error)
        return Failure("failed", _with_channels(error, progress, {"code": code, "message": message}))
    if is_device_reply(error):
        code = "PARTLY_DONE" if progress.steps_ended else "MACHINE_ERROR"
        return Failure("failed", {"code": code, "message": message})
    known = f"{progress.sends} writes went to the instrument, then: {message}"
    return Failure("uncertain", {"code": "UNCERTAIN", "message": known})


def to_refusal(error: BaseException, what: str) -> BridgeError:
    """What the asker is told of a failure inside the bridge. A journal that can't be written may be asked again."""
    code = find_code(error) if isinstance(error, (BridgeError, sqlite3.Error)) else "INTERNAL"
    return BridgeError(code, f"{what}: {describe(error)}")


def find_code(error: BaseException) -> str:
    if isinstance(error, (BridgeError, CommandError)):
        return error.code
    if isinstance(error, sqlite3.Error):
        return "JOURNAL_UNWRITABLE"
    if is_channelized(error):
        codes = {find_code(inner) for inner in error.errors.values()}  # type: ignore[attr-defined]
        return codes.pop() if len(codes) == 1 else "MACHINE_ERROR"
    if type(error) is RuntimeError and str(error) in CODE_BY_RUNTIME_ERROR:
        return CODE_BY_RUNTIME_ERROR[str(error)]
    for base in type(error).__mro__:
        if base.__name__ in CODE_BY_CLASS_NAME:
            return CODE_BY_CLASS_NAME[base.__name__]
    return "MACHINE_ERROR"


def is_channelized(error: BaseException) -> bool:
    return type(error).__name__ == "ChannelizedError" and isinstance(getattr(error, "errors", None), dict)


def is_device_reply(error: BaseException) -> bool:
    if isinstance(error, (asyncio.TimeoutError, asyncio.CancelledError, OSError)):
        return False
    return any(base.__name__ in DEVICE_REPLY_CLASS_NAMES for base in type(error).__mro__)


def describe(error: BaseException) -> str:
    """One line for a person. A driver's exception may even fail to be printed."""
    name = type(error).__name__
    if isinstance(error, (BridgeError, CommandError)):
        return make_visible(str(error))
    try:
        text = str(error)
    except BaseException as unprintable:
        text = f"(its text can't be read: {type(unprintable).__name__})"
    missing = MISSING_EXTRA.search(text)
    remedy = "" if missing is None else f" Start the lab with PRAXIS_BRIDGE_EXTRAS={missing[1]}, which installs it."
    return make_visible(f"{name}: {text}{remedy}"[:MESSAGE_LIMIT_CHARACTERS] if text else name)


def _with_channels(error: BaseException, progress: Progress, record: ErrorRecord) -> ErrorRecord:
    if not is_channelized(error):
        return record
    channels: dict[str, JsonObject] = {str(channel): {"done": True} for channel in progress.use_channels} if progress.open_sends else {}
    for channel, inner in error.errors.items():  # type: ignore[attr-defined]
        channels[str(channel)] = {"done": False, "code": find_code(inner), "message": describe(inner)}
    return {**record, "channels": channels}
