"""The page's own files: what the browser is given."""

from pathlib import Path

#: Text of each file, by name.
PARTS = {file.name: file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("*.[vc]*")}
