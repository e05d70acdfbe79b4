//! One file a table. Entities never leave this crate: what goes out are records of the cores.
#![expect(unreachable_pub, reason = "the derive writes `pub` items; the module itself is private")]

pub mod access_groups;
pub mod applications;
pub mod audit_events;
pub mod audit_head;
pub mod authorization_codes;
pub mod client_assertions;
pub mod client_registrations;
pub mod clients;
pub mod code_failures;
pub mod consents;
pub mod delegated_roles;
pub mod former_memberships;
pub mod former_roles;
pub mod grants;
pub mod initial_access_tokens;
pub mod known_devices;
pub mod levels;
pub mod logins;
pub mod logout_deliveries;
pub mod memberships;
pub mod notices;
pub mod onboardings;
pub mod one_time_links;
pub mod password_failures;
pub mod pending_requests;
pub mod pushed_requests;
pub mod refresh_tokens;
pub mod revoked_tokens;
pub mod session_clients;
pub mod sessions;
pub mod signing_keys;
pub mod staff_roles;
pub mod subsidiaries;
pub mod third_parties;
pub mod users;
