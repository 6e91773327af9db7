"""Arrays integrated on a torch device: CUDA, or torch's CPU device. What imports it imports torch."""
