"""专项台账: registers that departments answer for, each a described kind with dated facts and findings."""
