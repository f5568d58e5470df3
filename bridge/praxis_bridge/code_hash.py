"""The hash that tells two versions of the bridge apart: its own source, the models it borrows, its drivers from outside, and
its PyLabRobot.
"""

import hashlib
import os
from importlib import metadata
from pathlib import Path

# Its simulators borrow the models of the device simulator, which is else a program of its own.
HASHED_FOLDERS = ("praxis_bridge", "device_simulator/models")


def read_pylabrobot_version() -> str:
    """Read without importing PyLabRobot, which takes a second and prints."""
    return metadata.version("pylabrobot")


def compute_code_hash() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    paths = [path for folder in HASHED_FOLDERS for path in (root / folder).rglob("*.py")]
    _add_files(digest, root, paths)
    # The name stands in drivers/foreign.py too, which takes a second to import.
    drivers = os.environ.get("PRAXIS_BRIDGE_DRIVERS")
    if drivers:
        _add_files(digest, Path(drivers), list(Path(drivers).rglob("*.py")))
    digest.update(f"pylabrobot=={read_pylabrobot_version()}".encode())
    return digest.hexdigest()


def _add_files(digest: "hashlib._Hash", root: Path, paths: list[Path]) -> None:
    for path in sorted(paths, key=lambda path: path.relative_to(root).as_posix()):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(source)}\0".encode())
        digest.update(source)
