# The page "Assign Memberships" (manual §4).

rule-self-assignment = Ihre Organisation erlaubt niemandem, sich selbst Zugang zu geben. Das muss eine andere Zugangsadministratorin oder ein anderer Zugangsadministrator tun.
