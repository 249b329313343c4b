"""识别认定 (clause B5): which monitoring type a household's facts make, shown line by line; computed, never typed."""
