"""Compressing trained networks: quantisation, pruning and slimming, compared by measurement."""
