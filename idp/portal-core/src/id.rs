//! Identifiers, a type each, so that a level is never passed where a user is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id!(
    /// A person's account; at the same time the subject (`sub`) of tokens: stable, never reused (I6).
    UserId
);
id!(
    /// A node of the organisation tree.
    LevelId
);
id!(
    /// A legal person that interacts with the operator (manual, glossary).
    ThirdPartyId
);
id!(
    /// A legal entity under a level, an optional attribute of a user.
    SubsidiaryId
);
id!(
    /// An application in one environment.
    ApplicationId
);
id!(
    /// A group of an application; a membership in it is what a delegated access administrator assigns.
    GroupId
);
id!(
    /// A nomination of administrators.
    NominationId
);
