//! Invented people, the same ones at each run.

/// Syllables that names are made of.
const SYLLABLES: [&str; 24] = [
    "al", "ber", "co", "da", "el", "fi", "ga", "hei", "in", "jo", "ka", "lu", "mar", "ne", "or",
    "pe", "quin", "ros", "sa", "ti", "ul", "ve", "wal", "zé",
];

/// A person's words.
pub(crate) struct Person {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// The person of that number at a level.
pub(crate) fn person(number: u32, level: u32) -> Person {
    let mix = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
    let first_name = name(mix % 600, 2);
    let last_name = name((mix >> 20) % 12_000, 3);
    let email = format!("{first_name}.{last_name}.{number}@bank-{level}.example").to_lowercase();
    let phone = format!("+4477009{:06}", (mix >> 8) % 1_000_000);
    Person { first_name, last_name, email, phone }
}

/// The level that a person belongs to: the first one has a fiftieth of all, the others share the rest.
pub(crate) fn level_of(number: u32, users: u32, levels: u32) -> u32 {
    let large = users / 50;
    if number < large || levels < 2 { 0 } else { 1 + (number - large) % (levels - 1) }
}

/// A name of some syllables, capitalised.
fn name(mut seed: u64, syllables: usize) -> String {
    let mut name = String::new();
    for _ in 0..syllables {
        let index = usize::try_from(seed % 24).unwrap_or_default();
        name.push_str(SYLLABLES.get(index).copied().unwrap_or_default());
        seed /= 24;
    }
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
