//! The Roles section and the page Confirmations, without script.

use axum::http::StatusCode;
use portal_core::{id::UserId, organisation::LevelName};

use crate::{
    harness::{HUGO, PHONE, Page, START, Visitor},
    on_both_databases,
    roles::{USERS, access, account_of, administrator, grant, held, save},
};

/// Hidden fields and the boxes as the page shows them, with some ticked or unticked.
pub(crate) async fn send(
    visitor: &mut Visitor,
    user: UserId,
    tick: &[&str],
    more: &[(&str, &str)],
) -> Page {
    let path = format!("/users/{user}/edit");
    let page = visitor.get(&path).await.expect(StatusCode::OK);
    let mut fields: Vec<(String, String)> = ["csrf_token", "version"]
        .iter()
        .map(|name| ((*name).to_owned(), page.field(name).unwrap()))
        .collect();
    for part in page.body.split("name=\"offered.").skip(1) {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        let (value, _) = rest.split_once('"').unwrap();
        fields.push((format!("offered.{name}"), value.to_owned()));
    }
    fields.extend(tick.iter().map(|name| (format!("role.{name}"), "yes".to_owned())));
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    visitor.post(&path, &all).await
}

on_both_databases! {
    async fn each_kind_of_administrator_changes_its_own_boxes_and_sees_the_others_locked(idp) {
        let (casper, ssm) = (access(&idp, "CASPER").await, access(&idp, "SSM-PORTAL").await);
        let peer = administrator(&idp, "peer", &[ssm]).await;
        administrator(&idp, "daa", &[casper]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let mut daa = idp.signed_in("daa@bank-e.example").await;
        let page = daa.get(&format!("/users/{peer}/edit")).await.expect(StatusCode::OK);
        assert!(page.body.contains("name=\"offered.ApplicationAccessAdmin.CASPER\" value=\"none\""));
        assert!(!page.body.contains("offered.ApplicationAccessAdmin.SSM-PORTAL"), "held, and read-only");
        assert!(page.body.contains("role.ApplicationAccessAdmin.SSM-PORTAL"));
        assert!(!page.body.contains("A-CASPER"), "neither held nor managed");
        assert!(!page.body.contains("offered.DelegatedUserAdmin"));
        assert!(page.body.contains("Only a delegated user administrator"));
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        let page = dua.get(&format!("/users/{peer}/edit")).await.expect(StatusCode::OK);
        assert!(page.body.contains("offered.DelegatedUserAdmin"));
        assert!(!page.body.contains("offered.ApplicationAccessAdmin"));
        assert!(page.body.contains("A-CASPER"), "locked, with the reason");

        send(&mut daa, peer, &["ApplicationAccessAdmin.CASPER"], &[]).await.expect(StatusCode::SEE_OTHER);
        send(&mut dua, peer, &["DelegatedUserAdmin"], &[]).await.expect(StatusCode::SEE_OTHER);
        let mut all = vec![USERS, casper, ssm];
        all.sort_unstable();
        assert_eq!(held(&idp, peer).await, all, "what is locked stays");
        send(&mut dua, peer, &["ApplicationAccessAdmin.A-CASPER"], &[]).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(held(&idp, peer).await, all, "a crafted box is decided like any other");
    }
}

on_both_databases! {
    async fn a_form_with_a_field_that_it_does_not_have_is_refused(idp) {
        let peer = administrator(&idp, "peer", &[]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        for field in ["status", "level_id", "sub", "role.Root", "offered.ApplicationAccessAdmin.X"] {
            send(&mut dua, peer, &[], &[(field, "yes")]).await.expect(StatusCode::BAD_REQUEST);
        }
    }
}

on_both_databases! {
    async fn to_give_up_an_own_role_is_confirmed_and_takes_the_pages_away(idp) {
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let mut visitor = idp.signed_in("dua@bank-e.example").await;
        let last = send(&mut visitor, dua, &[], &[("give_up_own", "yes")]).await;
        assert!(last.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("role-DelegatedUserAdmin-error"));
        administrator(&idp, "second", &[USERS]).await;
        let asked = send(&mut visitor, dua, &[], &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.body.contains("id=\"give_up_own\""));
        assert_eq!(held(&idp, dua).await, [USERS], "nothing happens before it is confirmed");
        let done = send(&mut visitor, dua, &[], &[("give_up_own", "yes")]).await;
        assert_eq!(done.expect(StatusCode::SEE_OTHER).location(), "/apps");
        visitor.get(&format!("/users/{dua}/edit")).await.expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn details_and_roles_are_saved_as_one_or_not_at_all(idp) {
        let peer = administrator(&idp, "peer", &[]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        let level = account_of(&idp, "peer@bank-e.example").await.level.id.to_string();
        let details = |first_name: &'static str, company_id: &'static str| {
            [
                ("first_name", first_name),
                ("last_name", "Perry"),
                ("email", "peer@bank-e.example"),
                ("phone_number", PHONE),
                ("company_id", company_id),
                ("account_expiration_date", ""),
                ("level", level.as_str()),
                ("subsidiary", ""),
            ]
        };
        // What is wrong with the details keeps the box that was ticked, and nothing is granted.
        let wrong = send(&mut dua, peer, &["DelegatedUserAdmin"], &details("", "A-1")).await;
        let wrong = wrong.expect(StatusCode::UNPROCESSABLE_ENTITY).body;
        assert!(wrong.contains("name=\"role.DelegatedUserAdmin\" value=\"yes\" checked"), "{wrong}");
        assert_eq!(held(&idp, peer).await, []);
        // A role that one may not give keeps the details unsaved.
        let crafted = ["DelegatedUserAdmin", "ApplicationAccessAdmin.A-CASPER"];
        send(&mut dua, peer, &crafted, &details("Priya", "A-1")).await.expect(StatusCode::FORBIDDEN);
        let before = account_of(&idp, "peer@bank-e.example").await.user;
        assert_eq!((before.company_id.as_deref(), held(&idp, peer).await), (Some("C-17"), vec![]));
        let saved = send(&mut dua, peer, &["DelegatedUserAdmin"], &details("Priya", "A-1")).await;
        assert_eq!(saved.expect(StatusCode::SEE_OTHER).location(), format!("/users/{peer}?done=saved"));
        let after = account_of(&idp, "peer@bank-e.example").await.user;
        assert_eq!((after.first_name.as_str(), after.company_id.as_deref()), ("Priya", Some("A-1")));
        assert_eq!(held(&idp, peer).await, [USERS]);
    }
}

on_both_databases! {
    async fn a_role_waits_that_is_given_in_the_save_that_replaces_address_and_number(idp) {
        let peer = administrator(&idp, "peer", &[]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        let level = account_of(&idp, "peer@bank-e.example").await.level.id.to_string();
        let details = [
            ("first_name", "Priya"),
            ("last_name", "Perry"),
            ("email", "other@bank-e.example"),
            ("phone_number", "+34123456789"),
            ("company_id", ""),
            ("account_expiration_date", ""),
            ("level", level.as_str()),
            ("subsidiary", ""),
        ];
        let saved = send(&mut dua, peer, &["DelegatedUserAdmin"], &details).await;
        let next = saved.expect(StatusCode::SEE_OTHER).location().to_owned();
        assert!(next.ends_with("?done=saved-link-dormant"), "{next}");
        let roles = idp.app.store.list_delegated_roles(peer).await.unwrap();
        assert!(roles.iter().all(|role| role.dormant_at.is_some()), "{roles:?}");
        assert_eq!(roles.len(), 1);
    }
}

on_both_databases! {
    async fn another_level_and_roles_are_not_saved_at_once(idp) {
        let peer = administrator(&idp, "peer", &[]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let top = account_of(&idp, "peer@bank-e.example").await.level.id;
        let branch = LevelName::parse("Branch").unwrap();
        let branch = idp.administration().create_level(top, &branch).await.unwrap().to_string();
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        let details = [
            ("first_name", "Priya"),
            ("last_name", "Perry"),
            ("email", "peer@bank-e.example"),
            ("phone_number", PHONE),
            ("company_id", ""),
            ("account_expiration_date", ""),
            ("level", branch.as_str()),
            ("subsidiary", ""),
        ];
        let both = send(&mut dua, peer, &["DelegatedUserAdmin"], &details).await;
        let both = both.expect(StatusCode::UNPROCESSABLE_ENTITY).body;
        assert!(both.contains("Save the level first"), "{both}");
        assert_eq!(account_of(&idp, "peer@bank-e.example").await.level.id, top);
        send(&mut dua, peer, &[], &details).await.expect(StatusCode::SEE_OTHER);
        send(&mut dua, peer, &["DelegatedUserAdmin"], &[]).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(held(&idp, peer).await, [USERS]);
        // Roles that are held end with another level: which ones is said before (E25).
        let top_id = top.to_string();
        let mut back = details.to_vec();
        back.retain(|(name, _)| *name != "level");
        back.push(("level", top_id.as_str()));
        let asked = send(&mut dua, peer, &["DelegatedUserAdmin"], &back).await;
        let asked = asked.expect(StatusCode::UNPROCESSABLE_ENTITY).body;
        assert!(asked.contains("id=\"end_roles\"") && asked.contains("<li>DelegatedUserAdmin</li>"), "{asked}");
        assert_eq!(held(&idp, peer).await, [USERS]);
        // What somebody else saved meanwhile is shown, and not asked past.
        let stale: Vec<_> = back.iter().copied().chain([("version", "0")]).collect();
        let page = dua.get(&format!("/users/{peer}/edit")).await;
        let token = page.field("csrf_token").unwrap();
        let stale: Vec<_> = stale.into_iter().chain([("csrf_token", token.as_str())]).collect();
        let told = dua.post(&format!("/users/{peer}/edit"), &stale).await.expect(StatusCode::CONFLICT);
        assert!(!told.body.contains("id=\"end_roles\""), "{}", told.body);
        back.push(("end_roles", "yes"));
        send(&mut dua, peer, &["DelegatedUserAdmin"], &back).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(held(&idp, peer).await, []);
        assert_eq!(account_of(&idp, "peer@bank-e.example").await.level.id, top);
    }
}

on_both_databases! {
    async fn a_stale_save_shows_what_changed_meanwhile(idp) {
        let peer = administrator(&idp, "peer", &[]).await;
        let dua = administrator(&idp, "dua", &[USERS]).await;
        let mut visitor = idp.signed_in("dua@bank-e.example").await;
        let path = format!("/users/{peer}/edit");
        let page = visitor.get(&path).await;
        let (csrf, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        save(&idp, dua, peer, grant(&[USERS])).await.unwrap();
        let fields = [
            ("csrf_token", csrf.as_str()),
            ("version", version.as_str()),
            ("offered.DelegatedUserAdmin", "none"),
            ("role.DelegatedUserAdmin", "yes"),
        ];
        let stale = visitor.post(&path, &fields).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("DelegatedUserAdmin was granted meanwhile"), "{}", stale.body);
    }
}

on_both_databases! {
    async fn access_that_waits_is_confirmed_on_its_page_by_whoever_may(idp) {
        let casper = access(&idp, "CASPER").await;
        administrator(&idp, "daa", &[casper]).await;
        administrator(&idp, "dua", &[USERS]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.execute("UPDATE memberships SET dormant_at = 1795262400000").await;
        let box_name = format!("group.{}", group.id);
        let action = format!("/confirmations/{hugo}");
        let fields = [(box_name.as_str(), "yes"), ("decision", "confirm")];
        let mut dua = idp.signed_in("dua@bank-e.example").await;
        dua.fill_in("/confirmations", &action, &fields).await.expect(StatusCode::FORBIDDEN);
        let mut daa = idp.signed_in("daa@bank-e.example").await;
        let none = daa.fill_in("/confirmations", &action, &[("decision", "confirm")]).await;
        none.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let done = daa.fill_in("/confirmations", &action, &fields).await;
        assert_eq!(done.expect(StatusCode::SEE_OTHER).location(), "/confirmations?done=confirmed");
        let groups = idp.app.store.holdings(hugo, START).await.unwrap().of(group.application_id).groups;
        assert_eq!(groups, ["CASPER_WEB_DATA_SUBMITTER"]);
        daa.fill_in("/confirmations", &action, &fields).await.expect(StatusCode::CONFLICT);
    }
}
