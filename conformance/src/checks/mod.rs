//! All checks, one file a subject, in the order of a run.

mod access_token;
mod acr;
mod aging;
mod authorize;
mod authorize_session;
mod backchannel;
mod claims_parameter;
mod client_authentication;
mod client_credentials;
mod client_metadata;
mod code;
mod consent;
mod cross_tokens;
mod discovery;
mod dynamic;
mod dynamic_management;
mod headers;
mod id_token;
mod introspection;
mod jwks;
mod key_rotation;
mod login_page;
mod logout;
mod logout_requests;
mod metadata;
mod pairwise;
mod par;
mod par_refused;
mod private_key_jwt;
mod public_client;
mod redirect_uri;
mod refresh;
mod request_object;
mod resource;
mod response_mode;
mod revocation;
mod scopes;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;
mod userinfo_forms;
mod without_pkce;

use crate::check::Check;

/// Each group with the name of its file, in the order of a run: what needs nobody comes first, what
/// sets the clock forward last.
const GROUPS: [(&str, &[Check]); 41] = [
    ("discovery", discovery::CHECKS),
    ("metadata", metadata::CHECKS),
    ("jwks", jwks::CHECKS),
    ("headers", headers::CHECKS),
    ("authorize", authorize::CHECKS),
    ("redirect_uri", redirect_uri::CHECKS),
    ("request_object", request_object::CHECKS),
    ("login_page", login_page::CHECKS),
    ("authorize_session", authorize_session::CHECKS),
    ("response_mode", response_mode::CHECKS),
    ("consent", consent::CHECKS),
    ("acr", acr::CHECKS),
    ("claims_parameter", claims_parameter::CHECKS),
    ("par", par::CHECKS),
    ("par_refused", par_refused::CHECKS),
    ("token", token::CHECKS),
    ("client_authentication", client_authentication::CHECKS),
    ("private_key_jwt", private_key_jwt::CHECKS),
    ("code", code::CHECKS),
    ("without_pkce", without_pkce::CHECKS),
    ("public_client", public_client::CHECKS),
    ("id_token", id_token::CHECKS),
    ("client_metadata", client_metadata::CHECKS),
    ("access_token", access_token::CHECKS),
    ("resource", resource::CHECKS),
    ("refresh", refresh::CHECKS),
    ("client_credentials", client_credentials::CHECKS),
    ("userinfo", userinfo::CHECKS),
    ("userinfo_forms", userinfo_forms::CHECKS),
    ("scopes", scopes::CHECKS),
    ("pairwise", pairwise::CHECKS),
    ("introspection", introspection::CHECKS),
    ("revocation", revocation::CHECKS),
    ("cross_tokens", cross_tokens::CHECKS),
    ("dynamic", dynamic::CHECKS),
    ("dynamic_management", dynamic_management::CHECKS),
    ("logout", logout::CHECKS),
    ("logout_requests", logout_requests::CHECKS),
    ("backchannel", backchannel::CHECKS),
    ("key_rotation", key_rotation::CHECKS),
    ("aging", aging::CHECKS),
];

/// Every check.
pub fn all() -> Vec<Check> {
    GROUPS.iter().flat_map(|(_, checks)| checks.iter().copied()).collect()
}
