//! What is registered is in the trail as it was registered: applications, groups and clients (I25).

use oidc_core::client::{Client, ClientKeys, GrantType};
use portal_core::audit::AuditAction;
use serde_json::{Value, json};

use crate::{harness::TestIdp, on_both_databases, third_party_turns::entries};

async fn said(idp: &TestIdp, action: AuditAction, of: &str) -> Value {
    let found = entries(idp, action, None).await;
    let found = found.iter().find(|entry| entry.object == of).unwrap();
    serde_json::from_str(&found.detail).unwrap()
}

on_both_databases! {
    async fn applications_groups_and_levels_are_kept_as_they_were_registered(idp) {
        let application = said(&idp, AuditAction::RegistryChanged, "application:CASPER").await;
        assert_eq!(application, json!({
            "before": null,
            "after": { "title": "CASPER", "subtitle": "for tests", "environment": "production", "position": 1 },
        }));
        let group = said(&idp, AuditAction::RegistryChanged, "group:SSM-PORTAL_USER").await;
        assert_eq!(group, json!({
            "before": null,
            "after": { "application": "SSM-PORTAL", "name": "SSM-PORTAL_USER", "description": "for tests" },
        }));
        let found = entries(&idp, AuditAction::RegistryChanged, None).await;
        let root = found.iter().find(|entry| entry.object.starts_with("level:")).unwrap();
        assert!(root.detail.contains("Root"), "{}", root.detail);
    }
}

on_both_databases! {
    async fn a_client_is_kept_with_all_that_it_may_get_and_without_a_key(idp) {
        let client = Client {
            redirect_uris: vec!["https://reports.example/cb".to_owned()],
            post_logout_redirect_uris: vec!["https://reports.example/".to_owned()],
            grant_types: vec![GrantType::AuthorizationCode],
            keys: Some(ClientKeys::ByReference("https://reports.example/jwks".to_owned())),
            ..Client::new("reports", "Reports")
        };
        idp.administration().register_client(&client).await.unwrap();
        let registered = said(&idp, AuditAction::ClientRegistered, "client:reports").await;
        assert_eq!((&registered["before"], &registered["by"]), (&Value::Null, &json!("operator")));
        let after = &registered["after"];
        assert_eq!(after["redirect_uris"], json!(["https://reports.example/cb"]));
        assert_eq!(after["post_logout_redirect_uris"], json!(["https://reports.example/"]));
        assert_eq!(after["grant_types"], json!(["authorization_code"]));
        assert_eq!((&after["auth_method"], &after["jwks_uri"]), (&json!("none"), &json!("https://reports.example/jwks")));
        idp.administration().disable_client("reports").await.unwrap();
        let disabled = said(&idp, AuditAction::ClientDisabled, "client:reports").await;
        assert_eq!(disabled, json!({
            "by": "operator",
            "before": { "enabled": true },
            "after": { "enabled": false },
        }));
    }
}
