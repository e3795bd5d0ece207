"""Melody ideas: a learned interval-rhythm model, form by machinery, decoding that always fills the bars."""
