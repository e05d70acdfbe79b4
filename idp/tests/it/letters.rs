//! Letters that look alike are alike: one address is one account, and no name hides anything (I5, security.md 105).

use axum::http::StatusCode;
use portal_core::email::EmailKey;

use crate::{
    access_requests::{active, level_of_hugo},
    harness::{PASSWORD, TestIdp},
    on_both_databases,
    roles::{USERS, account_of, administrator},
};

const COMPOSED: &str = "zoé.müller@bank-e.example";
const TAKEN_APART: &str = "Zoe\u{301}.mu\u{308}ller@bank-e.example";

async fn create(idp: &TestIdp, changed: &[(&str, &str)]) -> crate::harness::Page {
    let level = level_of_hugo(idp).await.to_string();
    let mut fields = vec![
        ("first_name", "Zoé"),
        ("last_name", "Müller"),
        ("email", TAKEN_APART),
        ("phone_number", "+34911222333"),
        ("level", level.as_str()),
    ];
    fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    fields.extend(changed);
    let mut dua = idp.signed_in("dua@bank-e.example").await;
    dua.fill_in("/users/new", "/users/new", &fields).await
}

on_both_databases! {
    async fn two_forms_of_an_address_are_one_account(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        let zoe = active(&idp, COMPOSED, level_of_hugo(&idp).await).await;
        let taken = create(&idp, &[]).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(taken.body.contains("id=\"email-error\""), "{}", taken.body);
        for typed in [COMPOSED, TAKEN_APART] {
            let step_one = idp.visitor().give_password("/login", typed, PASSWORD).await;
            assert_eq!(step_one.location(), "/login/code", "{typed}");
            assert_eq!(account_of(&idp, typed).await.user.id, zoe);
        }
    }
}

on_both_databases! {
    async fn keys_from_before_are_composed_once_and_never_taken_from_another(idp) {
        let level = level_of_hugo(&idp).await;
        let zoe = idp.create_user(COMPOSED, level, None).await;
        let other = idp.create_user("other@bank-e.example", level, None).await;
        let ines = idp.create_user("ine\u{301}s@bank-e.example", level, None).await;
        // As they were written before: two accounts of what is one address, and one taken apart.
        for sql in [
            "UPDATE users SET email_key = 'zoe\u{301}.mu\u{308}ller@bank-e.example' WHERE email = 'other@bank-e.example'",
            "UPDATE users SET email_key = 'ine\u{301}s@bank-e.example' WHERE email = 'inés@bank-e.example'",
            "DELETE FROM seaql_migrations WHERE version = 'm20261127_000021_composed_email_keys'",
        ] {
            idp.execute(sql).await;
        }
        let find = |key: &str| {
            let (store, key) = (idp.app.store.clone(), EmailKey::of(key));
            async move { store.find_account_by_email(&key).await.unwrap().map(|found| found.user.id) }
        };
        assert_eq!(find("inés@bank-e.example").await, None);
        idp.app.store.migrate().await.unwrap();
        assert_eq!(find("inés@bank-e.example").await, Some(ines));
        assert_eq!(find(TAKEN_APART).await, Some(zoe), "and not {other}");
        assert!(idp.app.store.find_account(other).await.unwrap().is_some());
    }
}

on_both_databases! {
    async fn a_name_that_hides_something_is_refused_at_its_field(idp) {
        administrator(&idp, "dua", &[USERS]).await;
        for name in ["Zo\u{202e}é", "\u{2066}Zoé", "Zo\u{200b}é", "Zoé\u{2028}Müller"] {
            for field in ["first_name", "last_name"] {
                let page = create(&idp, &[(field, name)]).await;
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
                assert!(page.body.contains(&format!("id=\"{field}-error\"")), "{}", page.body);
            }
        }
        create(&idp, &[("first_name", "Zoe\u{301}")]).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(account_of(&idp, COMPOSED).await.user.first_name, "Zoé");
    }
}
