"""Who and what lives in the simulated tenant, made from a seed."""
