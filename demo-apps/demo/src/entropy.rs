//! Randomness of the demo: that of the system, but for codes when one is fixed.

use idp::entropy::{Entropy, SystemEntropy};

/// Every code is the same one. All other secrets are as random as ever.
pub(crate) struct FixedCode(pub(crate) u32);

impl Entropy for FixedCode {
    fn bytes(&self) -> [u8; 32] {
        SystemEntropy.bytes()
    }

    fn number(&self) -> u32 {
        self.0
    }
}
