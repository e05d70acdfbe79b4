# Was Menschen mitgeteilt wird, im Portal und per E-Mail.

notices-title = Mitteilungen
notices-lead = Was sich an Ihrem Konto, Ihren Rollen und Ihrem Zugriff geändert hat. Sie haben es auch per E-Mail erhalten.
notices-empty-title = Noch keine Mitteilungen
notices-empty-text = Wenn jemand Ihr Konto, Ihre Rollen oder Ihren Zugriff ändert, lesen Sie es hier.
notices-new = Neu
notices-open = Im Portal ansehen
notices-older = Ältere Mitteilungen
pager-label = Seiten
mail-notice = { $title }

    { $text }

    { $link }

    { $at }

    Fragen? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766

notice-account-changed = Ihr Konto wurde geändert
notice-account-changed-text = { $by } hat Angaben Ihres Kontos geändert. Stimmt das nicht, wenden Sie sich an die Verwaltung Ihrer Organisation.
notice-account-suspended = Ihr Konto ist gesperrt
notice-account-suspended-text = { $by } hat Ihr Konto gesperrt. Sie können sich nicht anmelden, bis die Sperre aufgehoben ist. { $reason }
notice-account-reinstated = Ihr Konto ist wieder in Gebrauch
notice-account-reinstated-text = { $by } hat die Sperre Ihres Kontos aufgehoben. Melden Sie sich wie bisher mit Ihrem Passwort an.
notice-account-unlocked = Ihr Konto ist entsperrt
notice-account-unlocked-text = { $by } hat die Sperre nach zu vielen Versuchen aufgehoben. Sie können sich wieder anmelden.
notice-account-deleted = Ihr Konto wurde gelöscht
notice-account-deleted-text = { $by } hat Ihr Konto gelöscht. Sie können sich nicht mehr anmelden, und Ihr Zugriff auf alle Anwendungen ist beendet.
notice-own-account-deleted = Ihr Konto wurde auf Ihren Wunsch gelöscht
notice-own-account-deleted-text = Sie haben Ihr Konto löschen lassen. Sie können sich nicht mehr anmelden, und Ihr Zugriff auf alle Anwendungen ist beendet. Ihre persönlichen Daten werden am { $date } gelöscht. Waren Sie es nicht, rufen Sie sofort das Support Centre an.
notice-account-deleted-by-owner = Jemand hat das eigene Konto löschen lassen
notice-account-deleted-by-owner-text = { $person } hat das eigene Konto löschen lassen. Damit endete der Zugriff: { $groups }
notice-terms-changed = Die Nutzungsbedingungen haben sich geändert
notice-terms-changed-text = Es gibt eine neue Fassung vom { $date }. Sie werden gebeten, sie zu bestätigen, bevor Sie im Portal weitermachen. Sie können sie dort schon jetzt unter „Nutzungsbedingungen“ lesen.
notice-administrator-terms-changed = Die Nutzungsbedingungen für Administratoren haben sich geändert
notice-administrator-terms-changed-text = Es gibt eine neue Fassung vom { $date }. Sie werden gebeten, sie zu bestätigen, bevor Sie wieder etwas verwalten. Sie können sie im Portal schon jetzt unter „Bedingungen für Administratoren“ lesen.
notice-expiration-changed = Das Ablaufdatum Ihres Kontos wurde geändert
notice-expiration-changed-text = { $by } hat das Datum geändert, an dem Ihr Konto abläuft. Es ist jetzt: { $date }
notice-expiration-near = Ein Konto läuft bald ab
notice-expiration-near-text = Das Konto von { $person } läuft am { $date } ab. Die Verwaltung der Organisation kann das Datum verschieben.
notice-account-permanent = Ein befristetes Konto gilt jetzt unbefristet
notice-account-permanent-text = { $by } hat das Ablaufdatum des Kontos von { $person } entfernt.
notice-account-ended = Ihr Konto wurde gelöscht
notice-account-ended-text = Ihr Konto ist am { $date } abgelaufen und wurde 180 Tage danach gelöscht. Ihr Zugriff auf alle Anwendungen ist beendet.
notice-account-unused = Sie haben sich lange nicht angemeldet
notice-account-unused-text = Ihre letzte Anmeldung war am { $date }. Melden Sie sich vor dem { $until } an, wenn Sie Ihr Konto noch brauchen; dann wird es gesperrt.
notice-account-unused-suspended = Ihr Konto ist gesperrt
notice-account-unused-suspended-text = Mit Ihrem Konto hat sich seit 13 Monaten niemand angemeldet. Wenn Sie es wieder brauchen, bitten Sie die Benutzeradministration Ihrer Organisation, die Sperre zu beenden.
notice-invitation-lapsed = Eine Einladung wurde nicht genutzt
notice-invitation-lapsed-text = { $person } hat die Einladung nicht innerhalb von 30 Tagen genutzt. Das Konto wurde gelöscht; wer noch eines braucht, wird neu eingeladen.
notice-email-replaced = Ihre E-Mail-Adresse wird ersetzt
notice-email-replaced-text = { $by } hat die E-Mail-Adresse Ihres Kontos geändert. Kommt das unerwartet, rufen Sie sofort das Support Centre an.
notice-email-stays = Ihre E-Mail-Adresse bleibt, wie sie ist
notice-email-stays-text = { $by } hat die neue E-Mail-Adresse zurückgezogen, die für Ihr Konto eingetragen war. Melden Sie sich weiter mit der bisherigen an.
notice-phone-replaced = Ihre Telefonnummer wurde ersetzt
notice-phone-replaced-text = { $by } hat die Telefonnummer Ihres Kontos geändert. Codes gehen jetzt an die neue Nummer. Kommt das unerwartet, rufen Sie sofort das Support Centre an.
notice-sign-in-data-replaced = Anmeldedaten einer Person wurden ersetzt
notice-sign-in-data-replaced-text = { $by } hat die E-Mail-Adresse oder die Telefonnummer von { $person } geändert. Kommt das unerwartet, fragen Sie { $person }, oder rufen Sie das Support Centre an.
notice-access-dormant = Ihr Zugriff ruht
notice-access-dormant-text = Ihre E-Mail-Adresse und Ihre Telefonnummer wurden innerhalb von sieben Tagen beide geändert. Ihre Mitgliedschaften und Rollen gelten nicht, bis eine andere Person der Verwaltung sie bestätigt hat.
notice-access-confirmed = Ihr Zugriff gilt wieder
notice-access-confirmed-text = { $by } hat bestätigt, was geruht hat: { $groups } { $role }
notice-confirmation-needed = Ein Zugriff wartet auf Ihre Bestätigung
notice-confirmation-needed-text = E-Mail-Adresse und Telefonnummer von { $person } wurden beide von { $by } geändert. Vergewissern Sie sich, dass es dieselbe Person ist, und bestätigen oder entfernen Sie den Zugriff.
notice-role-granted = Sie haben eine neue Rolle
notice-role-granted-text = { $by } hat Ihnen die Rolle { $role } gegeben. { $application }
notice-staff-role-waits = Eine Rolle des Personals wartet auf Sie
notice-staff-role-waits-text = { $by } hat { $person } die Rolle { $role } gegeben. Sie gilt, sobald eine zweite Person der Identitätsverwaltung sie unter Bestätigungen bestätigt.
notice-staff-role-given = Eine neue Rolle wartet auf ihre Bestätigung
notice-staff-role-given-text = { $by } hat Ihnen die Rolle { $role } gegeben. Sie zählt erst, wenn eine zweite Person der Identitätsverwaltung sie bestätigt hat.
notice-role-waits = Eine neue Rolle wartet auf ihre Bestätigung
notice-role-waits-text = { $by } hat Ihnen die Rolle { $role } gegeben. Sie zählt erst, wenn der Betreiber sie bestätigt hat.
notice-grant-to-confirm = Eine neue Verwaltungsrolle wartet auf Ihre Bestätigung
notice-grant-to-confirm-text = { $by } hat { $person } bei { $organisation } die Rolle { $role } gegeben. Sie zählt erst, wenn Sie sie bestätigen.
notice-role-revoked = Eine Ihrer Rollen wurde entzogen
notice-role-revoked-text = { $by } hat die Rolle { $role } zurückgenommen. { $application }
notice-membership-assigned = Sie haben neuen Zugriff
notice-membership-assigned-text = { $by } hat Ihnen gegeben: { $groups }
notice-membership-removed = Ein Zugriff wurde Ihnen entzogen
notice-membership-removed-text = { $by } hat entfernt: { $groups }
notice-membership-ended = Ein Zugriff ist abgelaufen
notice-membership-ended-text = Sein Enddatum ist vorbei: { $groups }
notice-self-assigned = Jemand aus der Verwaltung hat sich selbst Zugriff gegeben
notice-self-assigned-text = { $by } hat sich diesen Zugriff genommen: { $groups }
notice-own-making-assigned = Eine Person hat ein Konto angelegt und ihm Zugriff gegeben
notice-own-making-assigned-text = { $by } hat das Konto von { $person } angelegt und ihm diesen Zugriff gegeben: { $groups }. Niemand sonst war beteiligt, obwohl die Organisation vier Augen verlangt.
notice-administrator-added = Es gibt eine neue Person in der Verwaltung
notice-administrator-added-text = { $by } hat { $person } die Rolle { $role } gegeben. { $organisation }
notice-administrator-removed = Jemand hat die Verwaltung verlassen
notice-administrator-removed-text = { $by } hat { $person } die Rolle { $role } entzogen. { $organisation }
notice-one-administrator-left = Nur eine Person ist in der Verwaltung übrig
notice-one-administrator-left-text = Die Rolle { $role } hat nur noch { $person }. { $organisation } Benennen Sie rechtzeitig eine zweite Person.
notice-third-party-orphaned = Eine Organisation hat keine Verwaltung mehr
notice-third-party-orphaned-text = Niemand verwaltet mehr die Benutzer von { $organisation }: Das letzte Konto ist abgelaufen, oder niemandes Rolle zählt. Der Betreiber verwaltet die Organisation, bis eine Rolle oder eine Benennung bestätigt ist.
notice-administrator-ending = Das letzte Konto der Verwaltung läuft ab
notice-administrator-ending-text = Am { $date } läuft das Konto von { $person } ab; sonst hat niemand die Rolle { $role }. { $organisation } Benennen Sie rechtzeitig eine zweite Person.
notice-access-requested = Jemand bittet um Zugriff
notice-access-requested-text = { $person } bittet um { $groups }. { $reason }
notice-request-granted = Ihr Antrag wurde bewilligt
notice-request-granted-text = { $by } hat Ihnen { $groups } gegeben. { $until }
notice-request-refused = Ihr Antrag wurde abgelehnt
notice-request-refused-text = { $by } hat Ihnen { $groups } nicht gegeben. { $reason }
notice-request-lapsed = Ihre Anfrage ist verfallen
notice-request-lapsed-text = Sie haben um { $groups } gebeten. Niemand hat darüber entschieden, bevor Ihr Konto gesperrt oder gelöscht wurde oder ablief oder Ihre Organisation die Anwendung verließ; der Antrag ist damit beendet. Fragen Sie erneut, sobald das geht und wenn Sie den Zugriff noch brauchen.
notice-review-started = Eine Überprüfung der Zugriffe hat begonnen
notice-review-started-text = Sehen Sie bis { $date } alle Zugriffe auf { $application } durch und behalten oder entfernen Sie jeden.
notice-review-due = Eine Überprüfung der Zugriffe endet bald
notice-review-due-text = Die Überprüfung von { $application } endet am { $date }. Was bis dahin nicht entschieden ist, ruht.
notice-review-lapsed = Eine Überprüfung der Zugriffe wurde nicht abgeschlossen
notice-review-lapsed-text = Die Überprüfung von { $application } war am { $date } fällig. Zugriffe, die niemand bestätigt hat, ruhen, bis die Verwaltung sie bestätigt.
notice-access-unconfirmed = Ihr Zugriff ruht
notice-access-unconfirmed-text = Bei der Überprüfung von { $application } hat niemand bestätigt, dass Sie ihn brauchen: { $groups }. Ein Administrator Ihrer Organisation kann ihn bestätigen.
notice-nomination-filed = Eine Benennung wartet
notice-nomination-filed-text = { $third_party } hat Personen für die Verwaltung benannt. Die Benennung liegt im Arbeitsvorrat.
notice-nomination-decided = Über eine Benennung wurde entschieden
notice-nomination-decided-text = Über die Benennung von { $third_party } hat { $by } entschieden. { $reason }
notice-third-party-suspended = Ihre Organisation ist gesperrt
notice-third-party-suspended-text = { $by } hat { $third_party } gesperrt. Bis zum Ende der Sperre kann sich dort niemand anmelden. Bis dahin zählt nicht: { $groups }. { $reason }
notice-third-party-reactivated = Ihre Organisation ist wieder in Betrieb
notice-third-party-reactivated-text = { $by } hat die Sperre von { $third_party } beendet. Melden Sie sich wie bisher an. Es zählt wieder: { $groups }. { $reason }
notice-third-party-closed = Ihre Organisation ist geschlossen
notice-third-party-closed-text = { $by } hat { $third_party } geschlossen. Sie können sich nicht mehr anmelden. Beendet ist: { $groups }. { $reason }
notice-third-party-merged = Ihre Organisation gehört jetzt zu einer anderen
notice-third-party-merged-text = { $by } hat { $third_party } unter { $organisation } gestellt. Sie melden sich wie bisher an. Beendet ist: { $groups }. { $reason }
notice-third-party-offboarded = Ihre Organisation nutzt eine Anwendung nicht mehr
notice-third-party-offboarded-text = { $by } hat die Nutzung von { $application } durch { $third_party } beendet. Beendet ist: { $groups }.
notice-last-administrator-gone = Eine Organisation hat keine eigene Verwaltung mehr
notice-last-administrator-gone-text = { $by } hat die letzte Person aus der Verwaltung von { $third_party } entlassen. Bis es eine neue gibt, verwaltet der Betreiber. { $reason }
notice-alert-raised = Etwas braucht jetzt Ihre Aufmerksamkeit
notice-alert-raised-text =
    { $alert ->
        [guess-storm] Sehr viele Anmeldungen werden abgelehnt: Vielleicht errät jemand Passwörter oder Codes.
        [send-storm] Sehr viele Codes werden versandt, die niemand eingibt: Vielleicht missbraucht jemand das Gateway.
        [token-reused] Ein Code oder Refresh-Token kam ein zweites Mal: Vielleicht wurde es gestohlen. Die Anmeldung dazu ist widerrufen.
        [staff-granted] Jemand hat eine Rolle des Betreibers erhalten.
       *[other] Etwas Ungewöhnliches wurde bemerkt.
    } Mehr steht im Protokoll unter „Alarme“.
