"""The docs page about parameter diffusion: text and pictures from measured reports."""
