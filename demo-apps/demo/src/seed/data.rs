//! The shape of `portal.json`.

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortalData {
    pub(super) institutions: Vec<Institution>,
    pub(super) third_parties: Vec<ThirdParty>,
    #[serde(rename = "imas_manage_users_fixture")]
    _imas_manage_users_fixture: serde_json::Value,
    pub(super) portal_users: Vec<PortalUser>,
    pub(super) groups: Vec<Group>,
    pub(super) data_collections: Vec<DataCollection>,
    #[serde(rename = "process_types")]
    _process_types: serde_json::Value,
    #[serde(rename = "permission_levels")]
    _permission_levels: serde_json::Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Institution {
    pub(super) code: String,
    pub(super) country: String,
    pub(super) legal_name: String,
    pub(super) lei: String,
    pub(super) third_party: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ThirdParty {
    pub(super) level: String,
    pub(super) legal: String,
    pub(super) country: String,
    pub(super) kind: String,
    pub(super) admin: String,
    pub(super) apps: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PortalUser {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) level: String,
    pub(super) subsidiary: Option<String>,
    pub(super) delegated_roles: Vec<String>,
    pub(super) memberships: Vec<String>,
    pub(super) status: String,
    pub(super) account_expiration: Option<String>,
    pub(super) default_otp_channel: String,
    pub(super) company_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    pub(super) app: String,
    pub(super) name: String,
    pub(super) description: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct DataCollection {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) frequency: String,
    pub(super) deadline: String,
    pub(super) owner: String,
    pub(super) environment: String,
}

/// The file itself, for the applications that read their own part of it.
pub(super) const TEXT: &str = include_str!("../../portal.json");

impl PortalData {
    /// Reads the file that is built into the demo.
    pub(super) fn load() -> anyhow::Result<Self> {
        Ok(serde_json::from_str(TEXT)?)
    }
}
