"""The engineer's console: what serves, which models there are, training, and the quality of the data; staff only."""
