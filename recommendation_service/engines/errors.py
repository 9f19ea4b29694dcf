"""The engines' error tree. A message says what was wrong, with the value, and what to do about it."""

from __future__ import annotations


class EngineError(Exception):
    """Any failure of an engine that its caller should know about."""


class ConfigError(EngineError):
    """A configuration that cannot be used: unknown key, value out of range, parts that do not add up."""


class DatasetError(EngineError):
    """A dataset that is missing, incomplete or not what its manifest says."""


class NotFittedError(EngineError):
    """An engine was asked before it had learned."""


class ModelFileError(EngineError):
    """A model bundle that is missing, corrupt, foreign or does not fit."""


class TrainingError(EngineError):
    """Training cannot go on or ended in a model that must not be used."""
