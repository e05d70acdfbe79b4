//! The form of a user (manual §3 c): what was typed, what is wrong with it, and what it means.

use portal_core::{
    account::{Channel, NewUser},
    email::{Email, EmailError},
    expiry::{ExpirationDate, ExpirationDateError},
    id::{LevelId, SubsidiaryId},
    person_name::PersonName,
    phone::{PhoneError, PhoneNumber},
    plain_text::is_hidden,
};
use storage::{Account, StorageError};

use crate::{
    administration::{AdministrationError, Rule},
    texts::Texts,
    web::{error::PageError, form::OwnForm},
};

/// The fields of the form, by their names.
pub(super) const FIELDS: [&str; 8] = [
    "first_name",
    "last_name",
    "email",
    "phone_number",
    "company_id",
    "account_expiration_date",
    "level",
    "subsidiary",
];

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UserForm {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone_number: String,
    pub(super) company_id: String,
    pub(super) account_expiration_date: String,
    pub(super) level: String,
    pub(super) subsidiary: String,
}

/// What is wrong, each at its field.
#[derive(Clone, Debug, Default)]
pub(super) struct UserErrors {
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) company_id: Option<String>,
    pub(super) account_expiration_date: Option<String>,
    pub(super) level: Option<String>,
    pub(super) subsidiary: Option<String>,
    /// What concerns no single field.
    pub(super) form: Option<String>,
}

impl UserForm {
    /// What was typed. A field that the form does not have is refused (security.md 78).
    pub(super) fn read(form: &OwnForm, others: &[&str]) -> Result<Self, PageError> {
        form.only(&[&FIELDS, others].concat(), &[])?;
        Ok(Self::typed_in(form))
    }

    /// What was typed, where the form has these fields at all.
    pub(super) fn carried_by(form: &OwnForm) -> Option<Self> {
        FIELDS.iter().any(|name| form.has(name)).then(|| Self::typed_in(form))
    }

    fn typed_in(form: &OwnForm) -> Self {
        let [first_name, last_name, email, phone_number, company_id, date, level, subsidiary] =
            FIELDS.map(|name| form.get(name).to_owned());
        Self {
            first_name,
            last_name,
            email,
            phone_number,
            company_id,
            account_expiration_date: date,
            level,
            subsidiary,
        }
    }

    /// What is stored of an account.
    pub(super) fn of(account: &Account) -> Self {
        let user = &account.user;
        Self {
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.clone(),
            phone_number: user.phone.as_e164().to_owned(),
            company_id: user.company_id.clone().unwrap_or_default(),
            account_expiration_date: user
                .expires_on
                .map(ExpirationDate::to_iso)
                .unwrap_or_default(),
            level: account.level.id.to_string(),
            subsidiary: user.subsidiary_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    /// The number as people read it.
    pub(super) fn phone_shown(&self) -> String {
        let number = PhoneNumber::parse(&self.phone_number);
        number.map_or_else(|_| self.phone_number.clone(), |number| number.grouped())
    }

    /// What it means. `kept` is the date that is stored: one that is over may stay as it is.
    pub(super) fn parse(
        &self,
        now: portal_core::Timestamp,
        kept: Option<ExpirationDate>,
        texts: &Texts,
    ) -> Result<NewUser, Box<UserErrors>> {
        let mut errors = UserErrors::default();
        let first_name = PersonName::parse(&self.first_name);
        let last_name = PersonName::parse(&self.last_name);
        let email = Email::parse(&self.email);
        let phone = PhoneNumber::parse(&self.phone_number);
        let company = company_id(&self.company_id);
        let date = self.date(now, kept);
        let level = self.level.parse::<LevelId>();
        let subsidiary = Some(self.subsidiary.as_str()).filter(|id| !id.is_empty());
        let subsidiary = subsidiary.map(str::parse::<SubsidiaryId>).transpose();
        let say = |key: &str| Some(texts.msg(key));
        errors.first_name = first_name.as_ref().err().and_then(|_| say("users-error-name"));
        errors.last_name = last_name.as_ref().err().and_then(|_| say("users-error-name"));
        errors.email = email.as_ref().err().and_then(|error| say(email_key(*error)));
        errors.phone_number = phone.as_ref().err().and_then(|error| say(phone_key(*error)));
        errors.company_id = company.is_none().then(|| texts.msg("users-error-company-id"));
        errors.account_expiration_date =
            date.as_ref().err().and_then(|error| say(date_key(*error)));
        errors.level = level.is_err().then(|| texts.msg("users-error-level"));
        errors.subsidiary = subsidiary.is_err().then(|| texts.msg("users-error-subsidiary"));
        match (first_name, last_name, (email, phone, company), (date, level, subsidiary)) {
            (
                Ok(first_name),
                Ok(last_name),
                (Ok(email), Ok(phone), Some(company_id)),
                (Ok(expires_on), Ok(level_id), Ok(subsidiary_id)),
            ) => Ok(NewUser {
                first_name,
                last_name,
                email,
                phone,
                company_id: Some(company_id).filter(|id| !id.is_empty()),
                expires_on,
                level_id,
                subsidiary_id,
                default_channel: Channel::Sms,
            }),
            _ => Err(Box::new(errors)),
        }
    }

    fn date(
        &self,
        now: portal_core::Timestamp,
        kept: Option<ExpirationDate>,
    ) -> Result<Option<ExpirationDate>, ExpirationDateError> {
        let typed = self.account_expiration_date.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        match (ExpirationDate::from_iso(typed), kept) {
            (Ok(date), Some(kept)) if date == kept => Ok(Some(kept)),
            _ => ExpirationDate::parse(typed, now).map(Some),
        }
    }
}

impl UserErrors {
    /// Puts what administration refused at the field that it concerns; what is no matter of the form comes back.
    pub(super) fn of_refusal(
        error: AdministrationError,
        texts: &Texts,
    ) -> Result<Self, AdministrationError> {
        let mut errors = Self::default();
        let field = match &error {
            AdministrationError::Storage(StorageError::Conflict(_)) => {
                errors.email = Some(texts.msg("users-error-email-taken"));
                return Ok(errors);
            }
            AdministrationError::Missing("subsidiary") => {
                errors.subsidiary = Some(texts.msg("users-error-subsidiary"));
                return Ok(errors);
            }
            AdministrationError::Missing("level") => {
                errors.level = Some(texts.msg("users-error-level"));
                return Ok(errors);
            }
            AdministrationError::Rule(rule) => *rule,
            _ => return Err(error),
        };
        let text = Some(texts.msg(field.key()));
        match field {
            Rule::ReplacesSignInData => {
                errors.email.clone_from(&text);
                errors.phone_number = text;
            }
            Rule::OtherThirdParty | Rule::MovesWithRoles => errors.level = text,
            _ => errors.form = text,
        }
        Ok(errors)
    }
}

/// A company ID as it was typed, trimmed; `None` when it cannot be one.
fn company_id(typed: &str) -> Option<String> {
    let id = typed.trim();
    let fits = id.chars().count() <= 100 && !id.chars().any(is_hidden);
    fits.then(|| id.to_owned())
}

const fn email_key(error: EmailError) -> &'static str {
    match error {
        EmailError::Malformed => "users-error-email",
        EmailError::Shared => "users-error-email-shared",
    }
}

const fn phone_key(error: PhoneError) -> &'static str {
    match error {
        PhoneError::NotInternational => "users-error-phone-international",
        PhoneError::BracketedZero => "users-error-phone-zero",
        PhoneError::Malformed => "users-error-phone",
    }
}

const fn date_key(error: ExpirationDateError) -> &'static str {
    match error {
        ExpirationDateError::Malformed => "users-error-date",
        ExpirationDateError::Past => "users-error-date-past",
    }
}
