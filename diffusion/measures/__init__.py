"""Measures of sampled pictures against a data set. torch is imported with the modules, not with the package."""
