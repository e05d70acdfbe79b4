//! What an allowance means to a person, in words.

use oidc_core::{consent::Allowance, scope, token::GRANT_LIFETIME};

use crate::texts::Texts;

/// One line for each thing that is allowed.
pub(crate) fn lines(allowance: &Allowance, texts: &Texts) -> Vec<String> {
    let scopes = allowance.scope.names().map(|name| scope_text(name, texts));
    let resources = allowance.resources.iter().map(|name| resource_text(name, texts));
    scopes.chain(resources).collect()
}

/// What a scope gives to a client.
pub(crate) fn scope_text(name: &str, texts: &Texts) -> String {
    match name {
        scope::OPENID => texts.msg("consent-scope-openid"),
        scope::PROFILE => texts.msg("consent-scope-profile"),
        scope::EMAIL => texts.msg("consent-scope-email"),
        scope::GROUPS => texts.msg("consent-scope-groups"),
        scope::OFFLINE_ACCESS => {
            let hours = (GRANT_LIFETIME / 3_600_000).to_string();
            texts.msg1("consent-scope-offline", "hours", &hours)
        }
        other => texts.msg1("consent-scope-other", "name", other),
    }
}

/// What a resource server gives to a client.
pub(crate) fn resource_text(resource: &str, texts: &Texts) -> String {
    texts.msg1("consent-resource", "name", resource)
}

#[cfg(test)]
mod tests {
    use oidc_core::scope::Scope;

    use super::*;

    #[test]
    fn every_scope_has_words_and_a_foreign_one_its_name() {
        let texts = Texts::english();
        for name in scope::SUPPORTED {
            let text = scope_text(name, &texts);
            assert!(text.contains("our ") && !text.starts_with("The permission"), "{text}");
        }
        let allowance = Allowance {
            scope: Scope::parse("reports.read offline_access").unwrap(),
            resources: vec!["https://api.example/".to_owned()],
        };
        let [other, offline, resource] = lines(&allowance, &texts).try_into().unwrap();
        assert!(other.contains("reports.read"), "{other}");
        assert!(offline.contains("12 hours"), "{offline}");
        assert!(resource.contains("https://api.example/"), "{resource}");
    }
}
