//! RSA keys that nobody should trust: short, with a silly exponent, or of a generator known to be
//! weak (security.md 33).

use crate::client_keys::KeySetError;

/// Bits of a modulus (RFC 7518 3.3); the upper bound keeps one verification short.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The exponents of FIPS 186-5 A.1.1 that fit into 32 bits; practically all keys have the first.
const EXPONENTS: std::ops::RangeInclusive<u64> = 65_537..=0xffff_ffff;

/// Odd primes for trial division and for the fingerprint of [`is_of_weak_generator`].
const PRIMES: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Checks a public key, both numbers big endian and without leading zeros.
pub(crate) fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeySetError> {
    let unused = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !MODULUS_BITS.contains(&(modulus.len() * 8 - unused)) {
        return Err(KeySetError::RsaLength);
    }
    let small = exponent.len() <= 8 && EXPONENTS.contains(&number(exponent));
    if !is_odd(exponent) || !small {
        return Err(KeySetError::RsaExponent);
    }
    let has_small_factor = PRIMES.iter().any(|prime| remainder(modulus, *prime) == 0);
    if !is_odd(modulus) || has_small_factor || is_of_weak_generator(modulus) {
        return Err(KeySetError::Key);
    }
    Ok(())
}

/// CVE-2017-15361 (ROCA): the primes of a widely used chip library are powers of 65537 modulo each
/// small prime, and so is their product. A good modulus looks so once in 2^27.
fn is_of_weak_generator(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let wanted = remainder(modulus, *prime);
        let mut power = 1;
        for _ in 0..*prime {
            if power == wanted {
                return true;
            }
            power = power * 65_537 % prime;
        }
        false
    })
}

fn number(big_endian: &[u8]) -> u64 {
    big_endian.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn remainder(big_endian: &[u8], divisor: u64) -> u64 {
    big_endian.iter().fold(0, |rest, byte| (rest << 8 | u64::from(*byte)) % divisor)
}
