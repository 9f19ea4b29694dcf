"""The generic format in which an owner brings an existing platform; `docs/data-formats.md` describes it."""
