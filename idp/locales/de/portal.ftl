# Texte des Identity Portal. Jeder Schlüssel steht in jeder Sprache.

## Rahmen jeder Seite
product-name = Identity Portal
skip-to-content = Zum Inhalt springen
nav-label = Hauptnavigation
nav-apps = Meine Anwendungen
nav-notices = Mitteilungen
nav-notices-new = { $count } neu
nav-profile = Profil
signed-in-as = Angemeldet als
sign-out = Abmelden
support-name = ECB Support Centre
support-email = supportcenter@ecb.europa.eu
support-phone = +49 69 1344 7766
support-phone-digits = +496913447766
terms-link = Nutzungsbedingungen
terms-administrators-link = Bedingungen für Administratoren
language-note = Auf Deutsch, wie von Ihrem Browser gewünscht.
promise-title = Ein Konto. Ihre Anwendungen.
promise-text = Melden Sie sich einmal an, mit Passwort und einem Code an Ihr Telefon, und öffnen Sie jede Anwendung, für die Sie Zugriff haben.

## Anmeldung, erster Schritt
login-title = Anmelden
login-heading = Anmelden
login-step-one = Schritt 1 von 2
login-step-two = Schritt 2 von 2
login-lead = Verwenden Sie die E-Mail-Adresse Ihres Kontos.
login-continue-to = um mit { $client } fortzufahren
login-email = E-Mail
login-password = Passwort
login-submit = Weiter
login-help = Kein Konto oder Schwierigkeiten bei der Anmeldung? Fragen Sie die Benutzeradministration (DUA) Ihrer Organisation.
login-refused = E-Mail-Adresse und Passwort passen zu keinem Konto. Prüfen Sie beides und versuchen Sie es noch einmal.
login-locked = Es gab zu viele Versuche. Warten Sie mindestens 15 Minuten und versuchen Sie es dann noch einmal.
login-again = Bitte melden Sie sich noch einmal an, um fortzufahren.
login-again-fresh = Bitte melden Sie sich noch einmal an, um fortzufahren. Was Konten oder Zugriffe ändert, verlangt eine Anmeldung der letzten Minuten.
fresh-title = Bitte melden Sie sich noch einmal an
fresh-text = Ihre Anmeldung liegt mehr als 15 Minuten zurück. Änderungen an Konten und Zugriffen brauchen eine neuere. Es wurde nichts geändert, und nichts von Ihrer Eingabe ist verloren.
fresh-step-sign-in = Melden Sie sich noch einmal an. Dafür öffnet sich ein neuer Tab.
fresh-step-back = Kommen Sie in diesen Tab zurück, gehen Sie im Browser eine Seite zurück, und speichern Sie erneut.
fresh-sign-in = Noch einmal anmelden
login-request-lost = Die Anmeldung hat zu lange gedauert oder wurde anderswo begonnen. Öffnen Sie die Anwendung neu oder melden Sie sich hier an.
login-email-missing = Geben Sie Ihre E-Mail-Adresse ein.
login-password-missing = Geben Sie Ihr Passwort ein.
password-show = Anzeigen
password-hide = Verbergen

## Anmeldung, zweiter Schritt
code-title = Code eingeben
code-heading = Code eingeben
code-sent-sms = Wir haben einen sechsstelligen Code per SMS an Ihr Telefon { $phone } gesendet.
code-sent-voice = Wir rufen Ihr Telefon { $phone } an und lesen Ihnen einen sechsstelligen Code vor.
code-continue-to = Danach geht es weiter zu { $client }.
code-label = Sechsstelliger Code
code-format = Sechs Ziffern
code-expires = Der Code läuft nach drei Minuten ab; dann beginnen Sie neu.
code-time-left = Restzeit:
code-one-minute-left = Für die Eingabe des Codes bleibt noch eine Minute.
code-submit = Anmelden
code-wrong = Das ist nicht der Code, den wir gesendet haben. Prüfen Sie ihn und versuchen Sie es noch einmal.
code-malformed = Der Code hat sechs Ziffern. Prüfen Sie Ihre Eingabe.
code-expired = Ihr Code ist abgelaufen. Melden Sie sich noch einmal an, dann senden wir einen neuen.
code-too-many = Der Code war fünfmal falsch. Melden Sie sich noch einmal an, dann senden wir einen neuen.
code-locked = Es gab zu viele falsche Codes. Warten Sie mindestens 15 Minuten und melden Sie sich dann noch einmal an. Hilft das nicht, fragen Sie Ihre Administration.
code-superseded = Für eine andere Anmeldung wurde ein neuerer Code an Ihr Telefon gesendet. Melden Sie sich noch einmal an, um hier einen zu erhalten.
code-not-sent = Wir konnten gerade keinen Code senden. Versuchen Sie den anderen Weg unten, oder versuchen Sie es in einer Minute erneut.
code-restart = Neu beginnen
resend-heading = Kein Code angekommen?
resend-voice = Code per Anruf erneut senden
resend-sms = Code per SMS erneut senden
resend-note = Die Anmeldung beginnt dann neu. Der gewählte Weg wird Ihr Standard.
resend-restarted-sms = Sie haben SMS gewählt, das ist nun Ihr Standard. Melden Sie sich noch einmal an, dann senden wir den Code per SMS.
resend-restarted-voice = Sie haben den Anruf gewählt, das ist nun Ihr Standard. Melden Sie sich noch einmal an, dann rufen wir Sie mit dem Code an.

## Meine Anwendungen
apps-title = Meine Anwendungen
apps-lead = Die Anwendungen, die Sie öffnen dürfen. Eine weitere Anmeldung ist nicht nötig.
apps-empty-title = Sie haben noch keine Anwendungen
apps-empty-text = Den Zugriff gibt die Zugriffsadministration (DAA) Ihrer Organisation. Fragen Sie dort nach der Anwendung, die Sie brauchen; ihre Kachel erscheint hier, sobald Sie Zugriff haben.
apps-empty-support = Wenn Sie nicht wissen, wer das ist, hilft das ECB Support Centre:
environment-production = Produktion
environment-preproduction = Vorproduktion

## Profil
profile-title = Profil
profile-tabs-label = Profil
profile-third-party = Organisation
profile-level = Ebene
profile-subsidiary = Tochtergesellschaft
profile-expires = Konto läuft ab am
profile-last-login = Letzte Anmeldung
security-title = Sicherheit
password-heading = Passwort ändern
password-lead = Bei einer Änderung enden alle Ihre anderen Sitzungen.
password-current = Aktuelles Passwort
password-new = Neues Passwort
password-repeat = Neues Passwort wiederholen
password-rules = Mindestens 12 Zeichen. Ein paar Wörter, die nicht zusammengehören, sind ein gutes Passwort.
password-submit = Passwort ändern
password-changed = Ihr Passwort wurde geändert. Ihre anderen Sitzungen wurden beendet.
password-current-wrong = Das ist nicht Ihr aktuelles Passwort.
password-current-missing = Geben Sie Ihr aktuelles Passwort ein.
password-new-missing = Geben Sie ein neues Passwort ein.
password-too-short = Ein Passwort hat mindestens 12 Zeichen.
password-too-long = Ein Passwort hat höchstens 128 Zeichen.
password-common = Dieses Passwort ist zu verbreitet. Wählen Sie ein anderes.
password-context = Ein Passwort darf nicht aus Ihrem Namen, Ihrer E-Mail-Adresse oder dem Namen des Portals bestehen.
password-same = Das neue Passwort muss sich vom aktuellen unterscheiden.
password-repeat-differs = Die beiden neuen Passwörter sind nicht gleich.
phone-heading = Telefonnummer
phone-channel-sms = Ihre Codes kommen per SMS.
phone-channel-voice = Ihre Codes kommen per Anruf.
phone-change-note = Ist das nicht mehr Ihre Nummer? Bitten Sie die Benutzeradministration (DUA) Ihrer Organisation, sie zu ändern. Nur wenn Sie selbst Administrator sind, melden Sie es dem ECB Support Centre.
sessions-heading = Ihre Sitzungen
session-started = Angemeldet { $at }
session-last-seen = Zuletzt aktiv { $at }
session-current = Diese Sitzung

## Anwendungen, die eine Person erlaubt hat
allowed-title = Freigaben
allowed-heading = Von Ihnen erlaubte Anwendungen
allowed-lead = Diese Anwendungen gehören nicht zum Portal. Wenn Sie einer den Zugriff entziehen, erhält sie keine Angaben mehr über Sie, ihre Sitzung mit Ihrem Konto endet, und sie muss Sie neu fragen.
allowed-granted = Erlaubt am { $at }
allowed-used = Zuletzt genutzt { $at }
allowed-unused = Noch nicht genutzt
allowed-remove = Zugriff entziehen
allowed-remove-of = für { $client }
allowed-removed = { $client } hat keinen Zugriff mehr.
allowed-empty-title = Sie haben keine Anwendung erlaubt
allowed-empty-text = Anwendungen, für die das Portal nicht bürgt, fragen Sie, bevor sie Angaben über Sie erhalten. Die Sie erlauben, stehen hier, und Sie können ihnen den Zugriff jederzeit entziehen.

## Abmelden
signed-out-title = Sie sind abgemeldet
signed-out-text = Ihre Sitzung im Identity Portal ist beendet. Noch geöffnete Anwendungen enden ebenfalls, in der Regel innerhalb einer Minute.
signed-out-advice = Schließen Sie an einem gemeinsam genutzten Rechner auch den Browser.
sign-in-again = Wieder anmelden
session-end-idle-title = Möchten Sie angemeldet bleiben?
session-end-idle-text = Sie haben hier eine Weile nichts getan. Sie werden bald abgemeldet, und was Sie nicht gespeichert haben, geht verloren.
session-end-stay = Angemeldet bleiben
session-end-overall-title = Sie werden bald abgemeldet
session-end-overall-text = Zwölf Stunden nach der Anmeldung müssen sich alle erneut anmelden. Speichern Sie, woran Sie arbeiten, oder melden Sie sich in einem neuen Tab erneut an, bevor die Zeit um ist: Dann bleibt, was Sie hier eingegeben haben.
session-end-renew = In einem neuen Tab erneut anmelden
session-end-over-title = Sie wurden abgemeldet
session-end-over-text = Ihre Sitzung ist beendet. Melden Sie sich erneut an, um auf diese Seite zurückzukehren. Was Sie nicht gespeichert hatten, müssen Sie erneut eingeben.
logout-title = Abmelden?
logout-asked = Sie sind dabei, sich vom Identity Portal abzumelden.
logout-asked-by = { $client } möchte Sie vom Identity Portal abmelden.
logout-effect = Damit endet Ihre Sitzung hier und, in der Regel innerhalb einer Minute, in jeder Anwendung, die Sie mit ihr geöffnet haben. Dort kann nicht gespeicherte Arbeit verloren gehen.
logout-confirm = Abmelden
logout-cancel = Angemeldet bleiben

## Anwendungen anderer
client-links = { $client }:
client-home = Startseite
client-policy = Datenschutzerklärung
client-terms = Nutzungsbedingungen
opens-new-tab = (öffnet in einem neuen Tab)

## Einwilligung
consent-title = Zugriff erlauben
consent-heading = { $client } bittet um Zugriff
consent-heading-more = { $client } bittet um mehr Zugriff
consent-other-person = Als jemand anderes anmelden
consent-hears = Wenn Sie es erlauben, erhält die Anwendung
consent-hears-more = Wenn Sie es erlauben, erhält die Anwendung zusätzlich
consent-known = Das haben Sie schon erlaubt
consent-scope-openid = Dass, wann und wie Sie sich angemeldet haben, und eine Kennung Ihres Kontos
consent-scope-profile = Ihren Namen
consent-scope-email = Ihre E-Mail-Adresse
consent-scope-groups = Ihre Gruppen in dieser Anwendung und die Organisation, für die Sie handeln
consent-scope-offline = Neue Auskünfte, ohne Sie zu fragen, höchstens bis { $hours } Stunden nach Ihrer Anmeldung
consent-scope-other = Die Berechtigung „{ $name }“
consent-company-id = Ihre Nummer in Ihrer Organisation
consent-staff-roles = Ihre Rollen als Personal des Portals, falls Sie welche haben
consent-resource = Zugriff in Ihrem Namen auf { $name }
consent-recipient = Die Antwort geht an { $place }.
consent-recipient-device = Die Antwort geht an ein Programm auf diesem Gerät ({ $place }).
consent-remembered = Sie werden nicht wieder gefragt. In Ihrem Profil können Sie den Zugriff jederzeit entziehen.
consent-each-time = Sie werden jedes Mal gefragt, weil sich andere Programme als dieses ausgeben könnten. In Ihrem Profil können Sie den Zugriff jederzeit entziehen.
consent-once = Ihre Antwort gilt für diese Anmeldung.
consent-not-vouched-for = Das Portal bürgt nicht für diese Anwendung. Erlauben Sie es nur, wenn Sie sie kennen und sich dort anmelden möchten.
consent-allow = Erlauben
consent-deny = Ablehnen

## Übergabe der Antwort an eine Anwendung
form-post-title = Sie werden angemeldet
form-post-text = Sie sind auf dem Weg zur Anwendung. Wenn nichts geschieht, wählen Sie Weiter.
form-post-continue = Weiter

## Fehler
error-label = Fehler
error-home = Zu meinen Anwendungen
error-support = Brauchen Sie Hilfe? Nennen Sie dem ECB Support Centre diese Nummer:
error-request-id = Anfrage
error-400-title = Diese Anfrage kann nicht beantwortet werden
error-400-message = Etwas in der Adresse oder im Formular fehlt oder ist falsch.
error-400-advice = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn Sie aus einer Anwendung kommen, öffnen Sie sie neu über Meine Anwendungen.
error-request-title = Diese Anmeldeanfrage gilt nicht mehr
error-request-message = Sie wurde bereits beantwortet oder hat zu lange gewartet.
error-request-advice = Kehren Sie zur Anwendung zurück und beginnen Sie dort von vorn.
error-client-title = Die Anfrage der Anwendung wird nicht angenommen
error-client-message = Wir kennen die Anwendung nicht oder nicht die Adresse, zu der Sie zurückkehren sollen.
error-client-advice = Ihr Konto ist nicht die Ursache. Öffnen Sie die Anwendung über Meine Anwendungen; hilft das nicht, wenden Sie sich an ihren Support.
error-403-title = Das dürfen Sie nicht
error-403-message = Ihr Konto hat das Recht dazu nicht.
error-403-advice = Wenn Sie es für Ihre Arbeit brauchen, fragen Sie eine Administratorin oder einen Administrator Ihrer Organisation.
error-404-title = Diese Seite gibt es nicht
error-404-message = Die Adresse ist falsch, oder Sie dürfen nicht sehen, was sie zeigt.
error-404-advice = Prüfen Sie die Adresse oder beginnen Sie bei Meine Anwendungen.
error-405-title = Das geht hier nicht
error-405-message = Die Seite nimmt diese Art von Anfrage nicht an.
error-405-advice = Beginnen Sie bei Meine Anwendungen.
error-409-title = Jemand war schneller
error-409-message = Was Sie ändern wollten, wurde inzwischen geändert oder gibt es schon. Von Ihrer Eingabe wurde nichts gespeichert.
error-409-advice = Öffnen Sie die Seite noch einmal und sehen Sie nach, wie es jetzt ist.
error-413-title = Das ist zu viel
error-413-message = Was Sie gesendet haben, ist größer, als diese Seite annimmt.
error-413-advice = Kürzen Sie es und versuchen Sie es noch einmal.
error-form-title = Dieses Formular ist veraltet
error-form-message = Es wurde in einer anderen Sitzung oder vor zu langer Zeit geöffnet. Es wurde nichts geändert.
error-form-advice = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-500-title = Bei uns ist etwas schiefgegangen
error-500-message = Ihre Anfrage konnte nicht abgeschlossen werden, und nichts wurde nur halb geändert.
error-500-advice = Versuchen Sie es in einer Minute noch einmal. Geschieht es wieder, nennen Sie uns die Nummer unten.
error-503-title = Das Portal ist gerade nicht verfügbar
error-503-message = Ein Teil, den es braucht, antwortet nicht.
error-503-advice = Versuchen Sie es in einer Minute noch einmal. Sie verlieren dadurch nichts.

## Nachrichten an das Telefon
sms-code = { $code } ist Ihr Code für das Identity Portal. Er läuft nach drei Minuten ab. Geben Sie ihn niemandem.
sms-number-replaced = Diese Nummer wurde von einer Administratorin oder einem Administrator aus Ihrem Konto im Identity Portal entfernt. Kommt das unerwartet, rufen Sie sofort das Support Centre an.
voice-code = Hier ist das Identity Portal. Ihr Code lautet { $code }. Ich wiederhole: { $code }. Er läuft nach drei Minuten ab. Auf Wiederhören.

## Mails
mail-account-expired = Jemand hat sich mit Ihrer E-Mail-Adresse und Ihrem Passwort im Identity Portal angemeldet. Ihr Konto ist abgelaufen und konnte nicht verwendet werden. Wenn Sie es noch brauchen, bitten Sie die Benutzeradministration Ihrer Organisation, es zu verlängern. Wenn Sie es nicht waren, melden Sie es dem ECB Support Centre.
