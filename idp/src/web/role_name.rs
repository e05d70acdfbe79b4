//! The names of the delegated roles on pages, in the manual's words (§5): as they are read, and as forms name their boxes.

use portal_core::{access::Application, administrators::RoleKind};

const USER_ADMINISTRATOR: &str = "DelegatedUserAdmin";
const ACCESS_ADMINISTRATOR: &str = "ApplicationAccessAdmin";

/// As it is read, with the code of its application: `ApplicationAccessAdmin (CASPER)`.
pub(crate) fn role_name(kind: RoleKind, applications: &[Application]) -> String {
    match code_of(kind, applications) {
        None => USER_ADMINISTRATOR.to_owned(),
        Some(code) => format!("{ACCESS_ADMINISTRATOR} ({code})"),
    }
}

/// As a form names its box: `ApplicationAccessAdmin.CASPER`.
pub(crate) fn role_field(kind: RoleKind, applications: &[Application]) -> String {
    match code_of(kind, applications) {
        None => USER_ADMINISTRATOR.to_owned(),
        Some(code) => format!("{ACCESS_ADMINISTRATOR}.{code}"),
    }
}

/// The role whose box a form names; `None` for a name of no role.
pub(crate) fn role_of_field(name: &str, applications: &[Application]) -> Option<RoleKind> {
    if name == USER_ADMINISTRATOR {
        return Some(RoleKind::UserAdministrator);
    }
    let code = name.strip_prefix(ACCESS_ADMINISTRATOR)?.strip_prefix('.')?;
    let application = applications.iter().find(|application| application.code == code)?;
    Some(RoleKind::AccessAdministrator(application.id))
}

/// The code of the role's application, empty for one that is not known; `None` for the administrator of users.
fn code_of(kind: RoleKind, applications: &[Application]) -> Option<&str> {
    let id = kind.application()?;
    let application = applications.iter().find(|application| application.id == id);
    Some(application.map_or("", |application| application.code.as_str()))
}
