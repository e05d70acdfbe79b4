//! The `sub` under which a client knows a person (OpenID Connect Core 8; security.md 43).

use oidc_core::client::{Client, SubjectType};
use portal_core::id::UserId;

use crate::secrets::ServerKeys;

/// The one place that names a person to a client: in tokens, at userinfo and introspection, in logout tokens, and where
/// an `id_token_hint` is compared. Made from the account's own id, which is never used again, and never from an
/// address that may pass on to somebody else.
pub fn of(server_keys: &ServerKeys, client: &Client, user: UserId) -> String {
    match &client.subject_type {
        SubjectType::Public => user.to_string(),
        SubjectType::Pairwise { sector, .. } => server_keys.pairwise_subject(sector, user),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: UserId = UserId(uuid::Uuid::from_u128(7));
    const OTHER: UserId = UserId(uuid::Uuid::from_u128(8));

    fn of_sector(sector: &str, user: UserId, master: u8) -> String {
        let client = Client {
            subject_type: SubjectType::Pairwise {
                sector: sector.to_owned(),
                sector_identifier_uri: None,
            },
            ..Client::new(format!("client of {sector}"), "Client")
        };
        of(&ServerKeys::derive(&[master; 32]), &client, user)
    }

    #[test]
    fn core_8_a_pairwise_subject_is_stable_in_its_sector_and_differs_by_sector_person_and_provider()
    {
        let subject = of_sector("rp.example", USER, 7);
        assert_eq!(subject, of_sector("rp.example", USER, 7));
        for other in [
            of_sector("rp.example", OTHER, 7),
            of_sector("api.example", USER, 7),
            of_sector("rp.example", USER, 8),
        ] {
            assert_ne!(subject, other);
        }
        assert_eq!(subject.len(), 43, "256 bits in base64url");
    }

    #[test]
    fn core_8_a_public_subject_is_the_id_of_the_account() {
        let keys = ServerKeys::derive(&[7; 32]);
        assert_eq!(of(&keys, &Client::new("a", "A"), USER), USER.to_string());
        assert_eq!(of(&keys, &Client::new("b", "B"), USER), USER.to_string());
    }
}
