//! The log: everything on the way in and through administration happens at the finest level, and no secret is in it;
//! nothing that is sent begins a line (security.md 129, 130).

use std::{
    io,
    sync::{Mutex, OnceLock},
};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::telemetry;
use serde_json::Value;
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt as _};

use crate::{
    harness::{HUGO, PASSWORD, PHONE, TestIdp, Visitor},
    nomination_form::{Filled, SIGNATORY, link_in},
    nominations::Dunav,
    on_both_databases,
    roles::{USERS, account_of, administrator},
    users::save,
};

const CHOSEN: &str = "nine quiet lighthouses";
const NEWER: &str = "seven slow ferries home";
const WRONG: &str = "no harbour at all tonight";
const FRED: &str = "fred.perry@company.example";
const FREDS_PHONE: &str = "+34911222333";

/// Line breaks, what terminals obey, and what turns text around.
const ODD: &str =
    "x\r\n{\"level\":\"forged\"}\n\u{1b}[2J\u{9b}31m\u{2028}forged\u{2029}\u{85}\u{202e}";

/// Everything that is logged by this process.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to log at the finest level, once a process.
fn listen() {
    static BEGUN: OnceLock<()> = OnceLock::new();
    BEGUN.get_or_init(|| telemetry::lines(EnvFilter::new("trace"), || Log).init());
}

fn logged() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

/// Whether a secret stands somewhere, and not within a longer number or word.
fn holds(log: &str, secret: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    log.match_indices(secret).any(|(at, _)| {
        !log[..at].ends_with(is_part) && !log[at + secret.len()..].starts_with(is_part)
    })
}

/// What a visitor carries, and what its forms carry.
async fn of_browser(visitor: &mut Visitor, page: &str) -> Vec<String> {
    let mut secrets: Vec<String> = visitor.cookies.values().cloned().collect();
    secrets.extend(visitor.get(page).await.field("csrf_token"));
    secrets
}

fn secret_of(link: &str) -> String {
    link.rsplit_once("link=").unwrap().1.to_owned()
}

/// A wrong and a right sign-in, a wrong code, the other channel, a new password.
async fn sign_in(idp: &TestIdp) -> Vec<String> {
    let mut hugo = idp.visitor();
    let mut secrets = of_browser(&mut hugo, "/login").await;
    hugo.give_password("/login", HUGO, WRONG).await;
    hugo.give_password("/login", HUGO, PASSWORD).await;
    secrets.extend(of_browser(&mut hugo, "/login/code").await);
    let code = idp.inbox.newest_code().1;
    hugo.give_code(if code == "000000" { "000001" } else { "000000" }).await;
    hugo.give_code(&code).await.expect(StatusCode::SEE_OTHER);
    secrets.extend(of_browser(&mut hugo, "/profile").await);
    let typed =
        [("current_password", PASSWORD), ("new_password", NEWER), ("repeat_password", NEWER)];
    let page = "/profile/security";
    hugo.fill_in(page, page, &typed).await.expect(StatusCode::OK);
    secrets.extend(of_browser(&mut hugo, page).await);
    secrets
}

/// A user is created, opens the link, chooses a password and gives the code; then the number is replaced.
async fn invite(idp: &TestIdp) -> Vec<String> {
    administrator(idp, "dua", &[USERS]).await;
    let mut dua = idp.signed_in("dua@bank-e.example").await;
    let level = account_of(idp, HUGO).await.level.id.to_string();
    let new = [
        ("first_name", "Fred"),
        ("last_name", "Perry"),
        ("email", FRED),
        ("phone_number", FREDS_PHONE),
        ("level", level.as_str()),
    ];
    dua.fill_in("/users/new", "/users/new", &new).await.expect(StatusCode::SEE_OTHER);
    let mail = idp.inbox.text_to(FRED);
    let (_, rest) = mail.split_once("/activate?link=").unwrap();
    let link = rest.split_whitespace().next().unwrap().to_owned();
    let mut fred = idp.visitor();
    let page = fred.get(&format!("/activate?link={link}")).await.expect(StatusCode::OK);
    let token = page.field("csrf_token").unwrap();
    let fields = [
        ("csrf_token", token.as_str()),
        ("link", &link),
        ("new_password", CHOSEN),
        ("repeat_password", CHOSEN),
        ("channel", "sms"),
        ("terms", "accepted"),
    ];
    fred.post("/activate", &fields).await.expect(StatusCode::SEE_OTHER);
    let mut secrets = of_browser(&mut fred, "/activate/code").await;
    let code = idp.inbox.newest_code().1;
    fred.fill_in("/activate/code", "/activate/code", &[("code", &code)]).await;
    let edit = format!("/users/{}/edit", account_of(idp, FRED).await.user.id);
    let other = [("phone_number", "+34911222444")];
    save(&mut dua, &edit, &other).await.expect(StatusCode::SEE_OTHER);
    secrets.extend(of_browser(&mut dua, "/profile").await);
    secrets.push(link);
    secrets
}

/// A signatory is invited and hands in.
async fn nominate(idp: &TestIdp) -> Vec<String> {
    let dunav = Dunav::new(idp).await;
    let (_, link) = Filled::invite(idp, &dunav).await;
    let mut milena = idp.visitor();
    milena.get(&link).await.expect(StatusCode::SEE_OTHER);
    Filled::whole().save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
    let mut secrets = of_browser(&mut milena, "/nominate").await;
    secrets.extend([secret_of(&link), secret_of(&link_in(&idp.inbox.text_to(SIGNATORY)))]);
    secrets
}

on_both_databases! {
    async fn no_secret_is_in_the_log_at_the_finest_level(idp) {
        listen();
        let mut secrets = sign_in(&idp).await;
        secrets.extend(invite(&idp).await);
        secrets.extend(nominate(&idp).await);
        secrets.extend(idp.inbox.codes().into_iter().map(|(_, code)| code));
        secrets.extend([PASSWORD, CHOSEN, NEWER, WRONG].map(str::to_owned));
        for phone in [PHONE, FREDS_PHONE, "+34911222444"] {
            secrets.extend([phone.to_owned(), phone[1..].to_owned(), phone[3..].to_owned()]);
        }
        secrets.retain(|secret| secret.len() >= 6);
        assert!(secrets.len() > 30, "{}", secrets.len());
        let log = logged();
        assert!(log.contains("\"answered\"") && log.contains("/profile/security"), "it was logged");
        for secret in secrets {
            assert!(!holds(&log, &secret), "{secret} is in the log");
        }
    }
}

on_both_databases! {
    async fn whatever_is_sent_stays_on_its_line(idp) {
        listen();
        let mut visitor = idp.visitor();
        let encoded: String = form_urlencoded::byte_serialize(ODD.as_bytes()).collect();
        let encoded = encoded.replace('+', "%20");
        visitor.give_password("/login", &format!("{ODD}@bank.example"), ODD).await;
        visitor.give_password("/login", HUGO, PASSWORD).await;
        for path in [
            format!("/{encoded}"),
            format!("/authorize?client_id={encoded}&state={encoded}&redirect_uri={encoded}"),
            format!("/login?again={encoded}"),
            format!("/activate?link={encoded}"),
            format!("/logout?id_token_hint={encoded}"),
        ] {
            for agent in ["Mozilla/5.0", "\u{9b}31m\u{2028}", "a\tforged"] {
                let headers = [("user-agent", agent), ("accept-language", agent)];
                visitor.send(Method::GET, &path, &headers, Body::empty()).await;
            }
        }
        tracing::warn!(odd = ODD, "{ODD}");
        let log = logged();
        assert!(log.contains("forged"), "it was logged");
        for line in log.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(event["level"].as_str().is_some_and(|level| level != "forged"), "{line}");
            let raw = line.chars().find(|c| portal_core::plain_text::is_hidden(*c));
            assert_eq!(raw, None, "{line}");
        }
    }
}
