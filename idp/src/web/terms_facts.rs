//! What a person acknowledged of the terms of use, as the person and administrators read it.

use portal_core::terms::{Acknowledgements, Document};

use crate::{App, texts::Texts};

/// Which version of each document was acknowledged, and when (O16, E65). The supplement is for delegated administrators,
/// and what nobody is asked for is missed by nobody.
pub(super) fn terms_facts(
    app: &App,
    texts: &Texts,
    (given, is_delegated): (&Acknowledgements, bool),
) -> Vec<(String, String)> {
    let words = |document: Document| {
        let is_for_them = document == Document::EndUsers || is_delegated;
        let Some(one) = given.of(document) else {
            return (app.terms.asks() && is_for_them).then(|| texts.msg("users-terms-none"));
        };
        let is_old = one.version.as_str() < app.terms.version(document).as_str();
        let key = if is_old { "users-terms-old" } else { "users-terms-given" };
        let at = texts.instant(one.at);
        Some(texts.msg_with(key, [("version", one.version.as_str()), ("at", at.as_str())]))
    };
    let name = |document| match document {
        Document::EndUsers => texts.msg("users-terms"),
        Document::Administrators => texts.msg("users-terms-administrators"),
    };
    Document::ALL.into_iter().filter_map(|one| Some((name(one), words(one)?))).collect()
}
