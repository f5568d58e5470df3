"""The hash that tells two versions of the bridge apart: its own source and the PyLabRobot it drives."""

import hashlib
from importlib import metadata
from pathlib import Path


def read_pylabrobot_version() -> str:
    """Read without importing PyLabRobot, which takes a second and prints."""
    return metadata.version("pylabrobot")


def compute_code_hash() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(source)}\0".encode())
        digest.update(source)
    digest.update(f"pylabrobot=={read_pylabrobot_version()}".encode())
    return digest.hexdigest()
