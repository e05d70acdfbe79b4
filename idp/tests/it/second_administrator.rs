//! A confirmation takes two people: whom one hand made is no second administrator (I28, security.md 82).

use axum::http::StatusCode;
use idp::administration::{AdministrationError, DormantChoice, MembershipSave, Proof, UserSave};
use portal_core::{
    access_request::{Answer, NewAccessRequest, Reason},
    account::{NewUser, UserStatus},
    administrators::RoleKind,
    email::Email,
    expiry::ExpirationDate,
    id::UserId,
    membership::Staged,
    notice::NoticeKind,
    one_time_link::LinkPurpose,
    permission::{Actor, Denial},
    phone::PhoneNumber,
    terms::Version,
};

use crate::{
    harness::{HUGO, START, TestIdp},
    on_both_databases,
    roles::{USERS, access, account_of, acting, actor, administrator, denial, grant, save},
};

/// Replaces address and number of somebody, so that what the person holds waits.
async fn replace_both(idp: &TestIdp, by: UserId, email: &str, link: u8) {
    let account = account_of(idp, email).await;
    let details = NewUser {
        phone: PhoneNumber::parse("+447700900099").unwrap(),
        email: Email::parse(&format!("taken-{email}")).unwrap(),
        ..TestIdp::new_user(email, account.level.id)
    };
    let by = actor(idp, by).await;
    let save = UserSave { version: account.user.version, details, link: [link; 32] };
    assert!(acting(idp, &by).modify_user(account.user.id, &save).await.unwrap().is_dormant);
}

/// Somebody whose account `by` creates, and who activates it.
pub(crate) async fn made_by(idp: &TestIdp, by: UserId, name: &str) -> UserId {
    let level = account_of(idp, HUGO).await.level.id;
    let new = TestIdp::new_user(&format!("{name}@bank-e.example"), level);
    let by = actor(idp, by).await;
    let user = acting(idp, &by).create_user(&new, UserStatus::Invited).await.unwrap();
    idp.activate(user).await;
    user
}

/// As after `by` replaced address and number of somebody.
pub(crate) async fn note_takeover(idp: &TestIdp, user: UserId, by: UserId) {
    let tx = idp.app.store.begin().await.unwrap();
    tx.note_takeover(user, &[by].into()).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn confirm(
    idp: &TestIdp,
    by: UserId,
    of: &str,
) -> Result<(), AdministrationError> {
    let user = account_of(idp, of).await.user.id;
    let groups = idp.app.store.list_dormant_memberships_of(&[user]).await.unwrap();
    let groups = groups.into_values().flatten().filter(|one| !one.name.starts_with("A-"));
    let groups = groups.map(|one| one.group).collect();
    let choice = DormantChoice { groups, confirm: true, ..DormantChoice::default() };
    assert!(!choice.groups.is_empty());
    let by = actor(idp, by).await;
    acting(idp, &by).decide_dormant(user, &choice).await
}

on_both_databases! {
    async fn a_second_account_of_the_same_hand_confirms_nothing(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let second = administrator(&idp, "second", &[casper]).await;
        let puppet = made_by(&idp, both, "puppet").await;
        save(&idp, both, puppet, grant(&[USERS, casper])).await.unwrap();
        let further = made_by(&idp, puppet, "further").await;
        save(&idp, puppet, further, grant(&[casper])).await.unwrap();
        let colleague = administrator(&idp, "colleague", &[]).await;
        save(&idp, both, colleague, grant(&[casper])).await.unwrap();
        replace_both(&idp, both, HUGO, 7).await;
        for one in [both, puppet, further, colleague] {
            assert!(matches!(denial(confirm(&idp, one, HUGO).await), Denial::Excluded(_)));
        }
        let mut page = idp.signed_in("puppet@bank-e.example").await;
        let list = page.get("/confirmations").await.expect(StatusCode::OK);
        assert!(list.body.contains("CASPER_WEB_DATA_SUBMITTER") && !list.body.contains(" checked>"), "{}", list.body);
        let list = idp.signed_in("second@bank-e.example").await.get("/confirmations").await;
        assert!(list.body.contains(" checked>"), "{}", list.body);
        confirm(&idp, second, HUGO).await.unwrap();
    }
}

on_both_databases! {
    async fn what_the_second_account_began_the_first_does_not_confirm(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let puppet = made_by(&idp, both, "puppet").await;
        let other = made_by(&idp, both, "other").await;
        save(&idp, both, puppet, grant(&[USERS])).await.unwrap();
        save(&idp, both, other, grant(&[casper])).await.unwrap();
        replace_both(&idp, puppet, HUGO, 7).await;
        for one in [both, other] {
            assert!(matches!(denial(confirm(&idp, one, HUGO).await), Denial::Excluded(_)));
        }
    }
}

on_both_databases! {
    async fn an_account_that_was_taken_over_confirms_nothing_for_whoever_took_it(idp) {
        let casper = access(&idp, "CASPER").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let daa = administrator(&idp, "daa", &[casper]).await;
        let taken = administrator(&idp, "taken", &[]).await;
        note_takeover(&idp, taken, dua).await;
        save(&idp, daa, taken, grant(&[casper])).await.unwrap();
        replace_both(&idp, dua, HUGO, 7).await;
        assert!(matches!(denial(confirm(&idp, taken, HUGO).await), Denial::Excluded(_)));
        confirm(&idp, daa, HUGO).await.unwrap();
    }
}

on_both_databases! {
    async fn whom_a_nomination_names_is_a_person_of_its_own_whoever_made_the_account(idp) {
        let casper = access(&idp, "CASPER").await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let nominated = made_by(&idp, dua, "nominated").await;
        idp.administration().change_roles(nominated, &grant(&[casper])).await.unwrap();
        replace_both(&idp, dua, HUGO, 7).await;
        assert!(matches!(denial(confirm(&idp, nominated, HUGO).await), Denial::Excluded(_)));
        idp.execute("UPDATE delegated_roles SET nomination_id = level_id WHERE kind = 'ApplicationAccessAdmin'").await;
        confirm(&idp, nominated, HUGO).await.unwrap();
    }
}

on_both_databases! {
    async fn the_page_sends_as_many_statements_for_ten_people_as_for_one(idp) {
        let casper = access(&idp, "CASPER").await;
        administrator(&idp, "daa", &[casper]).await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let mut visitor = idp.signed_in("daa@bank-e.example").await;
        let mut counts = Vec::new();
        for number in 0..10_u8 {
            let name = format!("person-{number}");
            let roles = [access(&idp, "SSM-PORTAL").await];
            let user = administrator(&idp, &name, if number % 2 == 0 { &roles } else { &[] as &[RoleKind] }).await;
            idp.administration().assign_membership(user, &group).await.unwrap();
            idp.app.store.find_account(user).await.unwrap().unwrap();
            if number % 2 == 0 {
                let tx = idp.app.store.begin().await.unwrap();
                tx.make_access_dormant(user, START).await.unwrap();
                tx.commit().await.unwrap();
            } else {
                replace_both(&idp, dua, &format!("{name}@bank-e.example"), number).await;
            }
            visitor.get("/confirmations").await.expect(StatusCode::OK);
            let before = idp.app.store.statements_so_far();
            let page = visitor.get("/confirmations").await.expect(StatusCode::OK);
            counts.push(idp.app.store.statements_so_far() - before);
            assert_eq!(page.body.matches("name=\"group.").count(), usize::from(number) + 1, "{}", page.body);
        }
        assert_eq!(counts[1], counts[9], "{counts:?}");
        assert!(counts[1] > 5, "{counts:?}");
    }
}

/// The same, and the new address is proved, as whoever has taken the account over would.
pub(crate) async fn take_over(idp: &TestIdp, by: UserId, email: &str) -> UserId {
    let user = account_of(idp, email).await.user.id;
    replace_both(idp, by, email, 7).await;
    let proof = Proof {
        link: [7; 32],
        purpose: LinkPurpose::NewEmail,
        user,
        phone: None,
        password_hash: "no password",
        terms: &Version::of_text(),
    };
    acting(idp, &Actor::Setup).use_link(&proof).await.unwrap();
    user
}

/// Whether somebody's membership of CASPER counts.
pub(crate) async fn counts(idp: &TestIdp, user: UserId) -> bool {
    let held = idp.app.store.list_memberships(user).await.unwrap();
    held.iter().any(|one| one.group.name == "CASPER_WEB_DATA_SUBMITTER" && !one.is_dormant)
}

on_both_databases! {
    async fn what_waits_is_not_taken_away_and_given_anew_by_the_same_hand(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let second = administrator(&idp, "second", &[casper]).await;
        let puppet = made_by(&idp, both, "puppet").await;
        save(&idp, both, puppet, grant(&[casper])).await.unwrap();
        let user = take_over(&idp, both, HUGO).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        for (by, may) in [(both, false), (puppet, false), (second, true)] {
            let by = actor(&idp, by).await;
            acting(&idp, &by).remove_membership(user, &group).await.unwrap();
            acting(&idp, &by).assign_membership(user, &group).await.unwrap();
            assert_eq!(counts(&idp, user).await, may);
        }
    }
}

on_both_databases! {
    async fn what_is_granted_on_request_waits_like_what_is_assigned(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let user = take_over(&idp, both, HUGO).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let by = actor(&idp, both).await;
        acting(&idp, &by).remove_membership(user, &group).await.unwrap();
        let hugo = actor(&idp, user).await;
        let reason = Reason::parse("I need it back").unwrap();
        let new = NewAccessRequest { user, group: group.id, reason, wished_until: None };
        let request = acting(&idp, &hugo).request_access(&new).await.unwrap();
        let answer = Answer::Grant { until: None };
        acting(&idp, &by).decide_access_request(request, &answer).await.unwrap();
        assert!(!counts(&idp, user).await, "a second administrator confirms it");
        assert!(!idp.app.store.list_memberships(user).await.unwrap().is_empty());
    }
}

on_both_databases! {
    async fn more_time_for_what_a_second_one_confirmed_waits_like_what_is_assigned(idp) {
        let casper = access(&idp, "CASPER").await;
        let both = administrator(&idp, "both", &[USERS, casper]).await;
        let second = administrator(&idp, "second", &[casper]).await;
        let user = account_of(&idp, HUGO).await.user.id;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap().id;
        let last_day = async |by: UserId, until: Option<&str>| {
            let until = until.map(|day| ExpirationDate::from_iso(day).unwrap());
            let staged = Staged { last_days: [(group, until)].into(), ..Staged::default() };
            let by = actor(&idp, by).await;
            let save = MembershipSave { known_version: None, staged };
            acting(&idp, &by).save_memberships(user, &save).await.unwrap();
        };
        last_day(second, Some("2026-12-31")).await;
        take_over(&idp, both, HUGO).await;
        confirm(&idp, second, "taken-hugo@bank-e.example").await.unwrap();
        assert!(counts(&idp, user).await);
        last_day(both, Some("2026-12-30")).await;
        assert!(counts(&idp, user).await, "less time gives nothing");
        last_day(second, Some("2026-12-31")).await;
        assert!(counts(&idp, user).await, "a second one gives it");
        let endings = async || {
            let told = idp.app.store.list_notices(user, None, 50).await.unwrap();
            told.iter().filter(|notice| notice.kind == NoticeKind::AccessDormant).count()
        };
        for until in [Some("2027-01-31"), None] {
            let before = endings().await;
            last_day(both, until).await;
            assert!(!counts(&idp, user).await, "{until:?}");
            assert_eq!(endings().await, before + 1, "what is given now is less than what ends");
            confirm(&idp, second, "taken-hugo@bank-e.example").await.unwrap();
        }
    }
}
