### Rules of third parties and nominations, as forms and pages tell them.

rule-third-party-closed = This third party is closed. That is final.
rule-third-party-status = This is not possible in the present state of the third party.
rule-successor = Choose another third party that is not closed.
rule-merger = These two cannot be merged: the one that carries on must be in operation, the other must not be closed.
rule-level-name-taken = There is a level of this name here already.
rule-level-path-too-long = The names of the levels, one below the other, are too long together.
rule-level-not-empty = This level is not empty: move or delete its people, subsidiaries and levels first. A level where people were administered stays, as evidence.
rule-level-of-third-party = The level of a third party itself cannot be deleted.
rule-subsidiary-name-taken = This level has a subsidiary of that short name already.
rule-nomination-status = This is not possible in the present state of the nomination.
rule-nomination-incomplete = The nomination is not complete.
rule-nominee-elsewhere = An address of this nomination cannot be used for this third party. Ask for another address.
rule-nominee-suspended = The account of somebody who is named is suspended, so nobody was appointed. Have it reinstated first, or send the nomination back with a question.
rule-nominee-expired = The account of somebody who is named has expired, so nobody was appointed. Have its last day extended first, or send the nomination back with a question.
rule-nominee-locked = The account of somebody who is named is locked after too many wrong codes, so nobody was appointed. Unlock it first, or send the nomination back with a question.
rule-nominee-deleted = The account of somebody who is named was deleted, so nobody was appointed. Its address can be used again when the account is erased, 30 days after. Send the nomination back with a question.
rule-nomination-of-barred = This third party is suspended or closed, so nobody can be nominated for it.
rule-set-up-over = The operator has staff already, so set-up is over.
rule-set-up-enough = As many of the first staff are invited as there may be.
