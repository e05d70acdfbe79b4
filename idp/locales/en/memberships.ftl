# The page "Assign Memberships" (manual §4).

rule-self-assignment = Your organisation lets nobody give access to oneself. Another access administrator has to do it.
