"""Parameter diffusion: templates of analog arrays drawn from a generative model (Wang et al., arXiv 2402.13144)."""
