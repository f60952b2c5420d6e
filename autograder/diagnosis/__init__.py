"""Diagnosis of wrong answers from the values that they return."""
