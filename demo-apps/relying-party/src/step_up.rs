//! Step-up: a page or a call that wants the person to have signed in lately, or in a certain way
//! (RFC 9470; `max_age` and `acr_values` of OpenID Connect Core 3.1.2.1).

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use crate::{AccessToken, Problem, Rejection, RelyingParty, SignedIn};

/// A page that holds a form asks for a fresh sign-in this much earlier than the form's target
/// does, in seconds: that long a person may take to fill it in.
const TIME_TO_TYPE: i64 = 15 * 60;
/// How much older than demanded an authentication may look when it arrives, in seconds.
const SKEW: i64 = 60;
/// Longest `acr_values` that `/login` passes on, in bytes.
const MAX_ACR_VALUES: usize = 256;

/// What is demanded of the authentication behind a session or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    max_age: Option<i64>,
    acr_values: Vec<String>,
}

impl Requirement {
    /// The person has shown password and code at most this many seconds ago.
    pub const fn max_age(seconds: i64) -> Self {
        Self { max_age: Some(seconds), acr_values: Vec::new() }
    }

    /// The person has signed in in one of these ways.
    pub fn acr_values<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self { max_age: None, acr_values: values.into_iter().map(str::to_owned).collect() }
    }

    /// Also in one of these ways.
    #[must_use]
    pub fn and_acr_values<'a>(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.acr_values.extend(values.into_iter().map(str::to_owned));
        self
    }

    /// What `/login` was asked for; nothing if it names neither.
    pub(crate) fn parse(max_age: Option<&str>, acr_values: Option<&str>) -> Option<Self> {
        let max_age = max_age.and_then(|text| text.parse::<u32>().ok()).map(i64::from);
        let acr_values: Vec<String> = acr_values
            .filter(|text| text.len() <= MAX_ACR_VALUES)
            .map(|text| text.split_ascii_whitespace().map(str::to_owned).collect())
            .unwrap_or_default();
        if max_age.is_none() && acr_values.is_empty() {
            return None;
        }
        Some(Self { max_age, acr_values })
    }

    /// As parameters of the authorization request.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if let Some(seconds) = self.max_age {
            all.push(("max_age", seconds.to_string()));
        }
        if !self.acr_values.is_empty() {
            all.push(("acr_values", self.acr_values.join(" ")));
        }
        all
    }

    /// Checks what an ID token says of an authentication that this was demanded of (OpenID
    /// Connect Core 3.1.3.7 numbers 12 and 13). `now` in Unix seconds.
    pub(crate) fn check_claims(&self, claims: &Map<String, Value>, now: i64) -> Result<(), String> {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds are meant")]
        let auth_time = claims.get("auth_time").and_then(Value::as_f64).map(|at| at as i64);
        let acr = claims.get("acr").and_then(Value::as_str);
        if !self.is_met(auth_time, acr, now - SKEW) {
            return Err("the authentication is not the one that was asked for".to_owned());
        }
        Ok(())
    }

    /// Without `auth_time` or `acr` nothing is known, so nothing is met. Times in Unix seconds.
    fn is_met(&self, auth_time: Option<i64>, acr: Option<&str>, now: i64) -> bool {
        let is_recent = self
            .max_age
            .is_none_or(|seconds| auth_time.is_some_and(|at| now.saturating_sub(at) <= seconds));
        let is_strong = self.acr_values.is_empty()
            || acr.is_some_and(|acr| self.acr_values.iter().any(|value| value == acr));
        is_recent && is_strong
    }

    /// The same with time to fill a form in.
    fn with_time_to_type(&self) -> Self {
        let earlier = |seconds: i64| seconds - TIME_TO_TYPE.min(seconds / 4);
        Self { max_age: self.max_age.map(earlier), acr_values: self.acr_values.clone() }
    }
}

impl RelyingParty {
    /// Goes on only if the person's sign-in meets `requirement`.
    ///
    /// A page is then shown after a fresh sign-in, which brings the person back to it. A form is
    /// answered with a page that still holds what was typed: the person confirms in another tab
    /// and sends it again. So that this stays rare, a page is stricter than its form by a quarter
    /// of an hour: demand the same of both.
    pub fn require(&self, person: &SignedIn, requirement: &Requirement) -> Result<(), Rejection> {
        let asked = person.asked();
        let page_wants = requirement.with_time_to_type();
        let wanted = if asked.form.is_some() { requirement } else { &page_wants };
        if wanted.is_met(person.auth_time, person.acr.as_deref(), self.now() / 1000) {
            return Ok(());
        }
        let login = |target: &str| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("target_link_uri", target)
                .extend_pairs(page_wants.parameters())
                .finish();
            format!("/login?{query}")
        };
        let Some(form) = &asked.form else {
            return Err(Rejection::new(Redirect::to(&login(&asked.path))));
        };
        Err(self.problem(
            &Problem::new(StatusCode::UNAUTHORIZED, "Please confirm that it is you")
                .text(
                    "You signed in a while ago, and this change needs a recent sign-in. Nothing \
                     was changed yet, and what you entered is kept on this page.",
                )
                .advice("First confirm in a new tab. Then come back here and send it again.")
                .new_tab_link(login("/confirmed"), "Confirm in a new tab")
                .held_form(&asked.path, form),
        ))
    }

    /// Goes on only if the authentication behind `token` meets `requirement`; else the caller
    /// learns what to ask the provider for (RFC 9470 section 3).
    pub fn require_of_token(
        &self,
        token: &AccessToken,
        requirement: &Requirement,
    ) -> Result<(), Rejection> {
        if requirement.is_met(token.auth_time, token.acr.as_deref(), self.now() / 1000) {
            return Ok(());
        }
        let wanted = requirement.parameters();
        let wanted: Vec<String> =
            wanted.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let challenge = format!(
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"a fresh or stronger authentication is needed\", {}",
            wanted.join(", ")
        );
        let mut answer = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        Err(Rejection::new(answer))
    }
}

/// `GET /confirmed`: where the new tab comes to rest.
pub(crate) async fn confirmed(State(rp): State<RelyingParty>, _: SignedIn) -> Rejection {
    rp.problem(
        &Problem::new(StatusCode::OK, "Thank you, that was you")
            .text("You can close this tab.")
            .advice("Go back to the tab with your form and send it again."),
    )
}
