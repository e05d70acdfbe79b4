//! Who may see and give what in CASPER: pure rules (domain.md I21, I22, O29 to O31).

use std::collections::BTreeSet;

use crate::environment::{Role, Roles};

/// One data collection for one reporting entity, by their codes: the unit of every assignment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Code of the data collection, such as `STE_QTR`.
    pub collection: String,
    /// Code of the reporting entity, such as `MERID_BE`.
    pub entity: String,
}

/// A person who administers, with all that the rules ask of it.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The organisation at the portal; `None` for ECB staff.
    pub third_party: Option<String>,
    /// From the claims of this request.
    pub roles: Roles,
    /// Pairs that it is assigned to as a web user administrator.
    pub administered: BTreeSet<Pair>,
    /// Codes of the data collections that it owns.
    pub owned: BTreeSet<String>,
}

/// The person whose access changes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The organisation at the portal.
    pub third_party: Option<&'a str>,
    /// As of the last claims that CASPER has seen.
    pub roles: Roles,
}

/// Why an assignment may not be made or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The target is out of sight: to be answered like one that does not exist.
    #[error("there is no such user in your organisation")]
    OutOfSight,
    /// The actor does not hold the pair itself (O29).
    #[error("you are not responsible for this data collection and reporting entity")]
    PairNotHeld,
    /// The portal has not given the target this role (O29).
    #[error("the user is not in the group of this role")]
    GroupMissing,
}

impl Actor {
    /// Whether there is anything to administer: a web user administrator must itself be
    /// assigned first (statement 101).
    pub fn administers(&self) -> bool {
        self.owns() || (self.roles.user_admin && !self.administered.is_empty())
    }

    /// Whether this person owns a data collection now.
    pub fn owns(&self) -> bool {
        self.roles.collection_owner && !self.owned.is_empty()
    }

    /// Whether users of `third_party` are visible: all to a collection owner, those of the own
    /// organisation to a web user administrator (I22). No organisation is nobody's organisation.
    pub fn sees(&self, third_party: Option<&str>) -> bool {
        self.owns()
            || (self.roles.user_admin
                && self.third_party.is_some()
                && self.third_party.as_deref() == third_party)
    }

    /// Whether the actor may decide on `pair` for users that it sees.
    pub fn holds(&self, pair: &Pair) -> bool {
        let as_owner = self.roles.collection_owner && self.owned.contains(&pair.collection);
        let as_admin = self.roles.user_admin && self.administered.contains(pair);
        as_owner || as_admin
    }

    /// May the actor give `target` the `role` on `pair`? (I22, O29, O30; across organisations
    /// only the owner may, O31.)
    pub fn check_assign(&self, target: Target<'_>, role: Role, pair: &Pair) -> Result<(), Denial> {
        self.check_remove(target, pair)?;
        if target.roles.has(role) { Ok(()) } else { Err(Denial::GroupMissing) }
    }

    /// May the actor take a role on `pair` from `target`? Also from one who has lost the group.
    pub fn check_remove(&self, target: Target<'_>, pair: &Pair) -> Result<(), Denial> {
        if !self.sees(target.third_party) {
            return Err(Denial::OutOfSight);
        }
        if !self.holds(pair) {
            return Err(Denial::PairNotHeld);
        }
        let as_owner = self.roles.collection_owner && self.owned.contains(&pair.collection);
        let same = self.third_party.is_some() && self.third_party.as_deref() == target.third_party;
        // An owner sees everybody; the pairs it may hold besides as an administrator reach no
        // further than its own organisation.
        if as_owner || same { Ok(()) } else { Err(Denial::PairNotHeld) }
    }
}

/// Whether a person at `level_path` (such as `Root/LUMEN`) is external to an entity of `level`
/// (such as `TAUNUS`): a service provider that submits for a bank (O31).
pub fn is_external(level_path: &str, level: &str) -> bool {
    let below = level_path.strip_prefix("Root/").unwrap_or(level_path);
    below != level && !below.strip_prefix(level).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Roles = Roles { data_submitter: true, user_admin: true, collection_owner: false };
    const SUBMITTER: Roles =
        Roles { data_submitter: true, user_admin: false, collection_owner: false };
    const OWNER: Roles = Roles { data_submitter: false, user_admin: false, collection_owner: true };

    fn pair(collection: &str, entity: &str) -> Pair {
        Pair { collection: collection.to_owned(), entity: entity.to_owned() }
    }

    fn ruben() -> Actor {
        Actor {
            third_party: Some("tp-meridiaan".to_owned()),
            roles: Roles { user_admin: true, ..Roles::default() },
            administered: [pair("STE_QTR", "MERID_NL"), pair("STE_QTR", "MERID_BE")].into(),
            owned: BTreeSet::new(),
        }
    }

    fn tibor() -> Actor {
        Actor { roles: OWNER, owned: ["STE_QTR".to_owned()].into(), ..Actor::default() }
    }

    fn lotte() -> Target<'static> {
        Target { third_party: Some("tp-meridiaan"), roles: SUBMITTER }
    }

    #[test]
    fn an_administrator_gives_what_it_holds_to_its_own_organisation() {
        let held = pair("STE_QTR", "MERID_BE");
        assert_eq!(ruben().check_assign(lotte(), Role::DataSubmitter, &held), Ok(()));
        assert_eq!(ruben().check_remove(lotte(), &held), Ok(()));
    }

    #[test]
    fn an_administrator_cannot_give_what_it_does_not_hold() {
        for foreign in [pair("STE_QTR", "MERID_DE"), pair("LIQ_WEEK", "MERID_BE")] {
            let denied = Err(Denial::PairNotHeld);
            assert_eq!(ruben().check_assign(lotte(), Role::DataSubmitter, &foreign), denied);
            assert_eq!(ruben().check_remove(lotte(), &foreign), denied);
        }
    }

    #[test]
    fn an_administrator_cannot_reach_another_organisation() {
        let held = pair("STE_QTR", "MERID_BE");
        for third_party in [Some("tp-lumen"), None] {
            let stranger = Target { third_party, roles: BOTH };
            let denied = Err(Denial::OutOfSight);
            assert_eq!(ruben().check_assign(stranger, Role::DataSubmitter, &held), denied);
            assert_eq!(ruben().check_remove(stranger, &held), denied);
        }
    }

    #[test]
    fn an_administrator_without_an_organisation_sees_nobody() {
        let mut actor = ruben();
        actor.third_party = None;
        assert!(!actor.sees(None));
    }

    #[test]
    fn an_administrator_who_lost_the_group_administers_nothing() {
        let mut actor = ruben();
        actor.roles = SUBMITTER;
        assert!(!actor.administers());
        let held = pair("STE_QTR", "MERID_BE");
        let denied = Err(Denial::OutOfSight);
        assert_eq!(actor.check_assign(lotte(), Role::DataSubmitter, &held), denied);
    }

    #[test]
    fn nobody_gets_a_role_whose_group_it_lacks() {
        let held = pair("STE_QTR", "MERID_BE");
        let denied = Err(Denial::GroupMissing);
        assert_eq!(ruben().check_assign(lotte(), Role::UserAdmin, &held), denied);
        assert_eq!(tibor().check_assign(lotte(), Role::UserAdmin, &held), denied);
    }

    #[test]
    fn an_administrator_may_appoint_another_one_for_its_pairs() {
        let colleague = Target { roles: BOTH, ..lotte() };
        let held = pair("STE_QTR", "MERID_BE");
        assert_eq!(ruben().check_assign(colleague, Role::UserAdmin, &held), Ok(()));
    }

    #[test]
    fn an_owner_gives_its_own_collections_to_any_organisation_and_no_others() {
        let own = pair("STE_QTR", "TAUNUS");
        assert_eq!(tibor().check_assign(lotte(), Role::DataSubmitter, &own), Ok(()));
        let foreign = pair("FEE_FACT", "TAUNUS");
        let denied = Err(Denial::PairNotHeld);
        assert_eq!(tibor().check_assign(lotte(), Role::DataSubmitter, &foreign), denied);
    }

    #[test]
    fn an_owner_who_also_administers_does_not_carry_its_pairs_abroad() {
        let mut actor = ruben();
        actor.roles.collection_owner = true;
        actor.owned = ["LIQ_WEEK".to_owned()].into();
        let stranger = Target { third_party: Some("tp-lumen"), roles: BOTH };
        let held = pair("STE_QTR", "MERID_BE");
        let denied = Err(Denial::PairNotHeld);
        assert_eq!(actor.check_assign(stranger, Role::DataSubmitter, &held), denied);
    }

    #[test]
    fn an_owner_of_nothing_administers_nothing() {
        let actor = Actor { roles: OWNER, ..Actor::default() };
        assert!(!actor.administers());
        assert!(!actor.sees(Some("tp-meridiaan")));
    }

    #[test]
    fn external_is_who_stands_outside_the_level_of_the_entity() {
        assert!(is_external("Root/LUMEN", "TAUNUS"));
        assert!(is_external("Root", "TAUNUS"));
        assert!(is_external("Root/TAUNUS2", "TAUNUS"));
        assert!(!is_external("Root/TAUNUS", "TAUNUS"));
        assert!(!is_external("Root/BANK E/Treasury", "BANK E"));
    }
}
