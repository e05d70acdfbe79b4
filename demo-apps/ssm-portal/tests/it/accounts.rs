//! Accounts: who gets one, and how many.

use http::StatusCode;
use serde_json::json;
use ssm_portal::Environment;

use crate::{
    bank::{Bank, user},
    browser::Browser,
};

/// security.md 96.
#[tokio::test]
async fn twenty_first_logins_at_once_make_one_account() {
    let bank = Bank::start().await;
    *bank.op.person.lock().unwrap() = user("newcomer", "BANK_01");
    let logins = (0..20).map(|_| {
        let (op, mut browser) = (bank.op.clone(), Browser::new(&bank.app));
        tokio::spawn(async move { browser.sign_in(&op).await.status })
    });
    for login in logins.collect::<Vec<_>>() {
        assert_eq!(login.await.unwrap(), StatusCode::SEE_OTHER);
    }
    let list = bank.administrator().await.get("/useradmin/").await.body;
    assert_eq!(list.matches("newcomer@example.test").count(), 1);
    assert!(list.contains("1 - 10 of 75"));
}

/// security.md 91.
#[tokio::test]
async fn the_same_subject_of_another_name_is_the_same_account() {
    let bank = Bank::start().await;
    bank.signed_in(user("one", "BANK_01")).await;
    let mut renamed = user("one", "BANK_01");
    renamed["email"] = json!("new@example.test");
    bank.signed_in(renamed).await;
    let list = bank.administrator().await.get("/useradmin/").await.body;
    assert!(list.contains("1 - 10 of 75") && list.contains("new@example.test"));
    assert!(!list.contains("one@example.test"));
}

#[tokio::test]
async fn the_institution_is_the_subsidiary_or_else_the_main_one() {
    let bank = Bank::start().await;
    let mut person = user("sub", "BANK_01");
    person["subsidiary"] = json!({ "id": "s", "name": "Bank_33" });
    bank.signed_in(person).await;
    bank.signed_in(user("main", "BANK_01")).await;
    let mut daa = bank.administrator().await;
    assert!(daa.get("/useradmin/?q=sub%40example").await.body.contains(">Bank_33</td>"));
    assert!(daa.get("/useradmin/?q=main%40example").await.body.contains(">bank_01</td>"));
}

#[tokio::test]
async fn without_the_group_there_is_a_reason_and_no_account() {
    let bank = Bank::start().await;
    let mut person = user("outsider", "BANK_01");
    person["groups"] = json!(["A-SSM-PORTAL_USER"]);
    *bank.op.person.lock().unwrap() = person;
    let answer = Browser::new(&bank.app).sign_in(&bank.op).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("SSM-PORTAL_USER"));
    assert!(answer.body.contains("supportcenter@ecb.europa.eu"));
    let list = bank.administrator().await.get("/useradmin/").await.body;
    assert!(list.contains("1 - 10 of 74"));
}

#[tokio::test]
async fn pre_production_asks_for_its_own_group_and_says_what_it_is() {
    let bank = Bank::start_in(Environment::PreProduction).await;
    *bank.op.person.lock().unwrap() = user("one", "BANK_01");
    let answer = Browser::new(&bank.app).sign_in(&bank.op).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let mut person = user("one", "BANK_01");
    person["groups"] = json!(["A-SSM-PORTAL_USER"]);
    let mut browser = bank.signed_in(person).await;
    assert!(browser.get("/").await.body.contains("Pre-Production: test data only"));
}

#[tokio::test]
async fn an_administrator_without_the_group_has_manage_users_and_nothing_else() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    assert_eq!(daa.get("/").await.location(), "/useradmin/");
    assert_eq!(daa.get("/processes").await.status, StatusCode::FORBIDDEN);
    assert_eq!(daa.get("/messages").await.status, StatusCode::FORBIDDEN);
    let list = daa.get("/useradmin/").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(!list.body.contains("My Processes"));
}
