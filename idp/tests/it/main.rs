//! Pages, administration and the borders of the architecture, through the real router, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod access_overview;
mod access_pages;
mod access_requests;
mod access_review_effects;
mod access_review_pages;
mod access_reviews;
mod activation;
mod admin_command;
mod administration;
mod alerts;
mod application_pages;
mod appointment;
mod architecture;
mod audit_bytes;
mod audit_chain;
mod audit_command;
mod audit_pages;
mod authorization;
mod barred_at_once;
mod boundaries;
mod closure;
mod cursors;
mod denials;
mod dice;
mod documents;
mod errors;
mod evidence_of_registry;
mod evidence_of_state;
mod first_administrators;
mod fresh;
mod harness;
mod imports;
mod in_charge;
mod jobs_go_on;
mod kept_input;
mod lapses;
mod letters;
mod levels_of_entries;
mod login;
mod login_races;
mod logs;
mod mails;
mod matrix;
mod memberships;
mod memberships_page;
mod nominate;
mod nomination_ends;
mod nomination_form;
mod nomination_pages;
mod nominations;
mod odd_input;
mod one_hand;
mod one_left;
mod own_deletion;
mod profile;
mod reauthentication;
mod role_pages;
mod roles;
mod second_administrator;
mod session_left;
mod signatory_mails;
mod staff_roles;
mod sweep;
mod switched_off;
mod takeovers;
mod terms;
mod third_parties;
mod third_party_ending_pages;
mod third_party_pages;
mod third_party_turns;
mod user_list;
mod users;
