# The terms of use, and their acknowledgement. Whoever changes what a document says raises TEXT_VERSION in
# portal-core/src/terms.rs.

terms-version = Version of { $version }

## For end users
terms-title = Terms of use for end users
terms-account-heading = Your account
terms-personal = Your account is personal. It belongs to you and may not be used by anyone else.
terms-secrets = Keep your password and your codes to yourself. No administrator and no support person will ask you for them. If you think that someone knows them, change your password and tell the ECB Support Centre.
terms-use-heading = What you may use it for
terms-purpose = Use the applications only for the work for which you were given access. Tell your administrator when you no longer need it.
terms-correct = Tell your administrator when your name, your email address or your phone number changes. Sign-in works with a personal email address only, and with a phone number that is yours.
terms-data-heading = Your data
terms-data = The portal records who signed in, to what, and when, so that access to each application can be traced. In your profile you see what was recorded about your account. The administrators of your organisation see it too.
terms-deletion = You can have your account deleted at any time, in your profile under Security. Your personal data are erased 30 days later. What the audit trail needs to remain readable stays, without your name.
terms-changes-heading = When these terms change
terms-changes = When there is a new version, you get a mail, and you are asked to acknowledge it before you go on.

## Supplement for administrators
terms-administrators-title = Terms of use: supplement for delegated administrators
terms-administrators-addition = This holds in addition to the terms of use for end users, for everybody who administers users (DUA) or access (DAA) of an organisation.
terms-administrators-users-heading = Whoever administers users
terms-administrators-users = A delegated user administrator creates and maintains the accounts of the own organisation, keeps them correct, and locks or deletes those that are no longer needed.
terms-administrators-identity = Create an account only for a person of whose identity you are sure, with an email address and a phone number that belong to that person alone.
terms-administrators-access-heading = Whoever administers access
terms-administrators-access = A delegated access administrator gives people access only to the applications that the administrator manages, and only as far as their work needs it.
terms-administrators-review = Remove access as soon as the work no longer needs it, and hold the access reviews in time.
terms-administrators-both-heading = Both
terms-administrators-record = Everything that an administrator does is recorded with name and time.
terms-administrators-last = See to it that your organisation always has administrators, at least two of each kind if you can. Tell the ECB Support Centre at once when you suspect that an account is misused.

## Acknowledgement
acknowledge-title = Acknowledge the terms of use
acknowledge-lead = Please read the terms of use before you go on. You are asked once, and again when they change.
acknowledge-lead-new = The terms of use have changed since you acknowledged them. Please read the new version before you go on.
acknowledge-lead-administrators = You administer for your organisation. Please read what holds for administrators before you begin. You are asked once, and again when it changes.
acknowledge-button = I acknowledge
acknowledge-later = Not now: back to My Apps
acknowledge-first-title = Please acknowledge the terms of use first
acknowledge-first-text = There is a version that you have not acknowledged. Nothing was changed, and nothing of what you typed is lost.
acknowledge-first-step = Read and acknowledge them. A new tab opens for it.
acknowledge-first-link = Read the terms of use
