"""A memristor's parameters from measured current-voltage and pulse data."""
