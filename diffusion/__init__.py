"""Networks of arrays that learn: data, processes, denoisers, training. Nothing is here yet."""
