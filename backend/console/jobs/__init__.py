"""Work that outlives a request: training and imports, in a process of their own."""
