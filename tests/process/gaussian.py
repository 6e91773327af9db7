"""Data whose exact denoiser is known: one Gaussian N(m, s^2), and a mixture of Gaussians in two dimensions."""

import torch

MEAN, SPREAD = 0.3, 0.25


def gaussian_denoiser(schedule, mean=MEAN, spread=SPREAD):
    """E[x0 | x, t] for x0 ~ N(m, s^2) in every pixel, as a prediction of x0."""

    def denoise(x, t, label=None):
        alpha = schedule.alpha(t).to(x).reshape(-1, *[1] * (x.dim() - 1))
        sigma = schedule.sigma(t).to(x).reshape(alpha.shape)
        return mean + alpha * spread**2 / (alpha**2 * spread**2 + sigma**2) * (x - alpha * mean)

    return denoise


def gaussian_flow(x, here, there, mean=MEAN, spread=SPREAD):
    """The probability-flow ODE from one point to another, in closed form: (x - alpha m)/(deviation at t) stays."""

    def deviation(p):
        return (p.alpha**2 * spread**2 + p.sigma**2) ** 0.5

    return there.alpha * mean + deviation(there) / deviation(here) * (x - here.alpha * mean)


CENTRES = torch.tensor([[-0.6, -0.3], [0.5, 0.6], [0.5, -0.5]], dtype=torch.float64)
WEIGHTS = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
WIDTH = 0.15


def mixture_denoiser(schedule):
    """E[x0 | x, t] of the mixture: each Gaussian's, weighted by its share of the density at x. x is (n, 2, 1, 1)."""

    def denoise(x, t, label=None):
        alpha, sigma = schedule.alpha(t)[0], schedule.sigma(t)[0]
        flat, variance = x.flatten(1), alpha**2 * WIDTH**2 + sigma**2
        distance = flat @ (alpha * CENTRES.T) - 0.5 * (alpha * CENTRES).square().sum(1)  # but for what all share
        share = torch.softmax(WEIGHTS.log() + distance / variance, dim=1)
        gain = alpha * WIDTH**2 / variance  # of each E[x0 | x, k] = centre + gain (x - alpha centre)
        return (gain * flat + (1 - gain * alpha) * (share @ CENTRES)).reshape(x.shape)

    return denoise
