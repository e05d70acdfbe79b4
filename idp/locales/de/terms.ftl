# Die Nutzungsbedingungen und ihre Bestätigung. Wer ändert, was ein Dokument sagt, erhöht TEXT_VERSION in
# portal-core/src/terms.rs.

terms-version = Fassung vom { $version }

## Für Endnutzer
terms-title = Nutzungsbedingungen für Endnutzer
terms-account-heading = Ihr Konto
terms-personal = Ihr Konto ist persönlich. Es gehört Ihnen und darf von niemand anderem verwendet werden.
terms-secrets = Behalten Sie Passwort und Codes für sich. Niemand aus Administration oder Support wird Sie danach fragen. Wenn Sie vermuten, dass jemand sie kennt, ändern Sie Ihr Passwort und melden Sie es dem ECB Support Centre.
terms-use-heading = Wofür Sie es verwenden dürfen
terms-purpose = Verwenden Sie die Anwendungen nur für die Arbeit, für die Sie Zugriff haben. Sagen Sie Bescheid, wenn Sie ihn nicht mehr brauchen.
terms-correct = Sagen Sie Ihrer Administration, wenn sich Ihr Name, Ihre E-Mail-Adresse oder Ihre Telefonnummer ändert. Angemeldet wird nur mit einer persönlichen E-Mail-Adresse und mit einer Telefonnummer, die Ihnen gehört.
terms-data-heading = Ihre Daten
terms-data = Das Portal zeichnet auf, wer sich wann wozu angemeldet hat, damit der Zugriff auf jede Anwendung nachvollziehbar ist. In Ihrem Profil sehen Sie, was zu Ihrem Konto aufgezeichnet wurde. Die Administration Ihrer Organisation sieht es auch.
terms-deletion = Sie können Ihr Konto jederzeit löschen lassen, in Ihrem Profil unter Sicherheit. Ihre persönlichen Daten werden 30 Tage später gelöscht. Was das Protokoll braucht, um lesbar zu bleiben, bleibt ohne Ihren Namen erhalten.
terms-changes-heading = Wenn sich diese Bedingungen ändern
terms-changes = Gibt es eine neue Fassung, erhalten Sie eine E-Mail und werden gebeten, sie zu bestätigen, bevor Sie weitermachen.

## Ergänzung für Administratoren
terms-administrators-title = Nutzungsbedingungen: Ergänzung für delegierte Administratoren
terms-administrators-addition = Dies gilt zusätzlich zu den Nutzungsbedingungen für Endnutzer, für alle, die Benutzer (DUA) oder Zugriffe (DAA) einer Organisation verwalten.
terms-administrators-users-heading = Wer Benutzer verwaltet
terms-administrators-users = Die Benutzeradministration (DUA) legt die Konten der eigenen Organisation an, hält sie richtig und sperrt oder löscht die nicht mehr gebrauchten.
terms-administrators-identity = Legen Sie ein Konto nur für eine Person an, deren Identität Sie kennen, mit einer E-Mail-Adresse und einer Telefonnummer, die ihr allein gehören.
terms-administrators-access-heading = Wer Zugriffe verwaltet
terms-administrators-access = Die Zugriffsadministration (DAA) gibt nur Zugriff auf die Anwendungen, die sie verwaltet, und nur so weit, wie die Arbeit es erfordert.
terms-administrators-review = Entziehen Sie einen Zugriff, sobald die Arbeit ihn nicht mehr erfordert, und schließen Sie Überprüfungen der Zugriffe rechtzeitig ab.
terms-administrators-both-heading = Beide
terms-administrators-record = Alles, was Administratoren tun, wird mit Namen und Zeit aufgezeichnet.
terms-administrators-last = Sorgen Sie dafür, dass Ihre Organisation immer Administratoren hat, möglichst zwei jeder Art. Melden Sie es dem ECB Support Centre sofort, wenn Sie den Missbrauch eines Kontos vermuten.

## Bestätigung
acknowledge-title = Nutzungsbedingungen bestätigen
acknowledge-lead = Bitte lesen Sie die Nutzungsbedingungen, bevor Sie weitermachen. Sie werden einmal gefragt, und wieder, wenn sie sich ändern.
acknowledge-lead-new = Die Nutzungsbedingungen haben sich geändert, seit Sie sie bestätigt haben. Bitte lesen Sie die neue Fassung, bevor Sie weitermachen.
acknowledge-lead-administrators = Sie verwalten etwas für Ihre Organisation. Bitte lesen Sie, was für Administratoren gilt, bevor Sie beginnen. Sie werden einmal gefragt, und wieder, wenn es sich ändert.
acknowledge-button = Ich habe sie zur Kenntnis genommen
acknowledge-later = Nicht jetzt: zurück zu Meine Anwendungen
acknowledge-first-title = Bitte bestätigen Sie zuerst die Nutzungsbedingungen
acknowledge-first-text = Es gibt eine Fassung, die Sie noch nicht bestätigt haben. Es wurde nichts geändert, und nichts von Ihrer Eingabe ist verloren.
acknowledge-first-step = Lesen und bestätigen Sie sie. Dafür öffnet sich ein neuer Tab.
acknowledge-first-link = Nutzungsbedingungen lesen
