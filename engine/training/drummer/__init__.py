"""How is the drummer learnt: real drummers' velocity and timing, given what they played."""
