"""What commands stand on: the journal, what it adds up to, what admits them, and the workcell that is live now."""

from __future__ import annotations

from dataclasses import dataclass

from ..admission.admission import Admission
from ..journal import Journal
from ..journal.memory import Memory
from ..plr.live import LiveWorkcell


@dataclass(frozen=True)
class Ground:
    journal: Journal
    memory: Memory
    admission: Admission
    live: LiveWorkcell
