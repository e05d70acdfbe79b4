//! What is staged on the page "Assign Memberships". It lives in the form alone and is carried from answer to answer,
//! so that the page works without script and nothing is stored before Save (I27).

use std::collections::{BTreeMap, BTreeSet};

use portal_core::{
    Timestamp,
    expiry::{ExpirationDate, ExpirationDateError},
    id::GroupId,
    membership::{Held, Staged},
};

use crate::web::{error::PageError, form::OwnForm, pages::users::CameFrom};

/// Fields that stand for themselves.
const FIELDS: [&str; 8] =
    ["version", "from", "search", "picker", "picker_search", "pick_until", "copy_from", "do"];
/// Beginnings of the fields that name a group.
const PREFIXES: [&str; 5] = ["was.", "add.", "remove.", "until.", "pick."];

/// The state of the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Staging {
    /// The state that the form was made from.
    pub(super) version: i64,
    /// The list of users that the page was opened from.
    pub(super) from: CameFrom,
    /// What was held then.
    pub(super) was: Held,
    /// Groups to be added, each with what was typed as its last day.
    pub(super) added: BTreeMap<GroupId, String>,
    /// Groups to be removed.
    pub(super) removed: BTreeSet<GroupId>,
    /// What was typed as the last day of memberships that are held.
    pub(super) until: BTreeMap<GroupId, String>,
    /// What the list is narrowed to.
    pub(super) search: String,
    /// Whether the picker is open.
    pub(super) is_picking: bool,
    /// What the picker is narrowed to.
    pub(super) picker_search: String,
    /// Groups that are ticked in the picker.
    pub(super) picked: BTreeSet<GroupId>,
    /// What was typed as their last day.
    pub(super) pick_until: String,
    /// The address of the person whose access is to be copied.
    pub(super) copy_from: String,
}

/// What a button of the page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Show the same again, narrowed by what was typed.
    Show,
    /// Open the picker.
    Pick,
    /// Close it and forget what was ticked.
    Close,
    /// "Add memberships": stage what is ticked.
    Add,
    /// ⊖ of a row.
    Remove(GroupId),
    /// Take back what was staged for a row.
    Undo(GroupId),
    /// "Copy access from…".
    Copy,
    /// "Save".
    Save,
}

impl Step {
    /// # Errors
    /// [`PageError::BadRequest`] for a button that the page does not have.
    pub(super) fn parse(text: &str) -> Result<Self, PageError> {
        let row = |rest: &str| rest.parse().map_err(|_| PageError::BadRequest);
        match text {
            "" | "show" => Ok(Self::Show),
            "pick" => Ok(Self::Pick),
            "close" => Ok(Self::Close),
            "add" => Ok(Self::Add),
            "copy" => Ok(Self::Copy),
            "save" => Ok(Self::Save),
            _ => match text.split_once('.') {
                Some(("remove", rest)) => Ok(Self::Remove(row(rest)?)),
                Some(("undo", rest)) => Ok(Self::Undo(row(rest)?)),
                _ => Err(PageError::BadRequest),
            },
        }
    }
}

impl Staging {
    /// A form in which nothing is staged.
    pub(super) fn fresh(version: i64, held: &Held) -> Self {
        let until = held.iter().map(|(group, day)| (*group, iso(*day))).collect();
        Self { version, was: held.clone(), until, ..Self::default() }
    }

    /// Reads the form back.
    ///
    /// # Errors
    /// [`PageError::BadRequest`] for a field that the form does not have, or a value that it never gives.
    pub(super) fn read(form: &OwnForm) -> Result<Self, PageError> {
        form.only(&FIELDS, &PREFIXES)?;
        let mut was = Held::new();
        for (group, day) in typed(form, "was.")? {
            let day = (!day.is_empty()).then(|| ExpirationDate::from_iso(&day)).transpose();
            was.insert(group, day.map_err(|_| PageError::BadRequest)?);
        }
        Ok(Self {
            version: form.get("version").parse().map_err(|_| PageError::BadRequest)?,
            from: CameFrom::of_form(form),
            was,
            added: typed(form, "add.")?,
            removed: typed(form, "remove.")?.into_keys().collect(),
            until: typed(form, "until.")?,
            search: form.get("search").trim().to_owned(),
            is_picking: form.get("picker") == "open",
            picker_search: form.get("picker_search").trim().to_owned(),
            picked: typed(form, "pick.")?.into_keys().collect(),
            pick_until: form.get("pick_until").trim().to_owned(),
            copy_from: form.get("copy_from").trim().to_owned(),
        })
    }

    /// Does what a button asks for that needs nothing but the form.
    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Pick => self.is_picking = true,
            Step::Close => self.close_picker(),
            Step::Add => {
                for group in std::mem::take(&mut self.picked) {
                    self.add(group, self.pick_until.clone());
                }
                self.close_picker();
            }
            // What was only staged is gone; what is held is marked.
            Step::Remove(group) => {
                if self.added.remove(&group).is_none() && self.was.contains_key(&group) {
                    self.removed.insert(group);
                }
            }
            Step::Undo(group) => {
                self.removed.remove(&group);
                self.added.remove(&group);
                if let Some(day) = self.was.get(&group) {
                    self.until.insert(group, iso(*day));
                }
            }
            Step::Show | Step::Copy | Step::Save => {}
        }
    }

    /// Stages a group; one that is held and was to be removed simply stays.
    pub(super) fn add(&mut self, group: GroupId, until: String) {
        if !self.removed.remove(&group) && !self.was.contains_key(&group) {
            self.added.insert(group, until);
        }
    }

    fn close_picker(&mut self) {
        self.is_picking = false;
        self.picked.clear();
        self.picker_search.clear();
        self.pick_until.clear();
    }

    /// Memberships that are held and get another last day, with what was typed.
    pub(super) fn moved(&self) -> impl Iterator<Item = (GroupId, &str)> {
        self.until.iter().filter_map(|(group, typed)| {
            let was = self.was.get(group)?;
            let is_moved = !self.removed.contains(group) && iso(*was) != *typed;
            is_moved.then_some((*group, typed.as_str()))
        })
    }

    /// Whether Save would change anything.
    pub(super) fn is_dirty(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty() || self.moved().next().is_some()
    }

    /// What Save is to store.
    ///
    /// # Errors
    /// The groups whose last day cannot be one, with the reason.
    pub(super) fn staged(
        &self,
        now: Timestamp,
    ) -> Result<Staged, BTreeMap<GroupId, ExpirationDateError>> {
        let mut errors = BTreeMap::new();
        let mut read = |group: GroupId, typed: &str| {
            let day = (!typed.is_empty()).then(|| ExpirationDate::parse(typed, now)).transpose();
            day.map_err(|error| errors.insert(group, error)).ok().map(|day| (group, day))
        };
        let additions: BTreeMap<_, _> =
            self.added.iter().filter_map(|(group, typed)| read(*group, typed)).collect();
        let last_days: BTreeMap<_, _> =
            self.moved().filter_map(|(group, typed)| read(group, typed)).collect();
        let removals = self.removed.clone();
        if errors.is_empty() { Ok(Staged { additions, removals, last_days }) } else { Err(errors) }
    }

    /// Puts what is staged on top of a newer state (E22): what others did already is no longer staged.
    #[must_use]
    pub(super) fn on_top_of(self, version: i64, held: &Held) -> Self {
        let mut fresh = Self::fresh(version, held);
        for (group, typed) in self.moved() {
            if held.contains_key(&group) {
                fresh.until.insert(group, typed.to_owned());
            }
        }
        fresh.added =
            self.added.into_iter().filter(|(group, _)| !held.contains_key(group)).collect();
        fresh.removed = self.removed.into_iter().filter(|group| held.contains_key(group)).collect();
        Self { from: self.from, search: self.search, copy_from: self.copy_from, ..fresh }
    }
}

/// A last day as the form shows it: nothing when there is none.
pub(super) fn iso(day: Option<ExpirationDate>) -> String {
    day.map(ExpirationDate::to_iso).unwrap_or_default()
}

/// The fields of a prefix, by the group that they name.
fn typed(form: &OwnForm, prefix: &str) -> Result<BTreeMap<GroupId, String>, PageError> {
    form.after(prefix)
        .map(|(id, value)| {
            let group = id.parse().map_err(|_| PageError::BadRequest)?;
            Ok((group, value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests;
