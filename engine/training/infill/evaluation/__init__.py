"""How good is what fills the holes, held against people and against plainer ways of doing it?"""
