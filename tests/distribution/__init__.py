"""Wheel and sdist, tried as a user would: installed into an empty environment, and served from there."""
