//! Alerts: raised once, by whichever node looks first, and again when an hour is over (security.md 133).

use idp::jobs::alerts::raise_alerts;
use portal_core::{
    alert::Alert,
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Sight, StaffRole},
};
use storage::AuditSearch;

use super::access_requests::at_work;
use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

async fn raised(idp: &TestIdp) -> Vec<String> {
    let search = AuditSearch {
        actions: vec![AuditAction::AlertRaised],
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 50).await.unwrap();
    found.into_iter().map(|entry| entry.content.object).collect()
}

async fn told(idp: &TestIdp, user: UserId) -> Vec<String> {
    let notices = idp.app.store.list_notices(user, None, 50).await.unwrap();
    let alerts = notices.into_iter().filter(|notice| notice.kind == NoticeKind::AlertRaised);
    alerts.map(|notice| notice.facts["alert"].clone()).collect()
}

/// Somebody of the staff, so long ago that the grant is no alert.
async fn boss(idp: &TestIdp) -> UserId {
    let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
    idp.clock.advance_seconds(24 * 60 * 60);
    boss
}

on_both_databases! {
    async fn of_two_nodes_one_raises_an_alert_and_an_hour_later_one_does_again(idp) {
        let boss = boss(&idp).await;
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), [], "an ordinary day");
        let mut guesser = idp.visitor();
        // Ten at most of each pair of address and source are compared; the rest is refused all the same.
        for number in 0..100 {
            guesser.give_password("/login", &format!("nobody-{number}@bank-e.example"), "wrong wrong wrong").await;
        }
        let (one, two) = tokio::join!(raise_alerts(&idp.app), raise_alerts(&idp.app));
        let both = [one.unwrap(), two.unwrap()].concat();
        assert_eq!(both, [Alert::GuessStorm]);
        assert_eq!(raised(&idp).await, ["alert:guess-storm"]);
        assert_eq!(told(&idp, boss).await, ["guess-storm"]);
        idp.clock.advance_seconds(60);
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), [], "who is called knows already");
        idp.clock.advance_seconds(60 * 60);
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), [], "it is over");
        for number in 0..100 {
            guesser.give_password("/login", &format!("nobody-{number}@bank-f.example"), "wrong wrong wrong").await;
        }
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), [Alert::GuessStorm]);
        assert_eq!(told(&idp, boss).await.len(), 2);
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn a_role_of_staff_is_an_alert_and_a_delegated_one_is_not(idp) {
        let boss = boss(&idp).await;
        let desk = idp.staff("desk@operator.example", StaffRole::Support).await;
        idp.clock.advance_seconds(24 * 60 * 60);
        let hugo = idp.app.store.find_account_by_email(&portal_core::email::EmailKey::of(HUGO)).await;
        let hugo = hugo.unwrap().unwrap().user.id;
        let by = idp.actor(boss).await;
        idp.administration().grant_user_administrator(hugo).await.unwrap();
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), []);
        at_work(&idp, &by).grant_staff_role(desk, StaffRole::Auditor).await.unwrap();
        assert_eq!(raise_alerts(&idp.app).await.unwrap(), [Alert::StaffGranted]);
        assert_eq!(told(&idp, boss).await, ["staff-granted"]);
        let mut reader = idp.signed_in("boss@operator.example").await;
        let page = reader.get("/notices").await;
        assert!(page.body.contains("was given a role of the operator"), "{}", page.body);
        let page = reader.get("/audit").await;
        assert!(page.body.contains("Alert raised") && page.body.contains("Staff role granted"));
    }
}
