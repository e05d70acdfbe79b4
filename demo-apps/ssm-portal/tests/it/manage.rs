//! Manage Users: who sees it, and what of it.

use http::StatusCode;
use serde_json::json;

use crate::bank::{Bank, administrator, user};

#[tokio::test]
async fn a_user_finds_no_tab_and_the_address_explains_itself() {
    let bank = Bank::start().await;
    let mut browser = bank.signed_in(user("plain", "BANK_01")).await;
    assert!(!browser.get("/").await.body.contains("href=\"/useradmin/\""));
    for address in ["/useradmin/", "/useradmin/1", "/useradmin/new", "/useradmin/users.csv"] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}");
        assert!(answer.body.contains("Delegated Access Administrator"));
    }
}

#[tokio::test]
async fn the_list_has_the_columns_and_the_count_of_the_manual() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let list = daa.get("/useradmin/").await.body;
    let words = [
        "EUROPEAN CENTRAL BANK",
        "BANKING SUPERVISION",
        "Search current list:",
        "Export as CSV",
        "+ New User",
        "Name<",
        "Last name<",
        "Email<",
        "Created<",
        "Last Modified<",
        "Institution<",
        "Process type(s)",
        "Items per page:",
        "1 - 10 of 74",
        "28 October 2020",
    ];
    for word in words {
        assert!(list.contains(word), "{word}");
    }
    assert!(list.find("First0<").unwrap() < list.find("First9<").unwrap());
    assert!(daa.get("/useradmin/?page=8").await.body.contains("71 - 74 of 74"));
    assert!(daa.get("/useradmin/?q=first7&page=9").await.body.contains("1 - 5 of 5"));
    assert!(daa.get("/useradmin/?q=FIT+AND").await.body.contains("1 - 10 of 37"));
    assert!(daa.get("/useradmin/?q=%25").await.body.contains("Nothing found"));
    assert!(daa.get("/useradmin/?per_page=100").await.body.contains("1 - 74 of 74"));
    assert!(daa.get("/useradmin/?sort=created&dir=reversed").await.body.contains("First73<"));
}

#[tokio::test]
async fn users_of_other_third_parties_do_not_exist() {
    let bank = Bank::start().await;
    let mut own = bank.administrator().await;
    assert_eq!(own.get("/useradmin/1").await.status, StatusCode::OK);
    let mut other = bank.signed_in(administrator("BANK E")).await;
    let list = other.get("/useradmin/").await.body;
    assert!(list.contains("0 of 0") && !list.contains("First0"));
    let foreign = other.get("/useradmin/1").await;
    let missing = other.get("/useradmin/999999").await;
    assert_eq!((foreign.status, missing.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(foreign.body, missing.body);
    let token = other.get("/useradmin/").await.csrf_token();
    let form = [
        ("csrf_token", token.as_str()),
        ("version", "1"),
        ("process_type", "1"),
        ("current_type", "1"),
        ("level.1", "3"),
        ("action", "save"),
    ];
    assert_eq!(other.post("/useradmin/1", &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/useradmin/users.csv").await.body.lines().count(), 1);
}

#[tokio::test]
async fn process_owners_see_everybody() {
    let bank = Bank::start().await;
    bank.signed_in(user("es", "BANK E")).await;
    let staff = json!({
        "sub": "staff", "name": "Maeve", "staff_roles": ["ECB_PROCESS_OWNER"],
        "level": { "id": "r", "path": "Root" },
    });
    let mut browser = bank.signed_in(staff).await;
    assert!(browser.get("/useradmin/").await.body.contains("1 - 10 of 75"));
}

#[tokio::test]
async fn the_export_is_the_current_list_without_formulas() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let answer = daa.get("/useradmin/users.csv?q=first7").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = answer.body.lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].contains("\"Process type(s)\""));
    assert!(lines.iter().skip(1).all(|line| line.contains(",\"'=Last\",")));
}

#[tokio::test]
async fn names_are_text_and_never_markup() {
    let bank = Bank::start().await;
    let mut person = user("x", "BANK_01");
    person["given_name"] = json!("<script>alert(1)</script>");
    person["name"] = person["given_name"].clone();
    let mut browser = bank.signed_in(person).await;
    assert!(!browser.get("/").await.body.contains("<script"));
    let mut daa = bank.administrator().await;
    assert!(!daa.get("/useradmin/").await.body.contains("<script"));
}

#[tokio::test]
async fn a_search_text_comes_back_as_text() {
    let bank = Bank::start().await;
    let mut daa = bank.administrator().await;
    let page = daa.get("/useradmin/?q=%22%3E%3Cimg+src%3Dx%3E").await.body;
    assert!(page.contains("Nothing found") && !page.contains("<img"));
}
