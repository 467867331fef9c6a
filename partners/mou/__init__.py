"""Memoranda and other papers between the two sides: drafted from a document of the policy, issued
once under a number, signed by both in any order, in force when all have signed."""
