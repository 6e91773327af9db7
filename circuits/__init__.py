"""Cell circuits, arrays, templates and the spec."""
