//! All checks, one file a subject, in the order of a run.

mod access_token;
mod authorize;
mod authorize_session;
mod client_authentication;
mod client_credentials;
mod code;
mod discovery;
mod headers;
mod id_token;
mod jwks;
mod logout;
mod redirect_uri;
mod refresh;
mod token;
mod userinfo;

use crate::check::Check;

/// Every check.
pub fn all() -> Vec<Check> {
    let mut all = Vec::new();
    all.extend(discovery::CHECKS);
    all.extend(jwks::CHECKS);
    all.extend(headers::CHECKS);
    all.extend(authorize::CHECKS);
    all.extend(redirect_uri::CHECKS);
    all.extend(authorize_session::CHECKS);
    all.extend(token::CHECKS);
    all.extend(client_authentication::CHECKS);
    all.extend(code::CHECKS);
    all.extend(code::CHECKS_WITH_SECOND_CLIENT);
    all.extend(id_token::CHECKS);
    all.extend(access_token::CHECKS);
    all.extend(refresh::CHECKS);
    all.extend(refresh::CHECKS_WITH_SECOND_CLIENT);
    all.extend(client_credentials::CHECKS);
    all.extend(userinfo::CHECKS);
    all.extend(logout::CHECKS);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_and_a_section() {
        let mut names: Vec<_> = all().iter().map(|check| check.id).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for check in all() {
            let name = check.id.bytes();
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(name.clone().all(is_plain), "{}", check.id);
            assert!(check.spec.contains(' '), "{} names no section", check.id);
        }
    }
}
