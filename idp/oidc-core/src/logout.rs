//! Sign-out that a relying party asks for (OpenID Connect RP-Initiated Logout 1.0).

use crate::client::Client;
use crate::params::Params;
use crate::response::append_query;

/// What an `id_token_hint` says, once its signature, issuer and type were verified. It may have
/// expired: it only names a session (RP-Initiated Logout 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintedSession {
    /// `sub`.
    pub subject: String,
    /// `aud`: the client that the token was issued to.
    pub client_id: String,
    /// `sid`.
    pub sid: Option<String>,
}

/// The `id_token_hint` of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// None was sent.
    Absent,
    /// One was sent that this provider did not issue.
    Invalid,
    /// One of ours.
    Valid(HintedSession),
}

/// The session of the browser that brings the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserSession {
    /// The person.
    pub subject: String,
    /// Public name of the session.
    pub sid: String,
}

/// Why a request to sign out is answered with an error page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutError {
    /// A parameter is repeated.
    #[error("a parameter is repeated")]
    Repeated,
    /// `id_token_hint` was not issued here.
    #[error("id_token_hint was not issued by this provider")]
    BadHint,
    /// `client_id` is not known, or is not the audience of `id_token_hint`.
    #[error("the client is not known or is not that of id_token_hint")]
    BadClient,
    /// `post_logout_redirect_uri` is not registered for the client, or nobody vouches for the client.
    #[error("post_logout_redirect_uri is not registered for the client")]
    BadRedirect,
}

/// Where the person goes after sign-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterLogout {
    /// The provider's own page.
    Page,
    /// Back to the relying party, a complete address.
    Redirect(String),
}

/// What happens with a request to sign out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// End the session of this browser at once.
    End(AfterLogout),
    /// Ask the person first: the request does not prove that it comes from where the person is
    /// signed in (RP-Initiated Logout 6; security.md 54).
    Confirm(AfterLogout),
    /// There is no session; go on.
    Done(AfterLogout),
}

/// The client that the request names: the audience of the hint, which `client_id` must not
/// contradict.
pub fn requested_client(params: &Params, hint: &Hint) -> Result<Option<String>, LogoutError> {
    params.check_no_repeats().map_err(|_| LogoutError::Repeated)?;
    let named = params.get("client_id");
    match hint {
        Hint::Invalid => Err(LogoutError::BadHint),
        Hint::Absent => Ok(named.map(str::to_owned)),
        Hint::Valid(hinted) if named.is_none_or(|named| named == hinted.client_id) => {
            Ok(Some(hinted.client_id.clone()))
        }
        Hint::Valid(_) => Err(LogoutError::BadClient),
    }
}

/// Decides on a request to sign out. `client` is the one of [`requested_client`], if it exists.
pub fn decide(
    params: &Params,
    hint: &Hint,
    client: Option<&Client>,
    session: Option<&BrowserSession>,
) -> Result<Step, LogoutError> {
    if requested_client(params, hint)?.as_deref() != client.map(|client| client.id.as_str()) {
        return Err(LogoutError::BadClient);
    }
    let after = after_logout(params, client)?;
    let is_own = |session: &BrowserSession| match hint {
        Hint::Valid(hinted) => match &hinted.sid {
            Some(sid) => *sid == session.sid,
            None => hinted.subject == session.subject,
        },
        Hint::Absent | Hint::Invalid => false,
    };
    Ok(match session {
        None => Step::Done(after),
        Some(session) if is_own(session) => Step::End(after),
        Some(_) => Step::Confirm(after),
    })
}

/// Exact comparison, query included; `state` is returned only with the redirect (RP-Initiated
/// Logout 2, 3).
fn after_logout(params: &Params, client: Option<&Client>) -> Result<AfterLogout, LogoutError> {
    let Some(uri) = params.get("post_logout_redirect_uri") else {
        return Ok(AfterLogout::Page);
    };
    let client = client.ok_or(LogoutError::BadRedirect)?;
    if !client.post_logout_redirect_uris.iter().any(|registered| registered == uri) {
        return Err(LogoutError::BadRedirect);
    }
    Ok(AfterLogout::Redirect(match params.get("state") {
        Some(state) => append_query(uri, [("state", state)].into_iter()),
        None => uri.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::client;

    const REGISTERED: (&str, &str) = ("post_logout_redirect_uri", "https://rp.example/");

    fn run(
        pairs: &[(&str, &str)],
        hint: &Hint,
        session: Option<&str>,
    ) -> Result<Step, LogoutError> {
        let params = Params::from_pairs(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let known = requested_client(&params, hint)?.filter(|id| id == "casper").map(|_| client());
        let session =
            session.map(|sid| BrowserSession { subject: "anna".to_owned(), sid: sid.to_owned() });
        decide(&params, hint, known.as_ref(), session.as_ref())
    }

    fn hint(sid: Option<&str>) -> Hint {
        Hint::Valid(HintedSession {
            subject: "anna".to_owned(),
            client_id: "casper".to_owned(),
            sid: sid.map(str::to_owned),
        })
    }

    fn back(uri: &str) -> AfterLogout {
        AfterLogout::Redirect(uri.to_owned())
    }

    #[test]
    fn rpl_2_a_hint_for_this_session_ends_it_and_returns_exactly_the_state() {
        let pairs = [REGISTERED, ("state", "a b")];
        for hint in [hint(Some("s1")), hint(None)] {
            assert_eq!(
                run(&pairs, &hint, Some("s1")),
                Ok(Step::End(back("https://rp.example/?state=a+b")))
            );
        }
        assert_eq!(
            run(&[REGISTERED], &hint(Some("s1")), Some("s1")),
            Ok(Step::End(back("https://rp.example/")))
        );
    }

    #[test]
    fn rpl_6_without_a_hint_for_this_session_the_person_is_asked() {
        assert_eq!(run(&[], &Hint::Absent, Some("s1")), Ok(Step::Confirm(AfterLogout::Page)));
        assert_eq!(
            run(&[("state", "x")], &Hint::Absent, Some("s1")),
            Ok(Step::Confirm(AfterLogout::Page))
        );
        assert_eq!(
            run(&[REGISTERED], &hint(Some("other")), Some("s1")),
            Ok(Step::Confirm(back("https://rp.example/")))
        );
        assert_eq!(
            run(&[REGISTERED, ("client_id", "casper")], &Hint::Absent, Some("s1")),
            Ok(Step::Confirm(back("https://rp.example/")))
        );
        assert_eq!(
            run(&[REGISTERED], &hint(Some("s1")), None),
            Ok(Step::Done(back("https://rp.example/")))
        );
    }

    #[test]
    fn rpl_3_nothing_redirects_to_an_address_that_is_not_registered_for_a_named_client() {
        let to = |uri| ("post_logout_redirect_uri", uri);
        let valid = hint(Some("s1"));
        for (pairs, hint, expected) in [
            (vec![to("https://rp.example/?a=b")], &valid, LogoutError::BadRedirect),
            (vec![to("https://evil.example/")], &valid, LogoutError::BadRedirect),
            (vec![REGISTERED], &Hint::Absent, LogoutError::BadRedirect),
            (vec![REGISTERED], &Hint::Invalid, LogoutError::BadHint),
            (vec![REGISTERED, ("client_id", "other")], &valid, LogoutError::BadClient),
            (vec![REGISTERED, ("client_id", "other")], &Hint::Absent, LogoutError::BadClient),
            (vec![REGISTERED, REGISTERED], &valid, LogoutError::Repeated),
        ] {
            assert_eq!(run(&pairs, hint, Some("s1")), Err(expected), "{pairs:?}");
        }
    }
}
