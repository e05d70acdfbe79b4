//! `--once`: plays the person and the browser through one module, and says how it came out.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, header};
use relying_party::Stopped;
use tower::ServiceExt as _;
use url::Url;

use crate::{
    Application, Settings, Stop,
    outside::{Next, Outside},
};

/// Most steps between beginning and end of a sign-in.
const MAX_STEPS: usize = 12;
/// Largest page of our own that is read, in bytes.
const MAX_PAGE: usize = 1 << 20;
/// How long a back-channel logout may take to come.
const LOGOUT_WAIT: Duration = Duration::from_secs(10);

/// What a module wants of the relying party beyond one sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Play {
    /// A sign-in.
    Once,
    /// Another sign-in by the same program, after the provider has changed its key.
    Twice,
    /// A sign-out at the provider, which sends the browser back and ends our session.
    SignOut,
}

impl Play {
    fn of(module: &str) -> Self {
        match module.strip_prefix("oidcc-client-test-").unwrap_or(module) {
            "signing-key-rotation" => Self::Twice,
            name if name.starts_with("rp-") => Self::SignOut,
            _ => Self::Once,
        }
    }
}

/// Plays the module. The application must be served at its address meanwhile: the provider calls
/// it from outside.
pub async fn run_once(settings: &Settings, application: &Application) -> Result<String, Stop> {
    let mut person = Visitor {
        app: application.router.clone(),
        base: settings.base_url.clone(),
        cookies: BTreeMap::new(),
        outside: Outside::new(&settings.tls)?,
    };
    let csrf_token = person.sign_in().await?;
    match Play::of(&settings.module) {
        Play::Once => Ok("signed in".to_owned()),
        Play::Twice => {
            person.cookies.clear();
            person.sign_in().await?;
            Ok("signed in, and in again".to_owned())
        }
        Play::SignOut => {
            person.sign_out(&csrf_token).await?;
            let waited = tokio::time::timeout(LOGOUT_WAIT, application.logouts.wait()).await;
            match waited {
                Ok((StatusCode::OK, _)) => {
                    Ok("signed in, signed out, logout token taken".to_owned())
                }
                Ok((status, why)) => {
                    Err(Stop::new(format!("logout token answered with {status}: {why}")))
                }
                Err(_) => Err(Stop::new("no back-channel logout came")),
            }
        }
    }
}

/// A person with a browser.
struct Visitor {
    app: Router,
    base: Url,
    cookies: BTreeMap<String, String>,
    outside: Outside,
}

/// A page of our own.
struct Page {
    status: StatusCode,
    location: Option<String>,
    stopped: Option<String>,
    body: String,
}

impl Page {
    /// Where it leads, or why the relying party stopped.
    fn onward(&self) -> Result<&str, Stop> {
        match (&self.location, &self.stopped) {
            (Some(location), _) if self.status.is_redirection() => Ok(location),
            (_, Some(why)) => Err(Stop::new(why.clone())),
            _ => Err(Stop::new(format!("the relying party answered {}", self.status))),
        }
    }
}

impl Visitor {
    /// From `/start` to a page that only a signed-in person sees; its `csrf_token`.
    async fn sign_in(&mut self) -> Result<String, Stop> {
        let mut page = self.get("/start").await?;
        for _ in 0..MAX_STEPS {
            if page.status == StatusCode::OK {
                let token = page.body.split_once("name=\"csrf_token\" value=\"");
                let token = token.and_then(|(_, rest)| rest.split_once('"'));
                return token.map(|(token, _)| token.to_owned()).ok_or_else(|| {
                    Stop::new("the page after the sign-in is not the expected one")
                });
            }
            let to = page.onward()?.to_owned();
            page = self.follow(&to).await?;
        }
        Err(Stop::new("the sign-in goes round in circles"))
    }

    /// The page of our own that `to` ends at, by way of the provider if it lies there.
    async fn follow(&mut self, to: &str) -> Result<Page, Stop> {
        let mut address =
            self.base.join(to).map_err(|_| Stop::new(format!("{to} is no address")))?;
        for _ in 0..MAX_STEPS {
            if address.origin() == self.base.origin() {
                return self.get(own(&address)).await;
            }
            match self.outside.open(&address).await? {
                Next::Go(next) => address = next,
                Next::Post(action, fields) if action.origin() == self.base.origin() => {
                    return self.post(own(&action), &fields, "cross-site").await;
                }
                Next::Post(action, _) => {
                    return Err(Stop::new(format!("the provider wants a form sent to {action}")));
                }
            }
        }
        Err(Stop::new("the provider goes round in circles"))
    }

    /// From the button to the page that says so. The provider must bring our `state` back: without
    /// it anybody could have sent the person here (RP-Initiated Logout 1.0 section 3).
    async fn sign_out(&mut self, csrf_token: &str) -> Result<(), Stop> {
        let form = [("csrf_token".to_owned(), csrf_token.to_owned())];
        let page = self.post("/logout", &form, "same-origin").await?;
        let to = page.onward()?.to_owned();
        let back = self.follow(&to).await?;
        match back.onward() {
            Ok("/signed-out") => Ok(()),
            _ => Err(Stop::new("the provider did not bring back the state of the sign-out")),
        }
    }

    async fn get(&mut self, path: &str) -> Result<Page, Stop> {
        self.send(Method::GET, path, "none", Body::empty()).await
    }

    async fn post(
        &mut self,
        path: &str,
        form: &[(String, String)],
        site: &str,
    ) -> Result<Page, Stop> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, path, site, body.into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        site: &str,
        body: Body,
    ) -> Result<Page, Stop> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(body)
            .map_err(|error| Stop::new(error.to_string()))?;
        let Ok(answer) = self.app.clone().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap_or_default());
        }
        let body = axum::body::to_bytes(body, MAX_PAGE)
            .await
            .map_err(|error| Stop::new(error.to_string()))?;
        let location = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        Ok(Page {
            status: parts.status,
            location: location.map(str::to_owned),
            stopped: parts.extensions.get::<Stopped>().map(|stopped| stopped.0.clone()),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else {
            return;
        };
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Path and query.
fn own(address: &Url) -> &str {
    address.as_str().get(address.origin().ascii_serialization().len()..).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_played_by_its_name() {
        for (module, play) in [
            ("oidcc-client-test", Play::Once),
            ("oidcc-client-test-nonce-invalid", Play::Once),
            ("oidcc-client-test-signing-key-rotation", Play::Twice),
            ("oidcc-client-test-signing-key-rotation-just-before-signing", Play::Once),
            ("oidcc-client-test-rp-init-logout-no-state", Play::SignOut),
            ("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", Play::SignOut),
            ("", Play::Once),
        ] {
            assert_eq!(Play::of(module), play, "{module}");
        }
    }
}
