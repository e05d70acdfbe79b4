//! Where nobody is delegated, the operator's staff hear what delegates would (O3, O4).

use idp::jobs;
use portal_core::{
    access_request::{NewAccessRequest, Reason},
    id::UserId,
    notice::NoticeKind,
    permission::StaffRole,
};

use super::access_requests::{account, active, actor, at_work, daa, group, level_of_hugo};
use crate::{harness::TestIdp, on_both_databases};

async fn how_often(idp: &TestIdp, user: UserId, kind: NoticeKind) -> usize {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    notices.into_iter().filter(|notice| notice.kind == kind).count()
}

async fn ask(idp: &TestIdp, user: UserId, name: &str) {
    let reason = Reason::parse("I file the quarterly returns").unwrap();
    let group = group(idp, name).await.0;
    let wish = NewAccessRequest { user, group, reason, wished_until: None };
    let actor = actor(idp, user).await;
    at_work(idp, &actor).request_access(&wish).await.unwrap();
}

on_both_databases! {
    async fn a_request_reaches_staff_where_nobody_is_delegated_and_only_delegates_elsewhere(idp) {
        let level = level_of_hugo(&idp).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let desk = idp.staff("desk@operator.example", StaffRole::Support).await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        idp.execute("UPDATE third_parties SET administration = 'ecb'").await;
        ask(&idp, elsa, "SSM-PORTAL_USER").await;
        assert_eq!(how_often(&idp, boss, NoticeKind::AccessRequested).await, 1);
        assert_eq!(how_often(&idp, desk, NoticeKind::AccessRequested).await, 0);
        let petra = daa(&idp, "petra@bank-e.example", level, "CASPER").await;
        ask(&idp, elsa, "CASPER_WEB_DATA_SUBMITTER").await;
        assert_eq!(how_often(&idp, petra, NoticeKind::AccessRequested).await, 1);
        assert_eq!(how_often(&idp, boss, NoticeKind::AccessRequested).await, 1, "not of this one");
        // The only access administrator cannot grant the own request.
        ask(&idp, petra, "A-CASPER_WEB_DATA_SUBMITTER").await;
        assert_eq!(how_often(&idp, boss, NoticeKind::AccessRequested).await, 2);
    }
}

on_both_databases! {
    async fn a_review_where_nobody_is_delegated_begins_reminds_and_lapses_with_staff(idp) {
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let hugo = active(&idp, "elsa@bank-e.example", level_of_hugo(&idp).await).await;
        let third_party = account(&idp, hugo).await.third_party.unwrap().id;
        let casper = group(&idp, "CASPER_WEB_DATA_SUBMITTER").await.1;
        idp.administration().begin_access_review(third_party, casper).await.unwrap();
        assert_eq!(how_often(&idp, boss, NoticeKind::ReviewStarted).await, 1);
        idp.clock.advance_seconds(365 * 24 * 60 * 60);
        jobs::access::advance(&idp.app).await.unwrap();
        assert_eq!(how_often(&idp, boss, NoticeKind::ReviewLapsed).await, 1, "once, not twice");
    }
}
