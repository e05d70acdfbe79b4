### Regeln für Drittparteien und Benennungen, wie Formulare und Seiten sie nennen.

rule-third-party-closed = Diese Drittpartei ist geschlossen. Das ist endgültig.
rule-third-party-status = Im jetzigen Zustand der Drittpartei ist das nicht möglich.
rule-successor = Wählen Sie eine andere Drittpartei, die nicht geschlossen ist.
rule-merger = Diese beiden können nicht zusammengeführt werden: Die fortführende Drittpartei muss in Betrieb sein, die andere darf nicht geschlossen sein.
rule-level-name-taken = Hier gibt es bereits eine Ebene dieses Namens.
rule-level-path-too-long = Die Namen der Ebenen sind untereinander zusammen zu lang.
rule-level-not-empty = Diese Ebene ist nicht leer: Verschieben oder löschen Sie zuerst ihre Personen, Tochtergesellschaften und Ebenen. Eine Ebene, auf der Personen verwaltet wurden, bleibt als Nachweis bestehen.
rule-level-of-third-party = Die Ebene der Drittpartei selbst kann nicht gelöscht werden.
rule-subsidiary-name-taken = Diese Ebene hat bereits eine Tochtergesellschaft dieses Kurznamens.
rule-nomination-status = Im jetzigen Zustand der Benennung ist das nicht möglich.
rule-nomination-incomplete = Die Benennung ist nicht vollständig.
rule-nominee-elsewhere = Eine Adresse dieser Benennung kann für diese Drittpartei nicht verwendet werden. Bitten Sie um eine andere Adresse.
rule-nominee-suspended = Das Konto einer benannten Person ist gesperrt; deshalb wurde niemand eingesetzt. Lassen Sie zuerst die Sperre beenden, oder geben Sie die Benennung mit einer Frage zurück.
rule-nominee-expired = Das Konto einer benannten Person ist abgelaufen; deshalb wurde niemand eingesetzt. Lassen Sie zuerst den letzten Tag verlängern, oder geben Sie die Benennung mit einer Frage zurück.
rule-nominee-locked = Das Konto einer benannten Person ist nach zu vielen falschen Codes gesperrt; deshalb wurde niemand eingesetzt. Entsperren Sie es zuerst, oder geben Sie die Benennung mit einer Frage zurück.
rule-nominee-deleted = Das Konto einer benannten Person wurde gelöscht; deshalb wurde niemand eingesetzt. Die Adresse ist wieder frei, sobald das Konto nach 30 Tagen endgültig entfernt ist. Geben Sie die Benennung mit einer Frage zurück.
rule-nomination-of-barred = Diese Drittpartei ist gesperrt oder geschlossen; für sie kann niemand benannt werden.
rule-set-up-over = Der Betreiber hat bereits Personal, die Ersteinrichtung ist vorbei.
rule-set-up-enough = So viele erste Mitarbeitende sind eingeladen, wie es geben darf.
