//! Two texts as the lines that differ.

use similar::TextDiff;

use crate::printable::printable;

/// Lines around each change.
const CONTEXT: usize = 3;

/// The change from `old` to `new` as `diff -u` and `git apply` write it; empty when there is none.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(
            &format!("a/{}", printable(name)),
            &format!("b/{}", printable(name)),
        )
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        let change = unified("x\nerror: forged", "a\n", "b\n");
        assert!(
            change.starts_with("--- a/x\\nerror: forged\n+++ b/x\\n"),
            "{change}"
        );
    }

    #[test]
    fn what_differs_and_nothing_else() {
        assert_eq!(unified("x", "a\nb\n", "a\nb\n"), "");
        assert_eq!(
            unified("x", "a\nb\nc\n", "a\nB\nc\n"),
            "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
        );
    }
}
