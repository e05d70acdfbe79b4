//! Where a user is created: from a list, or by name where there are too many levels for one (O5, O6).

use axum::http::StatusCode;
use portal_core::organisation::{LevelName, ThirdPartyStatus};

use super::{DUA, NEW, STAFF, populate, user};
use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

/// So many levels that nobody lists them; two of them are called "Twin".
async fn add_many_levels(idp: &TestIdp) {
    let administration = idp.administration();
    let name = |text: String| LevelName::parse(&text).unwrap();
    let (top, mut last) = (user(idp, DUA).await.level_id, None);
    for number in 0..200 {
        let branch = name(format!("Branch {number}"));
        last = Some(administration.create_level(top, &branch).await.unwrap());
    }
    for parent in [top, last.unwrap()] {
        administration.create_level(parent, &name("Twin".to_owned())).await.unwrap();
    }
}

on_both_databases! {
    async fn where_there_are_too_many_levels_one_is_named(idp) {
        populate(&idp).await;
        add_many_levels(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let page = staff.get("/users/new").await.expect(StatusCode::OK);
        assert!(page.body.contains("name=\"level_name\"") && !page.body.contains("<select id=\"level\""));
        let token = page.field("csrf_token").unwrap();
        let mut fields: Vec<(&str, &str)> = NEW.to_vec();
        fields.extend([("csrf_token", token.as_str()), ("subsidiary", "")]);
        let with = |more: &[(&'static str, &'static str)]| {
            let mut all = fields.clone();
            all.extend(more);
            all
        };
        for name in ["", "Nowhere", "Twin"] {
            let refused = staff.post("/users/new", &with(&[("level_name", name), ("level", "")])).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert_eq!(refused.body.contains("<select id=\"level\""), name == "Twin", "{}", refused.body);
        }
        let made = staff.post("/users/new", &with(&[("level_name", "branch 7"), ("level", "")])).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let email = NEW.iter().find(|(name, _)| *name == "email").unwrap().1;
        let level = user(&idp, email).await.level_id;
        let level = idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
        assert_eq!(level.name, "Branch 7");
    }
}

on_both_databases! {
    async fn an_overview_is_of_a_level_that_is_named_where_there_are_too_many(idp) {
        populate(&idp).await;
        add_many_levels(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        for (name, lists_hugo, is_known) in
            [("", true, true), ("bank+e", true, true), ("branch+7", false, true), ("Nowhere", false, false)]
        {
            let page = staff.get(&format!("/access/matrix?level_name={name}")).await.expect(StatusCode::OK).body;
            assert!(page.contains("name=\"level_name\""), "{name}");
            assert_eq!(page.contains(HUGO), lists_hugo, "{name}: {page}");
            assert_eq!(!page.contains("level_name-error"), is_known, "{name}: {page}");
        }
        // A link names the level by its identifier.
        let level = user(&idp, DUA).await.level_id;
        let of = idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
        let other = idp.app.store.find_level(&of.path.child(&LevelName::parse("Branch 7").unwrap())).await.unwrap();
        for (level, lists_hugo) in [(level, true), (other.unwrap().id, false)] {
            let page = staff.get(&format!("/access/matrix?level={level}")).await.expect(StatusCode::OK).body;
            assert_eq!(page.contains(HUGO), lists_hugo, "{page}");
        }
    }
}

on_both_databases! {
    /// security.md 77.
    async fn a_level_elsewhere_is_answered_as_one_that_is_not_there(idp) {
        populate(&idp).await;
        let (_, elsewhere) = idp.create_third_party("BANK Z", ThirdPartyStatus::Active).await;
        let account = user(&idp, HUGO).await;
        let mut dua = idp.signed_in(DUA).await;
        let path = format!("/users/{}/edit", account.id);
        let page = dua.get(&path).await.expect(StatusCode::OK);
        let (token, version) = (page.field("csrf_token").unwrap(), page.field("version").unwrap());
        let mut told = Vec::new();
        for level in [elsewhere.to_string(), uuid::Uuid::from_u128(7).to_string()] {
            let mut fields: Vec<(&str, &str)> = NEW.iter().copied().filter(|(name, _)| !["email", "level"].contains(name)).collect();
            fields.extend([("csrf_token", token.as_str()), ("version", &version), ("email", HUGO), ("level", &level)]);
            let refused = dua.post(&path, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY).body;
            assert!(refused.contains("level-error"), "{refused}");
            told.push(refused.replace(&level, "the level"));
        }
        assert_eq!(told[0], told[1]);
    }
}

on_both_databases! {
    async fn staff_choose_a_level_and_root_stands_last(idp) {
        populate(&idp).await;
        let mut staff = idp.signed_in(STAFF).await;
        let page = staff.get("/users/new").await.expect(StatusCode::OK);
        let (chosen, root) = (page.body.find("Choose a level"), page.body.find(">Root</option>"));
        assert!(chosen.is_some() && chosen < root, "{}", page.body);
        assert!(page.body.matches("</option>").count() > 2);
    }
}

on_both_databases! {
    async fn no_file_of_the_trail_is_made_of_a_level_that_nobody_knows(idp) {
        populate(&idp).await;
        add_many_levels(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let page = dua.get("/audit").await.expect(StatusCode::OK);
        assert!(page.body.contains("name=\"level_name\"") && page.body.contains("id=\"audit-csv\""));
        let token = page.field("csrf_token").unwrap();
        for (name, status) in [
            ("Nowhere", StatusCode::UNPROCESSABLE_ENTITY),
            ("branch 7", StatusCode::OK),
        ] {
            let fields = [("csrf_token", token.as_str()), ("level_name", name), ("format", "csv")];
            let file = dua.post("/audit/export", &fields).await;
            assert_eq!(file.status, status, "{name}: {}", file.body);
            let is_file = file.headers.contains_key("content-disposition");
            assert_eq!(is_file, status == StatusCode::OK, "{name}");
        }
        let odd = dua.get("/audit?level_name=Nowhere").await;
        let odd = odd.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(odd.body.contains("level_name-error") && !odd.body.contains("id=\"audit-csv\""), "{}", odd.body);
    }
}
