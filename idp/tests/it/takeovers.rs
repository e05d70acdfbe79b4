//! Nobody becomes somebody else through user administration, however long it takes and whoever is made to help (I28,
//! security.md 82).

use axum::http::StatusCode;
use idp::administration::{Administration, AdministrationError, Modified, Proof, Rule, UserSave};
use portal_core::{
    account::{NewUser, UserStatus},
    audit::AuditAction,
    email::Email,
    id::UserId,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    permission::{Actor, Denial, Sight},
    phone::PhoneNumber,
    terms::Version,
};
use storage::AuditSearch;

use crate::{
    harness::{HUGO, START, TestIdp},
    on_both_databases,
    roles::{USERS, access, account_of, acting, actor, administrator, denial, grant, save},
    second_administrator::{confirm, counts, take_over},
};

const DAY: i64 = 24 * 60 * 60;
const GROUP: &str = "CASPER_WEB_DATA_SUBMITTER";

/// What an edit replaces.
#[derive(Clone, Copy, Default)]
struct Other<'a> {
    email: Option<&'a str>,
    phone: Option<&'a str>,
}

async fn replace(
    idp: &TestIdp,
    (by, days): (UserId, i64),
    user: UserId,
    other: Other<'_>,
) -> Result<Modified, AdministrationError> {
    let account = idp.app.store.find_account(user).await.unwrap().unwrap();
    let details = NewUser {
        email: Email::parse(other.email.unwrap_or(&account.user.email)).unwrap(),
        phone: other.phone.map_or(account.user.phone.clone(), |p| PhoneNumber::parse(p).unwrap()),
        ..TestIdp::new_user(&account.user.email, account.level.id)
    };
    let link = [u8::try_from(days).unwrap() + 1; 32];
    let save = UserSave { version: account.user.version, details, link };
    let by = actor(idp, by).await;
    let now = START.plus_seconds(days * DAY);
    Administration { now, ..acting(idp, &by) }.modify_user(user, &save).await
}

async fn use_link(idp: &TestIdp, user: UserId, link: u8) {
    let proof = Proof {
        link: [link; 32],
        purpose: LinkPurpose::NewEmail,
        user,
        phone: None,
        password_hash: "no password",
        terms: &Version::of_text(),
    };
    acting(idp, &Actor::Setup).use_link(&proof).await.unwrap();
}

/// Takes the membership away and gives it anew.
async fn give_anew(idp: &TestIdp, by: UserId, user: UserId) {
    let group = idp.app.store.find_group(GROUP).await.unwrap().unwrap();
    let by = actor(idp, by).await;
    acting(idp, &by).remove_membership(user, &group).await.unwrap();
    acting(idp, &by).assign_membership(user, &group).await.unwrap();
}

on_both_databases! {
    async fn whoever_took_somebody_over_is_remembered_when_one_thing_is_replaced_again_a_week_later(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let second = administrator(&idp, "second", &[USERS, casper]).await;
        let hugo = take_over(&idp, both, HUGO).await;
        for (by, phone) in [(both, "+447700900077"), (second, "+447700900078")] {
            // Somebody signs in as Hugo, and a week passes: for the next replacement, the first two are over.
            idp.execute("UPDATE users SET last_login_at = 1795262500000").await;
            let other = Other { phone: Some(phone), ..Other::default() };
            assert!(!replace(&idp, (by, 8), hugo, other).await.unwrap().is_dormant);
            give_anew(&idp, both, hugo).await;
            assert!(!counts(&idp, hugo).await, "by one hand as before");
        }
        assert!(matches!(denial(confirm(&idp, both, &format!("taken-{HUGO}")).await), Denial::Excluded(_)));
    }
}

on_both_databases! {
    async fn neither_of_two_who_replaced_one_thing_each_is_the_second_administrator(idp) {
        let casper = access(&idp, "CASPER").await;
        let deceived = administrator(&idp, "deceived", &[USERS, casper]).await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let third = administrator(&idp, "third", &[casper]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        // The address is asked for by one who was talked into it, and its link is still to be used.
        let other = Other { email: Some("mine@bank-e.example"), ..Other::default() };
        assert!(!replace(&idp, (deceived, 0), hugo, other).await.unwrap().is_dormant);
        let other = Other { phone: Some("+447700900077"), ..Other::default() };
        assert!(replace(&idp, (both, 0), hugo, other).await.unwrap().is_dormant);
        use_link(&idp, hugo, 1).await;
        for by in [both, deceived] {
            let refused = confirm(&idp, by, "mine@bank-e.example").await;
            assert!(matches!(denial(refused), Denial::Excluded(_)));
            give_anew(&idp, by, hugo).await;
            assert!(!counts(&idp, hugo).await);
        }
        confirm(&idp, third, "mine@bank-e.example").await.unwrap();
        assert!(counts(&idp, hugo).await);
    }
}

on_both_databases! {
    /// E66, E67: others act on the address that they see, while the number was chosen by whoever made the account.
    async fn who_chose_the_number_of_an_account_cannot_replace_its_address_unseen(idp) {
        let casper = access(&idp, "CASPER").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[casper]).await;
        let level = account_of(&idp, HUGO).await.level.id;
        let made = {
            let new = TestIdp::new_user("nina@bank-e.example", level);
            let by = actor(&idp, dua).await;
            acting(&idp, &by).create_user(&new, UserStatus::Invited).await.unwrap()
        };
        // A slip of the pen is mended while nothing hangs on the account but what its maker gave.
        let other = Other { email: Some("nina.w@bank-e.example"), ..Other::default() };
        assert!(!replace(&idp, (dua, 0), made, other).await.unwrap().is_dormant);
        let group = idp.app.store.find_group(GROUP).await.unwrap().unwrap();
        {
            let by = actor(&idp, daa).await;
            acting(&idp, &by).assign_membership(made, &group).await.unwrap();
        }
        let other = Other { email: Some("mine@bank-e.example"), ..Other::default() };
        assert!(replace(&idp, (dua, 1), made, other).await.unwrap().is_dormant);
        assert!(!counts(&idp, made).await);
        save(&idp, daa, made, grant(&[casper])).await.unwrap();
        // Talked into it, the person activates the account with a code that came to that number, and signs in later.
        idp.activate(made).await;
        let other = Other { email: Some("mine-too@bank-e.example"), ..Other::default() };
        let refused = replace(&idp, (dua, 2), made, other).await;
        assert!(matches!(refused, Err(AdministrationError::Rule(Rule::ReplacesSignInData))), "{refused:?}");
    }
}

on_both_databases! {
    async fn a_new_address_that_waits_is_shown_and_withdrawn_by_another_administrator(idp) {
        let both = administrator(&idp, "both", &[USERS]).await;
        administrator(&idp, "other", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let other = Other { email: Some("mine@bank-e.example"), ..Other::default() };
        replace(&idp, (both, 0), hugo, other).await.unwrap();
        let mut dua = idp.signed_in("other@bank-e.example").await;
        let page = dua.get(&format!("/users/{hugo}")).await.expect(StatusCode::OK);
        assert!(page.body.contains("entered mine@bank-e.example on 2026-11-21"), "{}", page.body);
        let token = page.field("csrf_token").unwrap();
        let withdraw = format!("/users/{hugo}/withdraw-address");
        let odd = [("csrf_token", token.as_str()), ("to", "mine")];
        dua.post(&withdraw, &odd).await.expect(StatusCode::BAD_REQUEST);
        let version = page.field("version").unwrap();
        let form = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let done = dua.post(&withdraw, &form).await.expect(StatusCode::SEE_OTHER);
        let page = dua.get(done.location()).await.expect(StatusCode::OK);
        assert!(page.body.contains("The new email address is withdrawn"), "{}", page.body);
        assert!(!page.body.contains("mine@bank-e.example"), "{}", page.body);
        // Its link is void, and there is nothing to withdraw twice.
        let link = idp.app.store.find_link(&[1; 32], LinkPurpose::NewEmail, START).await.unwrap();
        assert_eq!(link, None);
        dua.post(&withdraw, &form).await.expect(StatusCode::CONFLICT);
        let version = account_of(&idp, HUGO).await.user.version.to_string();
        let form = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let again = dua.post(&withdraw, &form).await.expect(StatusCode::SEE_OTHER);
        assert!(again.location().ends_with("done=refused"), "{}", again.location());
        let notices = idp.app.store.list_notices(hugo, None, 10).await.unwrap();
        assert!(notices.iter().any(|one| one.kind == NoticeKind::EmailStays));
        let actions = vec![AuditAction::EmailReplacementWithdrawn];
        let search = AuditSearch { actions, ..AuditSearch::within(Sight::Everything) };
        let found = idp.app.store.list_audit(&search, None, 10).await.unwrap();
        assert_eq!(found.len(), 1);
    }
}

on_both_databases! {
    async fn takeovers_from_before_are_read_from_who_replaced_last(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let within = administrator(&idp, "within", &[]).await;
        let beyond = administrator(&idp, "beyond", &[]).await;
        // As it was written before: at what instants, and by whom last.
        for sql in [
            "UPDATE users SET sign_in_data_replaced_by = (SELECT id FROM users WHERE email = 'dua@bank-e.example'), \
             phone_replaced_at = 604800000 WHERE email IN ('within@bank-e.example', 'beyond@bank-e.example')",
            "UPDATE users SET email_replaced_at = 1 WHERE email = 'within@bank-e.example'",
            "UPDATE users SET email_replaced_at = 0 WHERE email = 'beyond@bank-e.example'",
            "ALTER TABLE users DROP COLUMN email_replaced_by",
            "ALTER TABLE users DROP COLUMN phone_replaced_by",
            "ALTER TABLE users DROP COLUMN taken_over_by",
            "DELETE FROM seaql_migrations WHERE version = 'm20261127_000024_takeovers'",
        ] {
            idp.execute(sql).await;
        }
        // A node of this release starts: the connections of the one that is up know the columns of before.
        idp.visitor_of_another_node().await;
        for (user, takers) in [(within, vec![dua]), (beyond, vec![])] {
            let replaced = idp.app.store.find_account(user).await.unwrap().unwrap().user.replaced;
            assert_eq!(replaced.taken_over_by.iter().copied().collect::<Vec<_>>(), takers);
            assert_eq!(replaced.hands(), [dua].into(), "{replaced:?}");
            assert!(replaced.email.is_some() && replaced.phone.is_some());
        }
    }
}
