"""Which version is active, as the folder of models says: `ACTIVE.json`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from console.errors import ModelsUnreadableError
from console.model_files.manifests import models_folder, read_bounded

_FILE = "ACTIVE.json"


class Pointer(BaseModel):
    """The active version, and those that were active before it, latest last."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    active: str | None = None
    previous: tuple[str, ...] = ()


def read_pointer() -> Pointer:
    """The pointer; one that names nothing when there is none.

    Raises:
        ModelsUnreadableError: If the file is not a pointer.
    """
    file = models_folder() / _FILE
    if not file.exists():
        return Pointer()
    try:
        return Pointer.model_validate_json(read_bounded(file))
    except ValidationError as error:
        raise ModelsUnreadableError(f"{_FILE} names no version; activate one by name again") from error
