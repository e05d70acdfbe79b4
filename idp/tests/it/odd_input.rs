//! Addresses and forms that no page of the portal makes: refused, and nothing breaks (security.md 78).

use std::{collections::BTreeSet, fs, path::Path};

use axum::http::StatusCode;
use idp::web::pages::{
    self,
    route::{Guard, Of, PageRoute, Verb},
};
use portal_core::{organisation::ThirdPartyStatus, permission::StaffRole};

use crate::{
    fresh::staff,
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::account_of,
};

/// The fields of everything that the pages read from a query.
fn query_fields() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/pages"), &mut fields);
    fields
}

fn collect(folder: &Path, fields: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, fields);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for derive in text.split("#[derive(").skip(1) {
            let Some((derived, rest)) = derive.split_once(")]") else { continue };
            let Some((_, rest)) = rest.split_once("struct ") else { continue };
            let Some((_, body)) = rest.split_once('{') else { continue };
            let body = body.split_once("\n}").map_or("", |(body, _)| body);
            if derived.contains("Deserialize") {
                let lines = body.lines().filter_map(|line| line.trim().split_once(": "));
                let names = lines.map(|(name, _)| name.rsplit(' ').next().unwrap());
                fields.extend(names.filter(|name| !name.contains('/')).map(str::to_owned));
            }
        }
    }
}

/// What a page is about, by its guard.
struct Things {
    user: String,
    third_party: String,
    level: String,
}

impl Things {
    async fn of(idp: &TestIdp) -> Self {
        let (third_party, level) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        Self {
            user: account_of(idp, HUGO).await.user.id.to_string(),
            third_party: third_party.to_string(),
            level: level.to_string(),
        }
    }

    fn path(&self, route: &PageRoute) -> String {
        let of = route.guards.iter().find_map(|(_, guard)| match guard {
            Guard::Asks(_, of) => Some(*of),
            Guard::Public => None,
        });
        let id = match of {
            Some(Of::ThirdParty) => &self.third_party,
            Some(Of::Level) => &self.level,
            Some(Of::Application) => "CASPER",
            _ => &self.user,
        };
        route.path.replace("{id}", id)
    }
}

on_both_databases! {
    async fn no_address_with_what_nobody_types_breaks_a_page(idp) {
        let things = Things::of(&idp).await;
        let mut visitor = staff(&idp, StaffRole::IdentityAdmin).await;
        let fields = query_fields();
        for field in ["name", "search", "key", "into", "after", "link", "again"] {
            assert!(fields.contains(field), "{field}: {fields:?}");
        }
        let long = "a".repeat(3_000);
        // What a page wants besides, so that the field comes to be used.
        let rest = format!("after={}&date=2026-01-01&application=CASPER", things.user);
        let mut broken = Vec::new();
        for route in pages::routes().filter(|route| route.is_shown()) {
            let mut addresses = Vec::new();
            if route.path.contains("{id}") {
                for odd in ["%00", "a%00b", "%0A", "%FF", &long] {
                    addresses.push(route.path.replace("{id}", odd));
                }
            }
            let path = things.path(route);
            for field in &fields {
                addresses.push(format!("{path}?{field}=%00"));
                if !rest.contains(&format!("{field}=")) {
                    addresses.push(format!("{path}?{rest}&{field}=%00"));
                }
            }
            addresses.push(format!("{path}?{rest}&search={long}&name={long}&key={long}"));
            addresses.push(format!("{path}?%00=%00&name=%FF"));
            for address in addresses {
                let status = visitor.get(&address).await.status;
                if status.is_server_error() {
                    broken.push(format!("{address}: {status}"));
                }
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}

on_both_databases! {
    async fn a_name_that_no_application_can_have_is_not_found_by_those_who_may_look(idp) {
        let mut visitor = staff(&idp, StaffRole::Auditor).await;
        let long = "A".repeat(81);
        for code in ["%00", "CASPER%00", "%0ACASPER", &long, "NOWHERE"] {
            visitor.get(&format!("/applications/{code}")).await.expect(StatusCode::NOT_FOUND);
        }
        visitor.get("/applications/CASPER").await.expect(StatusCode::OK);
        let mut plain = idp.signed_in(HUGO).await;
        let there = plain.get("/applications/CASPER").await.status;
        assert!(there.is_client_error(), "{there}");
        // Nobody learns from the answer which codes there are.
        for code in ["%00", "NOWHERE"] {
            plain.get(&format!("/applications/{code}")).await.expect(there);
        }
    }
}

on_both_databases! {
    async fn a_form_with_a_field_that_it_does_not_have_is_refused(idp) {
        let things = Things::of(&idp).await;
        let mut visitor = staff(&idp, StaffRole::IdentityAdmin).await;
        let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
        let fields = [("csrf_token", csrf.as_str()), ("version", "1"), ("is_staff", "yes")];
        let mut refused = 0;
        for route in pages::routes() {
            let is_asked = |(verb, guard): &(Verb, Guard)| {
                *verb == Verb::Post && matches!(guard, Guard::Asks(..))
            };
            if !route.guards.iter().any(is_asked) {
                continue;
            }
            let path = things.path(route);
            match visitor.post(&path, &fields).await.status {
                StatusCode::BAD_REQUEST => refused += 1,
                // Nominations, requests and the like that are not there.
                StatusCode::NOT_FOUND => {}
                other => panic!("{path}: {other}"),
            }
        }
        assert!(refused > 30, "{refused}");
        // Before one is signed in.
        let mut stranger = idp.visitor();
        let csrf = stranger.get("/login").await.field("csrf_token").unwrap();
        let fields = [("csrf_token", csrf.as_str()), ("email", HUGO), ("password", "x"), ("acr", "3")];
        for path in ["/login", "/login/code", "/login/resend"] {
            stranger.post(path, &fields).await.expect(StatusCode::BAD_REQUEST);
        }
    }
}
