//! What happens next with an authorization request (OpenID Connect Core 3.1.2.3, 3.1.2.6).

use crate::acr;
use crate::authorization::{AuthorizationRequest, Prompt};
use crate::client::Client;
use crate::consent::{self, ConsentFacts, Verdict};
use crate::error::{ErrorCode, OAuthError};

/// A person who signed in with both factors, as far as a request asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// The person.
    pub subject: String,
    /// When both factors were proved, Unix milliseconds.
    pub auth_time: i64,
    /// The authentication context of the sign-in.
    pub acr: String,
    /// Whether the provider has something to ask the person before it goes on, whatever the request.
    pub must_interact: bool,
}

/// The moments that a decision depends on, Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When the authorization request came in; a sign-in after it was made for it.
    pub requested_at: i64,
    /// Now.
    pub now: i64,
}

/// Why the person has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInReason {
    /// There is no session.
    NoSession,
    /// `prompt=login` or `prompt=select_account`.
    Prompted,
    /// The sign-in is older than `max_age`.
    TooOld,
    /// `id_token_hint` or the claim `sub` names somebody else.
    OtherPerson,
    /// The sign-in has none of the authentication contexts that are asked for.
    OtherContext,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Show the sign-in page and come back to this request.
    LogIn(LogInReason),
    /// Show what the provider has to ask the person first, and come back to this request.
    Interact,
    /// Show the page that asks for consent and come back to this request.
    Consent,
    /// Ask the issuance rules, then send a code.
    Issue,
    /// Answer with an error.
    Refuse(OAuthError),
}

/// Decides the next step: first who the person is, then what the provider itself asks of that person, then what the person
/// allows. A sign-in or an
/// answer that happened after the request began satisfies `prompt` and `max_age`, so that no request
/// asks twice.
pub fn next_step(
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&SessionFacts>,
    consent: &ConsentFacts,
    moment: Moment,
) -> Step {
    let is_fresh = session.is_some_and(|session| session.auth_time >= moment.requested_at);
    let is_silent = request.prompt.contains(&Prompt::None);
    // What is only wished for shows no page against `prompt=none`, and is not asked for twice.
    let reason = log_in_reason(request, session, moment).filter(|reason| {
        *reason != LogInReason::OtherContext
            || request.acr.is_essential()
            || !(is_silent || is_fresh)
    });
    match (reason, session) {
        (None, Some(session)) if session.must_interact && is_silent => {
            Step::Refuse(OAuthError::new(
                ErrorCode::InteractionRequired,
                "the person has to be asked something first, and prompt is none",
            ))
        }
        (None, Some(session)) if session.must_interact => Step::Interact,
        (None, Some(session)) => consent_step(request, client, session, consent),
        (Some(LogInReason::OtherContext), _) if is_fresh => Step::Refuse(acr::UNMET),
        _ if is_silent => Step::Refuse(OAuthError::new(
            ErrorCode::LoginRequired,
            "the person has to sign in, and prompt is none",
        )),
        (Some(LogInReason::OtherPerson), _) if is_fresh => Step::Refuse(OAuthError::new(
            ErrorCode::LoginRequired,
            "another person than the request names signed in",
        )),
        (reason, _) => Step::LogIn(reason.unwrap_or(LogInReason::NoSession)),
    }
}

fn consent_step(
    request: &AuthorizationRequest,
    client: &Client,
    session: &SessionFacts,
    consent: &ConsentFacts,
) -> Step {
    let is_silent = request.prompt.contains(&Prompt::None);
    match consent::verdict(request, client, &session.subject, consent) {
        Verdict::Given => Step::Issue,
        Verdict::Needed if is_silent => Step::Refuse(OAuthError::new(
            ErrorCode::ConsentRequired,
            "the person has to be asked for consent, and prompt is none",
        )),
        Verdict::Needed => Step::Consent,
        Verdict::Denied => {
            Step::Refuse(OAuthError::new(ErrorCode::AccessDenied, "the person did not allow it"))
        }
    }
}

fn log_in_reason(
    request: &AuthorizationRequest,
    session: Option<&SessionFacts>,
    moment: Moment,
) -> Option<LogInReason> {
    let Some(session) = session else {
        return Some(LogInReason::NoSession);
    };
    let is_fresh = session.auth_time >= moment.requested_at;
    let prompted =
        [Prompt::Login, Prompt::SelectAccount].iter().any(|prompt| request.prompt.contains(prompt));
    let age = moment.now.saturating_sub(session.auth_time);
    let too_old = request.max_age.is_some_and(|seconds| age > seconds.saturating_mul(1000));
    if prompted && !is_fresh {
        Some(LogInReason::Prompted)
    } else if too_old && !is_fresh {
        Some(LogInReason::TooOld)
    } else if names_another(request, &session.subject) {
        Some(LogInReason::OtherPerson)
    } else if !request.acr.is_met_by(&session.acr) {
        Some(LogInReason::OtherContext)
    } else {
        None
    }
}

/// Whether `id_token_hint` or the claim `sub` names somebody else (OpenID Connect Core 3.1.2.2,
/// 5.5.1).
fn names_another(request: &AuthorizationRequest, subject: &str) -> bool {
    let mut named = request.claims.subjects().peekable();
    request.hinted_subject.as_ref().is_some_and(|hinted| hinted != subject)
        || (named.peek().is_some() && !named.any(|name| name == subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::validate;
    use crate::client::AuthMethod;
    use crate::consent::{Allowance, Answer};
    use crate::fixtures::{CHALLENGE, REDIRECT_URI, TERMS, client};
    use crate::params::Params;

    const NOW: i64 = 1_800_000_000_000;
    const MOMENT: Moment = Moment { requested_at: NOW - 500, now: NOW };

    fn request(extra: &[(&str, &str)]) -> AuthorizationRequest {
        let pairs = [
            ("client_id", "casper"),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let all = pairs
            .iter()
            .chain(extra)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        validate(&Params::from_pairs(all), Some(&client()), TERMS).unwrap()
    }

    fn session(age_ms: i64) -> SessionFacts {
        SessionFacts {
            subject: "alice".to_owned(),
            auth_time: NOW - age_ms,
            acr: "one".to_owned(),
            must_interact: false,
        }
    }

    fn step(extra: &[(&str, &str)], session: Option<&SessionFacts>) -> Step {
        let request = request(extra);
        next_step(&request, &client(), session, &ConsentFacts::default(), MOMENT)
    }

    #[test]
    fn oidc_core_3_1_2_3_a_session_gives_a_code_and_no_session_a_sign_in() {
        assert_eq!(step(&[], Some(&session(60_000))), Step::Issue);
        assert_eq!(step(&[], None), Step::LogIn(LogInReason::NoSession));
    }

    #[test]
    fn oidc_core_3_1_2_6_prompt_none_never_shows_a_page() {
        let none = ("prompt", "none");
        assert_eq!(step(&[none], Some(&session(60_000))), Step::Issue);
        for (extra, session) in
            [(vec![none], None), (vec![none, ("max_age", "10")], Some(session(60_000)))]
        {
            let step = step(&extra, session.as_ref());
            assert!(
                matches!(step, Step::Refuse(error) if error.code == ErrorCode::LoginRequired),
                "{step:?}"
            );
        }
    }

    #[test]
    fn oidc_core_3_1_2_4_a_client_that_nobody_vouches_for_needs_consent_after_the_sign_in() {
        let outsider = Client { first_party: false, ..client() };
        let public = Client { auth_method: AuthMethod::None, ..outsider.clone() };
        let session = session(60_000);
        let decide = |client: &Client, extra: &[(&str, &str)], consent: &ConsentFacts| {
            next_step(&request(extra), client, Some(&session), consent, MOMENT)
        };
        let remembered = ConsentFacts {
            remembered: Some(Allowance::asked_by(&request(&[]), &outsider)),
            ..ConsentFacts::default()
        };
        let none = [("prompt", "none")];
        assert_eq!(decide(&outsider, &[], &ConsentFacts::default()), Step::Consent);
        assert_eq!(decide(&outsider, &[], &remembered), Step::Issue);
        assert_eq!(decide(&outsider, &none, &remembered), Step::Issue);
        assert_eq!(decide(&public, &[], &remembered), Step::Consent);
        for (client, facts) in [(&outsider, &ConsentFacts::default()), (&public, &remembered)] {
            let step = decide(client, &none, facts);
            assert!(
                matches!(step, Step::Refuse(error) if error.code == ErrorCode::ConsentRequired),
                "{step:?}"
            );
        }
        let unknown = next_step(&request(&[]), &outsider, None, &ConsentFacts::default(), MOMENT);
        assert_eq!(unknown, Step::LogIn(LogInReason::NoSession));
    }

    #[test]
    fn oidc_core_3_1_2_6_what_the_provider_asks_comes_after_the_sign_in_and_before_consent() {
        let outsider = Client { first_party: false, ..client() };
        let asked = SessionFacts { must_interact: true, ..session(60_000) };
        let decide = |extra: &[(&str, &str)], session: &SessionFacts| {
            let facts = ConsentFacts::default();
            next_step(&request(extra), &outsider, Some(session), &facts, MOMENT)
        };
        assert_eq!(decide(&[], &asked), Step::Interact);
        assert_eq!(decide(&[], &session(60_000)), Step::Consent);
        let prompted = decide(&[("prompt", "login")], &asked);
        assert_eq!(prompted, Step::LogIn(LogInReason::Prompted));
        for (session, code) in
            [(asked, ErrorCode::InteractionRequired), (session(60_000), ErrorCode::ConsentRequired)]
        {
            let step = decide(&[("prompt", "none")], &session);
            assert!(matches!(step, Step::Refuse(error) if error.code == code), "{step:?}");
        }
    }

    #[test]
    fn a_no_goes_back_to_the_client_and_a_yes_is_asked_for_once() {
        let asked = request(&[("prompt", "consent")]);
        let session = session(60_000);
        let decide = |answer: Option<bool>| {
            let answer =
                answer.map(|is_allowed| Answer { subject: "alice".to_owned(), is_allowed });
            let facts = ConsentFacts { answer, ..ConsentFacts::default() };
            next_step(&asked, &client(), Some(&session), &facts, MOMENT)
        };
        assert_eq!(decide(None), Step::Consent);
        assert_eq!(decide(Some(true)), Step::Issue);
        let refused = decide(Some(false));
        assert!(
            matches!(refused, Step::Refuse(error) if error.code == ErrorCode::AccessDenied),
            "{refused:?}"
        );
    }

    #[test]
    fn prompt_login_asks_again_and_is_content_with_a_sign_in_after_the_request() {
        for prompt in ["login", "select_account", "login consent"] {
            let extra = [("prompt", prompt)];
            assert_eq!(step(&extra, Some(&session(60_000))), Step::LogIn(LogInReason::Prompted));
            assert_eq!(step(&extra, Some(&session(501))), Step::LogIn(LogInReason::Prompted));
            let consents = prompt.contains("consent");
            let next = if consents { Step::Consent } else { Step::Issue };
            assert_eq!(step(&extra, Some(&session(500))), next);
        }
    }

    #[test]
    fn an_old_login_does_not_satisfy_max_age() {
        assert_eq!(step(&[("max_age", "60")], Some(&session(60_000))), Step::Issue);
        assert_eq!(
            step(&[("max_age", "60")], Some(&session(60_001))),
            Step::LogIn(LogInReason::TooOld)
        );
        assert_eq!(
            step(&[("max_age", "0")], Some(&session(600))),
            Step::LogIn(LogInReason::TooOld)
        );
        assert_eq!(step(&[("max_age", "0")], Some(&session(400))), Step::Issue);
    }

    #[test]
    fn id_token_hint_of_another_person_asks_for_that_person_and_then_refuses() {
        let decide = |request: &AuthorizationRequest, age: i64| {
            let session = session(age);
            next_step(request, &client(), Some(&session), &ConsentFacts::default(), MOMENT)
        };
        let hinted = request(&[]).with_hinted_subject(Some("bob".to_owned()));
        assert_eq!(decide(&hinted, 60_000), Step::LogIn(LogInReason::OtherPerson));
        assert!(matches!(decide(&hinted, 100), Step::Refuse(_)));
        let mut silent = hinted;
        silent.prompt = vec![Prompt::None];
        assert!(matches!(decide(&silent, 60_000), Step::Refuse(_)));
        let same = request(&[]).with_hinted_subject(Some("alice".to_owned()));
        assert_eq!(decide(&same, 60_000), Step::Issue);
    }

    #[test]
    fn oidc_core_5_5_1_a_named_subject_counts_like_a_hint() {
        let alice = [("claims", r#"{"id_token":{"sub":{"values":["carol","alice"]}}}"#)];
        assert_eq!(step(&alice, Some(&session(60_000))), Step::Issue);
        let bob = ("claims", r#"{"id_token":{"sub":{"value":"bob"}}}"#);
        assert_eq!(step(&[bob], Some(&session(60_000))), Step::LogIn(LogInReason::OtherPerson));
        for (extra, age) in [(vec![bob], 100), (vec![bob, ("prompt", "none")], 60_000)] {
            let step = step(&extra, Some(&session(age)));
            assert!(matches!(step, Step::Refuse(e) if e.code == ErrorCode::LoginRequired));
        }
    }

    /// security.md 9: a context that was asked for is never made up.
    #[test]
    fn another_context_is_asked_for_once_and_refused_only_where_it_is_essential() {
        let wished = ("acr_values", "two");
        let essential = ("claims", r#"{"id_token":{"acr":{"essential":true,"value":"two"}}}"#);
        let none = ("prompt", "none");
        let other = Step::LogIn(LogInReason::OtherContext);
        for (extra, age, expected) in [
            (vec![("acr_values", "one two")], 60_000, Some(Step::Issue)),
            (vec![("acr_values", "three")], 60_000, Some(Step::Issue)),
            (vec![wished], 60_000, Some(other)),
            (vec![wished], 100, Some(Step::Issue)),
            (vec![wished, none], 60_000, Some(Step::Issue)),
            (vec![essential], 60_000, Some(other)),
            (vec![essential], 100, None),
            (vec![essential, none], 60_000, None),
        ] {
            let step = step(&extra, Some(&session(age)));
            match expected {
                Some(expected) => assert_eq!(step, expected, "{extra:?} {age}"),
                None => assert!(matches!(step, Step::Refuse(_)), "{extra:?} {age}"),
            }
        }
    }
}
