//! How many denials of one person the trail takes (security.md 128): whoever is signed in cannot flood it. All of them are
//! in the log.

/// Denials of a person that are written down within the window. Somebody who has lost a way about is denied a few times;
/// somebody who tries doors is known by so many.
pub const MOST: u64 = 20;
/// The window, in seconds.
pub const WINDOW_SECONDS: i64 = 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_denials_of_a_person_are_written_down_in_an_hour() {
        assert_eq!((MOST, WINDOW_SECONDS), (20, 3_600));
    }
}
