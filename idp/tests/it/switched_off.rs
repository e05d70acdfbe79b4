//! An application that is switched off: access to it can be taken away, and none is given.

use axum::http::StatusCode;
use idp::administration::{AdministrationError, MembershipSave, Rule};
use portal_core::{access_request::Answer, id::UserId, membership::Staged};
use storage::ApplicationDetails;

use crate::{
    access_requests::{account, active, actor, ask, at_work, daa, group, level_of_hugo},
    harness::TestIdp,
    on_both_databases,
};

const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

async fn switch_casper(idp: &TestIdp, is_enabled: bool) {
    let found = idp.app.store.find_registered_application("CASPER").await.unwrap().unwrap();
    let new = ApplicationDetails { is_enabled, ..found.details.clone() };
    let setup = idp.administration();
    setup.modify_application(&found.application, &found.details, &new).await.unwrap();
}

async fn holds_casper(idp: &TestIdp, user: UserId) -> bool {
    !idp.app.store.list_memberships(user).await.unwrap().is_empty()
}

on_both_databases! {
    async fn access_to_what_is_switched_off_is_taken_away_and_not_given(idp) {
        let level = level_of_hugo(&idp).await;
        let petra = daa(&idp, "petra@bank-e.example", level, "CASPER").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let emil = active(&idp, "emil@bank-e.example", level).await;
        let fred = active(&idp, "fred@bank-e.example", level).await;
        let casper = idp.app.store.find_group(CASPER).await.unwrap().unwrap();
        idp.administration().assign_membership(elsa, &casper).await.unwrap();
        let asked = ask(&idp, fred, casper.id).await.unwrap();
        switch_casper(&idp, false).await;

        let adds = Staged { additions: [(casper.id, None)].into(), ..Staged::default() };
        let known_version = Some(account(&idp, emil).await.user.access_version);
        let by = actor(&idp, petra).await;
        let given = at_work(&idp, &by).save_memberships(emil, &MembershipSave { known_version, staged: adds }).await;
        assert!(matches!(given, Err(AdministrationError::Rule(Rule::SwitchedOff))), "{given:?}");
        let granted = at_work(&idp, &by).decide_access_request(asked, &Answer::Grant { until: None }).await;
        assert!(matches!(granted, Err(AdministrationError::Rule(Rule::SwitchedOff))), "{granted:?}");
        assert!(!holds_casper(&idp, fred).await);
        let (group, _) = group(&idp, CASPER).await;
        assert!(matches!(ask(&idp, emil, group).await, Err(AdministrationError::Missing("group"))));
        let mut visitor = idp.signed_in("petra@bank-e.example").await;
        let file = |step: &str, who: &str| format!("email,group,action\n{who}@bank-e.example,{CASPER},{step}\n");
        let preview = visitor.upload("/memberships/import", file("add", "emil").as_bytes()).await;
        assert!(preview.field("ticket").is_none(), "{}", preview.body);
        assert!(!holds_casper(&idp, emil).await);
        let preview = visitor.upload("/memberships/import", file("remove", "elsa").as_bytes()).await;
        assert!(preview.expect(StatusCode::OK).field("ticket").is_some());

        let page = visitor.get(&format!("/users/{elsa}/memberships")).await.expect(StatusCode::OK).body;
        assert!(page.contains(&format!("remove.{group}")), "it can be taken away: {page}");
        let removes = Staged { removals: [group].into(), ..Staged::default() };
        let known_version = Some(account(&idp, elsa).await.user.access_version);
        let save = MembershipSave { known_version, staged: removes };
        at_work(&idp, &by).save_memberships(elsa, &save).await.unwrap();
        assert!(!holds_casper(&idp, elsa).await);
        switch_casper(&idp, true).await;
        ask(&idp, emil, group).await.unwrap();
        at_work(&idp, &by).decide_access_request(asked, &Answer::Grant { until: None }).await.unwrap();
    }
}
