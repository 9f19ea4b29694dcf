"""Brings existing platforms' data in: checked, once only, all or nothing per run."""
