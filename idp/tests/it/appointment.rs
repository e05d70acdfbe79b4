//! Whoever is named and has an account meanwhile: gets the role, or the confirmation says why not (E56, I14, I28).

use axum::http::StatusCode;
use idp::administration::{AdministrationError, Confirmed, DormantChoice, Rule};
use portal_core::{
    account::UserStatus,
    administrators::RoleKind,
    email::EmailKey,
    id::{NominationId, UserId},
    nomination::{NominationStatus, appointment::NotAppointed},
    organisation::ThirdPartyStatus,
};

use crate::{
    harness::TestIdp,
    nominations::{Dunav, state_of, version_of},
    on_both_databases,
    roles::account_of,
    second_administrator::note_takeover,
};

const LINKS: [[u8; 32]; 2] = [[1; 32], [2; 32]];
const DUA: &str = "dua@dunav.example";

/// A nomination of somebody who has an account in use, confirmed by one of two.
async fn half_confirmed(idp: &TestIdp) -> (Dunav, NominationId, UserId) {
    let dunav = Dunav::new(idp).await;
    let there = idp.create_user(DUA, dunav.level, None).await;
    idp.activate(there).await;
    let id = dunav.in_review(idp).await;
    let version = version_of(idp, id).await;
    idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
    (dunav, id, there)
}

async fn confirm(
    idp: &TestIdp,
    (dunav, id): (&Dunav, NominationId),
) -> Result<Confirmed, AdministrationError> {
    let version = version_of(idp, id).await;
    idp.acting(&dunav.second).confirm_nomination((id, version), &LINKS).await
}

/// The roles of somebody, each with whether it is dormant.
async fn roles(idp: &TestIdp, user: UserId) -> Vec<(RoleKind, bool)> {
    let held = idp.app.store.list_delegated_roles(user).await.unwrap();
    held.iter().map(|role| (role.kind, role.dormant_at.is_some())).collect()
}

on_both_databases! {
    async fn nobody_whose_account_is_not_in_order_is_appointed_and_then_nobody_is(idp) {
        let (dunav, id, there) = half_confirmed(&idp).await;
        let tx = idp.app.store.begin().await.unwrap();
        assert!(tx.count_code_try(there, idp.app.now()).await.unwrap());
        tx.commit().await.unwrap();
        for (change, why) in [
            ("UPDATE users SET status = 'SUSPENDED' WHERE email_key = 'dua@dunav.example'", NotAppointed::Suspended),
            ("UPDATE users SET status = 'DELETED', deleted_at = 1 WHERE email_key = 'dua@dunav.example'", NotAppointed::Deleted),
            ("UPDATE users SET expires_on = '2026-11-20' WHERE email_key = 'dua@dunav.example'", NotAppointed::Expired),
            ("UPDATE code_failures SET suspended_at = 1", NotAppointed::Locked),
        ] {
            idp.execute(change).await;
            let refused = confirm(&idp, (&dunav, id)).await;
            assert!(
                matches!(&refused, Err(AdministrationError::Rule(Rule::NotAppointed(found))) if *found == why),
                "{why:?}: {refused:?}"
            );
            assert_eq!(roles(&idp, there).await, []);
            assert_eq!(state_of(&idp, id).await, NominationStatus::InReview);
            assert_eq!(idp.status_of(dunav.id).await, ThirdPartyStatus::Prospect);
            let other = idp.app.store.find_account_by_email(&EmailKey::of("daa@dunav.example")).await;
            assert!(other.unwrap().is_none(), "all or nothing");
            idp.execute("UPDATE users SET status = 'ACTIVE', deleted_at = NULL, expires_on = NULL WHERE email_key = 'dua@dunav.example'").await;
        }
        // A lock that time ends does not matter (I14), and nothing was used up.
        idp.execute("UPDATE code_failures SET suspended_at = NULL, locked_until = 9000000000000").await;
        assert!(matches!(confirm(&idp, (&dunav, id)).await, Ok(Confirmed::Appointed { .. })));
        assert_eq!(roles(&idp, there).await, [(RoleKind::UserAdministrator, false)]);
    }
}

on_both_databases! {
    async fn a_role_of_whoever_has_another_address_and_number_counts_when_a_second_one_confirms_it(idp) {
        let (dunav, id, there) = half_confirmed(&idp).await;
        let first = account_of(&idp, "first@operator.example").await.user.id;
        note_takeover(&idp, there, first).await;
        assert!(matches!(confirm(&idp, (&dunav, id)).await, Ok(Confirmed::Appointed { .. })));
        assert_eq!(roles(&idp, there).await, [(RoleKind::UserAdministrator, true)]);
        let choice = DormantChoice {
            roles: [(RoleKind::UserAdministrator, dunav.level)].into(),
            confirm: true,
            ..DormantChoice::default()
        };
        let own = idp.acting(&dunav.first).decide_dormant(there, &choice).await;
        assert!(matches!(own, Err(AdministrationError::Denied(_))), "{own:?}");
        idp.acting(&dunav.filer).decide_dormant(there, &choice).await.unwrap();
        assert_eq!(roles(&idp, there).await, [(RoleKind::UserAdministrator, false)]);
    }
}

on_both_databases! {
    async fn a_suspension_and_the_last_confirmation_at_once_leave_no_role_with_a_suspended_account(idp) {
        let (dunav, id, there) = half_confirmed(&idp).await;
        let suspend = async {
            let suspension = idp::administration::Suspension { reason: "leave", orphan: Some("they left"), version: None };
            idp.acting(&dunav.filer).suspend_user(there, suspension).await
        };
        let (confirmed, suspended) = tokio::join!(confirm(&idp, (&dunav, id)), suspend);
        // Suspended first, nobody is appointed; appointed first, the suspension ends the role.
        suspended.unwrap();
        let is_last_or_refused = matches!(
            confirmed,
            Ok(Confirmed::Appointed { .. }) | Err(AdministrationError::Rule(Rule::NotAppointed(_)))
        );
        assert!(is_last_or_refused, "{confirmed:?}");
        let account = idp.app.store.find_account(there).await.unwrap().unwrap();
        assert_eq!(account.user.status, UserStatus::Suspended);
        assert_eq!(roles(&idp, there).await, []);
    }
}

on_both_databases! {
    async fn staff_read_which_account_is_not_in_order_and_why_nobody_was_appointed(idp) {
        let (_, id, _) = half_confirmed(&idp).await;
        idp.execute("UPDATE users SET status = 'SUSPENDED' WHERE email_key = 'dua@dunav.example'").await;
        let mut who = idp.signed_in("second@operator.example").await;
        let at = format!("/nominations/{id}");
        let page = who.get(&at).await.expect(StatusCode::OK);
        assert!(page.body.contains("Account suspended"), "{}", page.body);
        let seen = ["csrf_token", "version"].map(|name| (name, page.field(name).unwrap()));
        let fields: Vec<(&str, &str)> = seen.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let refused = who.post(&format!("{at}/confirm"), &fields).await;
        let refused = refused.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("is suspended, so nobody was appointed"), "{}", refused.body);
    }
}

on_both_databases! {
    async fn the_reviewer_sees_the_account_that_is_there_and_how_it_differs(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let mut staff = idp.signed_in("first@operator.example").await;
        let path = format!("/nominations/{id}");
        let nothing = ["There is an account already", "The account keeps", "Account of", "another organisation"];
        let page = staff.get(&path).await.expect(StatusCode::OK);
        assert!(nothing.iter().all(|words| !page.body.contains(words)), "{}", page.body);

        let there = idp.create_user(DUA, dunav.level, None).await;
        let page = staff.get(&path).await.expect(StatusCode::OK);
        let link = format!("<a href=\"/users/{there}\">There is an account already</a>");
        for words in [link.as_str(), "The account keeps +44", "Account of Hugo Belmonte"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let (_, elsewhere) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("daa@dunav.example", elsewhere, None).await;
        let page = staff.get(&path).await.expect(StatusCode::OK);
        assert!(page.body.contains("Account at another organisation"), "{}", page.body);
        assert!(!page.body.contains(&foreign.to_string()), "and no more than that");
    }
}
