"""Where the law files are and how one is read. A file that a lawyer could misread is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from .errors import InvalidLaw

HERE = Path(__file__).parent
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def law_folders() -> list[Path]:
    """The shipped law and, after it, the folder a region adds (MERILO_LAW_DIR)."""
    folders = [HERE]
    if added := os.environ.get("MERILO_LAW_DIR"):
        if not Path(added).is_dir():
            raise InvalidLaw(f"MERILO_LAW_DIR: there is no folder {added}")
        folders.append(Path(added))
    return folders


class _NoRepeats(_Loader):  # type: ignore[misc]  # the C loader where there is one
    """YAML keeps the last of two equal keys; in a law file the first would be lost unseen."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _value in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if repeated := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(
                None, None, f"written twice: {', '.join(repeated)}", node.start_mark
            )
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[Any, Any]:
    """The mapping in the file; an empty file is an empty one. Raises `InvalidLaw`."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_NoRepeats)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as wrong:
        raise InvalidLaw(f"{path}: not YAML ({wrong})") from wrong
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InvalidLaw(f"{path}: a law file is names with what they mean, not a list or a word")
    return data
