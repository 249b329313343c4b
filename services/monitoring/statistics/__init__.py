"""Figures of monitoring by day, area and kind: counted in 户 and 人 apart, and the same when asked again."""
