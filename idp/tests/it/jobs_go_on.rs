//! One row that cannot be dealt with stops none of the others, and a look of a job goes on until nothing is left.

use idp::jobs::{self, accounts::end_accounts_that_are_over};
use portal_core::{
    access_request::RequestState, account::UserStatus, notice::NoticeKind,
    organisation::ThirdPartyStatus,
};

use crate::{
    access_requests::{account, active, ask, daa, group, level_of_hugo, told},
    access_reviews::all,
    harness::TestIdp,
    on_both_databases,
};

const DAY: i64 = 24 * 60 * 60;
/// More than are read at once.
const MANY: usize = 203;

on_both_databases! {
    async fn an_account_that_cannot_be_ended_stops_no_other_and_all_are_ended_in_one_look(idp) {
        let level = level_of_hugo(&idp).await;
        let broken = idp.create_user("broken@bank-e.example", level, None).await;
        let mut last = broken;
        for place in 0..MANY {
            last = idp.create_user(&format!("many-{place}@bank-e.example"), level, None).await;
        }
        idp.execute("UPDATE users SET created_at = 0, expires_on = 'never' WHERE email_key = 'broken@bank-e.example'").await;
        idp.clock.advance_seconds(31 * DAY);
        assert_eq!(end_accounts_that_are_over(&idp.app).await.unwrap(), MANY);
        assert_eq!(account(&idp, last).await.user.status, UserStatus::Deleted);

        idp.execute("UPDATE users SET status = 'DELETED', deleted_at = 0 WHERE email_key = 'broken@bank-e.example'").await;
        idp.clock.advance_seconds(31 * DAY);
        assert_eq!(end_accounts_that_are_over(&idp.app).await.unwrap(), MANY);
        assert!(account(&idp, last).await.user.email.starts_with("erased:"));
    }
}

async fn state(idp: &TestIdp, id: uuid::Uuid) -> RequestState {
    idp.app.store.find_access_request(id).await.unwrap().unwrap().state
}

on_both_databases! {
    async fn a_request_that_cannot_lapse_stops_no_other(idp) {
        let level = level_of_hugo(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let emil = active(&idp, "emil@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let of_elsa = ask(&idp, elsa, ssm).await.unwrap();
        idp.clock.advance_seconds(1);
        let of_emil = ask(&idp, emil, ssm).await.unwrap();
        idp.execute("UPDATE users SET status = 'SUSPENDED' WHERE email_key IN ('elsa@bank-e.example', 'emil@bank-e.example')").await;
        idp.execute("UPDATE users SET expires_on = 'never' WHERE email_key = 'elsa@bank-e.example'").await;
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(state(&idp, of_elsa).await, RequestState::Open);
        assert_eq!(state(&idp, of_emil).await, RequestState::Lapsed);
        assert_eq!(told(&idp, emil).await, [NoticeKind::RequestLapsed]);
    }
}

on_both_databases! {
    async fn reviews_begin_although_requests_cannot_be_read(idp) {
        idp.execute("UPDATE applications SET review_months = 6 WHERE code = 'CASPER'").await;
        idp.execute("ALTER TABLE access_requests RENAME TO access_requests_away").await;
        idp.clock.advance_seconds(184 * DAY);
        assert!(jobs::access::advance(&idp.app).await.is_err());
        let until = idp.app.now().plus_seconds(366 * DAY);
        let open = idp.app.store.list_open_access_reviews(until, None, 10).await.unwrap();
        assert_eq!(open.len(), 1);
    }
}

on_both_databases! {
    async fn a_review_that_cannot_begin_or_go_on_stops_no_other(idp) {
        daa(&idp, "petra@bank-e.example", level_of_hugo(&idp).await, "CASPER").await;
        // Another third party, which comes first.
        let (abank, level) = idp.create_third_party("A BANK", ThirdPartyStatus::Active).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().onboard(abank, &casper).await.unwrap();
        let other = daa(&idp, "nobody@a-bank.example", level, "CASPER").await;
        let emil = active(&idp, "emil@a-bank.example", level).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(emil, &group).await.unwrap();
        let breaks = "UPDATE users SET expires_on = 'never' WHERE email_key = 'nobody@a-bank.example'";
        idp.execute(breaks).await;
        idp.clock.advance_seconds(367 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        let begun = all(&idp).await;
        let begun: Vec<_> = begun.iter().map(|one| one.third_party).collect();
        assert!(begun.len() == 2 && !begun.contains(&abank), "that of A BANK cannot begin: {begun:?}");

        idp.execute("UPDATE users SET expires_on = NULL WHERE email_key = 'nobody@a-bank.example'").await;
        idp.clock.advance_seconds(1);
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(all(&idp).await.len(), 3);
        idp.execute("UPDATE users SET expires_on = 'never' WHERE email_key = 'petra@bank-e.example'").await;
        idp.clock.advance_seconds(16 * DAY);
        jobs::access::advance(&idp.app).await.unwrap();
        let told = told(&idp, other).await;
        assert_eq!(told, [NoticeKind::ReviewDue, NoticeKind::ReviewStarted]);
    }
}
