"""An org that lives, a store that follows it through faults and crashes, and what must hold meanwhile.

Everything that happens is a step: a name and whole numbers. The same steps on a new world do the same again, so what
went wrong can be printed, tried again and made smaller.
"""
