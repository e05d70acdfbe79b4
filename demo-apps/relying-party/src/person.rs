//! What the provider says of a person.

use serde::{Deserialize, Serialize};

/// A person as the ID token tells it. Identified by (`iss`, `sub`) and nothing else: names and
/// addresses change hands (OpenID Connect Core 5.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Issuer of the ID token.
    pub iss: String,
    /// Subject at that issuer.
    pub sub: String,
    /// Display name; empty when the provider gives none.
    #[serde(default)]
    pub name: String,
    /// First name.
    #[serde(default)]
    pub given_name: String,
    /// Last name.
    #[serde(default)]
    pub family_name: String,
    /// E-mail address, for display only.
    #[serde(default)]
    pub email: String,
    /// Groups of this application only.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The organisation the person acts for.
    #[serde(default)]
    pub third_party: Option<Organisation>,
    /// Place in the tree of levels, such as `Root/BANK_01`.
    #[serde(default)]
    pub level: Option<Level>,
    /// Part of the third party the person belongs to; its name is the institution's short name.
    #[serde(default)]
    pub subsidiary: Option<Organisation>,
    /// Identifier in the third party's own register.
    #[serde(default)]
    pub company_id: Option<String>,
    /// The person is delegated access administrator of this application (I17).
    #[serde(default)]
    pub app_admin: bool,
    /// Roles of the operator's staff, such as `ECB_COLLECTION_OWNER`.
    #[serde(default)]
    pub staff_roles: Vec<String>,
    /// How the person signed in: class.
    #[serde(default)]
    pub acr: Option<String>,
    /// How the person signed in: methods (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// When the person signed in, Unix seconds.
    #[serde(default)]
    pub auth_time: Option<i64>,
    /// The provider's session, for sign-out.
    #[serde(default)]
    pub sid: Option<String>,
}

impl Person {
    /// Whether the provider says that the person is in `group`.
    pub fn in_group(&self, group: &str) -> bool {
        self.groups.iter().any(|own| own == group)
    }

    /// Whether the person is operator staff with `role`.
    pub fn has_staff_role(&self, role: &str) -> bool {
        self.staff_roles.iter().any(|own| own == role)
    }
}

/// A third party or a subsidiary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// The provider's identifier.
    pub id: String,
    /// Name, such as `BANK_01` or `bank_01`.
    pub name: String,
    /// Legal Entity Identifier (ISO 17442).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lei: Option<String>,
}

/// A node of the tree of levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The provider's identifier.
    pub id: String,
    /// Names from the root, joined by `/`.
    pub path: String,
}
