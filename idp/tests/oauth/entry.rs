//! The ways by which an authorization request comes in, and what became of it.

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};

use crate::harness::{Browser, REDIRECT_URI, Reply, TestIdp, form};

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// In the address.
    Get,
    /// As a form.
    Post,
    /// Pushed by the client, then named by the browser.
    Par,
}

impl Entry {
    pub(crate) const ALL: [Self; 3] = [Self::Get, Self::Post, Self::Par];
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A redirect or form to an address, with these parameters.
    Answer { address: String, parameters: Vec<(String, String)> },
    /// The sign-in, with the name of the stored request.
    Login(String),
    /// A page that says no; nothing leads to the client.
    Page,
    /// A refusal at the endpoint for pushed requests.
    Refused(String),
}

impl Outcome {
    /// A parameter of the answer.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        match self {
            Self::Answer { parameters, .. } => {
                parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
            }
            _ => None,
        }
    }

    /// Reads a reply of the authorization endpoint. Any `Location` but our own is an answer.
    pub(crate) fn of(reply: &Reply) -> Self {
        assert_no_store(&reply.headers);
        match reply.status {
            StatusCode::SEE_OTHER => {
                let location = reply.location();
                if let Some(name) = location.strip_prefix("/login?request=") {
                    return Self::Login(name.to_owned());
                }
                let location = location.strip_suffix('#').unwrap_or_else(|| panic!("{location}"));
                let (address, query) = location.split_once('?').unwrap();
                assert_eq!(reply.headers["referrer-policy"], "no-referrer");
                let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                Self::Answer { address: address.to_owned(), parameters }
            }
            StatusCode::OK => Self::of_form_post(&reply.body),
            StatusCode::BAD_REQUEST => {
                assert!(reply.headers.get("location").is_none());
                assert!(reply.headers.get("refresh").is_none());
                assert!(!reply.body.contains(REDIRECT_URI), "{}", reply.body);
                Self::Page
            }
            other => panic!("{other} {}", reply.body),
        }
    }

    fn of_form_post(body: &str) -> Self {
        let attribute = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
            unescape(rest.split_once('"').unwrap().0)
        };
        let form = body.split("<form").nth(1).unwrap_or_else(|| panic!("no answer: {body}"));
        let hidden = form.split("<input").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
        Self::Answer {
            address: attribute(form, "action"),
            parameters: hidden.map(|t| (attribute(t, "name"), attribute(t, "value"))).collect(),
        }
    }
}

fn unescape(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

fn assert_no_store(headers: &HeaderMap) {
    assert_eq!(headers["cache-control"], "no-store");
}

/// A request body for the endpoint of pushed requests, as its client sends it.
pub(crate) fn pushing(client: &str, body: &str) -> Request<Body> {
    let mut request = TestIdp::token_request(client, &[]);
    *request.uri_mut() = "/oauth2/par".parse().unwrap();
    *request.body_mut() = Body::from(body.to_owned());
    request
}

impl Browser<'_> {
    /// Brings a request of a client in by a way.
    pub(crate) async fn ask(&mut self, entry: Entry, client: &str, query: &str) -> Outcome {
        match entry {
            Entry::Get => Outcome::of(&self.get(&format!("/oauth2/authorize?{query}")).await),
            Entry::Post => {
                let reply = self.post_raw("/oauth2/authorize", query).await;
                if reply.status == StatusCode::BAD_REQUEST {
                    return Outcome::of(&reply);
                }
                let location = reply.location().to_owned();
                assert!(location.starts_with("/oauth2/authorize?"), "{location}");
                Outcome::of(&self.get(&location).await)
            }
            Entry::Par => {
                let reply = self.idp().send(pushing(client, query)).await;
                if reply.status != StatusCode::CREATED {
                    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.body);
                    return Outcome::Refused(reply.error());
                }
                let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
                let query = form(&[("client_id", client), ("request_uri", &uri)]);
                Outcome::of(&self.get(&format!("/oauth2/authorize?{query}")).await)
            }
        }
    }
}
