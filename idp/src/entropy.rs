//! The one place that draws randomness.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of randomness for secrets.
pub trait Entropy: Send + Sync {
    /// 32 fresh bytes.
    fn bytes(&self) -> [u8; 32];

    /// A number from which a six-digit code is made.
    fn number(&self) -> u32;
}

/// The generator of the operating system, through the `rand` crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

#[expect(clippy::disallowed_methods, reason = "this is the source of randomness")]
impl Entropy for SystemEntropy {
    fn bytes(&self) -> [u8; 32] {
        rand::random()
    }

    fn number(&self) -> u32 {
        rand::random()
    }
}

/// A fresh secret of 256 bits with a prefix that names its kind (security.md 44), as it goes to its owner.
pub fn secret(entropy: &dyn Entropy, prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(entropy.bytes()))
}
