"""Data whose flow is known in closed form, in the angle phi: alpha = cos(phi), sigma = sin(phi)."""

import math

import torch

MEAN, SPREAD = 0.3, 0.25
CENTRES = torch.tensor([[-0.6, -0.3], [0.5, 0.6], [0.5, -0.5]], dtype=torch.float64)
WEIGHTS = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
WIDTH = 0.15


def deviation(phi):
    """Of x at phi, where the data are N(MEAN, SPREAD^2) in every pixel."""
    return math.sqrt((math.cos(phi) * SPREAD) ** 2 + math.sin(phi) ** 2)


def flow(x, here, there):
    """Every x keeps its place in its distribution: (x - mean)/deviation stays."""
    return math.cos(there) * MEAN + deviation(there) / deviation(here) * (x - math.cos(here) * MEAN)


def angles(schedule, t):
    return torch.atan2(schedule.sigma(t), schedule.alpha(t)).reshape(-1, 1, 1, 1)


def gaussian(schedule, prediction="v"):
    """The exact network for these data, from E[x0 | x] and E[eps | x] of two normal numbers."""

    def denoise(x, t, label=None):
        phi = angles(schedule, t).to(x)
        sin, cos = phi.sin(), phi.cos()
        variance = (cos * SPREAD) ** 2 + sin**2
        x0 = MEAN + cos * SPREAD**2 / variance * (x - cos * MEAN)
        eps = sin / variance * (x - cos * MEAN)
        return {"x0": x0, "eps": eps, "v": cos * eps - sin * x0}[prediction]

    return denoise


def mixture(schedule):
    """v for a mixture of three Gaussians in two dimensions; x is (n, 2, 1, 1)."""

    def denoise(x, t, label=None):
        phi = angles(schedule, t).to(x)[:, 0, 0]
        sin, cos = phi.sin(), phi.cos()
        flat = x.flatten(1)
        variance = (cos * WIDTH) ** 2 + sin**2
        offset = flat[:, None] - cos[..., None] * CENTRES
        share = torch.softmax(WEIGHTS.log() - offset.square().sum(2) / (2 * variance), dim=1)
        x0 = (share[..., None] * (CENTRES + (cos * WIDTH**2 / variance)[..., None] * offset)).sum(1)
        return ((cos * flat - x0) / sin).reshape(x.shape)

    return denoise
