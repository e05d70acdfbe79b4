//! The authorization request: from parameters to a request that may be acted on
//! (RFC 6749 4.1.1, OpenID Connect Core 3.1.2.1).

use crate::acr::RequestedAcr;
use crate::client::{Client, GrantType};
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::requested_claims::RequestedClaims;
use crate::resource;
use crate::response::{ResponseMode, ReturnAddress};
use crate::scope::Scope;

#[cfg(test)]
mod tests;

/// Why a request is answered with a page and not with a redirect: nobody vouches for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `client_id` or `redirect_uri` came more than once.
    #[error("client_id or redirect_uri is repeated")]
    Repeated,
    /// `client_id` is missing, unknown or of a disabled client.
    #[error("the client is not known")]
    UnknownClient,
    /// `redirect_uri` is missing.
    #[error("redirect_uri is missing")]
    RedirectUriMissing,
    /// `redirect_uri` is not one of those that the client registered.
    #[error("redirect_uri is not registered for this client")]
    RedirectUriMismatch,
    /// The `request_uri` is unknown, over, answered before or another client's (RFC 9126 4).
    #[error("the pushed request is not valid any more")]
    PushedRequestGone,
    /// The request has another fault, and the visitor has no reason to be sent to this client.
    #[error("the request is not valid")]
    NotTrusted(OAuthError),
}

/// A refused authorization request, and where the refusal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Shown to the person; the browser goes nowhere.
    Page(PageError),
    /// Sent to the client.
    Redirect(Box<ReturnAddress>, OAuthError),
}

impl Refusal {
    /// Keeps the refusal from sending a visitor without session to a client that the operator does
    /// not vouch for: such redirects serve phishing (RFC 9700 4.11.2; security.md 3). The one
    /// exception is what RFC 9700 excepts: the answer to a request that is valid and may show no
    /// page, to an address of the web (ADR 27).
    #[must_use]
    pub fn for_visitor(self, client: Option<&Client>, has_session: bool) -> Self {
        let trusted = has_session || client.is_some_and(|client| client.first_party);
        match self {
            Self::Redirect(address, error) if !trusted && !is_silent_answer(&address, error) => {
                Self::Page(PageError::NotTrusted(error))
            }
            other => other,
        }
    }
}

/// Only `prompt=none` leads to these errors, and only after everything else was found right. An
/// address of a private-use scheme is left out: any program may have claimed that scheme.
fn is_silent_answer(address: &ReturnAddress, error: OAuthError) -> bool {
    let is_of_web =
        ["https://", "http://"].iter().any(|scheme| address.redirect_uri().starts_with(scheme));
    is_of_web
        && matches!(
            error.code,
            ErrorCode::LoginRequired | ErrorCode::ConsentRequired | ErrorCode::InteractionRequired
        )
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

/// A value of `prompt` (OpenID Connect Core 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// Both factors must be proved again.
    Login,
    /// The person must have the chance to choose another account; with one account a browser that
    /// is a new sign-in.
    SelectAccount,
    /// Consent must be asked, even where it was given before or is not needed.
    Consent,
}

impl Prompt {
    /// Every value, in the order of discovery.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::SelectAccount, Self::Consent];

    /// The name in requests and metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
            Self::Consent => "consent",
        }
    }

    /// Parses the name in requests and metadata.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == text)
    }
}

/// An authorization request that passed every check that needs no person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The client that asks.
    pub client_id: String,
    /// Where every answer goes.
    pub return_address: ReturnAddress,
    /// What the client gets: asked for, supported and allowed.
    pub scope: Scope,
    /// Echoed in the ID token.
    pub nonce: Option<String>,
    /// To be answered at the token endpoint; `None` only of a client that may go without.
    pub code_challenge: Option<CodeChallenge>,
    /// Which pages must or must not be shown.
    pub prompt: Vec<Prompt>,
    /// Oldest sign-in that will do, in seconds.
    pub max_age: Option<i64>,
    /// Authentication contexts that the client would like, or insists on.
    pub acr: RequestedAcr,
    /// Claims that are asked for by name.
    pub claims: RequestedClaims,
    /// Resource servers that the grant is for; empty when it is for the client itself.
    pub resources: Vec<String>,
    /// Languages for our pages, best first.
    pub ui_locales: Option<String>,
    /// Not yet verified; see [`AuthorizationRequest::with_hinted_subject`].
    pub id_token_hint: Option<String>,
    /// The person that a verified `id_token_hint` names.
    pub hinted_subject: Option<String>,
}

impl AuthorizationRequest {
    /// All scopes whose claims the client gets to see: those it asked for, and those that carry a
    /// claim which it asked for by name. What a person consents to is this.
    pub fn disclosed_scope(&self, client: &Client) -> Scope {
        let by_name = client.grantable_scope(&self.claims.scopes());
        Scope::from_names(self.scope.names().chain(by_name.names()))
    }

    /// Sets the person that the verified `id_token_hint` names.
    #[must_use]
    pub fn with_hinted_subject(mut self, subject: Option<String>) -> Self {
        self.hinted_subject = subject;
        self
    }

    /// The refusal of this request with an error.
    pub fn refuse(&self, error: OAuthError) -> Refusal {
        Refusal::Redirect(Box::new(self.return_address.clone()), error)
    }
}

/// What a request is measured against, beside its client.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The issuer of every answer.
    pub issuer: &'a str,
    /// The authentication contexts that a sign-in can have.
    pub acr_values: &'a [&'a str],
    /// Whether the client pushed it (RFC 9126).
    pub is_pushed: bool,
}

/// The client that a request names, to be loaded before [`validate`].
pub fn requested_client(params: &Params) -> Result<&str, PageError> {
    if params.is_repeated("client_id") || params.is_repeated("redirect_uri") {
        return Err(PageError::Repeated);
    }
    params.get("client_id").ok_or(PageError::UnknownClient)
}

/// Validates a request. First everything without which no answer may leave for the client, then the
/// parameters in the order of the specifications.
pub fn validate(
    params: &Params,
    client: Option<&Client>,
    terms: Terms<'_>,
) -> Result<AuthorizationRequest, Refusal> {
    let client_id = requested_client(params)?;
    let client = client
        .filter(|client| client.id == client_id && client.enabled)
        .ok_or(PageError::UnknownClient)?;
    let return_address = return_address(params, client, terms.issuer)?;
    let refuse = |error| Refusal::Redirect(Box::new(return_address.clone()), error);

    params.check_no_repeats().map_err(refuse)?;
    check_unsupported(params).map_err(refuse)?;
    check_way_in(client, terms).map_err(refuse)?;
    check_response_type(params).map_err(refuse)?;
    check_response_mode(params, client).map_err(refuse)?;
    check_grant_type(client).map_err(refuse)?;
    let scope = parse_scope(params, client).map_err(refuse)?;
    let code_challenge = parse_code_challenge(params, client).map_err(refuse)?;
    let prompt = parse_prompt(params).map_err(refuse)?;
    let max_age = parse_max_age(params).map_err(refuse)?.or(client.defaults.max_age);
    let claims = parse_claims(params).map_err(refuse)?;
    let acr = RequestedAcr::parse(params, &claims, client, terms.acr_values).map_err(refuse)?;
    let resources = resource::of_authorization(params, client, terms.issuer).map_err(refuse)?;

    let text = |name| params.get(name).map(str::to_owned);
    Ok(AuthorizationRequest {
        client_id: client_id.to_owned(),
        return_address,
        scope,
        nonce: text("nonce"),
        code_challenge,
        prompt,
        max_age,
        acr,
        claims,
        resources,
        ui_locales: text("ui_locales"),
        id_token_hint: text("id_token_hint"),
        hinted_subject: None,
    })
}

fn return_address(
    params: &Params,
    client: &Client,
    issuer: &str,
) -> Result<ReturnAddress, PageError> {
    let presented = params.get("redirect_uri").ok_or(PageError::RedirectUriMissing)?;
    let address =
        ReturnAddress::check(client, presented, issuer).ok_or(PageError::RedirectUriMismatch)?;
    let asked = params.get("response_mode").and_then(ResponseMode::parse).unwrap_or_default();
    // An error about a mode that the client may not use has to travel by one that it may.
    let allowed = &client.response_modes;
    let mode = if allowed.contains(&asked) { Some(asked) } else { allowed.first().copied() };
    Ok(address.with_state(params.get("state")).with_mode(mode.unwrap_or_default()))
}

/// Request objects would have to win over the parameters; ignoring them would be wrong (OpenID
/// Connect Core 6.1, 6.2, 7.2.1).
fn check_unsupported(params: &Params) -> Result<(), OAuthError> {
    let unsupported = [
        ("request", ErrorCode::RequestNotSupported, "request objects are not supported"),
        ("request_uri", ErrorCode::RequestUriNotSupported, "request_uri is not supported"),
        ("registration", ErrorCode::RegistrationNotSupported, "registration is not supported"),
    ];
    match unsupported.into_iter().find(|(name, ..)| params.get(name).is_some()) {
        Some((_, code, description)) => Err(OAuthError::new(code, description)),
        None => Ok(()),
    }
}

/// A client that has to push its requests may not send them through the browser (RFC 9126 6).
fn check_way_in(client: &Client, terms: Terms<'_>) -> Result<(), OAuthError> {
    if client.policy.require_pushed_requests && !terms.is_pushed {
        Err(OAuthError::invalid_request("the client has to push its requests"))
    } else {
        Ok(())
    }
}

/// Only `code`: tokens never travel through the browser (RFC 9700 2.1.2; security.md 5).
fn check_response_type(params: &Params) -> Result<(), OAuthError> {
    match params.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "only the response type code is supported",
        )),
        None => Err(OAuthError::invalid_request("response_type is missing")),
    }
}

fn check_response_mode(params: &Params, client: &Client) -> Result<(), OAuthError> {
    let mode = match params.get("response_mode") {
        None => ResponseMode::default(),
        Some(name) => ResponseMode::parse(name)
            .ok_or(OAuthError::invalid_request("response_mode must be query or form_post"))?,
    };
    if client.response_modes.contains(&mode) {
        Ok(())
    } else {
        Err(OAuthError::invalid_request("the client may not use this response_mode"))
    }
}

fn check_grant_type(client: &Client) -> Result<(), OAuthError> {
    if client.may_use(GrantType::AuthorizationCode) {
        Ok(())
    } else {
        Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "the client may not use the authorization code grant",
        ))
    }
}

fn parse_scope(params: &Params, client: &Client) -> Result<Scope, OAuthError> {
    let requested = Scope::parse(params.get("scope").unwrap_or_default())?;
    let scope = client.grantable_scope(&requested);
    if scope.is_empty() {
        return Err(OAuthError::invalid_scope("the scope has nothing that the client may get"));
    }
    Ok(scope)
}

fn parse_code_challenge(
    params: &Params,
    client: &Client,
) -> Result<Option<CodeChallenge>, OAuthError> {
    let challenge =
        CodeChallenge::parse(params.get("code_challenge"), params.get("code_challenge_method"))?;
    if challenge.is_none() && client.needs_pkce() {
        return Err(OAuthError::invalid_request("code_challenge is missing"));
    }
    Ok(challenge)
}

fn parse_prompt(params: &Params) -> Result<Vec<Prompt>, OAuthError> {
    let values = params.get("prompt").unwrap_or_default();
    let prompts: Vec<Prompt> = values
        .split(' ')
        .filter(|value| !value.is_empty())
        .map(|value| {
            Prompt::parse(value).ok_or(OAuthError::invalid_request("prompt has an unknown value"))
        })
        .collect::<Result<_, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.iter().any(|prompt| *prompt != Prompt::None) {
        return Err(OAuthError::invalid_request("prompt none excludes all other values"));
    }
    Ok(prompts)
}

fn parse_max_age(params: &Params) -> Result<Option<i64>, OAuthError> {
    params
        .get("max_age")
        .map(|text| {
            // Digits only: `parse` would also take a sign.
            text.parse::<u32>()
                .ok()
                .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
                .map(i64::from)
                .ok_or(OAuthError::invalid_request("max_age must be a number of seconds"))
        })
        .transpose()
}

fn parse_claims(params: &Params) -> Result<RequestedClaims, OAuthError> {
    params.get("claims").map_or(Ok(RequestedClaims::default()), RequestedClaims::parse)
}
