//! Tokens whose form is wrong: parts, base64url, UTF-8, JSON (security.md 38, 45).

use super::*;

pub(super) fn forgeries(bench: &Bench) -> Vec<Forgery> {
    let mut all = parts(bench);
    all.extend(base64url(bench));
    all.extend(json_texts(bench));
    all.extend(repeated_members(bench));
    all.extend(encrypted(bench));
    all
}

fn malformed(name: impl Into<String>, token: String) -> Forgery {
    forgery(name, token, Invalid::Malformed)
}

/// The wrong number of parts, the JSON forms, and something before, between or after.
fn parts(bench: &Bench) -> Vec<Forgery> {
    let good = bench.good();
    let [header, payload, signature] = split(&good);
    let flattened = json!({"payload": payload, "protected": header, "signature": signature});
    let general = json!({
        "payload": payload, "signatures": [{"protected": header, "signature": signature}],
    });
    let mut all: Vec<Forgery> = [
        ("nothing", String::new()),
        ("one dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("the header alone", header.to_owned()),
        ("no signature part", format!("{header}.{payload}")),
        ("no header", format!(".{payload}.{signature}")),
        ("no payload", bench.sign_parts(header, "")),
        ("a fourth empty part", format!("{good}.")),
        ("a fourth part", format!("{good}.AAAA")),
        ("an empty part first", format!(".{good}")),
        ("a doubled dot", format!("{header}..{payload}.{signature}")),
        ("twice the token", format!("{good}.{good}")),
        ("commas for dots", good.replace('.', ",")),
        ("escaped dots", good.replace('.', "%2E")),
        ("wide dots", good.replace('.', "\u{ff0e}")),
        ("the scheme in front", format!("Bearer {good}")),
        ("quotes", format!("\"{good}\"")),
        ("the token encoded once more", encode(&good)),
        ("flattened JSON", flattened.to_string()),
        ("general JSON", general.to_string()),
        ("the parts as a JSON list", json!([header, payload, signature]).to_string()),
    ]
    .map(|(name, token)| malformed(name, token))
    .into();
    let fill = json!({"fill": "x".repeat(6200)}).to_string();
    all.push(forgery(
        "more than 8 KiB",
        bench.sign(bench.header().to_string(), fill),
        Invalid::TooLong,
    ));
    all
}

fn split(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}

/// Respells a part.
type Spell = fn(&str) -> String;

/// Each part in a spelling that a loose decoder takes; header and payload are signed as they are spelled.
fn base64url(bench: &Bench) -> Vec<Forgery> {
    let good = bench.good();
    let [header, payload, signature] = split(&good);
    let mut all = Vec::new();
    let spellings: [(&str, Spell); 16] = [
        ("one padding sign", |part| format!("{part}=")),
        ("two padding signs", |part| format!("{part}==")),
        ("escaped padding", |part| format!("{part}%3D")),
        ("a space in front", |part| format!(" {part}")),
        ("a space behind", |part| format!("{part} ")),
        ("a space within", |part| within(part, " ")),
        ("a line feed within", |part| within(part, "\n")),
        ("a carriage return behind", |part| format!("{part}\r\n")),
        ("a tab within", |part| within(part, "\t")),
        ("a zero byte behind", |part| format!("{part}\0")),
        ("a plus sign", |part| within(part, "+")),
        ("a slash", |part| within(part, "/")),
        ("an exclamation mark", |part| within(part, "!")),
        ("a letter of another script", |part| within(part, "\u{0430}")),
        ("a byte order mark", |part| format!("\u{feff}{part}")),
        ("one character too many", lengthen),
    ];
    for (name, spell) in spellings {
        let other = [
            ("header", bench.sign_parts(&spell(header), payload)),
            ("payload", bench.sign_parts(header, &spell(payload))),
            ("signature", format!("{header}.{payload}.{}", spell(signature))),
        ];
        all.extend(other.map(|(part, token)| malformed(format!("{name}: {part}"), token)));
    }
    all.extend(trailing_bits(bench, signature));
    all
}

fn within(part: &str, what: &str) -> String {
    let (one, two) = part.split_at(part.len() / 2);
    format!("{one}{what}{two}")
}

/// A length that no number of bytes has.
fn lengthen(part: &str) -> String {
    let missing = (5 - part.len() % 4) % 4;
    format!("{part}{}", "A".repeat(missing))
}

/// The last character holds bits of no byte: they must be zero, or one token has several spellings.
fn trailing_bits(bench: &Bench, signature: &str) -> Vec<Forgery> {
    // White space after the object makes the length one that leaves bits over.
    let loose = |json: String| {
        let spaces = if json.len().is_multiple_of(3) { " " } else { "" };
        next_character(&encode(json + spaces))
    };
    let header = bench.header().to_string();
    let content = payload().to_string();
    let good = bench.good();
    let (message, _) = good.rsplit_once('.').unwrap();
    vec![
        malformed(
            "trailing bits: header",
            bench.sign_parts(&loose(header.clone()), &encode(&content)),
        ),
        malformed("trailing bits: payload", bench.sign_parts(&encode(&header), &loose(content))),
        malformed("trailing bits: signature", format!("{message}.{}", next_character(signature))),
    ]
}

/// The last character replaced by the one after it in the alphabet, which differs in the last bit.
fn next_character(part: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = part.chars().last().unwrap();
    let at = ALPHABET.find(last).unwrap();
    let next = ALPHABET.chars().nth(at + 1).unwrap();
    format!("{}{next}", &part[..part.len() - 1])
}

/// Header and payload that are no JSON objects in UTF-8, each properly signed.
fn json_texts(bench: &Bench) -> Vec<Forgery> {
    let (header, payload) = (bench.header().to_string(), payload().to_string());
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let joined = |parts: [&[u8]; 3]| parts.concat();
    let deep = |count: usize| format!("{{\"deep\":{}{}}}", "[".repeat(count), "]".repeat(count));
    let texts: Vec<(&str, Vec<u8>)> = vec![
        ("an empty text", Vec::new()),
        ("null", b"null".to_vec()),
        ("a number", b"1".to_vec()),
        ("a text", b"\"{}\"".to_vec()),
        ("a list", b"[]".to_vec()),
        ("an object in a list", format!("[{payload}]").into_bytes()),
        ("no bracket at the end", payload.trim_end_matches('}').as_bytes().to_vec()),
        ("a bracket too many", format!("{payload}}}").into_bytes()),
        ("two objects", format!("{payload}{payload}").into_bytes()),
        ("a zero byte behind", format!("{payload}\0").into_bytes()),
        ("a comma too many", payload.replace('}', ",}").into_bytes()),
        ("single quotes", payload.replace('"', "'").into_bytes()),
        ("a comment", format!("/**/{payload}").into_bytes()),
        ("a name without quotes", b"{alg:1}".to_vec()),
        ("not a number", b"{\"exp\":NaN}".to_vec()),
        ("an infinite number", b"{\"exp\":1e999}".to_vec()),
        ("a number with a zero in front", b"{\"exp\":01}".to_vec()),
        ("a hexadecimal number", b"{\"exp\":0x1}".to_vec()),
        ("a line feed in a text", b"{\"sub\":\"a\nb\"}".to_vec()),
        ("half of a surrogate pair", b"{\"sub\":\"\\ud800\"}".to_vec()),
        ("a byte order mark", joined([b"\xef\xbb\xbf", payload.as_bytes(), b""])),
        ("UTF-16", utf16(&payload)),
        ("a byte that is no UTF-8", joined([b"{\"sub\":\"", b"\xff", b"\"}"])),
        ("an overlong zero", joined([b"{\"sub\":\"", b"\xc0\x80", b"\"}"])),
        ("an encoded surrogate", joined([b"{\"sub\":\"", b"\xed\xa0\x80", b"\"}"])),
        ("a cut character", joined([b"{\"sub\":\"", b"\xe2\x82", b"\"}"])),
        ("130 lists in each other", deep(130).into_bytes()),
        ("2500 lists in each other", deep(2500).into_bytes()),
    ];
    texts
        .into_iter()
        .flat_map(|(name, text)| {
            [
                malformed(format!("JSON, {name}: header"), bench.sign(&text, &payload)),
                malformed(format!("JSON, {name}: payload"), bench.sign(&header, &text)),
            ]
        })
        .collect()
}

/// Readers differ in which of two members counts (RFC 8725 2.4): neither does.
fn repeated_members(bench: &Bench) -> Vec<Forgery> {
    let (header, payload) = (bench.header().to_string(), payload().to_string());
    let put_first = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let put_last =
        |text: &str, member: &str| format!("{},{member}}}", text.strip_suffix('}').unwrap());
    let own_alg = format!("\"alg\":\"{}\"", bench.alg);
    let headers = [
        ("the same alg", own_alg.as_str()),
        ("alg none", "\"alg\":\"none\""),
        ("alg HS256", "\"alg\":\"HS256\""),
        ("an escaped alg", "\"\\u0061lg\":\"none\""),
        ("kid", "\"kid\":\"other\""),
        ("typ", "\"typ\":\"JWT\""),
    ];
    let payloads = [
        ("the same iss", "\"iss\":\"https://id.example\""),
        ("sub", "\"sub\":\"mallory\""),
        ("aud", "\"aud\":\"other\""),
        ("exp", "\"exp\":9007199254740991"),
        ("an escaped sub", "\"s\\u0075b\":\"mallory\""),
        ("a member of a member", "\"x\":{\"y\":1,\"y\":2}"),
        ("a member in a list", "\"x\":[{\"y\":1,\"y\":1}]"),
    ];
    let mut all = Vec::new();
    for (name, member) in headers {
        let first = bench.sign(put_first(&header, member), &payload);
        let last = bench.sign(put_last(&header, member), &payload);
        all.push(malformed(format!("{name} twice, first: header"), first));
        all.push(malformed(format!("{name} twice, last: header"), last));
    }
    for (name, member) in payloads {
        let first = bench.sign(&header, put_first(&payload, member));
        let last = bench.sign(&header, put_last(&payload, member));
        all.push(malformed(format!("{name} twice, first: payload"), first));
        all.push(malformed(format!("{name} twice, last: payload"), last));
    }
    all
}

/// JWE in its five parts (RFC 7516 3.1). We have no use for it, so nothing is ever decrypted or inflated: what inflates
/// from 87 KB to 64 MiB is refused by its length, and smaller ones by their form.
fn encrypted(bench: &Bench) -> Vec<Forgery> {
    let header = |alg: &str, more: Value| {
        let mut header = json!({"alg": alg, "enc": "A128GCM", "kid": bench.kid});
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        encode(header.to_string())
    };
    let token = |header: String, length: usize| {
        format!(
            "{header}.{}.{}.{}.{}",
            encode([1; 32]),
            encode([2; 12]),
            encode(vec![3; length]),
            encode([4; 16])
        )
    };
    let none = || json!({});
    let zipped = || json!({"zip": "DEF"});
    let rounds = json!({"p2c": 20_000_000, "p2s": "c2FsdHNhbHQ"});
    let mut all: Vec<Forgery> = [
        ("JWE dir", header("dir", none())),
        ("JWE RSA1_5", header("RSA1_5", none())),
        ("JWE RSA-OAEP", header("RSA-OAEP-256", none())),
        ("JWE ECDH-ES", header("ECDH-ES", json!({"epk": bench.public}))),
        ("JWE PBES2", header("PBES2-HS256+A128KW", rounds)),
        ("JWE zip", header("dir", zipped())),
        ("JWE with the algorithm of the key", header(bench.alg, zipped())),
    ]
    .map(|(name, header)| malformed(name, token(header, 1000)))
    .into();
    let bomb = token(header("dir", zipped()), 65_000);
    assert!(bomb.len() > 86_000);
    all.push(forgery("JWE zip of 87 KB", bomb, Invalid::TooLong));
    all
}

/// What the forgeries are made from is accepted in every legal form, up to the longest.
#[test]
fn legal_spellings_are_accepted() {
    for bench in Bench::all() {
        let spaced = format!(" {} ", payload()).replace(':', " : ");
        let spaced = spaced.replace("https : ", "https:");
        for content in [spaced, payload().to_string().replace("\"sub\"", "\"\\u0073ub\"")] {
            assert_eq!(bench.verify(&bench.sign(bench.header().to_string(), content)), Ok(()));
        }
        let filled = |length: usize| {
            let mut content = payload();
            content["fill"] = json!("x".repeat(length));
            bench.sign(bench.header().to_string(), content.to_string())
        };
        // Three bytes become four characters.
        let token = filled((8 * 1024 - filled(0).len()) / 4 * 3);
        assert!(token.len() > 8 * 1024 - 4 && bench.verify(&token) == Ok(()), "{}", token.len());
    }
}
