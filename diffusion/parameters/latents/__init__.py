"""The generative model: an autoencoder of vectors, and diffusion on its latents, both trained by the loop that pictures are trained by."""
