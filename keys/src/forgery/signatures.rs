//! Signatures that are none: foreign, cut, lengthened, degenerate, in other encodings, of other algorithms
//! (security.md 37, 38).

use josekit::jwk::KeyPair as _;
use josekit::jwk::alg::{ec::EcCurve, ec::EcKeyPair, ed::EdCurve, rsa::RsaKeyPair};
use josekit::jws::{ES256K, ES384, ES512, JwsSigner, PS384, PS512, RS384, RS512};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};

use super::*;

/// The order of P-256.
const P256_ORDER: &str = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";

/// The order of the base point of Ed25519, little endian.
const ED25519_ORDER: &str = "7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA";

pub(super) fn forgeries(bench: &Bench) -> Vec<Forgery> {
    let good = bench.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let mut all = any_algorithm(bench, message, &decode(signature));
    all.extend(match bench.alg {
        "ES256" => elliptic(bench, message, &decode(signature)),
        "EdDSA" => edwards(message, &decode(signature)),
        _ => rsa(bench, message),
    });
    let named = |(name, signature): (String, Vec<u8>)| {
        forgery(name, format!("{message}.{}", encode(signature)), Invalid::Signature)
    };
    let mut all: Vec<Forgery> = all.into_iter().map(named).collect();
    all.extend(moved(bench, &good));
    all
}

type Named = (String, Vec<u8>);

fn any_algorithm(bench: &Bench, message: &str, signature: &[u8]) -> Vec<Named> {
    let length = signature.len();
    let reversed: Vec<u8> = signature.iter().rev().copied().collect();
    let hexadecimal =
        signature.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    [
        ("empty", Vec::new()),
        ("one byte", vec![0]),
        ("one byte less", signature[..length - 1].to_vec()),
        ("the first byte less", signature[1..].to_vec()),
        ("half", signature[..length / 2].to_vec()),
        ("a zero behind", [signature, &[0]].concat()),
        ("a zero in front", [&[0], signature].concat()),
        ("a byte behind", [signature, &[0x5a]].concat()),
        ("twice", signature.repeat(2)),
        ("reversed", reversed),
        ("all zero", vec![0; length]),
        ("all ones", vec![0xff; length]),
        ("one", [vec![0; length - 1], vec![1]].concat()),
        ("hexadecimal", hexadecimal.into_bytes()),
        ("its own base64url", encode(signature).into_bytes()),
        ("of the message and a line feed", bench.signature(format!("{message}\n").as_bytes())),
        (
            "of the decoded parts",
            bench.signature(format!("{}.{}", bench.header(), payload()).as_bytes()),
        ),
        ("of the payload alone", bench.signature(message.split_once('.').unwrap().1.as_bytes())),
        ("of nothing", bench.signature(b"")),
    ]
    .map(|(name, signature)| (format!("signature: {name}"), signature))
    .into()
}

/// A right signature of another token.
fn moved(bench: &Bench, good: &str) -> Vec<Forgery> {
    let (_, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = (bench.header().to_string(), payload());
    [("sub", json!("mallory")), ("exp", json!(NOW / 1000 + 61)), ("scope", json!("admin"))]
        .into_iter()
        .map(|(name, value)| {
            let mut changed = payload.clone();
            changed[name] = value;
            let token = format!("{}.{}.{signature}", encode(&header), encode(changed.to_string()));
            forgery(format!("signature moved to another {name}"), token, Invalid::Signature)
        })
        .collect()
}

fn elliptic(bench: &Bench, message: &str, signature: &[u8]) -> Vec<Named> {
    let (r, s) = signature.split_at(32);
    let order = decode(P256_ORDER);
    let (zero, one) = ([0; 32].as_slice(), [[0; 31].as_slice(), &[1]].concat());
    let pair = EcKeyPair::from_jwk(&bench.private).unwrap();
    let key = PKey::private_key_from_der(&pair.to_der_private_key()).unwrap();
    let der = |digest| sign_with(&key, digest, message, |_| ());
    let raw = |digest| {
        let parts = EcdsaSig::from_der(&der(digest)).unwrap();
        [parts.r(), parts.s()].map(|part| part.to_vec_padded(32).unwrap()).concat()
    };
    let mut all: Vec<Named> = [
        ("DER", der(MessageDigest::sha256())),
        ("r is zero", [zero, s].concat()),
        ("s is zero", [r, zero].concat()),
        ("r is the order", [&order, s].concat()),
        ("s is the order", [r, &order].concat()),
        ("r and s are the order", order.repeat(2)),
        ("r and s are one", one.repeat(2)),
        ("r and s in each other's place", [s, r].concat()),
        ("r twice", r.repeat(2)),
        ("33 bytes each", [&[0], r, &[0], s].concat()),
        ("48 bytes each", [&[0; 16], r, &[0; 16], s].concat()),
        ("r one byte short", [&r[1..], s].concat()),
        ("SHA-1", raw(MessageDigest::sha1())),
        ("SHA-384", raw(MessageDigest::sha384())),
        ("SHA-512", raw(MessageDigest::sha512())),
        ("r alone", r.to_vec()),
    ]
    .map(|(name, signature)| (format!("ECDSA: {name}"), signature))
    .into();
    let curves: [(&str, EcCurve); 3] =
        [("P-384", EcCurve::P384), ("P-521", EcCurve::P521), ("secp256k1", EcCurve::Secp256k1)];
    for (name, curve) in curves {
        let other = Jwk::generate_ec_key(curve).unwrap();
        let signer: Box<dyn JwsSigner> = match curve {
            EcCurve::P384 => Box::new(ES384.signer_from_jwk(&other).unwrap()),
            EcCurve::P521 => Box::new(ES512.signer_from_jwk(&other).unwrap()),
            _ => Box::new(ES256K.signer_from_jwk(&other).unwrap()),
        };
        all.push((format!("ECDSA: on {name}"), signer.sign(message.as_bytes()).unwrap()));
    }
    all
}

fn edwards(message: &str, signature: &[u8]) -> Vec<Named> {
    let (r, s) = signature.split_at(32);
    let order = decode(ED25519_ORDER);
    let zero = [0; 32].as_slice();
    // The neutral point, as `R` of a signature that holds under a key of small order.
    let neutral = [&[1], [0; 31].as_slice()].concat();
    let other = Jwk::generate_ed_key(EdCurve::Ed448).unwrap();
    let ed448 = EdDSA.signer_from_jwk(&other).unwrap().sign(message.as_bytes()).unwrap();
    [
        ("R is zero", [zero, s].concat()),
        ("S is zero", [r, zero].concat()),
        ("R is neutral and S is zero", [neutral.as_slice(), zero].concat()),
        ("S is the order", [r, &order].concat()),
        ("S and the order added", [r, &sum(s, &order)].concat()),
        ("S and twice the order added", [r, &sum(&sum(s, &order), &order)].concat()),
        ("the sign of R turned", [&r[..31], &[r[31] ^ 0x80], s].concat()),
        ("R and S in each other's place", [s, r].concat()),
        ("Ed448", ed448),
    ]
    .map(|(name, signature)| (format!("EdDSA: {name}"), signature))
    .into()
}

/// The sum of two numbers, little endian.
fn sum(one: &[u8], two: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    one.iter()
        .zip(two)
        .map(|(one, two)| {
            carry += u16::from(*one) + u16::from(*two);
            let [low, high] = carry.to_le_bytes();
            carry = u16::from(high);
            low
        })
        .collect()
}

fn rsa(bench: &Bench, message: &str) -> Vec<Named> {
    let pair = RsaKeyPair::from_jwk(&bench.private).unwrap();
    let key = PKey::private_key_from_der(&pair.to_der_private_key()).unwrap();
    let pss = |digest: MessageDigest, salt: i32, mask: MessageDigest| {
        sign_with(&key, digest, message, |signer| {
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt)).unwrap();
            signer.set_rsa_mgf1_md(mask).unwrap();
        })
    };
    let (sha1, sha256) = (MessageDigest::sha1(), MessageDigest::sha256());
    let digest = hash(sha256, message.as_bytes()).unwrap();
    let modulus = decode(bench.public["n"].as_str().unwrap());
    let mut below = modulus.clone();
    below[255] -= 1;
    let mut all = vec![
        ("SHA-1", sign_with(&key, sha1, message, |_| ())),
        ("SHA-384", jose(&RS384.signer_from_jwk(&bench.private).unwrap(), message)),
        ("SHA-512", jose(&RS512.signer_from_jwk(&bench.private).unwrap(), message)),
        ("PSS with SHA-384", jose(&PS384.signer_from_jwk(&bench.private).unwrap(), message)),
        ("PSS with SHA-512", jose(&PS512.signer_from_jwk(&bench.private).unwrap(), message)),
        ("PSS with SHA-1", pss(sha1, 20, sha1)),
        ("PSS with a mask of SHA-1", pss(sha256, 32, sha1)),
        ("PSS without salt", pss(sha256, 0, sha256)),
        ("PSS with a short salt", pss(sha256, 20, sha256)),
        ("the bare digest in PKCS #1", private(&key, &digest, Padding::PKCS1)),
        ("the message in PKCS #1", private(&key, &message.as_bytes()[..200], Padding::PKCS1)),
        ("the digest without padding", private(&key, &padded(&digest, 256), Padding::NONE)),
        ("padding that ends early", private(&key, &bleichenbacher(&digest), Padding::NONE)),
        ("the modulus", modulus),
        ("one below the modulus", below),
        ("two", padded(&[2], 256)),
    ];
    if bench.alg == "RS256" {
        all.push(("PSS", pss(sha256, 32, sha256)));
    } else {
        all.push(("PKCS #1", sign_with(&key, sha256, message, |_| ())));
    }
    all.into_iter().map(|(name, signature)| (format!("RSA: {name}"), signature)).collect()
}

fn jose(signer: &dyn JwsSigner, message: &str) -> Vec<u8> {
    signer.sign(message.as_bytes()).unwrap()
}

fn padded(number: &[u8], length: usize) -> Vec<u8> {
    [&vec![0; length - number.len()], number].concat()
}

/// The shape of CVE-2006-4339: little padding, the right digest, and garbage to the right of it.
fn bleichenbacher(digest: &[u8]) -> Vec<u8> {
    const DIGEST_INFO: [u8; 19] =
        [0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32];
    let start = [&[0, 1], [0xff; 8].as_slice(), &[0], &DIGEST_INFO, digest].concat();
    [start.as_slice(), &vec![0x42; 256 - start.len()]].concat()
}

fn private(key: &PKey<Private>, bytes: &[u8], padding: Padding) -> Vec<u8> {
    let mut signature = vec![0; 256];
    key.rsa().unwrap().private_encrypt(bytes, &mut signature, padding).unwrap();
    signature
}

fn sign_with(
    key: &PKey<Private>,
    digest: MessageDigest,
    message: &str,
    set_up: impl Fn(&mut Signer<'_>),
) -> Vec<u8> {
    let mut signer = Signer::new(digest, key).unwrap();
    set_up(&mut signer);
    signer.update(message.as_bytes()).unwrap();
    signer.sign_to_vec().unwrap()
}
