//! What holds of the list of checks itself.

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
        for module in check.modules {
            assert!(module.starts_with("oidcc-"), "{}: {module}", check.id);
        }
    }
}

#[test]
fn every_file_of_checks_is_a_group() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "mod" && name != "tests")
        .collect();
    files.sort_unstable();
    let mut groups: Vec<_> = GROUPS.iter().map(|(name, _)| (*name).to_owned()).collect();
    groups.sort_unstable();
    assert_eq!(files, groups);
}

/// The modules of the plans for providers that `suite/plans.json` runs, but for the one that needs
/// an operator.
const MODULES: [&str; 53] = [
    "oidcc-server",
    "oidcc-response-type-missing",
    "oidcc-idtoken-signature",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-get",
    "oidcc-userinfo-post-header",
    "oidcc-userinfo-post-body",
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
    "oidcc-scope-profile",
    "oidcc-scope-email",
    "oidcc-scope-address",
    "oidcc-scope-phone",
    "oidcc-scope-all",
    "oidcc-alternate-happy-flow",
    "oidcc-display-page",
    "oidcc-display-popup",
    "oidcc-prompt-login",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-prompt-none-logged-in",
    "oidcc-max-age-1",
    "oidcc-max-age-10000",
    "oidcc-ensure-request-with-unknown-parameter-succeeds",
    "oidcc-id-token-hint",
    "oidcc-login-hint",
    "oidcc-ui-locales",
    "oidcc-claims-locales",
    "oidcc-ensure-request-with-acr-values-succeeds",
    "oidcc-codereuse",
    "oidcc-codereuse-30seconds",
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-post-request-succeeds",
    "oidcc-server-client-secret-post",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-claims-essential",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-request-with-valid-pkce-succeeds",
    "oidcc-discovery-endpoint-verification",
    "oidcc-3rd_party-init-login",
    "oidcc-3rd_party-init-login-nohttps",
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout",
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-no-state",
    "oidcc-rp-initiated-logout-only-state",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-backchannel-rp-initiated-logout",
];

#[test]
fn every_module_of_the_plans_is_re_created_by_a_check() {
    let known = crate::report::Report::modules(&all());
    for module in MODULES {
        assert!(known.contains_key(module), "{module}");
    }
}

#[test]
fn every_expected_result_of_the_suite_is_of_a_module_in_the_plans() {
    let expected = crate::suite::Expected::own().unwrap();
    for module in expected.modules() {
        assert!(MODULES.contains(&module), "{module}");
    }
}
