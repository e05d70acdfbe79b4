//! The documents on roles and responsibilities that people accept (manual, glossary; O16).

/// The version of the "Terms of use for end users" that is accepted now.
pub const USER_TERMS_VERSION: &str = "2024-03";
