"""Conversions that the notebooks of this assignment import."""


def fahrenheit(celsius):
    """Return a temperature in degrees Fahrenheit."""
    return celsius * 9 / 5 + 32
