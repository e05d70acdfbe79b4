//! `idp admin bootstrap` as it is typed: three links, and then never again (security.md 111, O1).

use std::{
    path::Path,
    process::{Command, Output},
};

use axum::http::StatusCode;
use idp::{
    administration::{AdministrationError, Rule},
    secrets,
};
use portal_core::{
    account::UserStatus,
    email::{Email, EmailKey},
    first_staff::{FirstStaff, SetUpOver},
    one_time_link::LinkPurpose,
    permission::{Actor, StaffRole},
    person_name::PersonName,
    phone::PhoneNumber,
};

use sqlx::Connection as _;

use crate::{harness::START, on_both_databases};

fn bootstrap(folder: &Path, email: &str) -> Output {
    let arguments = ["admin", "bootstrap", "--first-name", "Ada", "--last-name", "Quist"];
    Command::new(env!("CARGO_BIN_EXE_idp"))
        .current_dir(folder)
        .args(arguments)
        .args(["--phone", "+447700900060", "--email", email])
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a configuration and an empty database.
fn installation() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("key"), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let config = "[server]\nissuer = \"https://id.example\"\nlisten = \"127.0.0.1:0\"\n\
                  [database]\nurl = \"sqlite://idp.sqlite?mode=rwc\"\n\
                  [secrets]\nmaster_key_file = \"key\"\n";
    std::fs::write(path.join("idp.toml"), config).unwrap();
    let idp = Command::new(env!("CARGO_BIN_EXE_idp"))
        .current_dir(path)
        .args(["migrate", "up"])
        .output()
        .unwrap();
    assert!(idp.status.success());
    folder
}

#[test]
fn an_empty_installation_gets_three_links_printed_once_each() {
    let folder = installation();
    let path = folder.path();
    let mut links = Vec::new();
    for email in ["a@operator.example", "b@operator.example", "c@operator.example"] {
        let output = bootstrap(path, email);
        assert!(output.status.success(), "{email}: {}", text(&output.stderr));
        let printed = text(&output.stdout);
        assert!(printed.starts_with("https://id.example/activate?link=al_"), "{printed}");
        assert_eq!(printed.lines().count(), 1);
        links.push(printed);
    }
    let again = bootstrap(path, "c@operator.example");
    assert!(again.status.success(), "another link for whoever is invited already");
    assert!(!links.contains(&text(&again.stdout)));
    let fourth = bootstrap(path, "d@operator.example");
    assert_eq!(fourth.status.code(), Some(1));
    assert_eq!(text(&fourth.stderr).lines().count(), 1, "{}", text(&fourth.stderr));
    assert!(fourth.stdout.is_empty());
    let wrong = bootstrap(path, "info@operator.example");
    assert!(text(&wrong.stderr).contains("--email"), "a shared mailbox is nobody");
    let verify = Command::new(env!("CARGO_BIN_EXE_idp"))
        .current_dir(path)
        .args(["audit", "verify"])
        .output()
        .unwrap();
    assert!(verify.status.success(), "{}", text(&verify.stderr));
}

fn person(email: &str) -> FirstStaff {
    FirstStaff {
        first_name: PersonName::parse("Ada").unwrap(),
        last_name: PersonName::parse("Quist").unwrap(),
        email: Email::parse(email).unwrap(),
        phone: PhoneNumber::parse("+447700900060").unwrap(),
    }
}

on_both_databases! {
    async fn the_first_staff_are_invited_with_their_role_and_another_link_kills_the_one_before(idp) {
        let (one, two) = (secrets::digest("one"), secrets::digest("two"));
        let ada = idp.administration().bootstrap(&person("ada@operator.example"), &one).await;
        let ada = ada.unwrap();
        let account = idp.app.store.find_account(ada).await.unwrap().unwrap();
        assert_eq!(account.user.status, UserStatus::Invited);
        assert!(account.third_party.is_none());
        let Actor::Person { staff, .. } = idp.actor(ada).await else { panic!("a person") };
        assert_eq!(staff, [StaffRole::IdentityAdmin]);
        let again = idp.administration().bootstrap(&person("ADA@operator.example"), &two).await;
        assert_eq!(again.unwrap(), ada, "no second account");
        for (link, is_good) in [(one, false), (two, true)] {
            let before = START.plus_seconds(-60 * 60);
            let found = idp.app.store.find_link(&link, LinkPurpose::Activation, before).await;
            assert_eq!(found.unwrap().is_some(), is_good);
        }
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn set_up_is_over_for_good_once_somebody_was_in_office_also_when_the_account_is_gone(idp) {
        let link = secrets::digest("link");
        let ada = idp.administration().bootstrap(&person("ada@operator.example"), &link).await;
        let ada = ada.unwrap();
        let over = |result| {
            matches!(
                result,
                Err(AdministrationError::Rule(Rule::SetUpOver(SetUpOver::InOffice)))
            )
        };
        idp.activate(ada).await;
        let second = person("bo@operator.example");
        assert!(over(idp.administration().bootstrap(&second, &link).await));
        let version = idp.app.store.find_account(ada).await.unwrap().unwrap().user.version;
        idp.administration().delete_user(ada, version, None).await.unwrap();
        assert!(over(idp.administration().bootstrap(&second, &link).await), "deleted");
        idp.administration().erase_user(ada).await.unwrap();
        assert!(over(idp.administration().bootstrap(&second, &link).await), "erased");
        let key = EmailKey::of("bo@operator.example");
        assert!(idp.app.store.find_account_by_email(&key).await.unwrap().is_none());
    }
}

on_both_databases! {
    async fn an_invitation_that_nobody_used_does_not_end_set_up(idp) {
        let (one, two) = (secrets::digest("one"), secrets::digest("two"));
        let ada = idp.administration().bootstrap(&person("ada@operator.example"), &one).await;
        idp.administration().delete_unused(ada.unwrap()).await.unwrap();
        let second = person("bo@operator.example");
        idp.administration().bootstrap(&second, &two).await.unwrap();
        let elsewhere = person("hugo@bank-e.example");
        let refused = idp.administration().bootstrap(&elsewhere, &one).await;
        assert!(matches!(refused, Err(AdministrationError::Rule(Rule::NomineeElsewhere))));
    }
}

on_both_databases! {
    async fn two_set_ups_at_once_do_not_invite_more_than_three(idp) {
        let people = ["a", "b", "c", "d", "e"].map(|name| person(&format!("{name}@operator.example")));
        let links = ["a", "b", "c", "d", "e"].map(secrets::digest);
        let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(|n| (&people[n], &links[n]));
        let by = idp.administration();
        let (one, two, three, four, five) = tokio::join!(
            by.bootstrap(one.0, one.1),
            by.bootstrap(two.0, two.1),
            by.bootstrap(three.0, three.1),
            by.bootstrap(four.0, four.1),
            by.bootstrap(five.0, five.1)
        );
        let done = [one, two, three, four, five].iter().filter(|result| result.is_ok()).count();
        assert_eq!(done, 3);
    }
}

on_both_databases! {
    async fn whoever_was_invited_at_set_up_chooses_a_password_by_the_link(idp) {
        let link = "al_0123456789012345678901234567890123456789012";
        let digest = secrets::digest(link);
        let by = idp.administration();
        let at_start = idp::administration::Administration { now: START, ..by };
        at_start.bootstrap(&person("ada@operator.example"), &digest).await.unwrap();
        let page = idp.visitor().get(&format!("/activate?link={link}")).await;
        let page = page.expect(StatusCode::OK);
        assert!(page.body.contains("Ada Quist"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_nobody_is_left_to_confirm_is_confirmed_at_the_machine() {
    let folder = installation();
    let confirm = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_idp"))
            .current_dir(folder.path())
            .args(["admin", "confirm", "--email", "ada@ecb.example"])
            .args(more)
            .output()
            .unwrap()
    };
    assert!(text(&confirm(&[]).stderr).contains("nobody has that address"));
    for email in ["ada@ecb.example", "bo@ecb.example"] {
        assert!(bootstrap(folder.path(), email).status.success());
    }
    assert!(text(&confirm(&[]).stderr).contains("no role of that person waits"));
    let url = format!("sqlite://{}?mode=rw", folder.path().join("idp.sqlite").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let waits = "UPDATE staff_roles SET dormant_at = 1 WHERE user_id = (SELECT id FROM users WHERE email = 'ada@ecb.example')";
    sqlx::query(waits).execute(&mut database).await.unwrap();
    // Bo has not activated the account, and cannot confirm anything.
    assert_eq!(text(&confirm(&[]).stdout), "ECB_IDENTITY_ADMIN counts\n");

    sqlx::query(waits).execute(&mut database).await.unwrap();
    let active = "UPDATE users SET status = 'ACTIVE' WHERE email = 'bo@ecb.example'";
    sqlx::query(active).execute(&mut database).await.unwrap();
    let refused = confirm(&[]);
    assert!(!refused.status.success());
    let why = text(&refused.stderr);
    assert!(why.contains("bo@ecb.example") && why.contains("--nobody-reachable"), "{why}");
    assert_eq!(text(&confirm(&["--nobody-reachable"]).stdout), "ECB_IDENTITY_ADMIN counts\n");
    let waiting: i64 =
        sqlx::query_scalar("SELECT count(*) FROM staff_roles WHERE dormant_at IS NOT NULL")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert_eq!(waiting, 0);
}
