//! The signature algorithms that are offered.

use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, EdDSA, JwsSigner, JwsVerifier, RS256};

use crate::error::Error;

/// Bits of a new RSA key.
const RSA_BITS: u32 = 2048;

/// A signature algorithm. Each key has exactly one (RFC 8725 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The name in headers and key sets (RFC 7518 3.1, RFC 8037 3.1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Parses the name in headers and key sets.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// A new key pair, from the entropy of the JOSE library's own generator.
    pub(crate) fn generate(self) -> Result<Jwk, Error> {
        match self {
            Self::Es256 => Jwk::generate_ec_key(EcCurve::P256),
            Self::Rs256 => Jwk::generate_rsa_key(RSA_BITS),
            Self::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519),
        }
        .map_err(|_| Error::Key("generated"))
    }

    pub(crate) fn signer(self, private: &Jwk) -> Result<Box<dyn JwsSigner>, Error> {
        let failed = |_| Error::Key("read");
        Ok(match self {
            Self::Es256 => Box::new(ES256.signer_from_jwk(private).map_err(failed)?),
            Self::Rs256 => Box::new(RS256.signer_from_jwk(private).map_err(failed)?),
            Self::EdDsa => Box::new(EdDSA.signer_from_jwk(private).map_err(failed)?),
        })
    }

    pub(crate) fn verifier(self, public: &Jwk) -> Result<Box<dyn JwsVerifier>, Error> {
        let failed = |_| Error::Key("read");
        Ok(match self {
            Self::Es256 => Box::new(ES256.verifier_from_jwk(public).map_err(failed)?),
            Self::Rs256 => Box::new(RS256.verifier_from_jwk(public).map_err(failed)?),
            Self::EdDsa => Box::new(EdDSA.verifier_from_jwk(public).map_err(failed)?),
        })
    }
}
