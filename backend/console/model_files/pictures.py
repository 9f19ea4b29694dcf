"""The pictures beside a model, by names that stand here and nowhere else."""

from __future__ import annotations

from console.errors import ModelsUnreadableError
from console.model_files.manifests import file_of, read_bounded

PICTURES = {
    "curves": "Loss and validation NDCG by epoch",
    "reliability": "Calibration: whether its probabilities mean what they say",
    "embeddings": "Its startups in two dimensions, coloured by category",
}
_PNG = b"\x89PNG\r\n\x1a\n"


def picture_names(version: str) -> dict[str, str]:
    """Which pictures a version has, with what they show."""
    return {name: shows for name, shows in PICTURES.items() if file_of(version, f"{name}.png").is_file()}


def read_picture(version: str, name: str) -> bytes:
    """A picture of a version.

    Raises:
        ModelsUnreadableError: If there is none of that name, or the file is no PNG.
    """
    if name not in PICTURES:
        raise ModelsUnreadableError(f"there is no picture {name!r}; there are {', '.join(PICTURES)}")
    content = read_bounded(file_of(version, f"{name}.png"))
    if not content.startswith(_PNG):
        raise ModelsUnreadableError(f"the picture {name} of {version} is no PNG")
    return content
