### Seiten der Anwendungen.

nav-applications = Anwendungen
applications-title = Anwendungen
applications-lead = Was Personen aus Meine Anwendungen öffnen, jede in ihrer Umgebung, in der Reihenfolge der Kacheln.
applications-none-title = Keine Anwendung
applications-none-text = Anwendungen registriert der Betreiber.
applications-application = Anwendung
applications-environment = Umgebung
applications-groups = Gruppen
applications-groups-none = Diese Anwendung hat keine Gruppe, also kann niemand Zugriff erhalten.
applications-clients = Clients
applications-clients-none = Kein Client ist registriert: Niemand kann sie öffnen.
applications-code = Code
applications-title-field = Titel
applications-title-hint = Höchstens 80 Zeichen; die Kachel zeigt ihn.
applications-subtitle = Zeile unter dem Titel
applications-address = Adresse (initiate_login_uri)
applications-review = Zugriffsprüfung
applications-review-hint = Wie oft die Zugriffsadministratoren alle Mitgliedschaften bestätigen. Die kürzere Zeit ist für Anwendungen mit heiklen Daten.
applications-every = Alle { $months } Monate
applications-position = Platz unter den Kacheln
applications-position-hint = Eine Zahl von 0 bis 999. Die kleinste steht vorn.
applications-state = Zustand
applications-state-hint = Eine abgeschaltete hat keine Kachel, niemand meldet sich bei ihr an, und ihre Tokens gelten nicht. Mitgliedschaften und Rollen bleiben, und ihre Administratoren können ersetzt werden.
applications-on = In Benutzung
applications-off = Abgeschaltet
applications-off-ask = Sie sind dabei, { $name } abzuschalten. Die Kachel verschwindet, niemand kann sich dort anmelden, und die Tokens gelten nicht mehr.
applications-off-confirm = Niemand kann sie ab jetzt öffnen
applications-done-saved = Die Änderungen wurden gespeichert.
applications-error-title = Geben Sie einen Titel mit höchstens 80 Zeichen ein.
applications-error-subtitle = Geben Sie eine Zeile mit höchstens 160 Zeichen ein.
applications-error-position = Geben Sie eine Zahl von 0 bis 999 ein.

audit-field-title = Titel
audit-field-subtitle = Zeile unter dem Titel
audit-field-position = Platz unter den Kacheln
audit-field-review-months = Monate zwischen Zugriffsprüfungen
