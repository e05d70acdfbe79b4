//! Whether a person may get a token for a client now (design §3, third kernel; I7, I17, I20).
//!
//! Every grant, every refresh and userinfo ask here, with facts loaded at that moment (security.md 20, 27).

use crate::{Timestamp, access::Holding, account::Standing, session::Session};

/// What is known at the moment of asking.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Standing of the person's account.
    pub standing: Standing,
    /// When the person's credentials last changed.
    pub credentials_changed_at: Timestamp,
    /// The session that the grant came from, if it still exists.
    pub session: Option<&'a Session>,
    /// Whether the client, and the application it belongs to, are enabled.
    pub client_is_enabled: bool,
    /// When the grant was given that is used now; `None` where a new one is asked for.
    pub granted_at: Option<Timestamp>,
    /// Code of the client's application; `None` for a client that belongs to no application, which admits nobody.
    pub application_code: Option<&'a str>,
    /// What the person holds in that application.
    pub holding: &'a Holding,
}

/// Why no token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The account may not be used (I7).
    AccountNotGood(Standing),
    /// The client or its application is switched off.
    ClientDisabled,
    /// The session has ended or run out.
    SessionEnded,
    /// Password, address or number changed after the session began or was renewed, or after the grant was given.
    CredentialsChanged,
    /// No group of the client's application, or no application (I19, E36).
    NoAccess,
}

/// Decides.
///
/// # Errors
/// The first [`Denial`] that applies.
pub fn decide(facts: &Facts<'_>, now: Timestamp) -> Result<(), Denial> {
    if facts.standing != Standing::Good {
        return Err(Denial::AccountNotGood(facts.standing));
    }
    if !facts.client_is_enabled {
        return Err(Denial::ClientDisabled);
    }
    let session =
        facts.session.filter(|session| session.is_alive(now)).ok_or(Denial::SessionEnded)?;
    // A renewed session does not revive the grants from before the change (security.md 52).
    let began = facts.granted_at.map_or(session.created_at, |at| at.min(session.created_at));
    if began < facts.credentials_changed_at {
        return Err(Denial::CredentialsChanged);
    }
    match facts.application_code {
        Some(code) if facts.holding.opens(code) => Ok(()),
        _ => Err(Denial::NoAccess),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{account::Channel, id::UserId, session};

    const NOW: Timestamp = Timestamp::from_millis(10_000_000);

    fn session() -> Session {
        Session {
            sid: "s".into(),
            user_id: UserId(uuid::Uuid::nil()),
            auth_time: NOW,
            acr: session::ACR_TWO_FACTOR.into(),
            amr: session::amr_of(Channel::Sms),
            created_at: NOW,
            last_seen_at: NOW,
            ended_at: None,
        }
    }

    #[test]
    fn each_cause_alone_refuses() {
        let alive = session();
        let ended = Session { ended_at: Some(NOW), ..session() };
        let member =
            Holding { groups: vec!["CASPER_WEB_DATA_SUBMITTER".into()], ..Holding::default() };
        let stranger = Holding::default();
        let good = Facts {
            standing: Standing::Good,
            credentials_changed_at: NOW,
            session: Some(&alive),
            client_is_enabled: true,
            granted_at: Some(NOW),
            application_code: Some("CASPER"),
            holding: &member,
        };
        assert_eq!(decide(&good, NOW), Ok(()));
        assert_eq!(decide(&Facts { granted_at: None, ..good.clone() }, NOW), Ok(()));
        let cases = [
            (
                Facts { standing: Standing::Expired, ..good.clone() },
                Denial::AccountNotGood(Standing::Expired),
            ),
            (Facts { client_is_enabled: false, ..good.clone() }, Denial::ClientDisabled),
            (Facts { session: None, ..good.clone() }, Denial::SessionEnded),
            (Facts { session: Some(&ended), ..good.clone() }, Denial::SessionEnded),
            (
                Facts { credentials_changed_at: NOW.plus_seconds(1), ..good.clone() },
                Denial::CredentialsChanged,
            ),
            (
                Facts { granted_at: Some(NOW.plus_seconds(-1)), ..good.clone() },
                Denial::CredentialsChanged,
            ),
            (Facts { holding: &stranger, ..good.clone() }, Denial::NoAccess),
        ];
        for (facts, denial) in cases {
            assert_eq!(decide(&facts, NOW), Err(denial));
        }
    }

    #[test]
    fn a_client_without_an_application_admits_nobody() {
        let alive = session();
        let member =
            Holding { groups: vec!["CASPER_WEB_DATA_SUBMITTER".into()], ..Holding::default() };
        let facts = Facts {
            standing: Standing::Good,
            credentials_changed_at: NOW,
            session: Some(&alive),
            client_is_enabled: true,
            granted_at: None,
            application_code: None,
            holding: &member,
        };
        assert_eq!(decide(&facts, NOW), Err(Denial::NoAccess));
    }
}
