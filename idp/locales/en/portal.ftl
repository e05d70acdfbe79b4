# Texts of the Identity Portal. Every key exists in every language.

## Frame of every page
product-name = Identity Portal
skip-to-content = Skip to content
nav-label = Main
nav-apps = My Apps
nav-notices = Notices
nav-notices-new = { $count } new
nav-profile = Profile
signed-in-as = Signed in as
sign-out = Sign out
support-name = ECB Support Centre
support-email = supportcenter@ecb.europa.eu
support-phone = +49 69 1344 7766
support-phone-digits = +496913447766
terms-link = Terms of use
terms-administrators-link = Terms for administrators
language-note = Shown in English, as your browser asks for it.
promise-title = One account. Your applications.
promise-text = Sign in once, with your password and a code to your phone, and open every application that you have been given access to.

## Login step one
login-title = Sign in
login-heading = Sign in
login-step-one = Step 1 of 2
login-step-two = Step 2 of 2
login-lead = Use the email address of your account.
login-continue-to = to continue to { $client }
login-email = Email
login-password = Password
login-submit = Continue
login-help = No account, or trouble signing in? Ask the delegated user administrator of your organisation.
login-refused = The email address and the password do not match an account. Check both and try again.
login-locked = There were too many tries. Wait at least 15 minutes, then try again.
login-again = Please sign in again to continue.
login-again-fresh = Please sign in again to go on. What changes accounts or access asks for a sign-in of the last minutes.
fresh-title = Please sign in again
fresh-text = Your sign-in is older than 15 minutes. Changes of accounts and access need a newer one. Nothing was changed, and nothing of what you typed is lost.
fresh-step-sign-in = Sign in again. A new tab opens for it.
fresh-step-back = Come back to this tab, go one page back in your browser, and save again.
fresh-sign-in = Sign in again
login-request-lost = Your sign-in took too long or was started elsewhere. Open the application again, or sign in here.
login-email-missing = Enter your email address.
login-password-missing = Enter your password.
password-show = Show
password-hide = Hide

## Login step two
code-title = Enter your code
code-heading = Enter your code
code-sent-sms = We sent a six-digit code by SMS to your phone { $phone }.
code-sent-voice = We are calling your phone { $phone } to read you a six-digit code.
code-continue-to = After it you continue to { $client }.
code-label = Six-digit code
code-format = Six digits
code-expires = The code expires after three minutes; then you start again.
code-time-left = Time left:
code-one-minute-left = One minute is left to enter the code.
code-submit = Sign in
code-wrong = That is not the code that we sent. Check it and try again.
code-malformed = The code has six digits. Check what you typed.
code-expired = Your code has expired. Sign in again and we send you a new one.
code-too-many = The code was wrong five times. Sign in again and we send you a new one.
code-locked = There were too many wrong codes. Wait at least 15 minutes, then sign in again. If it does not help, ask your administrator.
code-superseded = A newer code was sent to your phone for another login. Sign in again to get one here.
code-not-sent = We could not send a code just now. Try the other way below, or try again in a minute.
code-restart = Start again
resend-heading = No code?
resend-voice = Resend code using Voice
resend-sms = Resend code using SMS
resend-note = Resending restarts the login. The method you choose becomes your default.
resend-restarted-sms = You chose SMS, now your default. Sign in again and we send the code by SMS.
resend-restarted-voice = You chose a voice call, now your default. Sign in again and we call you with the code.

## My Apps
apps-title = My Apps
apps-lead = The applications that you may open. You do not have to sign in again.
apps-empty-title = You have no applications yet
apps-empty-text = Access is given by the delegated access administrator of your organisation. Ask for the application that you need; its tile appears here as soon as you have access.
apps-empty-support = If you do not know who that is, the ECB Support Centre helps:
environment-production = Production
environment-preproduction = Pre-Production

## Profile
profile-title = Profile
profile-tabs-label = Profile
profile-third-party = Organisation
profile-level = Level
profile-subsidiary = Subsidiary
profile-expires = Account expires on
profile-last-login = Last login
security-title = Security
password-heading = Change password
password-lead = All your other sessions end when you change it.
password-current = Current password
password-new = New password
password-repeat = New password again
password-rules = At least 12 characters. A few words that do not belong together are a good password.
password-submit = Change password
password-changed = Your password has been changed. Your other sessions have ended.
password-current-wrong = This is not your current password.
password-current-missing = Enter your current password.
password-new-missing = Enter a new password.
password-too-short = A password has at least 12 characters.
password-too-long = A password has at most 128 characters.
password-common = This password is too common. Choose another one.
password-context = A password must not be made of your name, your email address or the name of the portal.
password-same = The new password must differ from the current one.
password-repeat-differs = The two new passwords are not the same.
phone-heading = Phone number
phone-channel-sms = Your codes come by SMS.
phone-channel-voice = Your codes come by voice call.
phone-change-note = Is this number no longer yours? Ask the user administrator (DUA) of your organisation to change it. Only if you are an administrator yourself, tell the ECB Support Centre.
sessions-heading = Your sessions
session-started = Signed in { $at }
session-last-seen = Last active { $at }
session-current = This session

## Applications that a person allowed
allowed-title = Permissions
allowed-heading = Applications you allowed
allowed-lead = These applications are not part of the portal. When you remove the access of one, it gets no more data about you, its session with your account ends, and it has to ask you again.
allowed-granted = Allowed on { $at }
allowed-used = Last used { $at }
allowed-unused = Not used yet
allowed-remove = Remove access
allowed-remove-of = of { $client }
allowed-removed = { $client } has no access any more.
allowed-empty-title = You have allowed no application
allowed-empty-text = Applications that the portal does not vouch for ask you before they get data about you. Those that you allow appear here, and you can remove their access at any time.

## Signing out
signed-out-title = You are signed out
signed-out-text = Your session in the Identity Portal has ended. Applications that you left open end too, normally within a minute.
signed-out-advice = On a shared computer, also close the browser.
sign-in-again = Sign in again
session-end-idle-title = Do you want to stay signed in?
session-end-idle-text = You have done nothing here for a while. You will be signed out soon, and what you have not saved will be lost.
session-end-stay = Stay signed in
session-end-overall-title = You will be signed out soon
session-end-overall-text = Twelve hours after signing in, everybody has to sign in again. Save what you are doing, or sign in again in a new tab before the time is over: then what you typed here stays.
session-end-renew = Sign in again in a new tab
session-end-over-title = You have been signed out
session-end-over-text = Your session has ended. Sign in again to come back to this page. What you had not saved has to be entered again.
logout-title = Sign out?
logout-asked = You are about to sign out of the Identity Portal.
logout-asked-by = { $client } asks to sign you out of the Identity Portal.
logout-effect = This ends your session here and, normally within a minute, in every application that you opened with it. Unsaved work there may be lost.
logout-confirm = Sign out
logout-cancel = Stay signed in

## Clients
client-links = { $client }:
client-home = Home page
client-policy = Privacy policy
client-terms = Terms of use
opens-new-tab = (opens in a new tab)

## Consent
consent-title = Allow access
consent-heading = { $client } asks for access
consent-heading-more = { $client } asks for more access
consent-other-person = Sign in as somebody else
consent-hears = If you allow it, the application gets
consent-hears-more = If you allow it, the application gets in addition
consent-known = You have allowed before
consent-scope-openid = The fact that you signed in, when and how, and an identifier of your account
consent-scope-profile = Your name
consent-scope-email = Your email address
consent-scope-groups = Your groups in this application, and the organisation that you act for
consent-scope-offline = The same again without asking you, until at most { $hours } hours after your sign-in
consent-scope-other = The permission “{ $name }”
consent-company-id = Your number at your organisation
consent-staff-roles = Your roles as staff of the portal, if you have any
consent-resource = Access in your name to { $name }
consent-recipient = The answer is sent to { $place }.
consent-recipient-device = The answer is sent to a program on this device ({ $place }).
consent-remembered = You are not asked again. You can remove the access at any time in your profile.
consent-each-time = You are asked each time, because other programs could pretend to be this one. You can remove the access at any time in your profile.
consent-once = Your answer holds for this sign-in.
consent-not-vouched-for = The portal does not vouch for this application. Allow it only if you know it and want to sign in there.
consent-allow = Allow
consent-deny = Deny

## Passing the answer to an application
form-post-title = Signing you in
form-post-text = You are on your way to the application. If nothing happens, select Continue.
form-post-continue = Continue

## Errors
error-label = Error
error-home = Go to My Apps
error-support = Need help? Give this number to the ECB Support Centre:
error-request-id = Request
error-400-title = This request cannot be answered
error-400-message = Something in the address or the form is missing or wrong.
error-400-advice = Go back and try again. If you came from an application, open it again from My Apps.
error-request-title = This sign-in request is over
error-request-message = It was answered already, or it waited too long.
error-request-advice = Return to the application and start again there.
error-client-title = The application sent a request that we do not accept
error-client-message = We do not know the application, or the address that it wants you to return to.
error-client-advice = Your account is not the cause. Open the application from My Apps; if that fails, tell its support.
error-403-title = You may not do this
error-403-message = Your account does not have the right for it.
error-403-advice = If you need it for your work, ask an administrator of your organisation.
error-404-title = This page does not exist
error-404-message = The address is wrong, or you may not see what it shows.
error-404-advice = Check the address, or start from My Apps.
error-405-title = This cannot be done here
error-405-message = The page does not take this kind of request.
error-405-advice = Start from My Apps.
error-409-title = Somebody was faster
error-409-message = What you wanted to change was changed meanwhile, or it exists already. Nothing of yours was stored.
error-409-advice = Open the page again to see how it is now.
error-413-title = That is too much
error-413-message = What you sent is larger than this page accepts.
error-413-advice = Shorten it and try again.
error-form-title = This form is out of date
error-form-message = It was opened in another session, or too long ago. Nothing has been changed.
error-form-advice = Go back, reload the page, and try again.
error-500-title = Something went wrong on our side
error-500-message = Your request could not be completed, and nothing was changed by halves.
error-500-advice = Try again in a minute. If it happens again, tell us the number below.
error-503-title = The portal is not available just now
error-503-message = A part that it needs does not answer.
error-503-advice = Try again in a minute. You lose nothing by it.

## Messages to the phone
sms-code = { $code } is your Identity Portal code. It expires after three minutes. Do not give it to anyone.
sms-number-replaced = This number was removed from your Identity Portal account by an administrator. If you did not expect this, call the support centre at once.
voice-code = This is the Identity Portal. Your code is { $code }. I repeat: { $code }. It expires after three minutes. Goodbye.

## Mails
mail-account-expired = Someone signed in to the Identity Portal with your email address and password. Your account has expired, so it could not be used. If you still need it, ask the delegated user administrator of your organisation to extend it. If it was not you, tell the ECB Support Centre.
