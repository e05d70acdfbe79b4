//! The question of consent, as a browser sees and answers it.

use axum::http::StatusCode;

use super::{Browser, REDIRECT_URI, Reply, authorize};

/// Where the question is asked.
pub(crate) const CONSENT: &str = "/oauth2/consent";

/// A request of `outsider`, with further parameters.
pub(crate) fn asked(changes: &[(&str, Option<&str>)]) -> String {
    let own: [(&str, Option<&str>); 1] = [("client_id", Some("outsider"))];
    authorize(&[own.as_slice(), changes].concat())
}

/// The question that an address leads to: the page, and its hidden fields.
pub(crate) async fn question(
    browser: &mut Browser<'_>,
    address: &str,
) -> (Reply, Vec<(String, String)>) {
    let place = browser.get(address).await.location().to_owned();
    assert!(place.starts_with("/oauth2/consent?request=rq_"), "{place}");
    let page = browser.get(&place).await;
    assert_eq!(page.status, StatusCode::OK);
    let fields = hidden_fields(&page.body);
    (page, fields)
}

fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let form = page.split("<form method=\"post\" action=\"/oauth2/consent\"").nth(1).unwrap();
    let values = form.split("<input type=\"hidden\" name=\"").skip(1).map(|field| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().replace("&#38;", "&"))
    });
    values.collect()
}

/// Posts the form with an answer.
pub(crate) async fn submit(
    browser: &mut Browser<'_>,
    fields: &[(String, String)],
    decision: &str,
) -> Reply {
    let mut all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("decision", decision));
    browser.post(CONSENT, &all).await
}

/// Asks, answers, and follows the answer back to the client.
pub(crate) async fn decide(browser: &mut Browser<'_>, address: &str, decision: &str) -> Reply {
    let (_, fields) = question(browser, address).await;
    let back = submit(browser, &fields, decision).await;
    assert!(back.location().starts_with("/oauth2/authorize?request=rq_"), "{back:?}");
    browser.get(back.location()).await
}

/// Allows, and comes back with a code.
pub(crate) async fn allow(browser: &mut Browser<'_>, address: &str) -> String {
    let reply = decide(browser, address, "allow").await;
    assert!(reply.location().starts_with(REDIRECT_URI), "{reply:?}");
    reply.parameter("code").unwrap()
}

/// The error in an answer without a code.
pub(crate) fn error_of(reply: &Reply) -> Option<String> {
    assert_eq!(reply.parameter("code"), None);
    reply.parameter("error")
}
