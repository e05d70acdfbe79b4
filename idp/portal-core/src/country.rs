//! Countries as ISO 3166-1 alpha-2 codes.

use std::fmt;

/// The assigned codes, and `XK`, which the European Union uses for Kosovo.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM \
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country(String);

/// The text is no assigned code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a country")]
pub struct CountryError;

impl Country {
    /// Parses two letters, of either case.
    ///
    /// # Errors
    /// [`CountryError`].
    pub fn parse(typed: &str) -> Result<Self, CountryError> {
        let code = typed.trim().to_ascii_uppercase();
        let is_assigned = CODES.split(' ').any(|assigned| assigned == code);
        if is_assigned { Ok(Self(code)) } else { Err(CountryError) }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_assigned_codes_are_countries() {
        for (typed, code) in [("DE", "DE"), (" bg ", "BG"), ("xk", "XK")] {
            let country = Country::parse(typed).unwrap();
            assert_eq!((country.as_str(), country.to_string().as_str()), (code, code));
        }
        for typed in ["", " ", "EU", "DEU", "D", "ZZ", "AD AE"] {
            assert_eq!(Country::parse(typed), Err(CountryError), "{typed:?}");
        }
        assert_eq!(CODES.split(' ').count(), 250);
    }
}
