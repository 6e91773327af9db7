"""Denoising as an experiment: pictures at given noise levels, restored by a diffusion model's network."""
