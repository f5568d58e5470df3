"""A command under way: what was asked, how far it has come, and how it can be stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from .boundary import CommandTrace
from .requests import CommandRequest


@dataclass
class Running:
    request: CommandRequest
    trace: CommandTrace
    # Ends when END is on disk, or when the command was refused at its turn.
    ended: asyncio.Future[dict[str, Any]]
    # END may share a synced write with the SENT of the next command of its block.
    joins: bool
    # False while the command waits for its machine.
    is_executing: bool = False
    stop_asked: asyncio.Event = field(default_factory=asyncio.Event)
    # The stop method of its machine was called.
    was_stopped: bool = False
    # The task in which its front end runs.
    task: asyncio.Task[Any] | None = None
