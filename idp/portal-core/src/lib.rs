//! The rules of the portal as pure functions: organisations, accounts, delegated administration, the login
//! procedure, evidence.
//!
//! Nothing here asks: the time, fresh randomness and loaded records come in as values, and what must happen goes
//! out as values. So every rule is tested without a database, a clock or a network.
#![warn(missing_docs)]

pub mod access;
pub mod access_request;
pub mod access_review;
pub mod account;
pub mod administrators;
pub mod alert;
pub mod audit;
pub mod country;
pub mod denial;
pub mod descent;
pub mod email;
pub mod expiry;
pub mod explanation;
pub mod failures;
pub mod first_staff;
pub mod id;
pub mod import_check;
pub mod issuance;
pub mod lapse;
pub mod lei;
pub mod login;
pub mod membership;
pub mod nomination;
pub mod notice;
pub mod one_hand;
pub mod one_line;
pub mod one_time_link;
pub mod organisation;
pub mod password;
pub mod permission;
pub mod person_name;
pub mod phone;
pub mod plain_text;
pub mod search_key;
pub mod session;
pub mod sign_in_data;
pub mod terms;
pub mod timestamp;

pub use timestamp::Timestamp;
