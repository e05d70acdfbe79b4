//! Headers that ask for another algorithm, key or rule (security.md 37, 39; RFC 8725 2.1, 3.1, 3.5, 3.11).

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use super::*;

pub(super) fn forgeries(bench: &Bench) -> Vec<Forgery> {
    let mut all = extensions(bench);
    all.extend(foreign_keys(bench));
    all.extend(other_algorithms(bench));
    all.extend(without_signature(bench));
    all.extend(symmetric(bench));
    all.extend(names(bench));
    all.extend(kinds(bench));
    all
}

fn signed(bench: &Bench, header: &Value) -> String {
    bench.sign(header.to_string(), payload().to_string())
}

/// Members that change what a token means, on a token that is otherwise right.
fn extensions(bench: &Bench) -> Vec<Forgery> {
    let mut all: Vec<Forgery> = [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
        ("crit", Value::Null),
        ("crit", json!(["http://example.com/unknown"])),
        ("crit", json!(["alg"])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("cty", json!("JWT")),
        ("jku", json!("https://evil.example/jwks")),
        ("jku", json!("https://id.example/oauth2/jwks")),
        ("x5u", json!("https://evil.example/chain.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5c", json!([])),
        ("jwk", bench.public.clone()),
        ("jwk", Value::Null),
        ("epk", bench.public.clone()),
        ("nonce", json!("n")),
        ("url", json!("https://id.example/")),
        ("p2c", json!(1_000_000)),
        ("iss", json!(ISSUER)),
        ("exp", json!(1)),
        ("ALG", json!("none")),
        ("", json!("none")),
        ("alg ", json!("none")),
    ]
    .into_iter()
    .map(|(member, value)| {
        let token = signed(bench, &bench.header_with(member, value.clone()));
        forgery(format!("header member {member}: {}", short(&value)), token, Invalid::Header)
    })
    .collect();
    let mut unencoded = bench.header_with("b64", json!(false));
    unencoded["crit"] = json!(["b64"]);
    all.push(forgery("b64 with crit", signed(bench, &unencoded), Invalid::Header));
    if bench.is_provider() {
        let thumbprint = signed(bench, &bench.header_with("x5t", json!("AA")));
        all.push(forgery("x5t", thumbprint, Invalid::Header));
    }
    all
}

fn short(value: &Value) -> String {
    if value.is_object() { "a key".to_owned() } else { value.to_string() }
}

/// A key that comes with the token proves nothing: these are signed by the key that they bring or point to.
fn foreign_keys(bench: &Bench) -> Vec<Forgery> {
    let thief = if bench.is_provider() {
        let algorithm = Algorithm::parse(bench.alg).unwrap();
        Bench::of_provider(algorithm)
    } else {
        Bench::of_client(bench.alg)
    };
    let own = |header: Value| signed(&thief, &header);
    vec![
        forgery("another key under our name", own(bench.header()), Invalid::Signature),
        forgery(
            "a key in the header",
            own(bench.header_with("jwk", thief.public.clone())),
            Invalid::Header,
        ),
        forgery(
            "the address of a key",
            own(bench.header_with("jku", json!("https://evil.example"))),
            Invalid::Header,
        ),
        forgery(
            "a key that is unknown",
            own(bench.header_with("kid", json!("thief"))),
            Invalid::UnknownKey,
        ),
    ]
}

/// The right signature, and a header that says it is of another kind; and `alg` that is no name at all.
fn other_algorithms(bench: &Bench) -> Vec<Forgery> {
    let all = [
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "EdDSA",
        "Ed25519",
        "ML-DSA-44",
        "RS1",
        "dir",
        "RSA-OAEP",
        "A128KW",
        "",
    ];
    let with = |alg: Value| signed(bench, &bench.header_with("alg", alg));
    // A client may call its algorithm by either name (RFC 9864 2.2); the provider has one.
    let is_own = |alg: &str| {
        alg == bench.alg || !bench.is_provider() && (alg, bench.alg) == ("Ed25519", "EdDSA")
    };
    let mut forgeries: Vec<Forgery> = all
        .into_iter()
        .filter(|alg| !is_own(alg))
        .map(|alg| forgery(format!("alg {alg:?}"), with(json!(alg)), Invalid::UnknownKey))
        .collect();
    for (name, alg) in [
        ("in lower case", bench.alg.to_lowercase()),
        ("and a space", format!("{} ", bench.alg)),
        ("after a space", format!(" {}", bench.alg)),
        ("and a zero byte", format!("{}\0", bench.alg)),
    ] {
        let token = with(json!(alg));
        forgeries.push(forgery(format!("alg {name}"), token, Invalid::UnknownKey));
    }
    for (name, alg) in [
        ("null", Value::Null),
        ("a number", json!(1)),
        ("true", json!(true)),
        ("a list", json!([bench.alg])),
        ("an object", json!({"alg": bench.alg})),
    ] {
        forgeries.push(forgery(format!("alg is {name}"), with(alg), Invalid::Header));
    }
    let mut without = bench.header();
    without.as_object_mut().unwrap().remove("alg");
    forgeries.push(forgery("alg missing", signed(bench, &without), Invalid::Header));
    forgeries.push(forgery("an empty header", signed(bench, &json!({})), Invalid::Header));
    forgeries
}

/// `none` in every spelling, without a signature and with the right one.
fn without_signature(bench: &Bench) -> Vec<Forgery> {
    let mut all = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "nonE", "none ", " none", "none\0", "n\u{043e}ne"] {
        let right = signed(bench, &bench.header_with("alg", json!(alg)));
        let (message, _) = right.rsplit_once('.').unwrap();
        all.push(forgery(format!("unsigned {alg:?}"), format!("{message}."), Invalid::UnknownKey));
        all.push(forgery(format!("signed {alg:?}"), right, Invalid::UnknownKey));
    }
    let mut bare = json!({"alg": "none"});
    let token = |header: &Value| {
        format!("{}.{}.", encode(header.to_string()), encode(payload().to_string()))
    };
    let reason = if bench.is_provider() { Invalid::Header } else { Invalid::UnknownKey };
    all.push(forgery("unsigned and nothing else", token(&bare), reason));
    bare["typ"] = json!(bench.typ());
    all.push(forgery("unsigned without kid", token(&bare), reason));
    all
}

/// HMAC with what everybody knows, the public key in each of its forms, as the secret.
fn symmetric(bench: &Bench) -> Vec<Forgery> {
    let public = PKey::public_key_from_der(&public_der(bench)).unwrap();
    let coordinate = ["n", "x"].into_iter().find_map(|name| bench.public[name].as_str()).unwrap();
    let secrets: [(&str, Vec<u8>); 8] = [
        ("DER", public.public_key_to_der().unwrap()),
        ("PEM", public.public_key_to_pem().unwrap()),
        ("PEM without line end", public.public_key_to_pem().unwrap().trim_ascii().to_vec()),
        ("JWK", bench.public.to_string().into_bytes()),
        ("the encoded number", coordinate.as_bytes().to_vec()),
        ("the number", decode(coordinate)),
        ("its name", bench.kid.as_bytes().to_vec()),
        ("a zero", vec![0]),
    ];
    let mut all = Vec::new();
    for (secret_name, secret) in secrets {
        for (alg, digest) in [
            ("HS256", MessageDigest::sha256()),
            ("HS384", MessageDigest::sha384()),
            ("HS512", MessageDigest::sha512()),
        ] {
            let header = bench.header_with("alg", json!(alg)).to_string();
            let message = format!("{}.{}", encode(header), encode(payload().to_string()));
            let key = PKey::hmac(&secret).unwrap();
            let mut signer = Signer::new(digest, &key).unwrap();
            signer.update(message.as_bytes()).unwrap();
            let token = format!("{message}.{}", encode(signer.sign_to_vec().unwrap()));
            all.push(forgery(format!("{alg} with {secret_name}"), token, Invalid::UnknownKey));
        }
    }
    all
}

fn public_der(bench: &Bench) -> Vec<u8> {
    use josekit::jwk::KeyPair as _;
    let key = &bench.private;
    match bench.alg {
        "ES256" => josekit::jwk::alg::ec::EcKeyPair::from_jwk(key).unwrap().to_der_public_key(),
        "EdDSA" => josekit::jwk::alg::ed::EdKeyPair::from_jwk(key).unwrap().to_der_public_key(),
        _ => josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(key).unwrap().to_der_public_key(),
    }
}

/// Names of keys that are not the name of this key.
fn names(bench: &Bench) -> Vec<Forgery> {
    let mut all: Vec<Forgery> = [
        String::new(),
        " ".to_owned(),
        "../../../dev/null".to_owned(),
        "k1' OR '1'='1".to_owned(),
        "https://evil.example/key".to_owned(),
        "x".repeat(2000),
    ]
    .into_iter()
    .map(|kid| (format!("kid {:?}", &kid[..kid.len().min(20)]), kid))
    .chain([
        ("kid with a space".to_owned(), format!("{} ", bench.kid)),
        ("kid with a zero byte".to_owned(), format!("{}\0", bench.kid)),
        ("kid cut".to_owned(), bench.kid[..bench.kid.len() - 1].to_owned()),
        ("kid in other case".to_owned(), swap_case(&bench.kid)),
    ])
    .map(|(name, kid)| {
        let token = signed(bench, &bench.header_with("kid", json!(kid)));
        forgery(name, token, Invalid::UnknownKey)
    })
    .collect();
    for kid in [Value::Null, json!(0), json!(true), json!([bench.kid]), json!({})] {
        let name =
            if kid.is_array() { "kid in a list".to_owned() } else { format!("kid is {kid}") };
        all.push(forgery(name, signed(bench, &bench.header_with("kid", kid)), Invalid::Header));
    }
    let mut without = bench.header();
    without.as_object_mut().unwrap().remove("kid");
    let reason = if bench.is_provider() { Invalid::Header } else { Invalid::UnknownKey };
    all.push(forgery("kid missing though there are two keys", signed(bench, &without), reason));
    all
}

fn swap_case(text: &str) -> String {
    let swap =
        |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// security.md 39: tokens of every other kind.
fn kinds(bench: &Bench) -> Vec<Forgery> {
    let other = if bench.is_provider() { "JWT" } else { "at+jwt" };
    let mut all: Vec<Forgery> = [
        other,
        "logout+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "JWE",
        "JOSE",
        "JOSE+JSON",
        "",
        "*",
        "application/at+jwt",
        "application/jwt",
        "AT+JWT",
        "jwt",
        "at+jwt ",
        "JWT\0",
    ]
    .into_iter()
    .map(|typ| {
        let token = signed(bench, &bench.header_with("typ", json!(typ)));
        forgery(format!("typ {typ:?}"), token, Invalid::Typ)
    })
    .collect();
    for typ in [Value::Null, json!(1), json!([bench.typ()])] {
        let name =
            if typ.is_array() { "typ in a list".to_owned() } else { format!("typ is {typ}") };
        all.push(forgery(name, signed(bench, &bench.header_with("typ", typ)), Invalid::Header));
    }
    if bench.is_provider() {
        let mut without = bench.header();
        without.as_object_mut().unwrap().remove("typ");
        all.push(forgery("typ missing", signed(bench, &without), Invalid::Header));
    }
    all
}
