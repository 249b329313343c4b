"""Carry a rotation of keys through: which key every stored value needs, and how all are made anew with the current."""
