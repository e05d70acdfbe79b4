# What people are told, in the portal and by mail.

notices-title = Notices
notices-lead = What has changed in your account, your roles and your access. It was also sent to you by mail.
notices-empty-title = No notices yet
notices-empty-text = When somebody changes your account, your roles or your access, you read it here.
notices-new = New
notices-open = See it in the portal
notices-older = Older notices
pager-label = Pages
mail-notice = { $title }

    { $text }

    { $link }

    { $at }

    Questions? ECB Support Centre, supportcenter@ecb.europa.eu, +49 69 1344 7766

notice-account-changed = Your account was changed
notice-account-changed-text = { $by } changed the details of your account. If this is not right, tell the administrator of your organisation.
notice-account-suspended = Your account is suspended
notice-account-suspended-text = { $by } suspended your account. You cannot sign in until the suspension ends. { $reason }
notice-account-reinstated = Your account is in use again
notice-account-reinstated-text = { $by } ended the suspension of your account. Sign in with your password as before.
notice-account-unlocked = Your account is unlocked
notice-account-unlocked-text = { $by } ended the lock of your account. You can sign in again.
notice-account-deleted = Your account was deleted
notice-account-deleted-text = { $by } deleted your account. You cannot sign in any more, and your access to all applications has ended.
notice-own-account-deleted = Your account was deleted, as you asked
notice-own-account-deleted-text = You had your account deleted. You cannot sign in any more, and your access to all applications has ended. Your personal data are erased on { $date }. If it was not you, call the support centre at once.
notice-account-deleted-by-owner = Somebody had the own account deleted
notice-account-deleted-by-owner-text = { $person } had the own account deleted. Access that ended with it: { $groups }
notice-terms-changed = The terms of use have changed
notice-terms-changed-text = There is a new version of { $date }. You are asked to acknowledge it before you go on in the portal. You can read it there now, under “Terms of use”.
notice-administrator-terms-changed = The terms of use for administrators have changed
notice-administrator-terms-changed-text = There is a new version of { $date }. You are asked to acknowledge it before you administer again. You can read it in the portal now, under “Terms for administrators”.
notice-expiration-changed = The expiration date of your account was changed
notice-expiration-changed-text = { $by } changed the date on which your account expires. It is now: { $date }
notice-expiration-near = An account expires soon
notice-expiration-near-text = The account of { $person } expires on { $date }. An administrator of the organisation can move the date.
notice-account-permanent = A temporary account became permanent
notice-account-permanent-text = { $by } removed the date on which the account of { $person } expires.
notice-account-ended = Your account was deleted
notice-account-ended-text = Your account expired on { $date } and was deleted 180 days later. Your access to all applications has ended.
notice-account-unused = You have not signed in for a long time
notice-account-unused-text = Your last sign-in was on { $date }. Sign in before { $until } if you still need your account; it is suspended then.
notice-account-unused-suspended = Your account is suspended
notice-account-unused-suspended-text = Nobody has signed in to your account for 13 months. If you need it again, ask the user administrator of your organisation to end the suspension.
notice-invitation-lapsed = An invitation was not used
notice-invitation-lapsed-text = { $person } did not use the invitation within 30 days. The account was deleted; whoever still needs one is invited again.
notice-email-replaced = Your email address is being replaced
notice-email-replaced-text = { $by } changed the email address of your account. If you did not expect this, call the support centre at once.
notice-email-stays = Your email address stays as it is
notice-email-stays-text = { $by } withdrew the new email address that had been entered for your account. Go on signing in with the one that you use.
notice-phone-replaced = Your phone number was replaced
notice-phone-replaced-text = { $by } changed the phone number of your account. Codes go to the new number now. If you did not expect this, call the support centre at once.
notice-sign-in-data-replaced = Somebody’s sign-in data were replaced
notice-sign-in-data-replaced-text = { $by } changed the e-mail address or the phone number of { $person }. If you did not expect this, ask { $person }, or call the support centre.
notice-access-dormant = Your access is paused
notice-access-dormant-text = Your email address and your phone number were both changed within seven days. Your memberships and roles count for nothing until another administrator has confirmed them.
notice-access-confirmed = Your access counts again
notice-access-confirmed-text = { $by } confirmed what was paused: { $groups } { $role }
notice-confirmation-needed = Somebody’s access waits for your confirmation
notice-confirmation-needed-text = Email address and phone number of { $person } were both changed by { $by }. Make sure that it is the same person, then confirm or remove the access.
notice-role-granted = You have a new role
notice-role-granted-text = { $by } gave you the role { $role }. { $application }
notice-staff-role-waits = A role of the staff waits for you
notice-staff-role-waits-text = { $by } gave { $person } the role { $role }. It counts once another identity administrator confirms it under Confirmations.
notice-staff-role-given = A new role waits for its confirmation
notice-staff-role-given-text = { $by } gave you the role { $role }. It counts for nothing until another identity administrator has confirmed it.
notice-role-waits = A new role waits for its confirmation
notice-role-waits-text = { $by } gave you the role { $role }. It counts for nothing until the operator has confirmed it.
notice-grant-to-confirm = A new administrator waits for your confirmation
notice-grant-to-confirm-text = { $by } gave { $person } the role { $role } at { $organisation }. It counts for nothing until you confirm it.
notice-role-revoked = A role of yours was revoked
notice-role-revoked-text = { $by } took back the role { $role }. { $application }
notice-membership-assigned = You have new access
notice-membership-assigned-text = { $by } gave you: { $groups }
notice-membership-removed = Access of yours was removed
notice-membership-removed-text = { $by } removed: { $groups }
notice-membership-ended = Access of yours has ended
notice-membership-ended-text = It had an end date that is over: { $groups }
notice-self-assigned = An administrator gave access to oneself
notice-self-assigned-text = { $by } took this access: { $groups }
notice-own-making-assigned = One person created an account and gave it access
notice-own-making-assigned-text = { $by } created the account of { $person } and gave it this access: { $groups }. Nobody else took part, although the organisation asks for four eyes.
notice-administrator-added = There is a new administrator
notice-administrator-added-text = { $by } gave { $person } the role { $role }. { $organisation }
notice-administrator-removed = An administrator has left
notice-administrator-removed-text = { $by } took the role { $role } from { $person }. { $organisation }
notice-one-administrator-left = Only one administrator is left
notice-one-administrator-left-text = { $person } is the only one left with the role { $role }. { $organisation } Name a second one in time.
notice-third-party-orphaned = An organisation has no administrator any more
notice-third-party-orphaned-text = Nobody administers the users of { $organisation } any more: the last account has expired, or nobody’s role counts. The operator administers the organisation until a role or a nomination is confirmed.
notice-administrator-ending = The last administrator’s account expires
notice-administrator-ending-text = On { $date } the account of { $person } expires, who is the last with the role { $role }. { $organisation } Name a second one in time.
notice-access-requested = Somebody asks for access
notice-access-requested-text = { $person } asks for { $groups }. { $reason }
notice-request-granted = Your request was granted
notice-request-granted-text = { $by } gave you { $groups }. { $until }
notice-request-refused = Your request was refused
notice-request-refused-text = { $by } did not give you { $groups }. { $reason }
notice-request-lapsed = Your request has lapsed
notice-request-lapsed-text = You asked for { $groups }. Nobody decided on it before your account was suspended, deleted or expired, or your organisation left the application, so the request has ended. Ask again once you can, if you still need it.
notice-review-started = An access review has begun
notice-review-started-text = Look at everybody’s access to { $application } until { $date }, and keep or remove each.
notice-review-due = An access review is due soon
notice-review-due-text = The review of { $application } ends on { $date }. What is not decided by then is paused.
notice-review-lapsed = An access review was not finished
notice-review-lapsed-text = The review of { $application } was due on { $date }. Access that nobody confirmed is paused until an administrator confirms it.
notice-access-unconfirmed = Your access is paused
notice-access-unconfirmed-text = Nobody confirmed in the review of { $application } that you need: { $groups }. An administrator of your organisation can confirm it.
notice-nomination-filed = A nomination waits
notice-nomination-filed-text = { $third_party } has nominated administrators. The nomination is in the work queue.
notice-nomination-decided = A nomination was decided
notice-nomination-decided-text = The nomination of { $third_party } was decided by { $by }. { $reason }
notice-third-party-suspended = Your organisation is suspended
notice-third-party-suspended-text = { $by } suspended { $third_party }. Nobody of it can sign in until it is in operation again. This counts for nothing until then: { $groups }. { $reason }
notice-third-party-reactivated = Your organisation is in operation again
notice-third-party-reactivated-text = { $by } ended the suspension of { $third_party }. Sign in as before. This counts again: { $groups }. { $reason }
notice-third-party-closed = Your organisation is closed
notice-third-party-closed-text = { $by } closed { $third_party }. You cannot sign in any more. This has ended: { $groups }. { $reason }
notice-third-party-merged = Your organisation is now part of another one
notice-third-party-merged-text = { $by } put { $third_party } under { $organisation }. You sign in as before. This has ended: { $groups }. { $reason }
notice-third-party-offboarded = Your organisation no longer uses an application
notice-third-party-offboarded-text = { $by } ended the use of { $application } by { $third_party }. This has ended: { $groups }.
notice-last-administrator-gone = An organisation has no administrator left
notice-last-administrator-gone-text = { $by } let the last administrator of { $third_party } go. The operator administers it until there is a new one. { $reason }
notice-alert-raised = Something needs your attention now
notice-alert-raised-text =
    { $alert ->
        [guess-storm] Very many sign-ins are refused: somebody may be guessing passwords or codes.
        [send-storm] Very many codes are sent that nobody enters: somebody may be abusing the gateway.
        [token-reused] A code or refresh token came a second time: it may have been stolen. Its sign-in was revoked.
        [staff-granted] Somebody was given a role of the operator’s staff.
       *[other] Something out of the ordinary was noticed.
    } The audit trail says more, under “Alerts”.
