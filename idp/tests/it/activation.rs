//! Activation of an account, and the proof of a new address (O9, O15, E64).

use axum::http::StatusCode;
use idp::{
    administration::{AdministrationError, Proof, UserSave},
    invitation,
};
use portal_core::{
    account::{NewUser, UserStatus},
    email::EmailKey,
    id::UserId,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    organisation::ThirdPartyStatus,
    phone::PhoneNumber,
    terms::Version,
};
use storage::Account;

use crate::{
    harness::{HUGO, TestIdp, Visitor},
    on_both_databases,
};

pub(crate) const FRED: &str = "fred.perry@company.com";
pub(crate) const CHOSEN: &str = "nine quiet lighthouses";

async fn account(idp: &TestIdp, email: &str) -> Account {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap()
}

/// Invites somebody; the address that the mail leads to.
pub(crate) async fn invite(idp: &TestIdp) -> (UserId, String) {
    let level = account(idp, HUGO).await.level.id;
    let mut administration = idp.administration();
    administration.now = idp.app.now();
    let new = TestIdp::new_user(FRED, level);
    let (user, is_sent) = invitation::invite(&idp.app, &administration, &new, "en").await.unwrap();
    assert!(is_sent);
    (user, link_to(idp, FRED))
}

fn link_to(idp: &TestIdp, address: &str) -> String {
    let text = idp.inbox.text_to(address);
    let (_, rest) = text.split_once("/activate?link=").unwrap();
    format!("/activate?link={}", rest.split_whitespace().next().unwrap())
}

/// Fills in the first page of the link.
pub(crate) async fn choose(visitor: &mut Visitor, link: &str, terms: bool) -> crate::harness::Page {
    let page = visitor.get(link).await.expect(StatusCode::OK);
    let (token, secret) = (page.field("csrf_token").unwrap(), page.field("link").unwrap());
    let mut fields = vec![
        ("csrf_token", token.as_str()),
        ("link", &secret),
        ("new_password", CHOSEN),
        ("repeat_password", CHOSEN),
        ("channel", "sms"),
    ];
    if terms {
        fields.push(("terms", "accepted"));
    }
    visitor.post("/activate", &fields).await
}

pub(crate) async fn give(visitor: &mut Visitor, code: &str) -> crate::harness::Page {
    let token = token_of_code_form(visitor).await;
    send_code(visitor, &token, code).await
}

async fn token_of_code_form(visitor: &mut Visitor) -> String {
    visitor.get("/activate/code").await.field("csrf_token").unwrap()
}

async fn send_code(visitor: &mut Visitor, token: &str, code: &str) -> crate::harness::Page {
    visitor.post("/activate/code", &[("csrf_token", token), ("code", code)]).await
}

on_both_databases! {
    async fn a_link_activates_once_and_to_open_it_uses_nothing_up(idp) {
        let (_, link) = invite(&idp).await;
        for _ in 0..3 {
            idp.visitor().get(&link).await.expect(StatusCode::OK);
        }
        let mut fred = idp.visitor();
        let refused = choose(&mut fred, &link, false).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Accept the terms of use") && !refused.body.contains(CHOSEN));
        assert_eq!(choose(&mut fred, &link, true).await.location(), "/activate/code");
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(account(&idp, FRED).await.user.status, UserStatus::Invited);
        assert_eq!(give(&mut fred, &code).await.location(), "/activate/done");
        assert_eq!(account(&idp, FRED).await.user.status, UserStatus::Active);
        let again = idp.visitor().get(&link).await;
        assert_eq!(again.status, StatusCode::GONE);
        assert!(again.body.contains("Resend activation"), "it says whom to ask");
        idp.clock.advance_seconds(1);
        assert_eq!(idp.visitor().give_password("/login", FRED, CHOSEN).await.location(), "/login/code");
    }
}

on_both_databases! {
    async fn a_link_is_dead_after_a_day_and_when_another_was_sent(idp) {
        let (user, old) = invite(&idp).await;
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        assert!(invitation::resend(&idp.app, &administration, user).await.unwrap());
        let new = link_to(&idp, FRED);
        assert_ne!(old, new);
        assert_eq!(idp.visitor().get(&old).await.status, StatusCode::GONE);
        idp.visitor().get(&new).await.expect(StatusCode::OK);
        idp.clock.advance_seconds(24 * 60 * 60);
        assert_eq!(idp.visitor().get(&new).await.status, StatusCode::GONE);
        assert_eq!(idp.visitor().get("/activate?link=al_guess").await.status, StatusCode::GONE);
        assert_eq!(idp.visitor().get("/activate").await.status, StatusCode::GONE);
    }
}

on_both_databases! {
    async fn a_code_dies_after_three_minutes_five_tries_or_another_code(idp) {
        let (_, link) = invite(&idp).await;
        let mut fred = idp.visitor();
        choose(&mut fred, &link, true).await;
        let (_, late) = idp.inbox.newest_code();
        idp.clock.advance_seconds(180);
        assert!(give(&mut fred, &late).await.body.contains("does not work any more"));
        let resend = async |fred: &mut Visitor| {
            let token = fred.get("/activate/code").await.field("csrf_token").unwrap();
            fred.post("/activate/resend", &[("csrf_token", &token), ("channel", "voice")]).await
        };
        assert_eq!(resend(&mut fred).await.location(), "/activate/code");
        let (_, code) = idp.inbox.newest_code();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert_eq!(give(&mut fred, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert!(give(&mut fred, &code).await.body.contains("does not work any more"), "five tries");
        resend(&mut fred).await;
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(give(&mut fred, &code).await.location(), "/activate/done");
    }
}

on_both_databases! {
    async fn a_code_is_worthless_in_another_browser(idp) {
        let (_, link) = invite(&idp).await;
        let mut fred = idp.visitor();
        choose(&mut fred, &link, true).await;
        let (_, code) = idp.inbox.newest_code();
        let mut thief = idp.visitor();
        let token = thief.get(&link).await.field("csrf_token").unwrap();
        thief.cookies.insert("idp_activation".into(), fred.cookies["idp_activation"].clone());
        let stolen = thief.post("/activate/code", &[("csrf_token", &token), ("code", &code)]).await;
        assert_eq!(stolen.status, StatusCode::GONE);
        assert_eq!(account(&idp, FRED).await.user.status, UserStatus::Invited);
    }
}

on_both_databases! {
    async fn one_link_activates_once_also_when_two_come_at_the_same_time(idp) {
        let (_, link) = invite(&idp).await;
        let mut fred = idp.visitor();
        choose(&mut fred, &link, true).await;
        let (_, code) = idp.inbox.newest_code();
        // Both windows show the form before either is sent.
        let token = token_of_code_form(&mut fred).await;
        let mut twin = fred.clone();
        let (a, b) = tokio::join!(
            send_code(&mut fred, &token, &code),
            send_code(&mut twin, &token, &code)
        );
        let done = [&a, &b].iter().filter(|page| page.status == StatusCode::SEE_OTHER).count();
        assert_eq!(done, 1, "{} {}", a.status, b.status);
    }
}

on_both_databases! {
    async fn nobody_of_a_barred_organisation_activates(idp) {
        let (_, level) = idp.create_third_party("BANK G", ThirdPartyStatus::Suspended).await;
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        let new = TestIdp::new_user(FRED, level);
        invitation::invite(&idp.app, &administration, &new, "en").await.unwrap();
        assert_eq!(idp.visitor().get(&link_to(&idp, FRED)).await.status, StatusCode::GONE);
    }
}

on_both_databases! {
    async fn an_invitation_that_nobody_uses_is_deleted_after_a_month(idp) {
        let dua = crate::roles::administrator(&idp, "dua", &[crate::roles::USERS]).await;
        let (user, _) = invite(&idp).await;
        idp.clock.advance_seconds(29 * 24 * 60 * 60);
        idp::jobs::accounts::end_accounts_that_are_over(&idp.app).await.unwrap();
        assert_eq!(account(&idp, FRED).await.user.status, UserStatus::Invited);
        idp.clock.advance_seconds(2 * 24 * 60 * 60);
        idp::jobs::accounts::end_accounts_that_are_over(&idp.app).await.unwrap();
        let ended = idp.app.store.find_account(user).await.unwrap().unwrap();
        assert_eq!(ended.user.status, UserStatus::Deleted);
        let told = idp.app.store.list_notices(dua, None, 50).await.unwrap();
        let told: Vec<_> = told.iter().filter(|notice| notice.kind == NoticeKind::InvitationLapsed).collect();
        assert_eq!((told.len(), told[0].facts["person"].as_str()), (1, "Hugo Belmonte"));
    }
}

on_both_databases! {
    async fn a_mail_that_is_not_taken_is_said_and_leaves_the_account(idp) {
        let level = account(&idp, HUGO).await.level.id;
        idp.inbox.refuse(true);
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        let new = TestIdp::new_user(FRED, level);
        let (user, is_sent) = invitation::invite(&idp.app, &administration, &new, "en").await.unwrap();
        assert!(!is_sent);
        idp.inbox.refuse(false);
        assert!(invitation::resend(&idp.app, &administration, user).await.unwrap());
    }
}

on_both_databases! {
    async fn a_new_address_counts_once_it_is_proved_and_ends_password_and_sessions(idp) {
        use idp::administration::UserSave;
        const NEW: &str = "hugo.belmonte@bank-e.example";
        let mut hugo = idp.signed_in(HUGO).await;
        let before = account(&idp, HUGO).await;
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        let details = NewUser {
            email: portal_core::email::Email::parse(NEW).unwrap(),
            ..TestIdp::new_user(HUGO, before.level.id)
        };
        let link = invitation::FreshLink::draw(&idp.app);
        let save = UserSave { version: before.user.version, details, link: link.digest };
        let modified = administration.modify_user(before.user.id, &save).await.unwrap();
        let (to, purpose) = modified.send.unwrap();
        assert_eq!(to, NEW);
        assert!(link.send(&idp.app, &to, purpose, "en").await);
        hugo.get("/apps").await.expect(StatusCode::OK);
        assert_eq!(account(&idp, HUGO).await.user.id, before.user.id, "until then the old one counts");

        let mut proving = idp.visitor();
        choose(&mut proving, &link_to(&idp, NEW), true).await;
        let (_, code) = idp.inbox.newest_code();
        idp.clock.advance_seconds(1);
        assert_eq!(give(&mut proving, &code).await.location(), "/activate/done");
        assert!(hugo.get("/apps").await.location().starts_with("/login"));
        let after = account(&idp, NEW).await.user;
        assert_eq!((after.id, after.email.as_str()), (before.user.id, NEW), "I6: the subject stays");
        idp.clock.advance_seconds(1);
        let old = idp.visitor().give_password("/login", NEW, crate::harness::PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "the password from before is gone");
        assert_eq!(idp.visitor().give_password("/login", NEW, CHOSEN).await.location(), "/login/code");
        let notices = idp.app.store.list_due_mails(idp.app.now(), 50).await.unwrap();
        assert!(notices.iter().any(|mail| mail.to == HUGO && mail.notice.kind.as_str() == "email-replaced"), "the old address is told");
    }
}

on_both_databases! {
    async fn a_code_to_the_old_number_does_not_prove_the_new_one(idp) {
        let (user, link) = invite(&idp).await;
        let mut fred = idp.visitor();
        choose(&mut fred, &link, true).await;
        let (_, code) = idp.inbox.newest_code();
        let token = token_of_code_form(&mut fred).await;
        let before = account(&idp, FRED).await;
        let details = NewUser {
            phone: PhoneNumber::parse("+447700900099").unwrap(),
            ..TestIdp::new_user(FRED, before.level.id)
        };
        let save = UserSave { version: before.user.version, details, link: [9; 32] };
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        administration.modify_user(user, &save).await.unwrap();
        let over = send_code(&mut fred, &token, &code).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(over.body.contains("Ask for a new one"), "{}", over.body);
        assert_eq!(account(&idp, FRED).await.user.status, UserStatus::Invited);
        fred.post("/activate/resend", &[("csrf_token", &token), ("channel", "sms")]).await.expect(StatusCode::SEE_OTHER);
        let (_, code) = idp.inbox.newest_code();
        assert_eq!(give(&mut fred, &code).await.location(), "/activate/done");
    }
}

on_both_databases! {
    async fn a_number_that_is_replaced_while_its_code_is_compared_is_not_proved(idp) {
        let (user, link) = invite(&idp).await;
        let (_, secret) = link.split_once("link=").unwrap();
        let terms = Version::of_text();
        let proof = |phone| Proof {
            link: idp::secrets::digest(secret),
            purpose: LinkPurpose::Activation,
            user,
            phone,
            password_hash: "no password",
            terms: &terms,
        };
        let mut administration = idp.administration();
        administration.now = idp.app.now();
        let old = PhoneNumber::parse("+447700900098").unwrap();
        let refused = administration.use_link(&proof(Some(&old))).await;
        assert!(matches!(refused, Err(AdministrationError::Missing("link"))), "{refused:?}");
        let number = account(&idp, FRED).await.user.phone;
        administration.use_link(&proof(Some(&number))).await.unwrap();
    }
}
