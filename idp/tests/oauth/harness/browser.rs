//! A browser with its cookies, and replies that can be asked.

use std::collections::BTreeMap;

use axum::{
    body::{Body, to_bytes},
    http::{
        HeaderMap, Request, StatusCode,
        header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
    },
    response::Response,
};
use idp::secrets;
use portal_core::{
    account::Channel,
    id::UserId,
    session::{ACR_TWO_FACTOR, amr_of},
};
use storage::NewSession;

use super::TestIdp;

/// A browser: keeps what is set, sends it back.
pub(crate) struct Browser<'a> {
    idp: &'a TestIdp,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl TestIdp {
    /// A browser that was never here.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { idp: self, cookies: BTreeMap::new() }
    }

    /// A browser in which a person has just signed in.
    pub(crate) async fn signed_in(&self, user: UserId) -> Browser<'_> {
        let mut browser = self.browser();
        browser.sign_in(user).await;
        browser
    }
}

impl<'a> Browser<'a> {
    /// The portal that it visits.
    pub(crate) fn idp(&self) -> &'a TestIdp {
        self.idp
    }
}

impl Browser<'_> {
    /// Gives this browser a new session of a person, as the end of the login does.
    pub(crate) async fn sign_in(&mut self, user: UserId) {
        let app = &self.idp.app;
        let cookie = idp::entropy::secret(app.entropy.as_ref(), "se_");
        let session = NewSession {
            digest: secrets::digest(&cookie),
            sid: idp::entropy::secret(app.entropy.as_ref(), "sid_"),
            user_id: user,
            acr: ACR_TWO_FACTOR,
            amr: amr_of(Channel::Sms),
        };
        let tx = app.store.begin().await.unwrap();
        tx.insert_session(&session, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        self.cookies.insert("idp_session".to_owned(), cookie);
    }

    /// Follows an address of the portal, without following redirects.
    pub(crate) async fn get(&mut self, address: &str) -> Reply {
        self.send(Request::get(address).body(Body::empty()).unwrap()).await
    }

    /// Posts a form from one of our own pages.
    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_raw(address, &form(fields)).await
    }

    /// Posts the text as a form, whatever it is.
    pub(crate) async fn post_raw(&mut self, address: &str, body: &str) -> Reply {
        let request = Request::post(address)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Reply {
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            let line = pairs.join("; ").parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        let reply = self.idp.send(request).await;
        for line in reply.headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Where it redirects to, with 303.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[LOCATION].to_str().unwrap()
    }

    /// A parameter of the address that it redirects to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::options()
            .base_url(Some(&url::Url::parse(super::ISSUER).unwrap()))
            .parse(self.location())
            .unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The `error` of an answer for machines.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }
}

/// Fields as a form body.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
