"""Splits text into lines, sentences and citable units; finds copies; escapes text for terminals."""
