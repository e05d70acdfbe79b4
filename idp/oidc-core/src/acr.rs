//! Asking for an authentication context (OpenID Connect Core 3.1.2.1, 5.5.1.1; Unmet Authentication
//! Requirements 1.0).

use crate::client::Client;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::requested_claims::RequestedClaims;

/// Answer where no sign-in can have any of the contexts that alone will do.
pub const UNMET: OAuthError = OAuthError::new(
    ErrorCode::UnmetAuthenticationRequirements,
    "no sign-in here has any of the requested authentication contexts",
);

/// The contexts that a request asks for, of those that a sign-in can have. The token always names
/// the one that the sign-in had; none is made up (security.md 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedAcr {
    values: Vec<String>,
    essential: bool,
}

impl RequestedAcr {
    /// Reads the request: an `acr` claim with values, else `acr_values`, else what the client
    /// registered. Contexts that are not offered fall away; when that leaves none of those that
    /// alone will do, the request cannot be met.
    pub(crate) fn parse(
        params: &Params,
        claims: &RequestedClaims,
        client: &Client,
        offered: &[&str],
    ) -> Result<Self, OAuthError> {
        let listed = params.get("acr_values").map(|text| {
            text.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        });
        let (mut values, essential) = claims.acr().unwrap_or_else(|| {
            (listed.unwrap_or_else(|| client.defaults.acr_values.clone()), false)
        });
        values.retain(|name| offered.contains(&name.as_str()));
        if essential && values.is_empty() {
            return Err(UNMET);
        }
        Ok(Self { values, essential })
    }

    /// Whether no other context will do.
    pub const fn is_essential(&self) -> bool {
        self.essential
    }

    /// Whether a sign-in of this context will do.
    pub fn is_met_by(&self, acr: &str) -> bool {
        self.values.is_empty() || self.values.iter().any(|value| value == acr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    const OFFERED: [&str; 2] = ["one", "two"];

    fn parse(acr_values: &str, claims: &str, client: &Client) -> Result<RequestedAcr, OAuthError> {
        let params = Params::from_pairs([("acr_values".to_owned(), acr_values.to_owned())]);
        let claims = RequestedClaims::parse(claims).unwrap();
        RequestedAcr::parse(&params, &claims, client, &OFFERED)
    }

    #[test]
    fn oidc_core_3_1_2_1_acr_values_are_voluntary_and_unknown_ones_fall_away() {
        let client = fixtures::client();
        for (acr_values, met_by) in
            [("", "onetwo"), ("1 2", "onetwo"), ("two 3", "two"), ("one two", "onetwo")]
        {
            let acr = parse(acr_values, "{}", &client).unwrap();
            assert!(!acr.is_essential());
            for offered in OFFERED {
                assert_eq!(acr.is_met_by(offered), met_by.contains(offered), "{acr_values}");
            }
        }
    }

    #[test]
    fn oidc_core_5_5_1_1_essential_values_that_no_sign_in_has_cannot_be_met() {
        let client = fixtures::client();
        let unmet = r#"{"id_token":{"acr":{"essential":true,"values":["three"]}}}"#;
        assert_eq!(parse("one", unmet, &client), Err(UNMET));
        let voluntary = r#"{"id_token":{"acr":{"values":["three"]}}}"#;
        assert!(parse("", voluntary, &client).unwrap().is_met_by("one"));
        let met = r#"{"id_token":{"acr":{"essential":true,"values":["two","three"]}}}"#;
        let met = parse("one", met, &client).unwrap();
        assert!(met.is_essential() && met.is_met_by("two") && !met.is_met_by("one"));
    }

    #[test]
    fn registration_2_default_acr_values_count_where_the_request_says_nothing() {
        let mut client = fixtures::client();
        client.defaults.acr_values = vec!["two".to_owned()];
        assert!(!parse("", "{}", &client).unwrap().is_met_by("one"));
        assert!(parse("one", "{}", &client).unwrap().is_met_by("one"));
        let claim = r#"{"id_token":{"acr":{"value":"one"}}}"#;
        assert!(parse("", claim, &client).unwrap().is_met_by("one"));
    }
}
