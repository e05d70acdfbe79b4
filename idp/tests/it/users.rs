//! User Management (manual §3): pages through the router, as user administrator, access administrator and staff.

use axum::http::StatusCode;
use portal_core::{
    access::Application,
    account::{User, UserStatus},
    email::EmailKey,
    id::UserId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::StaffRole,
};

use crate::{
    harness::{HUGO, PHONE, Page, TestIdp, Visitor},
    on_both_databases,
};

mod changes;
mod places;
mod sign_in_data;

const DUA: &str = "dua@bank-e.example";
const OTHER_DUA: &str = "other.dua@bank-e.example";
const DAA: &str = "daa@bank-e.example";
const STAFF: &str = "staff@operator.example";
const FOREIGN: &str = "foreign@bank-f.example";

async fn casper(idp: &TestIdp) -> Application {
    idp.app.store.find_application("CASPER").await.unwrap().unwrap()
}

async fn user(idp: &TestIdp, email: &str) -> User {
    let found = idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap();
    found.unwrap_or_else(|| panic!("{email} has no account")).user
}

/// Two user administrators and an access administrator of BANK E, staff, and somebody of BANK F.
async fn populate(idp: &TestIdp) {
    let level = user(idp, HUGO).await.level_id;
    for email in [DUA, OTHER_DUA, DAA] {
        let id = idp.create_user(email, level, None).await;
        idp.activate(id).await;
        if email == DAA {
            for code in ["CASPER", "A-CASPER", "SSM-PORTAL"] {
                let of = idp.app.store.find_application(code).await.unwrap().unwrap();
                idp.administration().grant_access_administrator(id, &of).await.unwrap();
            }
        } else {
            idp.administration().grant_user_administrator(id).await.unwrap();
        }
    }
    let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
    let staff = idp.create_user(STAFF, root.id, None).await;
    idp.activate(staff).await;
    idp.administration().grant_staff_role(staff, StaffRole::IdentityAdmin).await.unwrap();
    let (_, elsewhere) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
    idp.create_user(FOREIGN, elsewhere, None).await;
}

const FIELDS: [&str; 8] = [
    "first_name",
    "last_name",
    "email",
    "phone_number",
    "company_id",
    "account_expiration_date",
    "level",
    "version",
];

/// Opens a form, changes some of its fields, and saves.
pub(crate) async fn save(visitor: &mut Visitor, path: &str, changed: &[(&str, &str)]) -> Page {
    let page = visitor.get(path).await.expect(StatusCode::OK);
    post_again(visitor, path, &page, changed).await
}

async fn post_again(
    visitor: &mut Visitor,
    path: &str,
    page: &Page,
    changed: &[(&str, &str)],
) -> Page {
    let mut fields: Vec<(String, String)> =
        vec![("csrf_token".into(), page.field("csrf_token").unwrap())];
    for name in FIELDS {
        if changed.iter().all(|(other, _)| *other != name)
            && let Some(value) = value_of(page, name)
        {
            fields.push((name.to_owned(), value));
        }
    }
    fields.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    visitor.post(path, &fields).await
}

fn value_of(page: &Page, name: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split_once('"').map(|(value, _)| value.replace("&#43;", "+").replace("&#38;", "&"))
}

const NEW: [(&str, &str); 6] = [
    ("first_name", "Fred"),
    ("last_name", "Perry"),
    ("email", "fred.perry@company.com"),
    ("phone_number", "+44 1234567"),
    ("company_id", "E-1"),
    ("account_expiration_date", "2026-12-31"),
];

on_both_databases! {
    async fn a_user_administrator_creates_a_user_who_gets_a_link_and_is_found(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let page = save(&mut dua, "/users/new", &NEW).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let fred = user(&idp, "fred.perry@company.com").await;
        assert_eq!(page.location(), format!("/users/{}?done=created", fred.id));
        assert_eq!((fred.status, fred.phone.as_e164()), (UserStatus::Invited, "+441234567"));
        assert!(idp.inbox.text_to("fred.perry@company.com").contains("/activate?link=al_"));
        assert!(dua.get(page.location()).await.body.contains("activation link is sent"));
        for query in ["first_name=FRE", "last_name=per", "email=Fred.P", "phone_number=4567", "phone_number=0044+1234567"] {
            let list = dua.get(&format!("/users?{query}")).await.expect(StatusCode::OK);
            assert!(list.body.contains("fred.perry@company.com") && list.body.contains("1 - 1 of 1"), "{query}: {}", list.body);
            assert!(list.body.contains("Create a new user"), "the button stays while filtered");
        }
    }
}

on_both_databases! {
    async fn errors_of_the_form_stand_at_their_fields_and_nothing_typed_is_lost(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        for (field, value, words) in [
            ("first_name", " ", "Enter a name"),
            ("email", "fred", "Enter an email address"),
            ("email", "treasury@company.com", "several people read"),
            ("email", " HUGO@bank-e.example. ", "cannot be used"),
            ("phone_number", "0176 04069001", "Begin with +"),
            ("phone_number", "+49 (0)176 04069001", "Leave out the (0)"),
            ("account_expiration_date", "2026-11-20", "This date is over"),
            ("account_expiration_date", "tomorrow", "Enter a date"),
            ("level", "nonsense", "Choose a level"),
        ] {
            let mut fields: Vec<_> = NEW.iter().copied().filter(|(name, _)| *name != field).collect();
            fields.push((field, value));
            let page = save(&mut dua, "/users/new", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}: {}", page.body);
            assert!(page.body.contains(words), "{words}: {}", page.body);
            assert!(field == "last_name" || page.body.contains("value=\"Perry\""));
        }
        let page = save(&mut dua, "/users/new", &[("is_admin", "yes")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "a field that the form does not have");
        let today = [("account_expiration_date", "2026-11-21"), ("first_name", "Fred"), ("last_name", "Perry"), ("email", "f@c.com"), ("phone_number", "+441234567")];
        assert_eq!(save(&mut dua, "/users/new", &today).await.status, StatusCode::SEE_OTHER, "E10: today is allowed");
    }
}

on_both_databases! {
    async fn whom_somebody_may_not_see_is_not_there(idp) {
        populate(&idp).await;
        let foreign = user(&idp, FOREIGN).await.id;
        for email in [DUA, DAA] {
            let mut visitor = idp.signed_in(email).await;
            let list = visitor.get("/users").await.expect(StatusCode::OK);
            assert!(list.body.contains(HUGO) && !list.body.contains(FOREIGN), "{}", list.body);
            for path in ["", "/edit", "/delete"] {
                for id in [foreign.to_string(), UserId(uuid::Uuid::new_v4()).to_string(), "x".to_owned()] {
                    let page = visitor.get(&format!("/users/{id}{path}")).await;
                    assert_eq!(page.status, StatusCode::NOT_FOUND, "{email} {path}");
                }
            }
            let level = user(&idp, FOREIGN).await.level_id;
            assert_eq!(visitor.get(&format!("/users?level={level}")).await.status, StatusCode::NOT_FOUND);
        }
        let mut staff = idp.signed_in(STAFF).await;
        let list = staff.get("/users").await.expect(StatusCode::OK);
        assert!(list.body.contains(FOREIGN) && list.body.contains(HUGO));
        assert_eq!(idp.signed_in(HUGO).await.get("/users").await.status, StatusCode::FORBIDDEN);
    }
}

on_both_databases! {
    async fn an_access_administrator_reads_details_and_changes_none(idp) {
        populate(&idp).await;
        let hugo = user(&idp, HUGO).await;
        let mut daa = idp.signed_in(DAA).await;
        let path = format!("/users/{}/edit", hugo.id);
        let page = daa.get(&path).await.expect(StatusCode::OK);
        assert!(page.body.contains("Personal Details") && !page.body.contains("name=\"first_name\""));
        assert!(page.body.contains("ApplicationAccessAdmin"));
        let token = page.field("csrf_token").unwrap();
        let level = hugo.level_id.to_string();
        let crafted = [("csrf_token", token.as_str()), ("version", "0"), ("first_name", "Mallory"), ("last_name", "Perry"),
            ("email", HUGO), ("phone_number", PHONE), ("level", level.as_str())];
        assert_eq!(daa.post(&path, &crafted).await.status, StatusCode::FORBIDDEN);
        assert_eq!(daa.get("/users/new").await.status, StatusCode::FORBIDDEN);
        for action in ["suspend", "reinstate", "unlock", "resend", "delete"] {
            let path = format!("/users/{}/{action}", hugo.id);
            let fields = [("csrf_token", token.as_str()), ("version", "0")];
            assert_eq!(daa.post(&path, &fields).await.status, StatusCode::FORBIDDEN, "{action}");
        }
        let list = daa.get("/users").await.body;
        assert!(list.contains("Only a delegated user administrator can delete users: "), "{list}");
        assert_eq!(user(&idp, HUGO).await.first_name, "Hugo");
    }
}

on_both_databases! {
    async fn a_cursor_is_good_only_for_whom_and_what_it_was_made_for(idp) {
        populate(&idp).await;
        let level = user(&idp, HUGO).await.level_id;
        for number in 0..30 {
            idp.create_user(&format!("clerk{number:02}@bank-e.example"), level, None).await;
        }
        let mut dua = idp.signed_in(DUA).await;
        let first = dua.get("/users?sort=email&order=ascending").await.expect(StatusCode::OK);
        assert!(first.body.contains("1 - 25 of 34") && first.body.contains("aria-sort=\"ascending\""), "{}", first.body);
        let (_, rest) = first.body.split_once("rel=\"next\" href=\"").unwrap();
        let next = rest.split_once('"').unwrap().0.replace("&#38;", "&");
        let second = dua.get(&next).await.expect(StatusCode::OK);
        assert!(second.body.contains("26 - 34 of 34"), "{}", second.body);
        let (_, rest) = second.body.split_once("rel=\"prev\" href=\"").unwrap();
        let back = rest.split_once('"').unwrap().0.replace("&#38;", "&");
        assert!(dua.get(&back).await.body.contains("1 - 25 of 34"));
        let mut other = idp.signed_in(OTHER_DUA).await;
        assert!(other.get(&next).await.body.contains("1 - 25 of 34"), "another person's cursor says nothing");
        let forged = format!("{next}x");
        assert!(dua.get(&forged).await.body.contains("1 - 25 of 34"));
        let other_order = next.replace("order=ascending", "order=descending");
        assert!(dua.get(&other_order).await.body.contains("1 - 25 of 34"));
    }
}

on_both_databases! {
    async fn a_search_without_a_hit_keeps_what_was_typed_and_an_odd_number_is_explained(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let none = dua.get("/users?first_name=Nobody").await.expect(StatusCode::OK);
        assert!(none.body.contains("No users match") && none.body.contains("value=\"Nobody\""));
        let odd = dua.get("/users?phone_number=12").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(odd.body.contains("its last four digits") && odd.body.contains("aria-invalid"));
        for hostile in ["first_name=%27+OR+1%3D1+--", "email=%25", "last_name=%5F%5F"] {
            assert!(dua.get(&format!("/users?{hostile}")).await.body.contains("No users match"), "{hostile}");
        }
        assert_eq!(dua.get("/users?first_name=a&first_name=b").await.status, StatusCode::BAD_REQUEST);
    }
}

on_both_databases! {
    async fn a_form_from_elsewhere_changes_nothing(idp) {
        populate(&idp).await;
        let mut dua = idp.signed_in(DUA).await;
        let id = user(&idp, HUGO).await.id;
        for path in ["/users/new".to_owned(), format!("/users/{id}/edit"), format!("/users/{id}/delete"), format!("/users/{id}/suspend")] {
            assert_eq!(dua.post(&path, &[("version", "0"), ("csrf_token", "x")]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(user(&idp, HUGO).await.status, UserStatus::Active);
    }
}
