//! Permissions: what may be set, by whom, and what follows.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    bank::{Bank, administrator, user},
    browser::{Answer, Browser},
};

/// The address of the user's details in the administrator's list.
async fn details(daa: &mut Browser, who: &str) -> String {
    let list = daa.get(&format!("/useradmin/?q={who}")).await.body;
    let (_, rest) = list.split_once("<td data-label=\"Name\"><a href=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// The identifier of an institution on a page of details.
fn institution(page: &str, label: &str) -> String {
    let (before, _) = page.split_once(label).unwrap();
    let (_, id) = before.rsplit_once("id=\"institution-").unwrap();
    id.split_once('"').unwrap().0.to_owned()
}

fn field(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// Presses a button of the form on `page`.
async fn press(daa: &mut Browser, address: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
    let (token, version) = (field(page, "csrf_token"), field(page, "version"));
    let mut form = vec![("csrf_token", token.as_str()), ("version", version.as_str())];
    form.extend_from_slice(fields);
    daa.post(address, &form).await
}

fn type_fields(id: &'static str) -> [(&'static str, &'static str); 2] {
    [("process_type", id), ("current_type", id)]
}

#[tokio::test]
async fn a_permission_shows_after_a_refresh_without_a_new_login() {
    let bank = Bank::start().await;
    let mut person = bank.signed_in(user("aino", "BANK_01")).await;
    let empty = person.get("/").await.body;
    assert!(empty.contains("Your account is ready") && empty.contains("Refresh this page"));

    let mut daa = bank.administrator().await;
    let address = details(&mut daa, "aino").await;
    let start = daa.get(&address).await.body;
    assert!(start.contains("Onni aino user details") && start.contains(">OA<"));
    let page = daa.get(&format!("{address}?process_type=1")).await.body;
    assert!(page.contains("1 - 8 of 10") && page.contains("bank_01 (FI - LEIbank_01)"));
    let level = format!("level.{}", institution(&page, "bank_02 (FI"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(level.as_str(), "3"), ("action", "save")]);
    let saved = press(&mut daa, &address, &page, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(daa.get(saved.location()).await.body.contains("Saved. 1 permission was changed."));

    let history = daa.get(&address).await.body;
    assert!(history.contains("No access → <strong>Read, write and submit</strong>, by Daa"));

    let home = person.get("/").await.body;
    assert!(home.contains("Fit and Proper") && home.contains("Read, write and submit"));
    assert!(person.get("/processes").await.body.contains("1 institution"));
}

#[tokio::test]
async fn setting_no_access_takes_the_permission_away() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/1?process_type=1").await.body;
    let id = institution(&page, "bank_01 (FI");
    let (was, level) = (format!("was.{id}"), format!("level.{id}"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(was.as_str(), "1"), (level.as_str(), "0"), ("action", "save")]);
    assert_eq!(press(&mut daa, "/useradmin/1", &page, &fields).await.status, 303);
    let list = daa.get("/useradmin/?q=r0%40x").await.body;
    assert!(list.contains("<td data-label=\"Process type(s)\"></td>"));
    assert!(list.contains("28 October 2020"), "the account was made then");
    let access = daa.get("/useradmin/1?process_type=1&show=access").await.body;
    assert!(access.contains("No institution with access"));
}

#[tokio::test]
async fn levels_set_on_one_page_wait_while_another_is_shown() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/2?process_type=1").await.body;
    let id = institution(&page, "bank_01 (FI");
    let (was, level) = (format!("was.{id}"), format!("level.{id}"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(was.as_str(), "0"), (level.as_str(), "2"), ("action", "page-2")]);
    let second = press(&mut daa, "/useradmin/2", &page, &fields).await.body;
    assert!(second.contains("9 - 10 of 10") && second.contains("1 change not saved yet"));
    assert_eq!(field(&second, &level), "2");
    assert!(daa.get("/useradmin/2?process_type=1").await.body.contains("1 - 8 of 10"));
    let list = daa.get("/useradmin/?q=r1%40x").await.body;
    assert!(list.contains("<td data-label=\"Process type(s)\"></td>"), "nothing was stored");
    fields.pop();
    fields.push(("action", "save"));
    assert_eq!(press(&mut daa, "/useradmin/2", &second, &fields).await.status, 303);
}

#[tokio::test]
async fn selecting_another_process_type_asks_to_save_or_drop() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/2?process_type=1").await.body;
    let id = institution(&page, "bank_01 (FI");
    let level = format!("level.{id}");
    let switch = [("process_type", "2"), ("current_type", "1"), ("action", "select")];
    let clean = press(&mut daa, "/useradmin/2", &page, &switch).await;
    assert!(clean.location().starts_with("/useradmin/2?process_type=2&"));
    let mut staged = switch.to_vec();
    staged.push((level.as_str(), "1"));
    let asked = press(&mut daa, "/useradmin/2", &page, &staged).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("You have unsaved changes") && asked.body.contains("Drop"));
}

#[tokio::test]
async fn the_second_of_two_saves_is_told_and_keeps_its_input() {
    let bank = Bank::start().await;
    let (mut one, mut two) = (bank.administrator().await, bank.administrator().await);
    let page = one.get("/useradmin/2?process_type=1").await.body;
    let other_page = two.get("/useradmin/2?process_type=1").await.body;
    let first = format!("level.{}", institution(&page, "bank_01 (FI"));
    let second = format!("level.{}", institution(&page, "bank_02 (FI"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(first.as_str(), "1"), ("action", "save")]);
    assert_eq!(press(&mut one, "/useradmin/2", &page, &fields).await.status, 303);
    let mut fields = type_fields("1").to_vec();
    fields.extend([(second.as_str(), "2"), ("action", "save")]);
    let late = press(&mut two, "/useradmin/2", &other_page, &fields).await;
    assert_eq!(late.status, StatusCode::OK);
    assert!(late.body.contains("Somebody else changed"));
    assert!(late.body.contains("1 change not saved yet"));
    assert_eq!(press(&mut two, "/useradmin/2", &late.body, &fields).await.status, 303);
}

#[tokio::test]
async fn of_two_saves_at_once_one_is_stored() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/2?process_type=1").await.body;
    let level = format!("level.{}", institution(&page, "bank_01 (FI"));
    let saves = ["1", "2"].map(|wanted| {
        let (mut tab, page, level) = (daa.tab(), page.clone(), level.clone());
        tokio::spawn(async move {
            let mut fields = type_fields("1").to_vec();
            fields.extend([(level.as_str(), wanted), ("action", "save")]);
            press(&mut tab, "/useradmin/2", &page, &fields).await.status.as_u16()
        })
    });
    let mut answers = Vec::new();
    for save in saves {
        answers.push(save.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 303]);
}

/// security.md 95.
#[tokio::test]
async fn institutions_and_process_types_that_do_not_apply_are_refused() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/2?process_type=1").await.body;
    assert!(!page.contains("bank_03"), "less significant, so not Fit and Proper");
    assert!(!page.contains("BANK_E") && !page.contains("LUMEN"));
    let licensing = daa.get("/useradmin/2?process_type=2&per_page=25").await.body;
    let less_significant = format!("level.{}", institution(&licensing, "bank_03 (FI"));
    // Institutions 5 and 6 are those of other third parties.
    for level in [less_significant.as_str(), "level.5", "level.6", "level.99999"] {
        let mut fields = type_fields("1").to_vec();
        fields.extend([(level, "1"), ("action", "save")]);
        let answer = press(&mut daa, "/useradmin/2", &page, &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{level}");
    }
}

#[tokio::test]
async fn third_parties_that_are_not_supervised_have_the_open_process_types_only() {
    let bank = Bank::start().await;
    bank.signed_in(user("lumen", "LUMEN")).await;
    let mut daa = bank.signed_in(administrator("LUMEN")).await;
    let address = details(&mut daa, "lumen").await;
    let page = daa.get(&address).await.body;
    assert!(page.contains(">Licensing<"));
    assert!(!page.contains(">Fit and Proper<") && !page.contains(">Passporting<"));
}

#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/2?process_type=1").await.body;
    let (token, id) = (field(&page, "csrf_token"), institution(&page, "bank_01 (FI"));
    let level = format!("level.{id}");
    let mut form = type_fields("1").to_vec();
    form.extend([("version", "1"), (level.as_str(), "3"), ("action", "save")]);
    assert_eq!(daa.post("/useradmin/2", &form).await.status, StatusCode::FORBIDDEN);
    form.push(("csrf_token", token.as_str()));
    let cross = [("sec-fetch-site", "cross-site")];
    let answer = daa.post_with("/useradmin/2", &form, &cross).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let mut plain = bank.signed_in(user("plain", "BANK_01")).await;
    let own = plain.get("/").await.csrf_token();
    form.pop();
    form.push(("csrf_token", own.as_str()));
    assert_eq!(plain.post("/useradmin/2", &form).await.status, StatusCode::FORBIDDEN);
}

/// security.md 95.
#[tokio::test]
async fn a_person_who_moved_to_another_third_party_has_nothing_there() {
    let bank = Bank::start().await;
    bank.signed_in(user("mover", "BANK_01")).await;
    let mut daa = bank.administrator().await;
    let address = details(&mut daa, "mover").await;
    let page = daa.get(&format!("{address}?process_type=1")).await.body;
    let level = format!("level.{}", institution(&page, "bank_01 (FI"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(level.as_str(), "3"), ("action", "save")]);
    assert_eq!(press(&mut daa, &address, &page, &fields).await.status, 303);
    let mut moved = bank.signed_in(user("mover", "BANK E")).await;
    assert!(moved.get("/").await.body.contains("Your account is ready"));
    assert_eq!(daa.get(&address).await.status, StatusCode::NOT_FOUND);

    // The new administrator reads nothing of the old third party's: not in the list, not by
    // searching, not in the file, not in the history.
    let mut next = bank.signed_in(administrator("BANK E")).await;
    let list = next.get("/useradmin/").await.body;
    assert!(list.contains("mover@example.test") && !list.contains("Fit and Proper"));
    let found = next.get("/useradmin/?q=fit+and").await.body;
    assert!(!found.contains("mover@example.test"));
    let file = next.get("/useradmin/users.csv").await;
    assert!(file.body.contains("mover@example.test"), "{}", file.body);
    assert!(!file.body.contains("Fit and Proper"));
    let page = next.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("bank_01"));
}

async fn me(bank: &Bank, claims: &Value) -> (StatusCode, Value) {
    use tower::ServiceExt as _;
    let token = bank.op.sign(&bank.op.header("at+jwt"), claims);
    let request = http::Request::get("/api/me")
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = bank.app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// security.md 95.
#[tokio::test]
async fn the_api_tells_permissions_only_together_with_the_group() {
    let bank = Bank::start().await;
    bank.signed_in(user("api", "BANK_01")).await;
    let mut daa = bank.administrator().await;
    let address = details(&mut daa, "api").await;
    let page = daa.get(&format!("{address}?process_type=1")).await.body;
    let level = format!("level.{}", institution(&page, "bank_01 (FI"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(level.as_str(), "1"), ("action", "save")]);
    assert_eq!(press(&mut daa, &address, &page, &fields).await.status, 303);

    let mut claims = bank.op.access_claims();
    claims["sub"] = json!("api");
    claims["groups"] = json!(["SSM-PORTAL_USER"]);
    let (status, body) = me(&bank, &claims).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["permissions"][0]["level"], "Read");
    claims["groups"] = json!([]);
    assert_eq!(me(&bank, &claims).await.1["permissions"], json!([]));
    claims["aud"] = json!("another");
    assert_eq!(me(&bank, &claims).await.0, StatusCode::UNAUTHORIZED);
}

/// RFC 9470: what was set on the form is held, not lost, when it is saved too late.
#[tokio::test]
async fn saving_needs_a_recent_sign_in_and_loses_nothing() {
    let bank = Bank::start().await;
    bank.signed_in(user("aino", "BANK_01")).await;
    let mut daa = bank.administrator().await;
    let address = details(&mut daa, "aino").await;
    let page = daa.get(&format!("{address}?process_type=1")).await.body;
    let level = format!("level.{}", institution(&page, "bank_02 (FI"));
    let mut fields = type_fields("1").to_vec();
    fields.extend([(level.as_str(), "3"), ("action", "save")]);

    for _ in 0..2 {
        bank.op.pass(29 * 60);
        assert_eq!(daa.get("/useradmin/").await.status, StatusCode::OK, "looking is free");
    }
    bank.op.pass(3 * 60);
    let login = daa.get(&address).await.location().to_owned();
    assert!(login.starts_with("/login?target_link_uri=%2Fuseradmin%2F"), "{login}");
    let held = press(&mut daa, &address, &page, &fields).await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert_eq!(field(&held.body, &level), "3");
    assert_eq!(field(&held.body, "action"), "save");

    let callback = daa.begin(&bank.op, &login).await;
    assert_eq!(daa.get(&callback).await.location(), address);
    let saved = press(&mut daa, &address, &held.body, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "the form of the old session is still good");
    assert!(daa.get(saved.location()).await.body.contains("Saved. 1 permission was changed."));
}
