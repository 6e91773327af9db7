"""Arrays as SPICE decks: export, running ngspice, the cross-check."""
