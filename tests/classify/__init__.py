"""Classifying faces: how well each can be read, and which answers are unsure."""
