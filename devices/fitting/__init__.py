"""A memristor's parameters from measured current-voltage and pulse data: `fit.fit_memristor` (docs/fitting.md)."""
