"""Running ngspice: two engines, one strict judgement of what came back."""
