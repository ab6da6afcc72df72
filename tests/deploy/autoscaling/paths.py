"""Where the modules of deploy/ are."""

import sys
from pathlib import Path

SOURCE_DIR = Path(__file__).resolve().parents[3]
LOCAL = SOURCE_DIR / "deploy/local"
sys.path[:0] = [str(LOCAL), str(SOURCE_DIR / "deploy/demo")]
