//! Access reviews: begun when due, decided by the right people, signed off once, lapsing by themselves.

use idp::{
    administration::{AdministrationError, ReviewChoice, Rule, UserSave, review_evidence},
    jobs,
};
use portal_core::{
    access_review::{ItemDecision, ReviewError, ReviewState},
    account::NewUser,
    email::Email,
    id::{ApplicationId, UserId},
    notice::NoticeKind,
    organisation::ThirdPartyStatus,
    permission::{ApplicationSight, Denial},
    phone::PhoneNumber,
};
use storage::{AccessReview, ItemsWanted, ReviewItem, ReviewsWanted};
use uuid::Uuid;

use super::access_requests::{active, actor, at_work, daa, group, level_of_hugo, told};
use crate::{
    harness::{START, TestIdp},
    on_both_databases,
};

pub(crate) const DAY: i64 = 24 * 60 * 60;

/// Hugo and Elsa in a group of CASPER; Petra administers its access.
pub(crate) async fn petra_and_elsa(idp: &TestIdp) -> (UserId, UserId) {
    let level = level_of_hugo(idp).await;
    let petra = daa(idp, "petra@bank-e.example", level, "CASPER").await;
    let elsa = active(idp, "elsa@bank-e.example", level).await;
    let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
    idp.administration().assign_membership(elsa, &group).await.unwrap();
    (petra, elsa)
}

async fn casper(idp: &TestIdp) -> ApplicationId {
    group(idp, "CASPER_WEB_DATA_SUBMITTER").await.1
}

pub(crate) async fn begin(idp: &TestIdp, by: UserId) -> Result<Uuid, AdministrationError> {
    let actor = actor(idp, by).await;
    let third_party = super::access_requests::account(idp, by).await.third_party.unwrap().id;
    at_work(idp, &actor).begin_access_review(third_party, casper(idp).await).await
}

pub(crate) async fn items(idp: &TestIdp, review: Uuid) -> Vec<ReviewItem> {
    let wanted = ItemsWanted { limit: 5000, ..ItemsWanted::default() };
    idp.app.store.list_review_items(review, &wanted).await.unwrap()
}

pub(crate) async fn decide(
    idp: &TestIdp,
    by: UserId,
    review: Uuid,
    decisions: &[(i32, ItemDecision)],
) -> Result<(), AdministrationError> {
    let stored = items(idp, review).await;
    let was = |position| stored.iter().find(|item| item.position == position)?.decision;
    let choices: Vec<ReviewChoice> = decisions
        .iter()
        .map(|(at, to)| ReviewChoice { position: *at, was: was(*at), decision: *to })
        .collect();
    let actor = actor(idp, by).await;
    at_work(idp, &actor).decide_review(review, &choices).await
}

pub(crate) async fn sign_off(
    idp: &TestIdp,
    by: UserId,
    review: Uuid,
) -> Result<usize, AdministrationError> {
    let actor = actor(idp, by).await;
    at_work(idp, &actor).sign_off_review(review, None).await
}

pub(crate) async fn all(idp: &TestIdp) -> Vec<AccessReview> {
    let wanted = ReviewsWanted { limit: 100, ..ReviewsWanted::default() };
    idp.app.store.list_access_reviews(&ApplicationSight::Everything, wanted).await.unwrap()
}

pub(crate) async fn holds(idp: &TestIdp, user: UserId) -> bool {
    let holdings = idp.app.store.holdings(user, idp.app.now()).await.unwrap();
    !holdings.of(casper(idp).await).groups.is_empty()
}

fn review_error(result: Result<impl Sized, AdministrationError>) -> ReviewError {
    match result.err().unwrap() {
        AdministrationError::Rule(Rule::Review(error)) => error,
        other => panic!("{other}"),
    }
}

on_both_databases! {
    async fn removals_take_effect_at_the_sign_off_and_not_before(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        assert!(matches!(begin(&idp, petra).await, Err(AdministrationError::Stale)), "one at a time");
        assert_eq!(told(&idp, petra).await, [NoticeKind::ReviewStarted]);
        let found = items(&idp, review).await;
        assert_eq!(found.len(), 2);
        let of_elsa = found.iter().find(|item| item.user == elsa).unwrap().position;
        let of_hugo = found.iter().find(|item| item.user != elsa).unwrap();
        assert_eq!(review_error(sign_off(&idp, petra, review).await), ReviewError::Undecided);
        decide(&idp, petra, review, &[(of_elsa, ItemDecision::Remove)]).await.unwrap();
        assert!(holds(&idp, elsa).await);
        decide(&idp, petra, review, &[(of_hugo.position, ItemDecision::Keep)]).await.unwrap();
        assert_eq!(sign_off(&idp, petra, review).await.unwrap(), 1);
        assert!(!holds(&idp, elsa).await && holds(&idp, of_hugo.user).await);
        assert_eq!(told(&idp, elsa).await, [NoticeKind::MembershipRemoved]);
        let signed = idp.app.store.find_access_review(review).await.unwrap().unwrap();
        assert_eq!((signed.state, signed.signed_off_by), (ReviewState::SignedOff, Some(petra)));
        assert_eq!(signed.digest.unwrap().len(), 64);
        assert_eq!(review_error(sign_off(&idp, petra, review).await), ReviewError::Over);
        let late = decide(&idp, petra, review, &[(of_elsa, ItemDecision::Keep)]).await;
        assert_eq!(review_error(late), ReviewError::Over);
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn what_was_assigned_anew_since_is_not_removed(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let by = actor(&idp, petra).await;
        at_work(&idp, &by).remove_membership(elsa, &group).await.unwrap();
        at_work(&idp, &by).assign_membership(elsa, &group).await.unwrap();
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Remove)]).await.unwrap();
        }
        assert_eq!(sign_off(&idp, petra, review).await.unwrap(), 1, "that of Hugo only");
        assert!(holds(&idp, elsa).await);
    }
}

on_both_databases! {
    async fn others_neither_begin_nor_decide_nor_sign_off(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let (bank, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().onboard(bank, &casper).await.unwrap();
        let foreign = daa(&idp, "frida@bank-01.example", elsewhere, "CASPER").await;
        let other = daa(&idp, "simon@bank-e.example", level_of_hugo(&idp).await, "SSM-PORTAL").await;
        let review = begin(&idp, petra).await.unwrap();
        let keep: Vec<_> = items(&idp, review).await.iter().map(|item| (item.position, ItemDecision::Keep)).collect();
        for (who, expected) in [(foreign, Denial::NotFound), (elsa, Denial::NotFound), (other, Denial::Forbidden)] {
            for refused in [
                decide(&idp, who, review, &keep).await.err(),
                sign_off(&idp, who, review).await.err(),
            ] {
                assert!(matches!(refused, Some(AdministrationError::Denied(denial)) if denial == expected), "{refused:?}");
            }
        }
        assert!(matches!(begin(&idp, other).await, Err(AdministrationError::Denied(Denial::Forbidden))));
        let stray = decide(&idp, petra, review, &[keep[0], (99, ItemDecision::Keep)]).await;
        assert!(matches!(stray, Err(AdministrationError::Missing(_))));
        assert!(items(&idp, review).await.iter().all(|item| item.decision.is_none()), "all or nothing");
    }
}

on_both_databases! {
    async fn an_own_membership_is_decided_by_another_if_there_is_one(idp) {
        let (petra, _) = petra_and_elsa(&idp).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(petra, &group).await.unwrap();
        let review = begin(&idp, petra).await.unwrap();
        let own = items(&idp, review).await.iter().find(|item| item.user == petra).unwrap().position;
        decide(&idp, petra, review, &[(own, ItemDecision::Remove)]).await.unwrap();
        let paul = daa(&idp, "paul@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        let refused = decide(&idp, petra, review, &[(own, ItemDecision::Keep)]).await;
        assert_eq!(review_error(refused), ReviewError::Own);
        decide(&idp, paul, review, &[(own, ItemDecision::Keep)]).await.unwrap();
    }
}

on_both_databases! {
    /// I28: what waits for a second administrator does not come back by way of a review that lapsed before.
    async fn whoever_replaced_address_and_number_gets_nothing_back_by_a_lapsed_review(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        idp.administration().grant_user_administrator(petra).await.unwrap();
        let review = begin(&idp, petra).await.unwrap();
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(!holds(&idp, elsa).await, "it lapsed");
        let account = crate::access_requests::account(&idp, elsa).await;
        let details = NewUser {
            phone: PhoneNumber::parse("+447700900099").unwrap(),
            email: Email::parse("taken@bank-e.example").unwrap(),
            ..TestIdp::new_user("elsa@bank-e.example", account.level.id)
        };
        let save = UserSave { version: account.user.version, details, link: [7; 32] };
        let by = actor(&idp, petra).await;
        assert!(at_work(&idp, &by).modify_user(elsa, &save).await.unwrap().is_dormant);
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        sign_off(&idp, petra, review).await.unwrap();
        assert!(!holds(&idp, elsa).await, "it waits for a second administrator");
        let hugo = items(&idp, review).await.into_iter().find(|item| item.user != elsa).unwrap();
        assert!(holds(&idp, hugo.user).await, "that of others counts again");
    }
}

on_both_databases! {
    async fn a_review_begins_by_itself_when_it_is_due_reminds_and_lapses(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(all(&idp).await.is_empty(), "onboarded yesterday");
        idp.database.execute("UPDATE applications SET review_months = 6 WHERE code = 'CASPER'").await;
        idp.clock.advance_seconds(184 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        jobs::access::advance(&idp.app).await.unwrap();
        let begun = all(&idp).await;
        assert_eq!(begun.len(), 1, "the flagged one, once");
        let review = begun[0].id;
        assert_eq!(begun[0].application_code, "CASPER");
        assert_eq!(told(&idp, petra).await, [NoticeKind::ReviewStarted]);

        for (days, reminders) in [(15, 0), (1, 1), (10, 1), (1, 2), (2, 2)] {
            idp.clock.advance_seconds(days * DAY);
            jobs::access::advance(&idp.app).await.unwrap();
            jobs::access::advance(&idp.app).await.unwrap();
            let due = told(&idp, petra).await.into_iter().filter(|kind| *kind == NoticeKind::ReviewDue);
            assert_eq!(due.count(), reminders);
        }
        let kept = items(&idp, review).await.into_iter().find(|item| item.user != elsa).unwrap();
        decide(&idp, petra, review, &[(kept.position, ItemDecision::Keep)]).await.unwrap();
        assert!(holds(&idp, elsa).await);
        idp.clock.advance_seconds(DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        assert!(!holds(&idp, elsa).await, "nobody confirmed it");
        assert!(holds(&idp, kept.user).await, "that was confirmed");
        assert_eq!(all(&idp).await[0].state, ReviewState::Lapsed);
        assert_eq!(told(&idp, elsa).await, [NoticeKind::AccessUnconfirmed]);
        assert!(told(&idp, petra).await.contains(&NoticeKind::ReviewLapsed));

        // Late is better than never.
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        assert!(!holds(&idp, elsa).await);
        sign_off(&idp, petra, review).await.unwrap();
        assert!(holds(&idp, elsa).await);
        assert!(told(&idp, elsa).await.contains(&NoticeKind::AccessConfirmed));
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(all(&idp).await.len(), 1, "the next one is half a year away");
    }
}

on_both_databases! {
    async fn a_late_sign_off_does_not_wake_what_slept_for_another_reason(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        idp.database.execute("UPDATE memberships SET dormant_at = 1").await;
        idp.clock.advance_seconds(31 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Keep)]).await.unwrap();
        }
        sign_off(&idp, petra, review).await.unwrap();
        assert!(!holds(&idp, elsa).await, "I28: somebody else confirms that");
    }
}

on_both_databases! {
    async fn a_review_is_begun_and_signed_off_once_however_many_try(idp) {
        let (petra, _) = petra_and_elsa(&idp).await;
        let (one, other) = tokio::join!(begin(&idp, petra), begin(&idp, petra));
        assert_ne!(one.is_ok(), other.is_ok());
        let review = one.or(other).unwrap();
        for item in items(&idp, review).await {
            decide(&idp, petra, review, &[(item.position, ItemDecision::Remove)]).await.unwrap();
        }
        let (one, other) = tokio::join!(sign_off(&idp, petra, review), sign_off(&idp, petra, review));
        assert_ne!(one.is_ok(), other.is_ok());
    }
}

on_both_databases! {
    /// I27: what somebody else decided stands, and so does who decided it.
    async fn what_a_colleague_decided_meanwhile_is_not_overwritten(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let paul = daa(&idp, "paul@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        let review = begin(&idp, petra).await.unwrap();
        let found = items(&idp, review).await;
        let of = |user| found.iter().find(move |item| (item.user == elsa) == user).unwrap().position;
        decide(&idp, paul, review, &[(of(true), ItemDecision::Remove)]).await.unwrap();
        let by = actor(&idp, petra).await;
        let seen = |position, decision| ReviewChoice { position, was: None, decision };
        let late = [seen(of(false), ItemDecision::Keep), seen(of(true), ItemDecision::Keep)];
        let late = at_work(&idp, &by).decide_review(review, &late).await;
        assert!(matches!(late, Err(AdministrationError::Stale)), "{late:?}");
        let stored = items(&idp, review).await;
        assert!(stored.iter().all(|item| item.decision.is_none() || item.user == elsa), "all or nothing");
        let same = [seen(of(false), ItemDecision::Keep), seen(of(true), ItemDecision::Remove)];
        idp.clock.advance_seconds(60);
        at_work(&idp, &by).decide_review(review, &same).await.unwrap();
        let stored = items(&idp, review).await.into_iter().find(|item| item.user == elsa).unwrap();
        assert_eq!((stored.decision, stored.decided_by), (Some(ItemDecision::Remove), Some(paul)));
        assert_eq!(stored.decided_at, Some(START));
    }
}

on_both_databases! {
    async fn a_sign_off_is_of_the_decisions_that_were_looked_at(idp) {
        let (petra, elsa) = petra_and_elsa(&idp).await;
        let review = begin(&idp, petra).await.unwrap();
        for item in items(&idp, review).await {
            let decision = if item.user == elsa { ItemDecision::Keep } else { ItemDecision::Remove };
            decide(&idp, petra, review, &[(item.position, decision)]).await.unwrap();
        }
        let removals = idp.app.store.list_review_removals(review).await.unwrap();
        let mark = review_evidence::mark(ReviewState::Open, &removals);
        // As many removals, of somebody else.
        for item in items(&idp, review).await {
            let decision = if item.user == elsa { ItemDecision::Remove } else { ItemDecision::Keep };
            decide(&idp, petra, review, &[(item.position, decision)]).await.unwrap();
        }
        let by = actor(&idp, petra).await;
        let late = at_work(&idp, &by).sign_off_review(review, Some(&mark)).await;
        assert!(matches!(late, Err(AdministrationError::Stale)), "{late:?}");
        assert!(holds(&idp, elsa).await);
        let removals = idp.app.store.list_review_removals(review).await.unwrap();
        let mark = review_evidence::mark(ReviewState::Open, &removals);
        assert_eq!(at_work(&idp, &by).sign_off_review(review, Some(&mark)).await.unwrap(), 1);
        assert!(!holds(&idp, elsa).await);
    }
}

on_both_databases! {
    /// O4: whose account has expired decides nothing and is told nothing.
    async fn an_expired_administrator_is_no_other_reviewer(idp) {
        let (petra, _) = petra_and_elsa(&idp).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(petra, &group).await.unwrap();
        let paul = daa(&idp, "paul@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        idp.execute("UPDATE users SET expires_on = '2026-11-20' WHERE email_key = 'paul@bank-e.example'").await;
        let review = begin(&idp, petra).await.unwrap();
        assert!(told(&idp, paul).await.is_empty());
        let own = items(&idp, review).await.into_iter().find(|item| item.user == petra).unwrap();
        decide(&idp, petra, review, &[(own.position, ItemDecision::Keep)]).await.unwrap();
        idp.execute("UPDATE users SET expires_on = '2026-11-21' WHERE email_key = 'paul@bank-e.example'").await;
        let refused = decide(&idp, petra, review, &[(own.position, ItemDecision::Remove)]).await;
        assert_eq!(review_error(refused), ReviewError::Own, "the last day is not over");
    }
}
