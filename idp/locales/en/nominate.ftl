nominate-title = Nominate delegated administrators
nominate-lead = You name the people who administer the users of { $third_party } and their access. The ECB confirms them before they can do anything.
nominate-until = You can save and come back by the link in the mail until { $until }.
nominate-saved = Saved. Nothing is handed in yet.
nominate-stale = This nomination was saved in another window meanwhile. Below is what you typed here; save again to keep it in place of the other.
nominate-stale-review = This nomination was changed in another window meanwhile. This is how it stands now; look at it again before you submit.
nominate-question = The ECB has a question
nominate-question-hint = Change what is needed below and submit again. That is your answer.
nominate-errors = This is missing or cannot be used:
nominate-of-person = Person { $number }: { $fault }
nominate-signatory = Who signs
nominate-signatory-email = Questions and the decision go to { $email }.
nominate-name = Full name
nominate-name-missing = Give your full name, at most 200 characters.
nominate-function = Function
nominate-function-hint = Such as member of the management board.
nominate-function-missing = Give your function, at most 200 characters.
nominate-applications = Applications to be administered
nominate-applications-hint = Each needs a delegated access administrator.
nominate-applications-missing = Choose at least one application.
nominate-people = Who is to administer
nominate-people-hint = At least one delegated user administrator, and one delegated access administrator for each application. Two of each keep you able to act when somebody is away.
nominate-person = Person { $number }
nominate-first-name = First name
nominate-first-name-missing = Give the first name, at most 100 characters.
nominate-last-name = Last name
nominate-last-name-missing = Give the last name, at most 100 characters.
nominate-email = Email
nominate-email-hint = The person’s own address at work. The invitation goes there.
nominate-phone = Phone number
nominate-phone-hint = With country code, such as +359 2 123 4567. Codes for signing in go there.
nominate-roles = Roles
nominate-dua = Delegated user administrator: creates and manages users
nominate-daa = Delegated access administrator, who gives access to:
nominate-no-role = Choose at least one role.
nominate-no-dua = Nobody is delegated user administrator.
nominate-no-daa = Nobody is delegated access administrator for { $application }.
nominate-oneself = This is the address of who signs. Nobody nominates oneself; name somebody else.
nominate-same-address = Somebody above has this address already.
nominate-not-asked-for = A role is for an application that is not chosen above.
nominate-too-many = A nomination names at most eight people.
nominate-remove = Remove person { $number }
nominate-add = Add a person
nominate-document-heading = Evidence
nominate-document = Signed mandate
nominate-document-hint = One PDF of at most 4 MB that shows that you may sign. Only ECB staff can open it.
nominate-document-there = Stored: { $name }. Choose another file to replace it.
nominate-document-missing = Add the signed mandate.
nominate-document-large = The file is larger than 4 MB. It was not stored; everything else is.
nominate-document-kind = This is not a PDF. It was not stored; everything else is.
nominate-review = Review
nominate-save = Save for later
nominate-withdraw = Withdraw
nominate-change = Change
nominate-keep = Keep the nomination
nominate-review-title = Review and submit
nominate-review-lead = This is what the ECB will see. Nothing is handed in yet.
nominate-declaration = I may sign for { $third_party }, and the people named know that they are nominated.
nominate-declaration-missing = Tick this to submit.
nominate-submit = Submit nomination
nominate-submit-hint = After that the link no longer opens the form. Should there be a question, you get a new one.
nominate-submitted-title = The nomination is handed in
nominate-submitted-text = The ECB looks at it and answers by mail. There is nothing more for you to do now.
nominate-in-review-title = The nomination is being looked at
nominate-in-review-text = The ECB answers by mail.
nominate-confirmed-title = The administrators are confirmed
nominate-confirmed-text = Everybody named has got an invitation by mail.
nominate-rejected-title = The nomination is refused
nominate-rejected-text = You can ask the Support Centre for a new invitation.
nominate-withdrawn-title = The nomination is withdrawn
nominate-withdrawn-text = Nobody was appointed by it. You can ask the Support Centre for a new invitation.
nominate-withdraw-title = Withdraw this nomination?
nominate-withdraw-text = Nobody is appointed for { $third_party } by it, and the link stops working. What you filled in cannot be brought back.
nominate-dead-mark = Link
nominate-dead-title = This link does not work
nominate-dead-text = Open the link from the newest mail again, in full. If that does not help, ask the ECB Support Centre.
nominate-expired-title = This link has expired
nominate-expired-text = Links to a nomination work for 14 days. What you saved is still there: ask the ECB Support Centre for a new link.
nominate-replaced-title = There is a newer link
nominate-replaced-text = The ECB sent you a new link by mail. Open that one; what you saved is still there.
nominate-barred-title = Nobody can be nominated here now
nominate-barred-text = The ECB takes no nominations for your organisation at the moment, so nothing can be saved or handed in by this link. What you saved before is not lost. Ask the ECB Support Centre how to go on.
mail-nomination-link = Nominate delegated administrators for { $third_party }

    { $name }, the ECB invites you to name the people who are to administer the users of { $third_party } in the ECB Identity Portal, and their access. Open this link within 14 days. You can save and come back:

    { $link }

    You need a signed mandate as PDF. Do not pass this link on: whoever has it can nominate in your name. If you did not expect this mail, tell us. Questions? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-question = A question about your nomination for { $third_party }

    { $name }, the ECB looked at your nomination and has a question:

    { $remark }

    Open this link within 14 days, change what is needed and submit again:

    { $link }

    Do not pass this link on. Questions? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-confirmed = The administrators of { $third_party } are confirmed

    { $name }, the ECB confirmed your nomination. Everybody whom you named has got an invitation by mail, or has got the role already.

    If you did not nominate anybody, tell us at once. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-rejected = Your nomination for { $third_party } is refused

    { $name }, the ECB refused your nomination for this reason:

    { $remark }

    Nobody was appointed. You can ask for a new invitation. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
mail-nomination-withdrawn = Your nomination for { $third_party } is withdrawn

    { $name }, the ECB took your nomination out of its queue for this reason:

    { $remark }

    Nobody was appointed, and the link does not work any more. ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766
