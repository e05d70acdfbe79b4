//! What the form of a review brings: what each membership was when it was shown, and what is chosen now.

use std::collections::BTreeMap;

use portal_core::access_review::ItemDecision;

use super::decide::Wanted;
use crate::{
    administration::ReviewChoice,
    web::{error::PageError, form::OwnForm},
};

/// Memberships on one page.
pub(super) const PAGE: u64 = 50;

/// A posted form.
pub(super) struct Posted {
    /// Which page of the list it is.
    pub(super) wanted: Wanted,
    /// The positions on the page, with those that were to be read only.
    pub(super) shown: Vec<i32>,
    was: BTreeMap<i32, Option<ItemDecision>>,
    chosen: BTreeMap<i32, ItemDecision>,
}

impl Posted {
    /// Reads a form. "Keep all shown" keeps what is neither decided nor chosen otherwise on the page.
    ///
    /// # Errors
    /// [`PageError::BadRequest`].
    pub(super) fn read(form: &OwnForm) -> Result<Self, PageError> {
        form.only(&["show", "search", "after", "do", "shown"], &["decision.", "was."])?;
        let shown = form.get("shown").split(',').filter(|text| !text.is_empty());
        let shown = shown.map(position).collect::<Result<Vec<i32>, _>>()?;
        if shown.len() as u64 > PAGE {
            return Err(PageError::BadRequest);
        }
        let mut was = BTreeMap::new();
        for (at, decided) in form.after("was.") {
            let decided = (!decided.is_empty()).then(|| decision(decided)).transpose()?;
            was.insert(position(at)?, decided);
        }
        let mut chosen = BTreeMap::new();
        for (at, to) in form.after("decision.") {
            chosen.insert(position(at)?, decision(to)?);
        }
        if was.keys().any(|at| !shown.contains(at)) || chosen.keys().any(|at| !was.contains_key(at))
        {
            return Err(PageError::BadRequest);
        }
        if form.get("do") == "keep-all" {
            for (at, _) in was.iter().filter(|(_, decided)| decided.is_none()) {
                chosen.entry(*at).or_insert(ItemDecision::Keep);
            }
        }
        let wanted = Wanted {
            show: form.get("show").to_owned(),
            search: form.get("search").to_owned(),
            after: form.get("after").to_owned(),
            done: String::new(),
        };
        Ok(Self { wanted, shown, was, chosen })
    }

    /// What is to be stored: what differs from what was shown.
    pub(super) fn choices(&self) -> Vec<ReviewChoice> {
        let all = self.chosen.iter().map(|(position, decision)| ReviewChoice {
            position: *position,
            was: self.was.get(position).copied().flatten(),
            decision: *decision,
        });
        all.filter(|choice| choice.was != Some(choice.decision)).collect()
    }

    /// What is chosen for a membership.
    pub(super) fn chosen(&self, position: i32) -> Option<ItemDecision> {
        self.chosen.get(&position).copied()
    }

    /// Whether a membership was decided otherwise than it was shown.
    pub(super) fn is_changed(&self, position: i32, stored: Option<ItemDecision>) -> bool {
        self.was.get(&position).is_some_and(|was| *was != stored)
    }
}

fn position(text: &str) -> Result<i32, PageError> {
    text.parse().map_err(|_| PageError::BadRequest)
}

fn decision(text: &str) -> Result<ItemDecision, PageError> {
    ItemDecision::parse(text).ok_or(PageError::BadRequest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<Posted, PageError> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Posted::read(&OwnForm::of(fields.collect()))
    }

    fn choice(position: i32, was: Option<ItemDecision>, decision: ItemDecision) -> ReviewChoice {
        ReviewChoice { position, was, decision }
    }

    #[test]
    fn what_is_ticked_comes_before_keep_all() {
        let fields = [
            ("shown", "1,2,3,4"),
            ("was.1", ""),
            ("decision.1", "remove"),
            ("was.2", ""),
            ("was.3", "remove"),
            ("decision.3", "remove"),
            ("do", "keep-all"),
        ];
        let posted = read(&fields).unwrap();
        let expected = [choice(1, None, ItemDecision::Remove), choice(2, None, ItemDecision::Keep)];
        assert_eq!(posted.choices(), expected, "and nothing that is to be read only");
    }

    #[test]
    fn only_differences_are_stored() {
        let fields = [
            ("shown", "1,2,3"),
            ("was.1", "keep"),
            ("decision.1", "keep"),
            ("was.2", "keep"),
            ("decision.2", "remove"),
            ("was.3", ""),
            ("do", "save"),
        ];
        let posted = read(&fields).unwrap();
        let expected = [choice(2, Some(ItemDecision::Keep), ItemDecision::Remove)];
        assert_eq!(posted.choices(), expected);
        assert!(posted.is_changed(1, Some(ItemDecision::Remove)));
        assert!(!posted.is_changed(3, None) && !posted.is_changed(9, None));
    }

    #[test]
    fn a_form_is_about_what_its_page_shows() {
        for fields in [
            [("shown", "1"), ("was.2", "")].as_slice(),
            &[("shown", "1"), ("decision.1", "keep")],
            &[("shown", "1"), ("was.1", "kept")],
            &[("shown", "1"), ("was.1", ""), ("decision.1", "")],
            &[("shown", "one")],
        ] {
            assert!(read(fields).is_err(), "{fields:?}");
        }
        let many: Vec<String> = (1..=51).map(|at: i32| at.to_string()).collect();
        assert!(read(&[("shown", &many.join(","))]).is_err());
    }
}
