//! Fresh claims for a session whose old ones have run out, so that a removed group takes effect.

use std::sync::Arc;

use crate::{
    Decision, RelyingParty,
    session::Session,
    tokens::{self, TokenError},
};

/// How a renewal came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// The session's facts are good.
    Good,
    /// The session has ended; the person may sign in again.
    Over,
    /// The session has ended: the application no longer lets the person in.
    Refused(String),
    /// Nobody can say now. The session is kept, and nothing is shown meanwhile.
    Unavailable,
}

/// Makes sure that the session's facts are good. The work runs to its end even if the browser
/// hangs up: half a rotation would lose the refresh token.
pub(crate) async fn ensure_good(rp: &RelyingParty, session: &Arc<Session>) -> Renewal {
    if rp.now() < session.facts().good_until {
        return Renewal::Good;
    }
    tokio::spawn(renew(rp.clone(), session.clone())).await.unwrap_or(Renewal::Unavailable)
}

async fn renew(rp: RelyingParty, session: Arc<Session>) -> Renewal {
    let mut refresh_token = session.refresh_token.lock().await;
    let before = session.facts();
    if rp.now() < before.good_until {
        return Renewal::Good;
    }
    let Some(current) = refresh_token.clone() else {
        rp.sessions().end(&session.id);
        return Renewal::Over;
    };
    let granted = match tokens::refresh(&rp, current, &before).await {
        Ok(granted) => granted,
        Err(TokenError::Unreachable(_)) => return Renewal::Unavailable,
        Err(error) => {
            tracing::info!(%error, "a session could not be renewed");
            *refresh_token = None;
            rp.sessions().end(&session.id);
            return Renewal::Over;
        }
    };
    if let Some(next) = granted.refresh_token {
        *refresh_token = Some(next);
    }
    match rp.admit(&granted.facts.person).await {
        Decision::Admit => {
            session.renew(granted.facts);
            Renewal::Good
        }
        Decision::Refuse { reason } => {
            *refresh_token = None;
            rp.sessions().end(&session.id);
            Renewal::Refused(reason)
        }
        Decision::Unavailable => Renewal::Unavailable,
    }
}
