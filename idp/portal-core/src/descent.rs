//! By whose hand accounts and their rights came about (I28, security.md 82): two accounts that one person made are no
//! two people, and the one confirms nothing for the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::UserId;

/// What is known of how somebody came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Who created the account, and so chose its address and number.
    pub created_by: Option<UserId>,
    /// Who granted the delegated roles that are held.
    pub granted_by: Vec<UserId>,
    /// Who had a hand in replacing both address and number.
    pub replaced_by: Vec<UserId>,
    /// Whether a nomination names the person: evidence and four eyes vouch for it, and not whoever made the account.
    pub is_nominated: bool,
}

/// By whom several people were made, as far as it was looked up.
#[derive(Clone, Debug, Default)]
pub struct Descent {
    makers: BTreeMap<UserId, BTreeSet<UserId>>,
}

impl Descent {
    /// Notes how somebody came to be.
    pub fn add(&mut self, person: UserId, made: &Made) {
        let by = made.granted_by.iter().copied().chain(made.created_by);
        let by = by.filter(|_| !made.is_nominated).chain(made.replaced_by.iter().copied());
        self.makers.insert(person, by.filter(|maker| *maker != person).collect());
    }

    /// Who made somebody and was not looked up yet.
    pub fn unknown(&self) -> Vec<UserId> {
        let all: BTreeSet<UserId> = self.makers.values().flatten().copied().collect();
        all.into_iter().filter(|maker| !self.makers.contains_key(maker)).collect()
    }

    /// Somebody, with everybody from whom account or rights stem, directly or through others.
    fn line(&self, person: UserId) -> BTreeSet<UserId> {
        let (mut line, mut next) = (BTreeSet::from([person]), vec![person]);
        while let Some(one) = next.pop() {
            for maker in self.makers.get(&one).into_iter().flatten() {
                if line.insert(*maker) {
                    next.push(*maker);
                }
            }
        }
        line
    }

    /// Whether somebody's account or rights stem from a person. Who was not looked up could stem from anybody.
    pub fn stems_from(&self, person: UserId, from: UserId) -> bool {
        let line = self.line(person);
        line.contains(&from) || self.is_unknown(&line)
    }

    /// Whether one hand could have made both: the same person, or their lines meet.
    pub fn is_one_hand(&self, one: UserId, other: UserId) -> bool {
        let (one, other) = (self.line(one), self.line(other));
        !one.is_disjoint(&other) || self.is_unknown(&one) || self.is_unknown(&other)
    }

    fn is_unknown(&self, line: &BTreeSet<UserId>) -> bool {
        line.iter().any(|person| !self.makers.contains_key(person))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn created_by(maker: u128) -> Made {
        Made { created_by: Some(person(maker)), ..Made::default() }
    }

    /// 1 and 2 were nominated; 3 was created by 1 and made administrator by 2; 4 by 3 alone; 5 by 1.
    fn bank() -> Descent {
        let nominated = Made { is_nominated: true, ..created_by(90) };
        let mut descent = Descent::default();
        descent.add(person(1), &nominated);
        descent.add(person(2), &nominated);
        descent.add(person(3), &Made { granted_by: vec![person(2)], ..created_by(1) });
        descent.add(person(4), &Made { granted_by: vec![person(3)], ..created_by(3) });
        descent.add(person(5), &created_by(1));
        descent.add(person(6), &Made { replaced_by: vec![person(5)], ..nominated });
        descent
    }

    #[test]
    fn two_who_were_nominated_are_two_people_whoever_made_their_accounts() {
        assert!(!bank().is_one_hand(person(1), person(2)));
    }

    #[test]
    fn whom_one_person_made_is_of_the_hand_of_that_person_and_of_all_it_made() {
        let bank = bank();
        for (one, other) in [(1, 1), (1, 3), (3, 1), (2, 3), (4, 1), (4, 2), (5, 1), (5, 4)] {
            assert!(bank.is_one_hand(person(one), person(other)), "{one} {other}");
        }
        assert!(!bank.is_one_hand(person(5), person(2)));
        assert!(bank.stems_from(person(4), person(1)) && !bank.stems_from(person(1), person(4)));
    }

    #[test]
    fn whoever_replaced_address_and_number_could_be_the_person_even_a_nominated_one() {
        let bank = bank();
        assert!(bank.is_one_hand(person(6), person(1)) && !bank.is_one_hand(person(6), person(2)));
    }

    #[test]
    fn whoever_was_not_looked_up_is_nobodys_second() {
        let mut descent = Descent::default();
        descent.add(person(1), &created_by(9));
        assert_eq!(descent.unknown(), [person(9)]);
        descent.add(person(2), &Made::default());
        assert!(descent.is_one_hand(person(1), person(2)));
        assert!(descent.stems_from(person(1), person(2)));
        descent.add(person(9), &Made::default());
        assert!(descent.unknown().is_empty() && !descent.is_one_hand(person(1), person(2)));
    }

    proptest! {
        /// The theorem: of all accounts that one hand creates, directly or by those it created, makes administrators
        /// or takes over, whoever else granted them what else, any two are of one hand.
        #[test]
        fn whatever_one_hand_makes_stays_of_one_hand(
            steps in prop::collection::vec((0_usize..20, 0_u8..3, prop::option::of(100_u128..105)), 1..30)
        ) {
            let mut descent = Descent::default();
            for other in 100..105 {
                descent.add(person(other), &Made::default());
            }
            let mut hand = vec![person(1)];
            descent.add(person(1), &Made { is_nominated: true, ..Made::default() });
            for (number, (by, how, other)) in (200..).zip(steps) {
                let maker = hand[by % hand.len()];
                let other = other.map(person);
                let made = match how {
                    0 => Made {
                        created_by: Some(maker),
                        granted_by: other.into_iter().collect(),
                        ..Made::default()
                    },
                    1 => Made { created_by: other, granted_by: vec![maker], ..Made::default() },
                    _ => Made {
                        created_by: other,
                        replaced_by: vec![maker],
                        is_nominated: true,
                        ..Made::default()
                    },
                };
                descent.add(person(number), &made);
                hand.push(person(number));
            }
            for one in &hand {
                for other in &hand {
                    prop_assert!(descent.is_one_hand(*one, *other));
                }
            }
        }
    }
}
