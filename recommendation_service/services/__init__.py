"""Use cases, and the ports (Protocols) that adapters implement."""
