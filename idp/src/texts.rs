//! Words for pages and messages: Fluent files in `locales/`. No text stands in code.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{Loader as _, fluent_bundle::FluentValue, static_loader};
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = langid!("en");
const GERMAN: LanguageIdentifier = langid!("de");

/// The texts of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    language: LanguageIdentifier,
}

impl Texts {
    /// The languages that there are texts in, as tags.
    pub const LANGUAGES: [&str; 2] = ["en", "de"];

    /// English.
    pub const fn english() -> Self {
        Self { language: ENGLISH }
    }

    /// The first language of an `Accept-Language` header, or of a stored locale, that there are texts in.
    pub fn for_header(header: &str) -> Self {
        let mut wanted = header.split(',').filter_map(|entry| entry.split(';').next());
        wanted.find_map(Self::of_tag).unwrap_or(Self::english())
    }

    /// The first of the languages of `ui_locales` that there are texts in (OpenID Connect Core 3.1.2.1).
    pub fn for_ui_locales(tags: &str) -> Option<Self> {
        tags.split(' ').find_map(Self::of_tag)
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().parse::<LanguageIdentifier>().ok()?;
        let known = [ENGLISH, GERMAN].into_iter().find(|known| known.language == tag.language)?;
        Some(Self { language: known })
    }

    /// The language tag, for `<html lang>`.
    pub fn lang(&self) -> String {
        self.language.to_string()
    }

    /// A text without a variable.
    pub fn msg(&self, key: &str) -> String {
        LOCALES.lookup(&self.language, key)
    }

    /// A text without a variable, of a key that is made from data; `None` when there is none.
    pub fn msg_if_any(&self, key: &str) -> Option<String> {
        LOCALES.try_lookup(&self.language, key)
    }

    /// A text with one variable.
    pub fn msg1(&self, key: &str, name: &'static str, value: &str) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> =
            HashMap::from([(Cow::Borrowed(name), FluentValue::from(value.to_owned()))]);
        LOCALES.lookup_with_args(&self.language, key, &arguments)
    }

    /// A text with several variables; one that is missing shows nothing.
    pub fn msg_with<'a>(
        &self,
        key: &str,
        values: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> = values
            .into_iter()
            .map(|(name, value)| (Cow::Owned(name.to_owned()), FluentValue::from(value.to_owned())))
            .collect();
        LOCALES.lookup_with_args(&self.language, key, &arguments)
    }

    /// The texts of a stored locale.
    pub fn for_locale(locale: &str) -> Self {
        Self::of_tag(locale).unwrap_or(Self::english())
    }

    /// A date and time in UTC, the same in every language until a person's zone is known.
    pub fn instant(&self, at: portal_core::Timestamp) -> String {
        let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        let instant = time::OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
        instant.and_then(|instant| instant.format(format).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The keys of all files of a language.
    fn keys(language: &str) -> BTreeSet<String> {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
        let mut keys = BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with(['#', ' ']));
            for (key, _) in lines.filter_map(|line| line.split_once(" =")) {
                assert!(keys.insert(key.to_owned()), "{key} stands twice");
            }
        }
        keys
    }

    #[test]
    fn every_key_exists_in_every_language() {
        let (english, german) = (keys("en"), keys("de"));
        assert!(english.len() > 50);
        assert_eq!(english, german);
    }

    /// Everything between quotes in templates and sources that has the form of a key of these groups.
    fn keys_in_use(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                keys_in_use(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]").next().unwrap();
            for literal in product.split('"').skip(1).step_by(2) {
                let in_a_group =
                    ["login-", "code-", "resend-", "apps-", "password-", "mail-", "sms-", "voice-"]
                        .iter()
                        .any(|group| literal.starts_with(group));
                let is_key = literal.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                if in_a_group && is_key {
                    found.insert(literal.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_key_in_use_exists() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut used = BTreeSet::new();
        keys_in_use(&root.join("src/web/pages"), &mut used);
        keys_in_use(&root.join("src/notify"), &mut used);
        assert!(used.contains("code-expired") && used.contains("sms-code"));
        let english = keys("en");
        for key in used {
            assert!(english.contains(key.as_str()), "{key} has no text");
        }
    }

    #[test]
    fn every_key_of_the_templates_exists() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let english = keys("en");
        let mut used = 0;
        let folders = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
        let folders: Vec<_> = folders.filter(|path| path.is_dir()).chain([root.clone()]).collect();
        let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        for path in files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in text.split("t.msg").skip(1) {
                let (_, arguments) = call.split_once('(').unwrap();
                // A key that the page was given is tested where it comes from.
                let Some(literal) = arguments.strip_prefix('"') else { continue };
                let (key, _) = literal.split_once('"').unwrap();
                assert!(english.contains(key), "{}: {key} has no text", path.display());
                used += 1;
            }
        }
        assert!(used > 50);
    }

    #[test]
    fn the_first_known_language_of_the_header_is_taken() {
        for (header, language) in [
            ("de-AT,de;q=0.9,en;q=0.5", "de"),
            ("fr, de;q=0.5", "de"),
            ("xx", "en"),
            ("", "en"),
            ("*", "en"),
            ("en-GB", "en"),
        ] {
            assert_eq!(Texts::for_header(header).lang(), language, "{header}");
        }
    }

    #[test]
    fn oidc_core_3_1_2_1_ui_locales_that_there_are_no_texts_in_change_nothing() {
        let language = |tags| Texts::for_ui_locales(tags).map(|texts| texts.lang());
        assert_eq!(language("fr-CA de en").as_deref(), Some("de"));
        assert_eq!(language("en-GB").as_deref(), Some("en"));
        for unknown in ["se", "", " ", "x\"><script>", "not-a-language-at-all-really"] {
            assert_eq!(language(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn variables_are_filled_in_without_marks_around_them() {
        let text = Texts::english().msg1("login-continue-to", "client", "CASPER");
        assert_eq!(text, "to continue to CASPER");
    }
}
