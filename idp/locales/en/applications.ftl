### Pages of applications.

nav-applications = Applications
applications-title = Applications
applications-lead = What people open from My Apps, each in its environment, in the order of the tiles.
applications-none-title = No application
applications-none-text = Applications are registered by the operator.
applications-application = Application
applications-environment = Environment
applications-groups = Groups
applications-groups-none = This application has no group, so nobody can be given access to it.
applications-clients = Clients
applications-clients-none = No client is registered: people cannot open it.
applications-code = Code
applications-title-field = Title
applications-title-hint = At most 80 characters; the tile shows it.
applications-subtitle = Line under the title
applications-address = Address (initiate_login_uri)
applications-review = Access review
applications-review-hint = How often the access administrators certify all memberships. The shorter time is for applications with sensitive data.
applications-every = Every { $months } months
applications-position = Place among the tiles
applications-position-hint = A number from 0 to 999. The smallest stands first.
applications-state = State
applications-state-hint = One that is switched off has no tile, nobody signs in to it, and its tokens count for nothing. Memberships and roles stay, and its administrators can be replaced.
applications-on = In use
applications-off = Switched off
applications-off-ask = You are about to switch off { $name }. It loses its tile, nobody can sign in to it, and its tokens count no longer.
applications-off-confirm = Nobody can open it from now on
applications-done-saved = The changes were saved.
applications-error-title = Enter a title of at most 80 characters.
applications-error-subtitle = Enter a line of at most 160 characters.
applications-error-position = Enter a number from 0 to 999.

audit-field-title = Title
audit-field-subtitle = Line under the title
audit-field-position = Place among the tiles
audit-field-review-months = Months between access reviews
