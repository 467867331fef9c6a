"""What follows from a policy and the answers given. Values in, values out; people decide.

answers: what an answer means · reach: how far the answers carry · explain: why, in plain words ·
deciders: who decides · review: when we look again · money: the sum that sets the band ·
moves: the states of a round and what may be done in each.
"""
