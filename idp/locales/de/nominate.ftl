nominate-title = Delegierte Administratoren benennen
nominate-lead = Sie benennen die Personen, die die Benutzer von { $third_party } und deren Zugriffe verwalten. Die EZB bestätigt sie, bevor sie etwas tun können.
nominate-until = Sie können speichern und über den Link aus der Mail zurückkommen, bis { $until }.
nominate-saved = Gespeichert. Noch ist nichts eingereicht.
nominate-stale = Diese Benennung wurde inzwischen in einem anderen Fenster gespeichert. Unten steht, was Sie hier eingegeben haben; speichern Sie noch einmal, um es anstelle des anderen zu behalten.
nominate-stale-review = Diese Benennung wurde inzwischen in einem anderen Fenster geändert. So steht sie jetzt; sehen Sie sie noch einmal an, bevor Sie einreichen.
nominate-question = Die EZB hat eine Frage
nominate-question-hint = Ändern Sie unten, was nötig ist, und reichen Sie noch einmal ein. Das ist Ihre Antwort.
nominate-errors = Das fehlt oder kann nicht verwendet werden:
nominate-of-person = Person { $number }: { $fault }
nominate-signatory = Wer zeichnet
nominate-signatory-email = Fragen und die Entscheidung gehen an { $email }.
nominate-name = Vollständiger Name
nominate-name-missing = Geben Sie Ihren vollständigen Namen an, höchstens 200 Zeichen.
nominate-function = Funktion
nominate-function-hint = Zum Beispiel Mitglied des Vorstands.
nominate-function-missing = Geben Sie Ihre Funktion an, höchstens 200 Zeichen.
nominate-applications = Anwendungen, die verwaltet werden sollen
nominate-applications-hint = Jede braucht einen delegierten Zugriffsadministrator.
nominate-applications-missing = Wählen Sie mindestens eine Anwendung.
nominate-people = Wer verwalten soll
nominate-people-hint = Mindestens ein delegierter Benutzeradministrator, und für jede Anwendung ein delegierter Zugriffsadministrator. Mit je zweien bleiben Sie handlungsfähig, wenn jemand abwesend ist.
nominate-person = Person { $number }
nominate-first-name = Vorname
nominate-first-name-missing = Geben Sie den Vornamen an, höchstens 100 Zeichen.
nominate-last-name = Nachname
nominate-last-name-missing = Geben Sie den Nachnamen an, höchstens 100 Zeichen.
nominate-email = E-Mail
nominate-email-hint = Die eigene dienstliche Adresse der Person. Dorthin geht die Einladung.
nominate-phone = Telefonnummer
nominate-phone-hint = Mit Landesvorwahl, zum Beispiel +359 2 123 4567. Dorthin gehen die Codes zum Anmelden.
nominate-roles = Rollen
nominate-dua = Delegierter Benutzeradministrator: legt Benutzer an und verwaltet sie
nominate-daa = Delegierter Zugriffsadministrator, der Zugriff gibt auf:
nominate-no-role = Wählen Sie mindestens eine Rolle.
nominate-no-dua = Niemand ist delegierter Benutzeradministrator.
nominate-no-daa = Niemand ist delegierter Zugriffsadministrator für { $application }.
nominate-oneself = Das ist die Adresse der zeichnungsberechtigten Person. Niemand benennt sich selbst; nennen Sie jemand anderen.
nominate-same-address = Jemand weiter oben hat diese Adresse schon.
nominate-not-asked-for = Eine Rolle gilt einer Anwendung, die oben nicht gewählt ist.
nominate-too-many = Eine Benennung nennt höchstens acht Personen.
nominate-remove = Person { $number } entfernen
nominate-add = Person hinzufügen
nominate-document-heading = Nachweis
nominate-document = Unterschriebene Vollmacht
nominate-document-hint = Ein PDF von höchstens 4 MB, das zeigt, dass Sie zeichnen dürfen. Nur das Personal der EZB kann es öffnen.
nominate-document-there = Gespeichert: { $name }. Wählen Sie eine andere Datei, um es zu ersetzen.
nominate-document-missing = Fügen Sie die unterschriebene Vollmacht hinzu.
nominate-document-large = Die Datei ist größer als 4 MB. Sie wurde nicht gespeichert; alles andere schon.
nominate-document-kind = Das ist kein PDF. Es wurde nicht gespeichert; alles andere schon.
nominate-review = Prüfen
nominate-save = Für später speichern
nominate-withdraw = Zurückziehen
nominate-change = Ändern
nominate-keep = Benennung behalten
nominate-review-title = Prüfen und einreichen
nominate-review-lead = Das wird die EZB sehen. Noch ist nichts eingereicht.
nominate-declaration = Ich darf für { $third_party } zeichnen, und die genannten Personen wissen von ihrer Benennung.
nominate-declaration-missing = Kreuzen Sie das an, um einzureichen.
nominate-submit = Benennung einreichen
nominate-submit-hint = Danach öffnet der Link das Formular nicht mehr. Gibt es eine Frage, erhalten Sie einen neuen.
nominate-submitted-title = Die Benennung ist eingereicht
nominate-submitted-text = Die EZB sieht sie an und antwortet per Mail. Für Sie ist jetzt nichts mehr zu tun.
nominate-in-review-title = Die Benennung wird geprüft
nominate-in-review-text = Die EZB antwortet per Mail.
nominate-confirmed-title = Die Administratoren sind bestätigt
nominate-confirmed-text = Alle Genannten haben eine Einladung per Mail erhalten.
nominate-rejected-title = Die Benennung ist abgelehnt
nominate-rejected-text = Sie können das Support Centre um eine neue Einladung bitten.
nominate-withdrawn-title = Die Benennung ist zurückgezogen
nominate-withdrawn-text = Niemand wurde durch sie ernannt. Sie können das Support Centre um eine neue Einladung bitten.
nominate-withdraw-title = Diese Benennung zurückziehen?
nominate-withdraw-text = Durch sie wird niemand für { $third_party } ernannt, und der Link funktioniert nicht mehr. Was Sie eingegeben haben, lässt sich nicht zurückholen.
nominate-dead-mark = Link
nominate-dead-title = Dieser Link funktioniert nicht
nominate-dead-text = Öffnen Sie den Link aus der neuesten Mail noch einmal, und zwar ganz. Wenn das nicht hilft, fragen Sie das ECB Support Centre.
nominate-expired-title = Dieser Link ist abgelaufen
nominate-expired-text = Links zu einer Benennung gelten 14 Tage. Was Sie gespeichert haben, ist noch da: Bitten Sie das ECB Support Centre um einen neuen Link.
nominate-replaced-title = Es gibt einen neueren Link
nominate-replaced-text = Die EZB hat Ihnen per Mail einen neuen Link geschickt. Öffnen Sie diesen; was Sie gespeichert haben, ist noch da.
nominate-barred-title = Hier kann zurzeit niemand benannt werden
nominate-barred-text = Die EZB nimmt für Ihre Organisation zurzeit keine Benennungen entgegen; über diesen Link kann deshalb nichts gespeichert oder eingereicht werden. Was Sie vorher gespeichert haben, geht nicht verloren. Fragen Sie das ECB Support Centre, wie es weitergeht.
mail-nomination-link = Benennen Sie delegierte Administratoren für { $third_party }

    { $name }, die EZB lädt Sie ein, die Personen zu benennen, die im ECB Identity Portal die Benutzer von { $third_party } und deren Zugriffe verwalten sollen. Öffnen Sie diesen Link innerhalb von 14 Tagen. Sie können speichern und zurückkommen:

    { $link }

    Sie brauchen eine unterschriebene Vollmacht als PDF. Geben Sie diesen Link nicht weiter: Wer ihn hat, kann in Ihrem Namen benennen. Wenn Sie diese Mail nicht erwartet haben, sagen Sie es uns. Fragen? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-question = Eine Frage zu Ihrer Benennung für { $third_party }

    { $name }, die EZB hat Ihre Benennung angesehen und eine Frage:

    { $remark }

    Öffnen Sie diesen Link innerhalb von 14 Tagen, ändern Sie, was nötig ist, und reichen Sie noch einmal ein:

    { $link }

    Geben Sie diesen Link nicht weiter. Fragen? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-confirmed = Die Administratoren von { $third_party } sind bestätigt

    { $name }, die EZB hat Ihre Benennung bestätigt. Alle, die Sie benannt haben, haben eine Einladung per Mail erhalten oder haben die Rolle bereits.

    Wenn Sie niemanden benannt haben, sagen Sie es uns sofort. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-rejected = Ihre Benennung für { $third_party } ist abgelehnt

    { $name }, die EZB hat Ihre Benennung aus diesem Grund abgelehnt:

    { $remark }

    Niemand wurde ernannt. Sie können um eine neue Einladung bitten. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-withdrawn = Ihre Benennung für { $third_party } ist zurückgezogen

    { $name }, die EZB hat Ihre Benennung aus diesem Grund aus ihrer Liste genommen:

    { $remark }

    Niemand wurde ernannt, und der Link funktioniert nicht mehr. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
