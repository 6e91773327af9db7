"""The study of "The Missing U" (arXiv 2310.20092): a continuous U-Net beside the U-Net of DDPM."""
