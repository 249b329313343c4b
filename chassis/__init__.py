"""What every program of Xianjie needs and no business knows: the shared kernel."""
