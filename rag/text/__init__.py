"""What a text is made of: lines, sentences, units that can be cited; copies; text made safe to show."""
