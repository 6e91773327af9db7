"""Arrays of many channels, batches, and cells that differ, on the processor: one step of a whole batch at a time."""
