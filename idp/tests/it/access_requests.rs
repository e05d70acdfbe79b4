//! Requests for access: asked once, decided once, by the right people, and told to both.

use idp::{
    administration::{Administration, AdministrationError, Rule},
    jobs,
};
use portal_core::{
    access_request::{Answer, NewAccessRequest, Reason, RequestError, RequestState},
    audit::Origin,
    email::EmailKey,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, LevelId, UserId},
    notice::NoticeKind,
    organisation::ThirdPartyStatus,
    permission::{Action, Actor, ApplicationSight, Denial, application_sight},
};
use storage::Account;
use uuid::Uuid;

use crate::{
    harness::{HUGO, START, TestIdp},
    on_both_databases,
};

pub(crate) async fn account(idp: &TestIdp, user: UserId) -> Account {
    idp.app.store.find_account(user).await.unwrap().unwrap()
}

pub(crate) async fn level_of_hugo(idp: &TestIdp) -> LevelId {
    let hugo = idp.app.store.find_account_by_email(&EmailKey::of(HUGO)).await.unwrap();
    hugo.unwrap().level.id
}

/// An ACTIVE person at a level.
pub(crate) async fn active(idp: &TestIdp, email: &str, level: LevelId) -> UserId {
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    user
}

/// An ACTIVE access administrator of an application.
pub(crate) async fn daa(idp: &TestIdp, email: &str, level: LevelId, code: &str) -> UserId {
    let user = active(idp, email, level).await;
    let application = idp.app.store.find_application(code).await.unwrap().unwrap();
    idp.administration().grant_access_administrator(user, &application).await.unwrap();
    user
}

pub(crate) async fn actor(idp: &TestIdp, user: UserId) -> Actor {
    idp.app.store.actor(&account(idp, user).await).await.unwrap()
}

pub(crate) fn at_work<'a>(idp: &'a TestIdp, actor: &'a Actor) -> Administration<'a> {
    Administration { store: &idp.app.store, actor, now: idp.app.now(), origin: Origin::default() }
}

pub(crate) async fn group(idp: &TestIdp, name: &str) -> (GroupId, ApplicationId) {
    let group = idp.app.store.find_group(name).await.unwrap().unwrap();
    (group.id, group.application_id)
}

/// What a person was told of requests and reviews, newest first.
pub(crate) async fn told(idp: &TestIdp, user: UserId) -> Vec<NoticeKind> {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    let roles =
        [NoticeKind::RoleGranted, NoticeKind::AdministratorAdded, NoticeKind::MembershipAssigned];
    notices.into_iter().map(|notice| notice.kind).filter(|kind| !roles.contains(kind)).collect()
}

fn wish(user: UserId, group: GroupId) -> NewAccessRequest {
    let reason = Reason::parse("I file the quarterly returns").unwrap();
    NewAccessRequest { user, group, reason, wished_until: None }
}

pub(crate) async fn ask(
    idp: &TestIdp,
    user: UserId,
    group: GroupId,
) -> Result<Uuid, AdministrationError> {
    let actor = actor(idp, user).await;
    at_work(idp, &actor).request_access(&wish(user, group)).await
}

async fn state(idp: &TestIdp, id: Uuid) -> RequestState {
    idp.app.store.find_access_request(id).await.unwrap().unwrap().state
}

fn rule(result: Result<impl Sized, AdministrationError>) -> Rule {
    match result.err().unwrap() {
        AdministrationError::Rule(rule) => rule,
        other => panic!("{other}"),
    }
}

fn denial(result: Result<impl Sized, AdministrationError>) -> Denial {
    match result.err().unwrap() {
        AdministrationError::Denied(denial) => denial,
        other => panic!("{other}"),
    }
}

on_both_databases! {
    async fn a_granted_request_is_a_membership_with_its_end_and_both_are_told(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let casper_only = daa(&idp, "carl@bank-e.example", level, "CASPER").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, application) = group(&idp, "SSM-PORTAL_USER").await;
        let id = ask(&idp, elsa, ssm).await.unwrap();
        assert_eq!(told(&idp, petra).await, [NoticeKind::AccessRequested]);
        assert!(!told(&idp, casper_only).await.contains(&NoticeKind::AccessRequested));
        assert_eq!(rule(ask(&idp, elsa, ssm).await), Rule::Request(RequestError::AskedAlready));

        let day = ExpirationDate::from_iso("2026-12-31").unwrap();
        let by = actor(&idp, petra).await;
        at_work(&idp, &by).decide_access_request(id, &Answer::Grant { until: Some(day) }).await.unwrap();
        assert_eq!(state(&idp, id).await, RequestState::Granted);
        assert_eq!(told(&idp, elsa).await, [NoticeKind::RequestGranted]);
        let holds = |at| { let store = idp.app.store.clone(); async move { !store.holdings(elsa, at).await.unwrap().of(application).groups.is_empty() } };
        assert!(holds(START).await);
        assert!(!holds(START.plus_seconds(60 * 24 * 60 * 60)).await, "it ends on its day");
        assert_eq!(rule(ask(&idp, elsa, ssm).await), Rule::Request(RequestError::Held));
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn a_request_is_decided_by_the_administrators_of_its_application_and_level_only(idp) {
        let level = level_of_hugo(&idp).await;
        let (bank, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let ssm_portal = idp.app.store.find_application("SSM-PORTAL").await.unwrap().unwrap();
        idp.administration().onboard(bank, &ssm_portal).await.unwrap();
        let foreign = daa(&idp, "frida@bank-01.example", elsewhere, "SSM-PORTAL").await;
        let casper_only = daa(&idp, "carl@bank-e.example", level, "CASPER").await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let id = ask(&idp, elsa, ssm).await.unwrap();
        let own = ask(&idp, petra, ssm).await.unwrap();
        let grant = Answer::Grant { until: None };
        for (who, request, expected) in [
            (foreign, id, Denial::NotFound),
            (casper_only, id, Denial::Forbidden),
            (elsa, id, Denial::NotFound),
        ] {
            let by = actor(&idp, who).await;
            assert_eq!(denial(at_work(&idp, &by).decide_access_request(request, &grant).await), expected);
            let foreign_withdrawal = at_work(&idp, &by).withdraw_access_request(own).await;
            assert!(matches!(foreign_withdrawal, Err(AdministrationError::Denied(_))));
        }
        let by = actor(&idp, petra).await;
        let refused = denial(at_work(&idp, &by).decide_access_request(own, &grant).await);
        assert!(matches!(refused, Denial::Excluded(_)), "nobody grants the own request");

        let seen = |sight: ApplicationSight| { let store = idp.app.store.clone(); async move {
            let open = store.list_open_access_requests(&sight, (None, 10), START).await.unwrap();
            open.into_iter().map(|request| request.id).collect::<Vec<_>>()
        } };
        for (who, expected) in [(petra, vec![id, own]), (casper_only, vec![]), (foreign, vec![])] {
            let sight = application_sight(&actor(&idp, who).await, Action::DecideAccessRequest, START);
            let mut found = seen(sight).await;
            found.sort();
            let mut expected = expected;
            expected.sort();
            assert_eq!(found, expected);
        }
    }
}

on_both_databases! {
    async fn what_is_over_is_decided_no_more(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let (person, by) = (actor(&idp, elsa).await, actor(&idp, petra).await);
        let refuse = Answer::Refuse { reason: Reason::parse("Ask for CASPER instead").unwrap() };
        let withdrawn = ask(&idp, elsa, ssm).await.unwrap();
        at_work(&idp, &person).withdraw_access_request(withdrawn).await.unwrap();
        assert_eq!(rule(at_work(&idp, &by).decide_access_request(withdrawn, &refuse).await), Rule::RequestOver);
        assert_eq!(state(&idp, withdrawn).await, RequestState::Withdrawn);

        let again = ask(&idp, elsa, ssm).await.unwrap();
        at_work(&idp, &by).decide_access_request(again, &refuse).await.unwrap();
        assert_eq!(told(&idp, elsa).await, [NoticeKind::RequestRefused]);
        assert_eq!(rule(at_work(&idp, &person).withdraw_access_request(again).await), Rule::RequestOver);

        let third = ask(&idp, elsa, ssm).await.unwrap();
        idp.database.execute("UPDATE users SET status = 'SUSPENDED' WHERE email_key = 'elsa@bank-e.example'").await;
        let grant = Answer::Grant { until: None };
        assert_eq!(rule(at_work(&idp, &by).decide_access_request(third, &grant).await), Rule::RequestOver);
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(state(&idp, third).await, RequestState::Lapsed);
        assert!(told(&idp, elsa).await.contains(&NoticeKind::RequestLapsed));
    }
}

on_both_databases! {
    async fn what_was_given_meanwhile_stays_and_is_told_as_it_is(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let id = ask(&idp, elsa, ssm).await.unwrap();
        let by = actor(&idp, petra).await;
        let given = idp.app.store.find_group("SSM-PORTAL_USER").await.unwrap().unwrap();
        at_work(&idp, &by).assign_membership(elsa, &given).await.unwrap();
        let until = Some(ExpirationDate::from_iso("2026-12-31").unwrap());
        at_work(&idp, &by).decide_access_request(id, &Answer::Grant { until }).await.unwrap();
        let notices = idp.app.store.list_notices(elsa, None, 50).await.unwrap();
        let granted = notices.iter().find(|notice| notice.kind == NoticeKind::RequestGranted).unwrap();
        assert_eq!(granted.facts.get("until"), None, "what is held has no last day");
        assert_eq!(idp.app.store.list_memberships(elsa).await.unwrap()[0].valid_until, None);
    }
}

on_both_databases! {
    async fn a_request_lapses_when_the_third_party_leaves_the_application(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let (casper, _) = group(&idp, "CASPER_WEB_DATA_SUBMITTER").await;
        let (id, stays) = (ask(&idp, elsa, ssm).await.unwrap(), ask(&idp, elsa, casper).await.unwrap());
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(state(&idp, id).await, RequestState::Open);
        let bank = account(&idp, petra).await.third_party.unwrap().id;
        let ssm_portal = idp.app.store.find_application("SSM-PORTAL").await.unwrap().unwrap();
        let foreseen = idp.app.store.count_access(bank, Some(ssm_portal.id)).await.unwrap();
        idp.administration().offboard(bank, &ssm_portal, foreseen).await.unwrap();
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!((state(&idp, id).await, state(&idp, stays).await), (RequestState::Lapsed, RequestState::Open));
        assert!(told(&idp, elsa).await.contains(&NoticeKind::RequestLapsed));
    }
}

on_both_databases! {
    async fn nobody_asks_for_what_the_third_party_is_not_onboarded_to(idp) {
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let person = active(&idp, "user@bank-01.example", elsewhere).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        assert!(matches!(ask(&idp, person, ssm).await, Err(AdministrationError::Missing(_))));
        let own = idp.app.store.list_own_access_requests(person, 10).await.unwrap();
        assert!(own.is_empty(), "nothing was stored");
    }
}

on_both_databases! {
    async fn of_two_administrators_at_once_one_decides(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "SSM-PORTAL").await;
        let paul = daa(&idp, "paul@bank-e.example", level, "SSM-PORTAL").await;
        let (by_petra, by_paul) = (actor(&idp, petra).await, actor(&idp, paul).await);
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        for round in 0..5 {
            let user = active(&idp, &format!("user{round}@bank-e.example"), level).await;
            let id = ask(&idp, user, ssm).await.unwrap();
            let grant = Answer::Grant { until: None };
            let refuse = Answer::Refuse { reason: Reason::parse("no").unwrap() };
            let (one, other) = (at_work(&idp, &by_petra), at_work(&idp, &by_paul));
            let (granted, refused) = tokio::join!(
                one.decide_access_request(id, &grant),
                other.decide_access_request(id, &refuse),
            );
            assert_ne!(granted.is_ok(), refused.is_ok(), "round {round}");
            let held = !idp.app.store.holdings(user, START).await.unwrap().of(group(&idp, "SSM-PORTAL_USER").await.1).groups.is_empty();
            assert_eq!(held, granted.is_ok());
        }
    }
}

on_both_databases! {
    async fn two_requests_at_once_for_one_group_are_one(idp) {
        let level = level_of_hugo(&idp).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        for round in 0..5 {
            let user = active(&idp, &format!("user{round}@bank-e.example"), level).await;
            let (one, other) = tokio::join!(ask(&idp, user, ssm), ask(&idp, user, ssm));
            assert_ne!(one.is_ok(), other.is_ok(), "round {round}");
        }
    }
}
