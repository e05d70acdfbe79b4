//! What holds of the list of checks itself.

use super::*;

#[test]
fn every_check_has_a_name_of_its_own_and_a_section() {
    let mut names: Vec<_> = all().iter().map(|check| check.id).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for check in all() {
        let name = check.id.bytes();
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        assert!(name.clone().all(is_plain), "{}", check.id);
        assert!(check.spec.contains(' '), "{} names no section", check.id);
        for module in check.modules {
            assert!(module.starts_with("oidcc-"), "{}: {module}", check.id);
        }
    }
}

#[test]
fn every_file_of_checks_is_a_group() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "mod" && name != "tests")
        .collect();
    files.sort_unstable();
    let mut groups: Vec<_> = GROUPS.iter().map(|(name, _)| (*name).to_owned()).collect();
    groups.sort_unstable();
    assert_eq!(files, groups);
}
