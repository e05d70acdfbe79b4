//! The driver of the official suite against a small fake of it, whose modules go as they are told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod fake_suite;

use std::time::Duration;

use conformance::suite::{
    Addresses, Api, Commands, Credentials, Expected, ModuleResult, Plan, Table, Trust, plans,
    prepare, read_configuration, run,
};
use fake_suite::FakeSuite;
use serde_json::{Value, json};

const EXPECTED: &str = "m-skips SKIPPED: not offered\nm-review REVIEW: somebody has to look";

fn plan(configuration: &str) -> Plan {
    serde_json::from_value(json!({
        "name": "p", "plan": "a-test-plan", "certifies": null,
        "variant": { "server_metadata": "discovery" }, "modules": null,
        "configuration": configuration,
    }))
    .unwrap()
}

fn commands() -> Commands {
    Commands { limit: Duration::from_secs(30), ..Commands::default() }
}

async fn run_all(suite: &FakeSuite, plan: &Plan, commands: &Commands) -> Vec<ModuleResult> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let api = Api::new(&suite.base, Some("t0ken".to_owned()), &Trust::System).unwrap();
    let configuration = json!({
        "alias": "here", "client": { "client_id": "rp", "redirect_uri": "http://localhost:8090/callback" },
    });
    run(&api, (plan, &configuration), commands, &[], &mut |_| {}).await.unwrap()
}

fn results(results: &[ModuleResult]) -> Vec<(&str, &str)> {
    results.iter().map(|r| (r.module.as_str(), r.result.as_str())).collect()
}

#[tokio::test]
async fn modules_run_one_after_another_and_their_results_are_told() {
    let suite = FakeSuite::start(&[
        ("m-passes", &["WAITING", "FINISHED"], "PASSED"),
        ("m-skips", &["FINISHED"], "SKIPPED"),
        ("m-fails", &["RUNNING", "WAITING", "FINISHED"], "FAILED"),
        ("m-breaks", &["WAITING", "INTERRUPTED"], "FAILED"),
        ("m-warns", &["FINISHED"], "WARNING"),
    ])
    .await;
    let found = run_all(&suite, &plan("op"), &commands()).await;
    assert_eq!(
        results(&found),
        [
            ("m-passes", "PASSED"),
            ("m-skips", "SKIPPED"),
            ("m-fails", "FAILED"),
            ("m-breaks", "INTERRUPTED"),
            ("m-warns", "WARNING"),
        ]
    );
    assert_eq!(found[2].reasons, ["FAILURE CheckSomething: m-fails went wrong"]);
    assert_eq!(found[0].variant, "response_type=code");
    let expected = Expected::parse(EXPECTED).unwrap();
    let mut table = Table::new(&expected);
    assert!(table.line(&found[1]).contains("expected: not offered"));
    assert!(table.line(&found[2]).contains("NOT EXPECTED: FAILURE CheckSomething"));
    table.add("p", found);
    assert_eq!(table.failed(), 3);
    assert!(table.summary().ends_with("1 passed, 3 failed, 1 skipped"), "{}", table.summary());
    let seen = suite.seen();
    assert_eq!(seen.plan_variant, r#"{"server_metadata":"discovery"}"#);
    assert!(seen.all_authorized, "a request came without the token");
    assert_eq!(seen.most_at_once, 1);
}

#[tokio::test]
async fn a_plan_that_cannot_be_run_or_has_no_module_fails() {
    let expected = Expected::parse("").unwrap();
    let mut table = Table::new(&expected);
    table.add("empty", Vec::new());
    table.add_broken("refused", "the suite answered 400".to_owned());
    assert_eq!(table.failed(), 2);
    assert!(table.summary().contains("not run: the suite answered 400"));
}

#[tokio::test]
async fn keys_are_rotated_before_the_module_that_waits_for_it_starts() {
    let script: &[_] = &[("oidcc-server-rotate-keys", &["CONFIGURED", "FINISHED"][..], "PASSED")];
    let suite = FakeSuite::start(script).await;
    let found = run_all(&suite, &plan("op"), &commands()).await;
    assert_eq!(found[0].result, "NOT RUN");
    assert!(found[0].reasons[0].contains("--rotate-command"), "{:?}", found[0].reasons);

    let suite = FakeSuite::start(script).await;
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("rotated");
    let rotate = Some(format!("touch {}", mark.display()));
    let found = run_all(&suite, &plan("op"), &Commands { rotate, ..commands() }).await;
    assert_eq!(found[0].result, "PASSED");
    assert!(mark.exists());
    assert_eq!(suite.seen().started, ["oidcc-server-rotate-keys"]);
}

#[tokio::test]
async fn a_relying_party_is_run_while_its_module_waits() {
    let suite = FakeSuite::start(&[("m-rp", &["WAITING", "FINISHED"], "PASSED")]).await;
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let command = format!(
        r#"printf '%s\n' "$ISSUER" "$MODULE_NAME" "$VARIANT" "$CLIENT_METADATA_DEFAULTS" > {}; exit 1"#,
        told.display()
    );
    let commands = Commands { relying_party: Some(command), ..commands() };
    let found = run_all(&suite, &plan("rp"), &commands).await;
    assert_eq!(results(&found), [("m-rp", "PASSED")]);
    let told = std::fs::read_to_string(told).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines[0], format!("{}test/a/here/", suite.base));
    assert_eq!(lines[1], "m-rp");
    let variant: Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(variant, json!({ "server_metadata": "discovery", "response_type": "code" }));
    let metadata: Value = serde_json::from_str(lines[3]).unwrap();
    assert_eq!(metadata["redirect_uris"], json!(["http://localhost:8090/callback"]));
}

#[tokio::test]
async fn places_that_no_script_fills_get_a_picture_only_when_one_is_given() {
    let script: &[_] = &[("m-review", &["WAITING", "WAITING", "FINISHED"][..], "REVIEW")];
    let suite = FakeSuite::start(script).await;
    run_all(&suite, &plan("op"), &commands()).await;
    assert_eq!(suite.seen().pictures, Vec::<String>::new());
    let suite = FakeSuite::start(script).await;
    let picture = Some("data:image/png;base64,AAAA".to_owned());
    let found = run_all(&suite, &plan("op"), &Commands { picture, ..commands() }).await;
    assert_eq!(found[0].result, "REVIEW");
    assert_eq!(suite.seen().pictures, ["data:image/png;base64,AAAA"]);
    let expected = Expected::parse(EXPECTED).unwrap();
    let mut table = Table::new(&expected);
    table.add("p", found);
    assert_eq!(table.failed(), 0);
}

#[tokio::test]
async fn a_module_that_never_ends_is_stopped_and_told() {
    let suite = FakeSuite::start(&[("m-hangs", &["WAITING"], "UNKNOWN")]).await;
    let commands = Commands { limit: Duration::ZERO, ..commands() };
    let found = run_all(&suite, &plan("op"), &commands).await;
    assert_eq!(found[0].result, "NOT FINISHED");
    let reasons = found[0].reasons.join(" ");
    assert!(reasons.contains("nobody visited https://op.example/login"), "{reasons}");
    assert_eq!(suite.seen().cancelled, 1);
}

#[test]
fn what_is_prepared_names_no_template_and_one_secret_in_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = Addresses {
        suite: "https://suite.example:8443/".to_owned(),
        provider: "https://op.example".to_owned(),
        relying_party: "http://localhost:8090".to_owned(),
    };
    let credentials = Credentials {
        user: "u@example".to_owned(),
        password: "p".to_owned(),
        code: "123456".to_owned(),
        initial_access_token: "iat".to_owned(),
    };
    prepare(folder.path(), &addresses, &credentials).unwrap();
    let op = read_configuration(folder.path(), "op").unwrap();
    let text = op.to_string();
    assert!(!text.contains("{op}") && !text.contains("{suite}") && !text.contains("{secret"));
    assert_eq!(op["server"]["discoveryUrl"], "https://op.example/.well-known/openid-configuration");
    assert_eq!(op["browser"][0]["match"], "https://op.example/oauth2/authorize*");
    let shown = &op["override"]["oidcc-prompt-login"]["browser"][0]["tasks"][0]["commands"][0];
    assert_eq!(shown[5], "update-image-placeholder-optional");
    let client: Value = serde_json::from_str(
        &std::fs::read_to_string(folder.path().join("clients/suite-basic.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(client["client_secret"], op["client"]["client_secret"]);
    let callback = "https://suite.example:8443/test/a/identity-portal/callback";
    assert_eq!(client["redirect_uris"], json!([callback]));
    assert_ne!(op["client"]["client_secret"], op["client2"]["client_secret"]);
}

#[test]
fn every_plan_has_its_configuration_and_a_name_of_its_own() {
    let all = plans().unwrap();
    let mut names: Vec<_> = all.iter().map(|plan| plan.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
    assert!(all.iter().all(|plan| ["op", "rp"].contains(&plan.configuration.as_str())));
    for certification in [
        "Basic OP",
        "Config OP",
        "Form Post OP",
        "3rd Party-Init OP",
        "RP-Initiated OP",
        "Back-Channel OP",
        "Basic RP",
        "Config RP",
        "Form Post RP",
        "RP-Initiated RP",
        "Back-Channel RP",
    ] {
        assert!(
            all.iter().any(|p| p.certifies.as_deref() == Some(certification)),
            "{certification}"
        );
    }
}
